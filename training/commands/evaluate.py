"""`python -m training evaluate`: a bundle measured on labelled reviews beside simpler models."""

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from training.commands.options import Columns, DropContradictory
from training.errors import ConfigError

_SPLITS = ("test", "validation", "all")


def evaluate(
    bundle: Annotated[Path, typer.Option(help="Bundle to measure.")],
    data: Annotated[
        list[Path],
        typer.Option(help="File of labelled reviews, the one that was trained on: baselines learn from it."),
    ],
    out: Annotated[Path, typer.Option(help="Directory for report.md and report.html.")] = Path("report"),
    split: Annotated[str, typer.Option(help="Rows to score: test, validation; all with --unseen.")] = "test",
    baselines: Annotated[str, typer.Option(help="all, none, or names parted by commas.")] = "all",
    run: Annotated[Path | None, typer.Option(help="Run directory, for its learning curve.")] = None,
    soft_labels: Annotated[Path | None, typer.Option(help="The teacher's, for the row teacher.")] = None,
    ancestor: Annotated[Path | None, typer.Option(help="Bundle of a run with --preset seed.")] = None,
    only_sources: Annotated[str, typer.Option(help="Score the rows of these sources only: A,B.")] = "",
    unseen: Annotated[
        bool, typer.Option("--unseen", help="The model never saw these sources: baselines do not either.")
    ] = False,
    columns: Columns = None,
    drop_contradictory: DropContradictory = False,
    seed: Annotated[int, typer.Option(help="Of baselines, intervals, and splits where files have none.")] = 1,
) -> None:
    """Measure a bundle: scores with intervals, calibration, slices, baselines; a page and a text file.

    Whatever is tuned (temperatures, label weights) is tuned on the validation split.

    Example: python -m training evaluate --bundle bundle --data reviews.parquet --baselines majority,vader
    """
    from training.reading.labelling import parse_columns
    from training.report.request import Request
    from training.report.session import evaluate_bundle
    from training.report.terminal import print_findings, progress
    from training.report.writing import prepare, write_report

    if split not in _SPLITS:
        raise ConfigError(f"no split {split!r} to score; there are {', '.join(_SPLITS)}")
    sources = tuple(dict.fromkeys(name.strip() for name in only_sources.split(",") if name.strip()))
    command = "python -m training " + shlex.join(sys.argv[1:])
    request = Request(
        bundle=bundle,
        data=data,
        out=out,
        split=split,
        baselines=baselines,
        run=run,
        soft_labels=soft_labels,
        ancestor=ancestor,
        only_sources=sources,
        unseen=unseen,
        seed=seed,
        command=command,
        columns=parse_columns(columns or []),
        drop_contradictory=drop_contradictory,
    )
    prepare(out)
    with progress() as say:
        findings = evaluate_bundle(request, datetime.now(UTC), say)
        say("writing the report")
        files = write_report(out, findings)
    print_findings(findings, files)
