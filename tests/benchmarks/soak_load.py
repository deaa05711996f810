"""Reviews in, labels out, and how long each took, in one process beside the workers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from aiokafka import AIOKafkaConsumer

from stream.feed.pace import TICK_SECONDS, Pace
from tests.benchmarks.place import PARTITIONS, PATIENCE_SECONDS, Place, label_reader
from tests.benchmarks.soak_reviews import Reviews

MOST_AT_ONCE = 500
MOST_WAITING = 20_000


class _Origin(msgspec.Struct, gc=False):
    partition: int
    offset: int


class _Label(msgspec.Struct, gc=False):
    received_at: int
    origin: _Origin


_decode = msgspec.json.Decoder(_Label).decode


class Load:
    """What was produced, and what was readable when under read_committed."""

    def __init__(self, place: Place, reviews: Reviews) -> None:
        self.produced = 0
        self.labels = 0
        """Reviews with a label."""
        self.doubled = 0
        """Labels of a review that had one already."""
        self._place = place
        self._reviews = reviews
        self._delays_ms: list[int] = []
        self._seen = [bytearray() for _ in range(PARTITIONS)]

    def take_delays_ms(self) -> list[int]:
        """Of the labels that became readable since the last call: from append of the review, milliseconds."""
        delays, self._delays_ms = self._delays_ms, []
        return delays

    @asynccontextmanager
    async def producing(self, per_second: float | None) -> AsyncIterator[None]:
        """Produce at that rate while the block runs; None: whatever keeps `MOST_WAITING` without a label."""
        stop = asyncio.Event()
        producing = asyncio.create_task(self._produce(per_second, stop))
        try:
            yield
            stop.set()
            await producing
        finally:
            producing.cancel()
            await asyncio.gather(producing, return_exceptions=True)

    async def settled(self, check: Callable[[], None]) -> None:
        """Return once all that was produced has a label; `check` says whether the workers still run."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.labels < self.produced:
            check()
            waiting = self.produced - self.labels
            assert time.monotonic() < deadline, f"{waiting:,} reviews still have no label"
            await asyncio.sleep(0.1)

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        """Read labels; never returns."""
        while True:
            found = await consumer.getmany(timeout_ms=100)
            now_ms = time.time_ns() // 1_000_000
            for records in found.values():
                for record in records:
                    label = _decode(record.value)
                    self._delays_ms.append(now_ms - label.received_at)
                    self._count(label.origin)

    def _count(self, origin: _Origin) -> None:
        seen = self._seen[origin.partition]
        if origin.offset >= len(seen):
            seen.extend(bytes(origin.offset + 1 - len(seen)))
        self.labels += not seen[origin.offset]
        self.doubled += seen[origin.offset]
        seen[origin.offset] = 1

    async def _produce(self, per_second: float | None, stop: asyncio.Event) -> None:
        pace, turn = Pace(per_second, time.monotonic()), 0
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                room = MOST_AT_ONCE
                if per_second is None:
                    room = min(room, MOST_WAITING - (self.produced - self.labels))
                if count := pace.take(time.monotonic(), room):
                    values = self._values(count)
                    self.produced += count
                    turn += 1
                    group.create_task(self._send(turn % PARTITIONS, values))
                await asyncio.sleep(TICK_SECONDS if per_second or not count else 0)

    def _values(self, count: int) -> list[bytes]:
        now_ms = time.time_ns() // 1_000_000
        return [self._reviews.value(self.produced + number, now_ms) for number in range(count)]

    async def _send(self, partition: int, values: list[bytes]) -> None:
        await self._place.produce("reviews", partition, ((None, value) for value in values))


@asynccontextmanager
async def load_on(place: Place, reviews: Reviews) -> AsyncIterator[Load]:
    """A load whose labels are read while the block runs."""
    load = Load(place, reviews)
    async with label_reader(place.settings, from_end=False) as consumer:
        reading = asyncio.create_task(load.read(consumer))
        try:
            yield load
            if reading.done():
                reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
