"""`brandpulse demo`: everything on this machine, from the first review to a count that agrees."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from stream.commands.options import Brokers, TopicPrefix
from stream.errors import OutageError
from stream.settings import PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from stream.demo.play import Outcome, Play

TERMINATED = 128 + signal.SIGTERM


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="End by itself after feeding so long. Default: Ctrl-C ends it."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Reviews a second.")] = 2.0,
    past: Annotated[
        bool,
        typer.Option(
            help="Feed the days before first, about 50,000 reviews for each review a second: "
            "without a baseline nothing is alarming."
        ),
    ] = True,
    seed: Annotated[int, typer.Option(help="The story is the same for the same seed.")] = 0,
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
) -> None:
    """Show the whole flow: a Kafka, a story of reviews, every worker, a live table, and the dashboard.

    First come the days before, then the story goes on live: after half a minute a brand ships a faulty
    update. At the end (Ctrl-C, or after --seconds) every review fed must be found as exactly one label or
    dead letter, and every label in its brand's windows; otherwise the exit code is 1.

    With --brokers or BRANDPULSE_BROKERS the demo uses that cluster instead of a Kafka of its own, makes
    the topics that are missing, and counts what it fed itself. Where others feed the same topics, give it
    its own: --topic-prefix demo-

    Example: brandpulse demo --seconds 60
    """
    from stream.demo.past import Past
    from stream.demo.play import Play

    signal.signal(signal.SIGTERM, _terminate)
    own_broker = brokers is None and not os.environ.get(PREFIX + "BROKERS")
    with _directory() as directory, ExitStack() as stack:
        play = Play(seconds, rate, seed, Past(rate, seed) if past else None)
        outcome = _run(play, own_broker, brokers, topic_prefix, directory, stack)
        _summarise(outcome)


def _run(
    play: "Play",
    own_broker: bool,
    brokers: str | None,
    topic_prefix: str | None,
    directory: Path,
    stack: ExitStack,
) -> "Outcome":
    """Start everything in order; the stack ends it in the reverse one."""
    import asyncio
    import logging

    from rich.console import Console

    from stream.demo.play import perform
    from stream.demo.reading import note_beginning
    from stream.demo.screen import open_screen
    from stream.demo.workers import Workers
    from stream.kafka.topics import create

    # Outages are told in words; the clients would log each failed connection.
    for client in ("aiokafka", "kafka"):
        logging.getLogger(client).setLevel(logging.CRITICAL)
    console = Console(stderr=True)
    broker_check: Callable[[], None] | None = None
    if own_broker:
        from stream.kafka.broker import Broker

        console.print("starting Kafka")
        broker = stack.enter_context(Broker())
        brokers, broker_check = broker.bootstrap, broker.check
    settings: Settings = load_settings(brokers=brokers, topic_prefix=topic_prefix)
    create(settings)
    beginning = note_beginning(settings)
    workers = stack.enter_context(Workers(settings, directory, _web_port(settings)))
    console.print("started the workers score, brands, history and web")
    console.print(f"dashboard: {workers.address}", highlight=False)

    def check() -> None:
        workers.check()
        if broker_check is not None:
            broker_check()

    with open_screen(console) as screen:
        return asyncio.run(perform(play, settings, beginning, screen, check))


def _web_port(settings: Settings) -> int:
    """The one that was asked for, else the usual one, else a free one."""
    from stream.health import DEFAULT_PORTS
    from stream.kafka.ports import free_ports, is_free

    usual = DEFAULT_PORTS["web"]
    return settings.port or (usual if is_free(usual) else free_ports(1)[0])


@contextmanager
def _directory() -> Iterator[Path]:
    """A temporary directory; after a failure its logs stay, and it says where."""
    import shutil
    import tempfile

    directory = Path(tempfile.mkdtemp(prefix="brandpulse-demo-"))
    try:
        yield directory
    except Exception:
        for path in directory.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        typer.echo(f"The logs of the workers are in {directory}", err=True)
        raise
    except BaseException:
        shutil.rmtree(directory)
        raise
    shutil.rmtree(directory)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(TERMINATED)


def _summarise(outcome: "Outcome") -> None:
    ledger = outcome.ledger
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(ledger.dead.items()))
    typer.echo(
        f"fed {outcome.fed:,}, labelled {ledger.labelled:,}, dead letters {ledger.dead.total():,}"
        f"{f' ({reasons})' if reasons else ''}, "
        f"edits {ledger.replaced:,}, brands {len(ledger.brands)}"
    )
    if outcome.problems:
        raise OutageError("The topics disagree. " + " ".join(outcome.problems))
    typer.echo("Counted again from the topics: every review has one outcome, every label is in its brand.")
