"""The report's two files."""

from importlib.util import find_spec
from pathlib import Path

from training.errors import ConfigError
from training.report.contents import report_blocks
from training.report.findings import Findings
from training.report.markdown import render_markdown
from training.report.page import render_page


def prepare(directory: Path) -> None:
    """Make the directory of the report, before minutes go into what it is to hold.

    Raises:
        ConfigError: it cannot be made, or plots cannot be drawn here.
    """
    if find_spec("matplotlib") is None:
        raise ConfigError("the report's plots need matplotlib: pip install 'brandpulse[report]'")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"no report can be written into {directory}: {error}. Choose another --out"
        ) from error


def write_report(directory: Path, findings: Findings) -> list[Path]:
    """Write report.md and report.html into a directory that exists, replacing those that are there."""
    blocks = report_blocks(findings)
    title = f"Evaluation of {findings.origin.bundle}"
    files = {
        directory / "report.md": render_markdown(blocks),
        directory / "report.html": render_page(title, blocks),
    }
    for file, content in files.items():
        beside = file.with_name(file.name + ".new")
        beside.write_text(content, encoding="utf-8")
        beside.replace(file)
    return list(files)
