"""The command `fit`: train a model from labelled reviews."""

import time
from pathlib import Path
from typing import Annotated

import typer

from training.commands.inputs import preset_config, read_labelled
from training.commands.options import (
    Columns,
    DataFiles,
    Device,
    DropContradictory,
    Overrides,
    Resume,
    Threads,
)
from training.config import PRESETS


def fit(
    data: DataFiles,
    out: Annotated[Path, typer.Option(help="Run directory: config, tokenizer, checkpoint, model, report.")],
    preset: Annotated[str, typer.Option(help=f"Starting configuration: {', '.join(PRESETS)}.")] = "base",
    override: Overrides = None,
    soft_labels: Annotated[
        Path | None, typer.Option(help="What a teacher says of the same reviews: written by `teach`.")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="Keep this source out of every split. Repeatable.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Train on this source alone. Repeatable: on these.")
    ] = None,
    columns: Columns = None,
    drop_contradictory: DropContradictory = False,
    resume: Resume = False,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Train a model from labelled reviews, to the end or to Ctrl-C; --resume goes on.

    1-2 stars are negative, 3 neutral, 4-5 positive. Only the text is read, never a title. Presets: base,
    the one that ships; seed, its ancestor; quick, for a first look; tiny, for tests.

    Example: python -m training fit --data reviews.parquet --out runs/base
    """
    from training.devices import open_device
    from training.progress import bars
    from training.session import Lessons, fit_run

    config = preset_config(preset, override)
    reviews = read_labelled(data, config.seed, columns, drop_contradictory)
    lessons = Lessons(reviews, data, soft_labels, leave_out or (), only or ())
    with bars(time.monotonic) as tell:
        evaluation = fit_run(config, lessons, out, resume, open_device(device, threads), tell)
    typer.echo(
        f"{out}: validation accuracy {evaluation.accuracy:.4f}, macro-F1 {evaluation.macro_f1:.4f}. "
        f"Next: python -m export --checkpoint {out} --out DIR"
    )
