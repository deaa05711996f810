"""The report's two files."""

from pathlib import Path

from training.report.contents import report_blocks
from training.report.findings import Findings
from training.report.markdown import render_markdown
from training.report.page import render_page


def write_report(directory: Path, findings: Findings) -> list[Path]:
    """Write report.md and report.html into `directory`, replacing those that are there."""
    blocks = report_blocks(findings)
    title = f"Evaluation of {findings.origin.bundle}"
    directory.mkdir(parents=True, exist_ok=True)
    files = {
        directory / "report.md": render_markdown(blocks),
        directory / "report.html": render_page(title, blocks),
    }
    for file, content in files.items():
        beside = file.with_name(file.name + ".new")
        beside.write_text(content, encoding="utf-8")
        beside.replace(file)
    return list(files)
