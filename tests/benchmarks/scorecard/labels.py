"""The labels of a run, as they become readable."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from tests.benchmarks.scorecard.arena import PARTITIONS, Entry
from tests.benchmarks.scorecard.worker import Worker

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 90.0


class Labels:
    """The labels of one run, as they become readable under read_committed."""

    def __init__(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        self.consumer = consumer
        self._tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._before = 0

    async def readable(self) -> int:
        """How far the topic is readable, in offsets since the run began; markers of transactions count."""
        return await self._ends() - self._before

    async def read(self) -> list[ConsumerRecord]:
        """All labels that are readable now, each once over all calls."""
        found: list[ConsumerRecord] = []
        for tp, end in (await self.consumer.end_offsets(self._tps)).items():
            while await self.consumer.position(tp) < end:
                batches = await self.consumer.getmany(tp, timeout_ms=500, max_records=20_000)
                found += batches.get(tp, ())
        return found

    async def begin(self) -> None:
        """The run's labels are those from here on."""
        self.consumer.assign(self._tps)
        await self.consumer.seek_to_end()
        self._before = await self._ends()

    async def _ends(self) -> int:
        return sum((await self.consumer.end_offsets(self._tps)).values())


@asynccontextmanager
async def labels_of(entry: Entry) -> AsyncIterator[Labels]:
    """The labels that come from now on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=entry.settings.brokers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    try:
        labels = Labels(consumer, entry.target)
        await labels.begin()
        yield labels
    finally:
        await consumer.stop()


async def until(reached: Callable[[], bool], check: Callable[[], None]) -> None:
    """Wait until it is so; `check` raises where that can no longer be."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        check()
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(POLL_SECONDS)


async def until_readable(labels: Labels, offsets: int, worker: Worker) -> float:
    """The time at which so many offsets of labels are readable, seconds since 1970."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await labels.readable() < offsets:
        worker.check()
        assert time.monotonic() < deadline, "waited in vain for labels"
        await asyncio.sleep(POLL_SECONDS)
    return time.time()
