"""A day of reviews in seconds (idle, ramp, plateau, spike, drain), and how late the labels of each hour."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from aiokafka import AIOKafkaConsumer

from tests.benchmarks.corpus import Corpus, review_value
from tests.benchmarks.latency import Origin
from tests.benchmarks.place import PARTITIONS, Place, Process, label_reader
from tests.benchmarks.throughput import fill_reviews

SHAPE = (0.05,) * 6 + (0.15, 0.3, 0.45) + (0.6,) * 8 + (0.7, 1.0, 1.0, 1.0, 0.5, 0.25, 0.1)
"""Share of the peak in each hour."""
TICK_SECONDS = 0.02
WARM_UP_REVIEWS = 20_000
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Day:
    """Milliseconds from produced to readable, of all labels of a day with that peak."""

    peak_per_second: float
    p50_ms: float
    p99_ms: float
    late: float
    """Share of the labels later than the target."""
    hourly_p99_ms: Sequence[float]
    """NaN where nothing was produced."""


@dataclass(slots=True)
class Player:
    """One worker on a place of its own, and a day after another for it."""

    place: Place
    corpus: Corpus
    worker: Process
    drained_per_second: float
    """Over the backlog that warmed it up."""
    _number: int = 0
    _produced: dict[Origin, float] = field(default_factory=dict)
    _readable: dict[Origin, float] = field(default_factory=dict)

    async def play(self, peak_per_second: float, day_seconds: float, target_ms: float) -> Day:
        """Produce a day, and wait until each of its reviews has a readable label."""
        self._produced.clear()
        self._readable.clear()
        started, first, tick = time.monotonic(), self._number, 0
        async with asyncio.TaskGroup() as group:
            while (elapsed := time.monotonic() - started) < day_seconds:
                due = first + due_by(elapsed / day_seconds, peak_per_second * day_seconds)
                if due > self._number:
                    values = [(None, review_value(self.corpus, each)) for each in range(self._number, due)]
                    group.create_task(self._send(tick % PARTITIONS, values))
                    self._number, tick = due, tick + 1
                await asyncio.sleep(TICK_SECONDS)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._produced.keys() <= self._readable.keys():
            self.worker.check()
            assert time.monotonic() < deadline, "labels are missing"
            await asyncio.sleep(TICK_SECONDS)
        return self._day(peak_per_second, started, day_seconds, target_ms)

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        """Note when each label was readable, until cancelled."""
        while True:
            found = await consumer.getmany(timeout_ms=100)
            now = time.monotonic()
            for record in (record for records in found.values() for record in records):
                event_id = dict(record.headers)["ce_id"].decode()
                _, partition, offset = event_id.rsplit("-", 2)
                self._readable[int(partition), int(offset)] = now

    async def _send(self, partition: int, values: list[tuple[None, bytes]]) -> None:
        now = time.monotonic()
        for first, count in await self.place.produce("reviews", partition, values):
            self._produced.update(((partition, offset), now) for offset in range(first, first + count))

    def _day(self, peak: float, started: float, day_seconds: float, target_ms: float) -> Day:
        at = np.array(list(self._produced.values()))
        delays = np.array([self._readable[origin] for origin in self._produced]) - at
        delays *= 1000
        hours = np.minimum(((at - started) / day_seconds * 24).astype(int), 23)
        by_hour = [delays[hours == hour] for hour in range(24)]
        hourly = [float(np.percentile(each, 99)) if len(each) else float("nan") for each in by_hour]
        p50, p99 = np.percentile(delays, [50, 99]).tolist()
        return Day(peak, p50, p99, float((delays > target_ms).mean()), hourly)


@asynccontextmanager
async def create_player(
    place: Place, corpus: Corpus, arguments: Sequence[str], settings: dict[str, str]
) -> AsyncIterator[Player]:
    """A worker that has drained a first backlog, and a reader of its labels."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(place)
        await fill_reviews(place, corpus, 0, WARM_UP_REVIEWS)
        worker = place.start(*arguments, **settings)
        start, before, end, after = await place.until_consumed(worker, "score", "reviews", WARM_UP_REVIEWS)
        player = Player(place, corpus, worker, (after - before) / (end - start), WARM_UP_REVIEWS)
        consumer = await stack.enter_async_context(label_reader(place.settings, from_end=True))
        reading = asyncio.create_task(player.read(consumer))
        try:
            yield player
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def due_by(share_of_day: float, reviews: float) -> int:
    """Reviews of the day that are produced by then, `reviews` being those of 24 hours at the peak.

    >>> due_by(0.25, 24_000), due_by(1.0, 24_000)
    (300, 10550)
    """
    by_hour = [0.0, *accumulate(SHAPE)]
    return int(reviews / 24 * np.interp(share_of_day * 24, range(25), by_hour) + 1e-6)
