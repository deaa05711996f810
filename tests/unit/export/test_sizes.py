"""Which sizes are worth having: a table of several runs, and its Pareto front."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.pareto import Size, front, size_table


def size(run: str, int8: float, macro_f1: float, variant: str = "int8") -> Size:
    return Size(run, 64, 64, 1, 10_000, 700_000, 0.7, 900.0, int8, variant, macro_f1, 0.86)


def test_the_front_is_what_nothing_beats() -> None:
    fast, good = size("fast", 3000, 0.70), size("good", 1000, 0.72)
    slower_and_worse, between = size("worse", 900, 0.71), size("between", 2000, 0.71)
    assert front([fast, good, slower_and_worse, between]) == [True, True, False, True]
    assert front([fast, fast]) == [True, True]
    assert front([fast, size("as fast", 3000, 0.71)]) == [False, True]
    assert front([]) == []


def test_speed_is_that_of_the_variant_that_runs() -> None:
    assert size("a", 3000, 0.7).per_second == 3000
    assert size("a", 3000, 0.7, "fp32").per_second == 900


def test_the_table_goes_from_fast_to_slow_and_marks_the_front() -> None:
    lines = size_table([size("slow", 1000, 0.69), size("fast", 3000, 0.7)]).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["fast", "slow"]
    assert lines[2].endswith("| ● |")
    assert lines[3].endswith("|  |")
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.training
def test_finished_runs_become_a_table(tiny_run: Path, tiny_reviews: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra export (onnxruntime)")
    pytest.importorskip("onnx", reason="needs the extra export (onnx)")
    import typer

    from export.sizes import sizes

    app = typer.Typer()
    app.command()(sizes)
    shipped = Path(__file__).parents[3] / "stream" / "bundle"
    arguments = [str(tiny_run), "--texts", str(tiny_reviews), "--beside", str(shipped)]
    outcome = CliRunner().invoke(app, arguments)
    assert outcome.exit_code == 0, outcome.output
    rows = [line for line in outcome.stdout.splitlines() if line.startswith(f"| {tiny_run.name} |")]
    assert len(rows) == 1
    assert "| bundle |" in outcome.stdout
    assert "| 8 | 8 | 1 |" in rows[0]


@pytest.mark.training
def test_what_is_no_run_is_refused(tmp_path: Path, tiny_reviews: Path) -> None:
    from export.errors import ExportError
    from export.sizes import sizes

    with pytest.raises(ExportError, match="no run directory"):
        sizes([tmp_path], [tiny_reviews])
