"""Reviews at a steady pace, each partition on its own: one whose leader is away holds up no other."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Mapping

from aiokafka import AIOKafkaProducer

from tests.chaos.load import FIRST_PARTITIONS, Given, Load, Mood, Spell

TICK_SECONDS = 0.2
MOST_AT_ONCE = 2_000
"""Of one partition that catches up."""
CATCH_UP_SECONDS = 5.0
"""What a partition that could not be written to gets later, of all that it missed."""
SLOWER, FASTER = 0.6, 1.3
PATIENCE_MS = 120_000


class Feed:
    """Produces a load until it is told to stop; all of `reviews` is then this load, in its places.

    Args:
        pace: reviews a second, all partitions together.
    """

    def __init__(self, bootstrap: str, topic: str, load: Load, pace: float) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=True,
            max_batch_size=1 << 18,
            request_timeout_ms=PATIENCE_MS,
            # A partition that was only just added is found soon.
            metadata_max_age_ms=1_000,
        )
        self._topic = topic
        self._load = load
        self._pace = self._most_pace = pace
        self._next: dict[int, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> "Feed":
        await self._producer.start()
        self.grow(FIRST_PARTITIONS)
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._producer.stop()

    @property
    def ends(self) -> Mapping[int, int]:
        """How many reviews each partition got; the last ones may be on their way."""
        return dict(self._next)

    @property
    def fed(self) -> int:
        """How many reviews there are."""
        return sum(self._next.values())

    @property
    def pace(self) -> float:
        """Reviews a second."""
        return self._pace

    def slow_down(self) -> None:
        """Feed fewer reviews a second."""
        self._pace *= SLOWER

    def speed_up(self) -> None:
        """Feed more reviews a second, at most as many as at first."""
        self._pace = min(self._most_pace, self._pace * FASTER)

    def grow(self, partitions: int) -> None:
        """Feed so many partitions from now on, at the same pace in all."""
        for partition in range(len(self._next), partitions):
            self._next[partition] = 0
            self._tasks.append(asyncio.create_task(self._feed(partition), name=f"feed-{partition}"))

    def turn(self, mood: Mood) -> None:
        """Reviews are so from now on."""
        self._load.begin(Spell(mood, time.time_ns() // 1_000_000), self._next)

    def check(self) -> None:
        """Raise what stopped the feed, if anything did."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Feed no more; returns when everything is confirmed."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _feed(self, partition: int) -> None:
        due, then = 0.0, time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            pace = self._pace / len(self._next)
            due, then = min(due + (now - then) * pace, CATCH_UP_SECONDS * pace), now
            if partition in await self._producer.partitions_for(self._topic):
                start = self._next[partition]
                end = self._next[partition] = start + min(int(due), MOST_AT_ONCE)
                due -= end - start
                await self._send(partition, [self._load.at(partition, each) for each in range(start, end)])
            await asyncio.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - now)))

    async def _send(self, partition: int, records: Iterable[Given]) -> None:
        sent: list[Awaitable[object]] = []
        batch = self._producer.create_batch()
        for record in records:
            fields = {"key": record.key, "value": record.value, "headers": list(record.headers)}
            if batch.append(timestamp=None, **fields) is None:
                sent.append(await self._producer.send_batch(batch, self._topic, partition=partition))
                batch = self._producer.create_batch()
                assert batch.append(timestamp=None, **fields)
        if batch.record_count():
            sent.append(await self._producer.send_batch(batch, self._topic, partition=partition))
        for future in sent:
            await future
