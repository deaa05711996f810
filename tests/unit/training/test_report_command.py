"""The command `evaluate` as a process: what it writes, what it prints, how it refuses."""

from pathlib import Path
from subprocess import CompletedProcess, run
from sys import executable

import pytest

BUNDLE = Path(__file__).parents[3] / "stream" / "bundle"


def evaluate(*arguments: object) -> CompletedProcess[str]:
    command = [executable, "-m", "training", "evaluate", "--bundle", BUNDLE, *arguments]
    return run(list(map(str, command)), capture_output=True, text=True, check=False)


def test_one_command_writes_the_report_and_prints_a_table(reviews_file: Path, tmp_path: Path) -> None:
    for module in ("onnxruntime", "matplotlib"):
        pytest.importorskip(module, reason="needs the extras cpu and report")
    out = tmp_path / "report"
    done = evaluate("--data", reviews_file, "--out", out, "--baselines", "majority", "--drop-contradictory")
    assert done.returncode == 0, done.stderr
    assert {file.name for file in out.iterdir()} == {"report.md", "report.html"}
    assert "Majority class" in done.stdout
    assert f"--out {out} --baselines majority" in (out / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baselines", "bert"], "error: no baseline 'bert'; there are all, none or any of majority"),
        (["--split", "train"], "error: no split 'train' to score; there are test, validation, all"),
        (["--column", "text"], "error: --column takes FIELD=COLUMN"),
    ],
)
def test_what_cannot_be_done_ends_with_a_message_and_2(
    reviews_file: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra report")
    done = evaluate("--data", reviews_file, "--out", tmp_path / "report", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(tmp_path.rglob("report.*"))
