"""`brandpulse feed`: files or the built-in story into the topic of reviews."""

import asyncio
import logging
import signal
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.commands.options import Brokers, TopicPrefix
from stream.errors import ConfigurationError
from stream.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.progress import Progress

    from stream.feed.producer import Feeder
    from stream.feed.sources import Source


class Times(StrEnum):
    """Whether a review keeps the time that its file gives."""

    NOW = "now"
    KEEP = "keep"


def register(app: typer.Typer) -> None:
    """Add the command `feed`."""
    app.command()(feed)


def feed(
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="csv, tsv, jsonl (.gz), parquet."),
    ] = None,
    story: Annotated[bool, typer.Option("--story", help="Play the built-in stream instead.")] = False,
    rate: Annotated[
        float | None,
        typer.Option(min=0, help="Reviews a second; 0: no limit. Default: files no limit, story 100."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many reviews.")] = None,
    topic: Annotated[str | None, typer.Option(help="Its full name. Default: the prefix and reviews.")] = None,
    times: Annotated[
        Times,
        typer.Option(help="now: reviews count as written when fed. keep: they keep the file's dates."),
    ] = Times.NOW,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Take a field from this column; repeatable."),
    ] = None,
    brand: Annotated[str | None, typer.Option(help="Brand of all reviews in the files.")] = None,
    encoding: Annotated[str, typer.Option(help="Of csv and tsv files, for example cp1252.")] = "utf-8-sig",
    seed: Annotated[int, typer.Option(help="The story is the same for the same seed.")] = 0,
    wait_seconds: Annotated[float, typer.Option(min=0, help="Longest wait for a silent broker.")] = 60.0,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Send reviews to Kafka, from files or from the built-in story.

    Files: brandpulse feed reviews.csv --brand Acme --map text=Body

    Story: brandpulse feed --story --rate 200

    The columns of the usual review dumps (Amazon, Datafiniti, Flipkart, Yelp) are known. A row that is
    no review is named, counted and left out; then the exit code is 1.

    --times now suits the live picture: the windows of a brand reach back 7 days, older reviews would not
    show. --times keep is for replays: run `brandpulse brands` with BRANDPULSE_CLOCK=event then.
    """
    from rich.console import Console

    from stream.feed.columns import Columns, parse_overrides
    from stream.feed.sources import Tally, file_source, story_source

    if bool(files) == story:
        raise ConfigurationError("Say which files to feed, or --story (one of the two).")
    settings = load_settings(brokers=brokers, topic_prefix=topic_prefix)
    console = Console(stderr=True)
    tally = Tally(_reporter(console))
    if files:
        how = Columns(parse_overrides(columns or []), brand, keep_times=times is Times.KEEP)
        source = file_source(files, how, encoding, rate, limit, tally)
    else:
        source = story_source(seed, rate, limit)
    full_topic = topic or settings.topic("reviews")
    started_seconds = time.monotonic()
    delivered, interrupted = asyncio.run(_send(source, settings, full_topic, wait_seconds, console))
    seconds = max(time.monotonic() - started_seconds, 0.001)
    typer.echo(
        f"{'interrupted: ' if interrupted else ''}{delivered:,} reviews delivered to {full_topic} in "
        f"{seconds:.1f} s ({delivered / seconds:,.0f}/s), {tally.bad:,} bad rows left out"
    )
    if tally.bad:
        raise typer.Exit(1)
    if interrupted and files:
        raise typer.Exit(130)


def _reporter(console: "Console") -> "Callable[[str], None]":
    return lambda message: console.print(message, markup=False, highlight=False, soft_wrap=True)


async def _send(
    source: "Source", settings: Settings, topic: str, wait_seconds: float, console: "Console"
) -> tuple[int, bool]:
    """Records delivered, and whether a signal ended it."""
    from stream.feed.producer import Feeder

    # The feed says itself when the broker is away; aiokafka would log each failed connection.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    stop = asyncio.Event()
    with _progress(source, console) as progress:
        async with Feeder(settings, topic, report=_reporter(console), wait_seconds=wait_seconds) as feeder:
            _stop_on_signals(stop)
            showing = asyncio.create_task(_show(progress, source, feeder))
            try:
                delivered = await feeder.feed(source.records, per_second=source.per_second, stop=stop)
            finally:
                showing.cancel()
                _update(progress, source, feeder)
    return delivered, stop.is_set()


def _stop_on_signals(stop: asyncio.Event) -> None:
    """The first signal ends the feed cleanly, a second one at once."""
    loop = asyncio.get_running_loop()

    def request(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, request, number)


def _progress(source: "Source", console: "Console") -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%" if source.total else ""),
        TextColumn("{task.fields[delivered]:,} reviews, {task.fields[per_second]:,.0f}/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    progress.add_task("feeding", total=source.total, delivered=0, per_second=0.0)
    return progress


async def _show(progress: "Progress", source: "Source", feeder: "Feeder") -> None:
    while True:
        _update(progress, source, feeder)
        await asyncio.sleep(0.2)


def _update(progress: "Progress", source: "Source", feeder: "Feeder") -> None:
    task = progress.tasks[0]
    progress.update(
        task.id,
        completed=source.position(feeder.delivered),
        delivered=feeder.delivered,
        per_second=feeder.delivered / max(task.elapsed or 0.0, 0.001),
    )
