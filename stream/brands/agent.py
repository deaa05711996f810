"""The role `brands`: labels in, the live picture of every brand out, equal to a batch over all labels.

The Faust agent folds chunks as they come; every second each partition publishes what changed, together
with the changed states and the offset up to which labels are in them, in one transaction.
"""

import asyncio
import logging
import time
from typing import Any, cast

import faust
from aiokafka import TopicPartition

from stream.brands.partition import BrandPartition, Flushed, Topics
from stream.brands.store import BrandStore, lock_data_dir, restore
from stream.kafka.app import chunk_topic
from stream.kafka.delivery import Delivery, Lane
from stream.kafka.topics import CHANGELOG, require_topics, topic_id
from stream.kafka.transport import ChunkApp, ChunkEvent
from stream.process import Process
from stream.tenure import Tenure

log = logging.getLogger(__name__)


class BrandsRole:
    """One `brands` worker; implements `stream.worker.Role`."""

    def __init__(self, process: Process) -> None:
        settings = process.settings
        self.group = settings.topic("brandpulse-brands")
        self.source_topic = settings.topic("review-sentiment")
        self._process = process
        self._delivery = Delivery(settings, self.group, self.source_topic)
        self._directory = settings.data_dir / "brands"
        self._topics = Topics(
            settings.topic("brand-sentiment"), settings.topic("brand-hours"), settings.topic(CHANGELOG)
        )
        self._partitions: dict[int, BrandPartition] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.tenure = Tenure(process.health, process.metrics, self._open, self._close, self._suspend)

    def prepare(self) -> None:
        """Check the topics and own the data directory."""
        names = ("review-sentiment", "brand-sentiment", "brand-hours", CHANGELOG)
        require_topics(self._process.settings, names, same_partitions=names)
        lock_data_dir(self._directory)
        self._changelog_id = topic_id(self._process.settings, CHANGELOG)
        self._process.health.meet("goldens_reproduced")  # there is no model in this role

    def attach(self, app: ChunkApp) -> None:
        """Add the agent, and let go of partitions when they are revoked."""

        async def brands(stream: faust.StreamT[Any]) -> None:
            async for event in cast(faust.Stream[Any], stream).noack().events():
                self._fold(event)

        app.agent(chunk_topic(app), name="brands")(brands)
        app.on_partitions_revoked.connect(self.tenure.release)
        self._app = app

    def read_offsets(self) -> dict[int, int]:
        """For each source partition, the offset after the last label read."""
        return {
            number: partition.next_offset
            for number, partition in self._partitions.items()
            if partition.next_offset is not None
        }

    async def _open(self, partitions: frozenset[int]) -> None:
        await self._delivery.take_over(partitions)
        await asyncio.gather(*(self._restore(*lane) for lane in self._delivery.lanes.items()))
        for number, partition in self._partitions.items():
            self._tasks.append(self._process.watch(self._flush_forever(partition), f"flush-{number}"))
        self._count_brands()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        partitions, self._partitions = self._partitions, {}
        for partition in partitions.values():
            partition.close()
        self._count_brands()
        await self._delivery.release()

    def _suspend(self) -> None:
        """Nothing waits here: what is folded is flushed within a second."""

    async def _restore(self, partition: int, lane: Lane) -> None:
        started = time.monotonic()
        settings = self._process.settings
        directory = self._directory / f"{self.source_topic}-{partition}"
        store = BrandStore(directory, self._changelog_id, _wall_ms())
        changelog = TopicPartition(self._topics.changelog, partition)
        try:
            records = await restore(settings, store, changelog, _wall_ms())
        except BaseException:
            store.close()  # a rebalance may have cut in, and the next one opens it again
            raise
        restored = BrandPartition(
            partition, lane, store, self._topics, clock=settings.clock, wall_ms=_wall_ms
        )
        self._partitions[partition] = restored
        log.info(
            "restored partition=%d brands=%d changelog_records=%d seconds=%.2f",
            partition,
            len(restored),
            records,
            time.monotonic() - started,
        )

    def _fold(self, event: ChunkEvent) -> None:
        message = event.message
        partition = self._partitions.get(message.partition)
        if partition is None or message.generation_id != self._app.consumer_generation_id:
            log.info("dropped a chunk of a lost partition partition=%d", message.partition)
            event.ack()  # commits nothing; it only keeps a rebalance from waiting for this chunk
            return
        health, metrics = self._process.health, self._process.metrics
        health.taken(time.monotonic())

        def done() -> None:
            event.ack()
            health.consumed(time.monotonic())

        folded = partition.fold(cast(Any, event.value), done)
        # The event waits for its flush, its records need not.
        event.value = message.value = None
        metrics.folded.inc(folded.labels)
        metrics.late.inc(folded.late)
        metrics.fenced.inc(folded.replayed)
        metrics.unreadable.inc(len(folded.unreadable))
        if folded.unreadable:
            log.warning(
                "not labels: skipped partition=%d offsets=%s", message.partition, folded.unreadable[:10]
            )

    async def _flush_forever(self, partition: BrandPartition) -> None:
        interval_seconds = self._process.settings.flush_seconds
        while True:
            started = time.monotonic()
            flushed = await partition.flush()
            if flushed:
                self._measure(flushed)
            await asyncio.sleep(max(0.0, interval_seconds - (time.monotonic() - started)))

    def _measure(self, flushed: Flushed) -> None:
        metrics = self._process.metrics
        metrics.flush_seconds.observe(flushed.seconds)
        self._count_brands()
        for topic, messages in flushed.messages.items():
            metrics.published.labels(topic).inc(messages)

    def _count_brands(self) -> None:
        self._process.metrics.brands_held.set(sum(map(len, self._partitions.values())))


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
