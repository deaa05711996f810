"""Options that several commands of training share."""

from pathlib import Path
from typing import Annotated

import typer

DataFiles = Annotated[
    list[Path],
    typer.Option(
        "--data",
        help="csv, tsv, jsonl or parquet with the columns text and stars (1 to 5) or label; optional: "
        "review_id, source, split (train, validation, test). Repeatable.",
        show_default=False,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="A column called otherwise: --column text=review_body. Repeatable."),
]
DropContradictory = Annotated[
    bool, typer.Option("--drop-contradictory", help="Leave out rows whose labels contradict each other.")
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Change a field: --set epochs=5. Repeatable.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where OUT was interrupted.")]
Threads = Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to torch.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps; auto takes the fastest that is there.")]
