"""From produced to readable, at a share of what the contestant carries."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import orjson

from tests.benchmarks.scorecard.arena import PARTITIONS, Arena, Entry
from tests.benchmarks.scorecard.labels import Labels, labels_of, until
from tests.benchmarks.scorecard.worker import Worker

TICK_SECONDS = 0.02
READ_MS = 10
FIRST_REVIEWS = 100
OVERLOAD = 1.15
OVERLOADED_SECONDS = 6.0
SETTLE_SECONDS = 3.0
LOADED_SECONDS = 9.0
SHARES = (0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from the moment a review is sent until its label is read under read_committed."""

    share: float
    per_second: float
    p50_ms: float
    p99_ms: float
    p999_ms: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """What it carries while load and reader share its cores, and its delays at shares of that."""

    capacity_per_second: float
    delays: Sequence[Delays]


@dataclass(slots=True)
class Traffic:
    """When each review was sent, by its number, and when its label was first read."""

    values: Sequence[bytes]
    """All but the id, of which each review gets its own."""
    sent: list[float] = field(default_factory=list)
    arrived: list[tuple[float, bytes]] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    """When the broker took each label, seconds since 1970."""

    def value(self, number: int) -> bytes:
        """A review as it is produced."""
        return b'{"review_id":"r%09d",' % number + self.values[number % len(self.values)]

    def delays_ms(self, begin: float, end: float) -> list[float]:
        """Of the reviews sent between the two times (monotonic); infinite where no label was read."""
        read: dict[int, float] = {}
        for at, value in self.arrived:
            read.setdefault(int(orjson.loads(value)["review_id"][1:]), at)
        return [
            (read.get(number, np.inf) - at) * 1000 for number, at in enumerate(self.sent) if begin <= at < end
        ]


async def measure_load(arena: Arena, entry: Entry, values: Sequence[bytes], per_second: float) -> Loaded:
    """`per_second` is what it reached over a backlog, without load and reader beside it."""
    traffic = Traffic([value.partition(b",")[2] for value in values])
    async with labels_of(entry) as labels:
        worker = entry.start()
        reading = asyncio.create_task(_read(labels, traffic))
        try:
            await _first(arena, entry, traffic, worker)
            capacity = await _capacity(arena, entry, traffic, worker, OVERLOAD * per_second)
            spans = [(share, await _loaded(arena, entry, traffic, share * capacity)) for share in SHARES]
            await _settle(traffic, worker)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            worker.stop()
    return Loaded(capacity, [_delays(share, traffic.delays_ms(*span)) for share, span in spans])


def _delays(share: float, delays_ms: Sequence[float]) -> Delays:
    p50, p99, p999 = np.percentile(delays_ms, [50, 99, 99.9], method="higher").tolist()
    return Delays(share, len(delays_ms) / LOADED_SECONDS, p50, p99, p999)


async def _first(arena: Arena, entry: Entry, traffic: Traffic, worker: Worker) -> None:
    """A few reviews, until all are labelled: it runs."""
    for partition in range(PARTITIONS):
        await _send(arena, entry, traffic, partition, FIRST_REVIEWS // PARTITIONS)
    await until(lambda: len(traffic.arrived) >= len(traffic.sent), worker.check)


async def _capacity(arena: Arena, entry: Entry, traffic: Traffic, worker: Worker, per_second: float) -> float:
    """Labels a second while more is produced than it can bear; the rest is worked off after."""
    begin = time.time()
    async with _producing(arena, entry, traffic, per_second):
        await asyncio.sleep(OVERLOADED_SECONDS)
    end = time.time()
    await until(lambda: len(traffic.arrived) >= len(traffic.sent), worker.check)
    begin += OVERLOADED_SECONDS / 3
    return sum(begin <= at < end for at in traffic.stamps) / (end - begin)


async def _loaded(arena: Arena, entry: Entry, traffic: Traffic, per_second: float) -> tuple[float, float]:
    """Steady load; the span that counts."""
    async with _producing(arena, entry, traffic, per_second):
        await asyncio.sleep(SETTLE_SECONDS)
        begin = time.monotonic()
        await asyncio.sleep(LOADED_SECONDS)
        return begin, time.monotonic()


async def _settle(traffic: Traffic, worker: Worker) -> None:
    """Until every label is read, or for some seconds more."""
    deadline = time.monotonic() + 3 * SETTLE_SECONDS
    await until(
        lambda: len(traffic.arrived) >= len(traffic.sent) or time.monotonic() > deadline, worker.check
    )


@asynccontextmanager
async def _producing(arena: Arena, entry: Entry, traffic: Traffic, per_second: float) -> AsyncIterator[None]:
    stopped = asyncio.Event()
    task = asyncio.create_task(_produce(arena, entry, traffic, per_second, stopped))
    try:
        yield
    finally:
        stopped.set()
        await task


async def _produce(
    arena: Arena, entry: Entry, traffic: Traffic, per_second: float, stopped: asyncio.Event
) -> None:
    """A small batch for the next partition at every tick; confirmations are not waited for."""
    started, first, tick = time.monotonic(), len(traffic.sent), 0
    async with asyncio.TaskGroup() as group:
        while not stopped.is_set():
            due = int((time.monotonic() - started) * per_second) - (len(traffic.sent) - first)
            if due > 0:
                group.create_task(_send(arena, entry, traffic, tick % PARTITIONS, due))
                tick += 1
            await asyncio.sleep(TICK_SECONDS)


async def _send(arena: Arena, entry: Entry, traffic: Traffic, partition: int, reviews: int) -> None:
    first = len(traffic.sent)
    traffic.sent += [time.monotonic()] * reviews
    values = [traffic.value(number) for number in range(first, first + reviews)]
    await arena.append(entry.source, partition, values)


async def _read(labels: Labels, traffic: Traffic) -> None:
    while True:
        found = await labels.consumer.getmany(timeout_ms=READ_MS)
        now = time.monotonic()
        for record in (record for records in found.values() for record in records):
            traffic.arrived.append((now, record.value))
            traffic.stamps.append(record.timestamp / 1000)
