"""From produced to readable, and from killed to readable again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import orjson

from tests.benchmarks.corpus import Corpus, review_value
from tests.benchmarks.place import PARTITIONS, PATIENCE_SECONDS, Place, label_reader
from tests.benchmarks.throughput import fill_reviews

TICK_SECONDS = 0.02
WARM_UP_SECONDS = 5.0
LOADED_SECONDS = 30.0
OVERLOADED_SECONDS = 10.0
SETTLE_SECONDS = 8.0
FIRST_REVIEWS = 4_000
FIRST_NUMBER = 900_000

Origin = tuple[int, int]
"""Partition and offset of a review."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a review's append to its batch until its label was read under read_committed."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    labels: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from kill -9 until labels made after it were readable."""

    alone_seconds: float
    """One worker, started again at once: the first new label."""
    taken_over_seconds: float
    """A second worker runs: until every partition yields new labels, the killed worker's among them."""


@dataclass(slots=True)
class Load:
    """What was produced when, and when its labels were readable."""

    produced: dict[Origin, float] = field(default_factory=dict)
    readable: dict[Origin, float] = field(default_factory=dict)
    made_ms: dict[int, int] = field(default_factory=dict)
    """By source partition, the Kafka timestamp of the newest label readable."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing more is produced once this is set."""


@asynccontextmanager
async def steady_load(place: Place, corpus: Corpus, per_second: float) -> AsyncIterator[Load]:
    """Produce steadily and read the labels, both in this process, while the block runs."""
    load = Load()
    async with label_reader(place.settings, from_end=True) as consumer:

        async def read() -> None:
            while True:
                found = await consumer.getmany(timeout_ms=100)
                now = time.monotonic()
                for record in (record for records in found.values() for record in records):
                    origin = orjson.loads(record.value)["origin"]
                    load.readable[origin["partition"], origin["offset"]] = now
                    load.made_ms[origin["partition"]] = record.timestamp

        tasks = [asyncio.create_task(read()), asyncio.create_task(_produce(place, corpus, per_second, load))]
        try:
            yield load
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _produce(place: Place, corpus: Corpus, per_second: float, load: Load) -> None:
    """A small batch for the next partition at every tick; confirmations are not waited for."""
    started, number, tick = time.monotonic(), 0, 0
    async with asyncio.TaskGroup() as group:
        while not load.stopped.is_set():
            due = int((time.monotonic() - started) * per_second)
            if due > number:
                values = [(None, review_value(corpus, each)) for each in range(number, due)]
                group.create_task(_send(place, tick % PARTITIONS, values, load))
                number, tick = due, tick + 1
            await asyncio.sleep(TICK_SECONDS)


async def _send(place: Place, partition: int, values: list[tuple[None, bytes]], load: Load) -> None:
    now = time.monotonic()
    for first, count in await place.produce("reviews", partition, values):
        load.produced.update(((partition, offset), now) for offset in range(first, first + count))


async def measure_latency(place: Place, corpus: Corpus, share: float, overload_per_second: float) -> Latency:
    """Steady load for `LOADED_SECONDS`, at a share of what is reached while load and reader run as well.

    They share the cores with the worker, so that what it does alone is no measure of the load it can bear.
    """
    worker = place.start("stream", "score")
    # Nothing may pile up while the worker starts.
    await fill_reviews(place, corpus, FIRST_NUMBER, FIRST_REVIEWS)
    await place.until_consumed(worker, "score", "reviews", FIRST_REVIEWS)
    per_second = share * await _capacity(place, corpus, overload_per_second, worker.check)
    async with steady_load(place, corpus, per_second) as load:
        await asyncio.sleep(WARM_UP_SECONDS)
        begin = time.monotonic()
        await asyncio.sleep(LOADED_SECONDS)
        end = time.monotonic()
        wanted = {origin: at for origin, at in load.produced.items() if begin <= at < end}
        await _until(lambda: wanted.keys() <= load.readable.keys(), worker.check)
    delays = [(load.readable[origin] - at) * 1000 for origin, at in wanted.items()]
    p50, p95, p99 = np.percentile(delays, [50, 95, 99]).tolist()
    return Latency(p50, p95, p99, len(delays), len(delays) / LOADED_SECONDS)


async def _capacity(
    place: Place, corpus: Corpus, overload_per_second: float, check: Callable[[], None]
) -> float:
    """Labels readable a second while more is produced than can be scored; the backlog is worked off after."""
    async with steady_load(place, corpus, overload_per_second) as load:
        await asyncio.sleep(WARM_UP_SECONDS)
        before = len(load.readable)
        await asyncio.sleep(OVERLOADED_SECONDS)
        labels = len(load.readable) - before
        load.stopped.set()
        await _until(lambda: load.produced.keys() <= load.readable.keys(), check)
    return labels / OVERLOADED_SECONDS


async def measure_recovery(place: Place, corpus: Corpus, per_second: float) -> Recovery:
    """kill -9 under steady load: first the only worker, then one of two."""
    first = place.start("stream", "score")
    async with steady_load(place, corpus, per_second) as load:
        await _until(lambda: len(load.made_ms) == PARTITIONS, first.check)
        await asyncio.sleep(SETTLE_SECONDS)
        killed, wall_ms = time.monotonic(), time.time() * 1000
        first.kill()
        second = place.start("stream", "score")
        await _until(lambda: max(load.made_ms.values()) > wall_ms, second.check)
        alone = time.monotonic() - killed
        third = place.start("stream", "score")
        await asyncio.sleep(2 * SETTLE_SECONDS)
        killed, wall_ms = time.monotonic(), time.time() * 1000
        second.kill()
        await _until(lambda: min(load.made_ms.values()) > wall_ms, third.check)
        return Recovery(alone, time.monotonic() - killed)


async def _until(reached: Callable[[], bool], check: Callable[[], None]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        check()
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(TICK_SECONDS)
