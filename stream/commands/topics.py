"""`brandpulse topics`: create, check and describe the topics."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream.commands.options import Brokers, TopicPrefix

if TYPE_CHECKING:
    from rich.table import Table

    from stream.kafka.topics import Description

Partitions = Annotated[
    int | None,
    typer.Option(
        min=1, help="Of every topic [BRANDPULSE_PARTITIONS, or as many as the topics it must match, or 8]."
    ),
]
Replication = Annotated[
    int | None, typer.Option(min=1, help="Copies of every topic [3, or as many as there are brokers].")
]


def register(app: typer.Typer) -> None:
    """Add the commands below `topics`."""
    topics = typer.Typer(no_args_is_help=True, help="Create, check and describe the topics of brandpulse.")
    for command in (create, check, describe):
        topics.command()(command)
    app.add_typer(topics, name="topics")


def create(
    partitions: Partitions = None,
    replication: Replication = None,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Create the topics that are missing. A topic that exists is never altered; differences are named.

    As many workers can share the work as there are partitions. Those of reviews may be raised later, those of
    the topics that are keyed by brand not.

    Example: brandpulse topics create --partitions 24
    """
    from stream.kafka import topics
    from stream.settings import load_settings

    settings = load_settings(brokers=brokers, topic_prefix=topic_prefix)
    done = topics.create(settings, partitions, replication)
    for topic in done.created:
        typer.echo(
            f"created {settings.topic(topic.name)}: {topic.partitions} partitions, "
            f"{topic.replication} copies, {topic.configs['cleanup.policy']}"
        )
    for name in done.kept:
        typer.echo(f"there already: {settings.topic(name)}")
    for deviation in done.deviations:
        typer.echo(f"left as it is: {deviation}")


def check(
    partitions: Partitions = None,
    replication: Replication = None,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Name everything about the topics that is not as it must be; exit code 1 if there is anything.

    Example: brandpulse topics check --replication 3
    """
    from stream.kafka import topics
    from stream.settings import load_settings

    settings = load_settings(brokers=brokers, topic_prefix=topic_prefix)
    found = topics.check(settings, partitions, replication)
    if found:
        typer.echo(topics.explain(settings, found))
        raise typer.Exit(1)
    typer.echo(f"all topics at {settings.brokers} are as they must be")


def describe(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Show the topics: partitions, copies, records and bytes, and how far each consumer group is behind.

    Records are offsets, so transaction markers count. Bytes are those of all copies on all brokers. A group
    that has read everything may still show a lag of one marker a partition.

    Example: brandpulse topics describe --json
    """
    from stream.kafka import topics
    from stream.settings import load_settings

    settings = load_settings(brokers=brokers, topic_prefix=topic_prefix)
    description = topics.describe(settings)
    if as_json:
        typer.echo(json.dumps(_as_json(description, settings.topic_prefix), indent=2))
        return
    from rich.console import Console

    console = Console()
    console.print(_topic_table(description, settings.topic_prefix), _lag_table(description))


def _as_json(description: "Description", prefix: str) -> dict[str, Any]:
    topics = [
        {
            "topic": prefix + name,
            "partitions": state.partitions,
            "replication": state.replication,
            "cleanup": state.configs["cleanup.policy"],
            "records": description.uses[name].records,
            "size_bytes": description.uses[name].size_bytes,
        }
        for name, state in description.states.items()
    ]
    lags = [
        {"group": lag.group, "topic": lag.topic, "partitions": lag.partitions, "lag": lag.lag}
        for lag in description.lags
    ]
    return {"topics": topics, "groups": lags}


def _topic_table(description: "Description", prefix: str) -> "Table":
    from rich.filesize import decimal

    table = _table("topic", "partitions", "copies", "cleanup", "records", "size")
    for name, state in description.states.items():
        use = description.uses[name]
        table.add_row(
            prefix + name,
            str(state.partitions),
            str(state.replication),
            state.configs["cleanup.policy"],
            f"{use.records:,}",
            decimal(use.size_bytes),
        )
    return table


def _lag_table(description: "Description") -> "Table":
    table = _table("consumer group", "topic", "partitions", "lag")
    for lag in description.lags:
        table.add_row(lag.group, lag.topic, str(lag.partitions), f"{lag.lag:,}")
    return table


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(header_style="bold")
    for column in columns:
        numeric = column in ("partitions", "copies", "records", "size", "lag")
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    return table
