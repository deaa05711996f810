"""The command `teach`: fine-tune the teacher and write its soft labels."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def teach(
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Labelled reviews, files as for `fit`. Repeatable.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Run directory: config, checkpoint, soft_labels.parquet.")],
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="Do not train on this source, but label it all the same. Repeatable."),
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field: --set rows=60000. Repeatable.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where OUT was interrupted.")] = False,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda, mps; auto takes the fastest that is there.")
    ] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to torch.")] = 0,
) -> None:
    """Fine-tune a small pretrained transformer on the reviews, then write its soft labels for all of them.

    Example: python -m training teach --data reviews.parquet --out runs/teacher
    """
    from training.data import read_reviews
    from training.devices import open_device
    from training.teacher.config import TeacherConfig
    from training.teacher.progress import teaching_bars
    from training.teacher.session import SOFT_LABELS_FILE, teach_run

    config = replace(TeacherConfig().with_overrides(override or []), leave_out=tuple(leave_out or ()))
    reviews, chosen = read_reviews(data), open_device(device, threads)
    with teaching_bars() as tell:
        evaluation = teach_run(config, reviews, out, resume, chosen, time.monotonic, tell)
    typer.echo(
        f"{out / SOFT_LABELS_FILE}: validation accuracy {evaluation.accuracy:.4f}, "
        f"macro-F1 {evaluation.macro_f1:.4f}"
    )
