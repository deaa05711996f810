"""The command `unseen`: leave sources out, train on the rest, report what is lost on them."""

import time
from pathlib import Path
from typing import Annotated

import typer

from training.commands.inputs import preset_config, read_labelled
from training.commands.options import Columns, DataFiles, Device, DropContradictory, Overrides, Threads
from training.config import PRESETS


def unseen(
    data: DataFiles,
    out: Annotated[Path, typer.Option(help="Directory for the runs and unseen.md.")],
    group: Annotated[
        list[str],
        typer.Option(help="Sources to leave out together, parted by commas. Repeatable: in turn."),
    ],
    preset: Annotated[str, typer.Option(help=f"Configuration: {', '.join(PRESETS)}.")] = "base",
    override: Overrides = None,
    soft_labels: Annotated[
        Path | None, typer.Option(help="Of a teacher that did not see the sources either: teach --leave-out.")
    ] = None,
    columns: Columns = None,
    drop_contradictory: DropContradictory = False,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Train without some sources and score on them: what the model is worth in a shop it never saw.

    Every row of a source that is left out is scored. The same command goes on where it was interrupted.

    Example: python -m training unseen --data reviews.parquet --out runs/unseen --group shop_a,shop_b
    """
    from training.devices import open_device
    from training.progress import bars
    from training.session import Lessons
    from training.unseen import hold_out, unseen_table

    config = preset_config(preset, override)
    groups = [tuple(name.strip() for name in names.split(",") if name.strip()) for names in group]
    reviews = read_labelled(data, config.seed, columns, drop_contradictory)
    with bars(time.monotonic) as tell:
        found = hold_out(
            config, Lessons(reviews, data, soft_labels), groups, out, open_device(device, threads), tell
        )
    table = unseen_table(found)
    (out / "unseen.md").write_text(table, encoding="utf-8")
    typer.echo(table)
