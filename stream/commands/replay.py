"""`brandpulse replay`: score what was scored before once more, to compare or to publish again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.commands.options import Brokers, TopicPrefix
from stream.errors import ConfigurationError

if TYPE_CHECKING:
    from stream.scoring.classifier import Classifier
    from stream.scoring.rereading import Range, Start
    from stream.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    since: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="OFFSET|TIME",
            help="An offset of every partition, or an RFC 3339 time with offset.",
        ),
    ],
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Publish nothing: score again and compare with what was published."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Without --verify: do not ask.")] = False,
    most: Annotated[
        int, typer.Option(min=1, help="With --verify: reviews of each partition at most.")
    ] = 100_000,
    bundle: Annotated[Path | None, typer.Option(help="With --verify: score by this bundle.")] = None,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Go back to an offset or a time of the topic of reviews.

    With --verify everything since then is scored once more and compared with the labels and dead letters on
    the topics: flips by the bundle that made them, reviews with no outcome or with two. Exit code 1 if an
    outcome is missing, doubled, or contradicts the review.

    Without it, the score workers (stop them first) are sent back: once started again they label everything
    since then anew. A label that comes again takes the place of the former one in the aggregates, as far back
    as CORRECTION_DAYS; consumers of review-sentiment see both.

    Example: brandpulse replay --from 2026-03-01T00:00:00Z --verify
    """
    import logging

    from stream.settings import load_settings

    # What breaks is told in words; the client would log each failed connection.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    settings = load_settings(brokers=brokers, topic_prefix=topic_prefix, bundle=bundle)
    start = parse_start(since)
    if verify:
        _verify(settings, start, most)
    else:
        _rewind(settings, start, yes)


def parse_start(text: str) -> "Start":
    """An offset or a time.

    Raises:
        ConfigurationError: it is neither.
    """
    from datetime import datetime

    from stream.scoring.rereading import Start

    if text.isdigit():
        return Start(offset=int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigurationError(
            f"--from {text!r} is neither an offset nor a time such as 2026-03-01T00:00:00Z"
        )
    return Start(time_ms=round(moment.timestamp() * 1000))


def _verify(settings: "Settings", start: "Start", most: int) -> None:
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import Progress

    from stream.scoring.rereading import find_ranges, verify

    name, classifier = _classifier(settings)
    ranges = [
        replace(each, end=min(each.end, each.start + most)) for each in _found(find_ranges(settings, start))
    ]
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("scoring again", total=sum(each.end - each.start for each in ranges))
        verification = verify(settings, ranges, classifier, lambda count: bar.advance(task, count))
    typer.echo("\n".join(verification.report(name)))
    if verification.missing or verification.doubled or verification.contradictions:
        raise typer.Exit(1)


def _rewind(settings: "Settings", start: "Start", yes: bool) -> None:
    from stream.scoring.rereading import find_ranges, rewind

    ranges = _found(find_ranges(settings, start))
    reviews = sum(each.end - each.start for each in ranges)
    question = f"label {reviews:,} reviews of {len(ranges)} partitions of {settings.topic('reviews')} again?"
    if not yes:
        typer.confirm(question, abort=True)
    rewind(settings, ranges)
    typer.echo(f"the score workers will begin {reviews:,} reviews back; start them again")


def _found(ranges: "list[Range]") -> "list[Range]":
    if not ranges:
        raise ConfigurationError("nothing has been scored since then; is --from right?")
    return ranges


def _classifier(settings: "Settings") -> "tuple[str, Classifier]":
    import time

    from stream.scoring.inference import create_classifier, load_model

    model = load_model(settings)
    classifier = create_classifier(
        model, settings, clock=time.perf_counter, observe=lambda _what, _amount: None
    )
    return model.name, classifier
