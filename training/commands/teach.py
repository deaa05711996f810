"""The command `teach`: fine-tune the teacher and write its soft labels."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from training.commands.inputs import read_labelled
from training.commands.options import (
    Columns,
    DataFiles,
    Device,
    DropContradictory,
    Overrides,
    Resume,
    Threads,
)


def teach(
    data: DataFiles,
    out: Annotated[Path, typer.Option(help="Run directory: config, checkpoint, soft_labels.parquet.")],
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="Do not train on this source, but label it all the same. Repeatable."),
    ] = None,
    override: Overrides = None,
    columns: Columns = None,
    drop_contradictory: DropContradictory = False,
    resume: Resume = False,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Fine-tune a small pretrained transformer on the reviews, then write its soft labels for all of them.

    Example: python -m training teach --data reviews.parquet --out runs/teacher
    """
    from training.devices import open_device
    from training.teacher.config import TeacherConfig
    from training.teacher.progress import teaching_bars
    from training.teacher.session import SOFT_LABELS_FILE, teach_run

    config = replace(TeacherConfig().with_overrides(override or []), leave_out=tuple(leave_out or ()))
    reviews = read_labelled(data, config.seed, columns, drop_contradictory)
    chosen = open_device(device, threads)
    with teaching_bars() as tell:
        evaluation = teach_run(config, reviews, out, resume, chosen, time.monotonic, tell)
    typer.echo(
        f"{out / SOFT_LABELS_FILE}: validation accuracy {evaluation.accuracy:.4f}, "
        f"macro-F1 {evaluation.macro_f1:.4f}"
    )
