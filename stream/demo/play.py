"""The demo itself: story in, workers between, and at the end a count that must agree."""

import asyncio
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stream.demo.ledger import Ledger, disagreements, settled
from stream.demo.past import Past
from stream.demo.reading import Beginning, follow, read_to_end
from stream.demo.screen import Progress, Screen
from stream.feed.producer import Feeder
from stream.feed.records import Record
from stream.feed.story import QUIET, Incident, Telling, story
from stream.settings import Settings

SHOW_SECONDS = 0.5
SETTLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Play:
    """What to play: `seconds` None goes on until an interrupt, `past` None has no days before."""

    seconds: float | None
    per_second: float
    seed: int
    past: Past | None = None

    def incident(self) -> Incident:
        """The timetable of the faulty update, such that a short demo sees it break and heal."""
        if self.seconds is None:
            return Incident(30, 300, 600, 1_200)
        return Incident(0.25 * self.seconds, 0.6 * self.seconds, self.seconds, 2 * self.seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, as an independent read of the topics found."""

    fed: int
    ledger: Ledger
    problems: list[str]


async def perform(
    play: Play, settings: Settings, beginning: Beginning, screen: Screen, check: Callable[[], None]
) -> Outcome:
    """Feed, show, wait until everything fed has its outcome, and count again.

    Args:
        play: what to play.
        settings: brokers and topic prefix.
        beginning: the offsets before the first review.
        screen: where progress is shown.
        check: raises when a worker or the broker has ended by itself.
    """
    live, ended = beginning.ledger(), threading.Event()
    following = asyncio.create_task(asyncio.to_thread(follow, settings, beginning.outputs, live, ended))

    def watch() -> None:
        check()
        if following.done():
            following.result()

    try:
        fed = await _feed(play, settings, live, screen, watch)
        await _settle(fed, live, beginning, screen, watch)
    finally:
        ended.set()
        await asyncio.wait({following})
    following.result()
    counted = await asyncio.to_thread(read_to_end, settings, beginning.outputs, beginning.ledger())
    return Outcome(fed, counted, disagreements(counted, fed, beginning.in_brands))


@dataclass(slots=True)
class _Feeding:
    """The parts of a play, fed one after the other until a stop."""

    feeder: Feeder
    live: Ledger
    screen: Screen
    watch: Callable[[], None]
    stop: asyncio.Event

    async def feed(
        self, stage: str, records: Iterator[Record], per_second: float | None, most_seconds: float | None
    ) -> None:
        """Feed one part, as fast as told and so long at most."""
        started_seconds = time.monotonic()
        feeding = asyncio.create_task(self.feeder.feed(records, per_second=per_second, stop=self.stop))
        try:
            while not feeding.done():
                self.watch()
                seconds = time.monotonic() - started_seconds
                self.screen.show(Progress(stage, seconds, self.feeder.delivered), self.live)
                if most_seconds is not None and seconds >= most_seconds:
                    self.stop.set()
                await asyncio.wait({feeding}, timeout=SHOW_SECONDS)
            feeding.result()
        finally:
            feeding.cancel()
            await asyncio.wait({feeding})

    async def catch_up(self) -> None:
        """Wait until all that was fed has its outcome, or until a stop."""
        started_seconds = time.monotonic()
        while self.live.labelled + self.live.dead.total() < self.feeder.delivered and not self.stop.is_set():
            self.watch()
            seconds = time.monotonic() - started_seconds
            self.screen.show(Progress("labelling the past", seconds, self.feeder.delivered), self.live)
            await asyncio.sleep(SHOW_SECONDS)


async def _feed(
    play: Play, settings: Settings, live: Ledger, screen: Screen, watch: Callable[[], None]
) -> int:
    stop = asyncio.Event()
    async with Feeder(settings, settings.topic("reviews"), report=screen.tell) as feeder:
        _stop_on_interrupt(stop)
        feeding = _Feeding(feeder, live, screen, watch, stop)
        now_ms = time.time_ns() // 1_000_000
        # Two demos on one cluster never feed the same review.
        name = f"demo-{now_ms}"
        if play.past is not None:
            telling = Telling(f"{name}-past", now_ms - round(play.past.seconds * 1000))
            past = story(play.seed, play.past.moments(), QUIET, telling)
            await feeding.feed("feeding the past", past, None, None)
            await feeding.catch_up()
        moments = (number / play.per_second for number in itertools.count())
        records = story(play.seed + 1, moments, play.incident(), Telling(name))
        await feeding.feed("feeding", records, play.per_second, play.seconds)
        return feeder.delivered


async def _settle(
    fed: int, live: Ledger, beginning: Beginning, screen: Screen, watch: Callable[[], None]
) -> None:
    """Wait until the workers are through, or for a minute: then the count says what is missing."""
    started_seconds = time.monotonic()
    seconds = 0.0
    while not settled(live, fed, beginning.in_brands) and seconds < SETTLE_SECONDS:
        watch()
        screen.show(Progress("finishing", seconds, fed), live)
        await asyncio.sleep(SHOW_SECONDS)
        seconds = time.monotonic() - started_seconds
    screen.show(Progress("finished", seconds, fed), live)


def _stop_on_interrupt(stop: asyncio.Event) -> None:
    """The first Ctrl-C ends the feeding, a second one everything."""
    loop = asyncio.get_running_loop()

    def request() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, request)
