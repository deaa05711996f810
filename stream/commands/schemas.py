"""`brandpulse schemas`: the JSON Schemas of the six events."""

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command `schemas`."""
    app.command()(schemas)


def schemas(
    directory: Annotated[Path, typer.Argument(file_okay=False, help="Made when it is missing.")],
) -> None:
    """Write the JSON Schema (2020-12) of every topic as DIRECTORY/TOPIC.schema.json.

    Producers of reviews can validate against reviews.schema.json before they send.

    Example: brandpulse schemas docs/schemas
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (directory / name).write_text(text, encoding="utf-8")
        typer.echo(str(directory / name))


def schema_files() -> dict[str, str]:
    """File name and content of each schema."""
    from stream.events import EVENTS, json_schema

    return {
        f"{topic}.schema.json": json.dumps(json_schema(topic), indent=2, ensure_ascii=False) + "\n"
        for topic in EVENTS
    }
