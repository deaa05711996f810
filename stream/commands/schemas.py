"""`brandpulse schemas`: the JSON Schemas of the events, and the AsyncAPI document of the topics."""

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
    """Write DIRECTORY/asyncapi.yaml (AsyncAPI 3.0) and the JSON Schemas that it refers to.

    Those are DIRECTORY/schemas/TOPIC.schema.json, one for every topic. Producers of reviews can validate
    against reviews.schema.json before they send.

    Example: brandpulse schemas docs
    """
    for name, text in schema_files().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        typer.echo(str(path))


def schema_files() -> dict[str, str]:
    """Path within the directory and content of each file."""
    from stream.events import EVENTS
    from stream.schemas import json_schema

    files = {
        f"schemas/{topic}.schema.json": json.dumps(json_schema(topic), indent=2, ensure_ascii=False) + "\n"
        for topic in EVENTS
    }
    return files | {"asyncapi.yaml": _asyncapi()}


def _asyncapi() -> str:
    from yaml import SafeDumper, dump

    from stream.asyncapi import document

    class Plain(SafeDumper):
        """Writes what comes twice twice, for not everybody knows anchors."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
            return True

    text: str = dump(
        document(), Dumper=Plain, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return text
