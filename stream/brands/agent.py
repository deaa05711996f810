"""The role `brands`: labels in, the live picture of every brand out, equal to a batch over all labels.

The Faust agent folds chunks as they come; every second each partition publishes what changed, together
with the changed states and the offset up to which labels are in them, in one transaction.
"""

import asyncio
import logging
import time
from contextlib import ExitStack
from functools import partial
from typing import Any, cast

import faust
from aiokafka import TopicPartition

from stream.brands.alerting.desk import Desk
from stream.brands.alerting.rules import Rules
from stream.brands.edition import Topics
from stream.brands.folding import Folded, Policy
from stream.brands.memory import ReviewMemory
from stream.brands.partition import BrandPartition, Flushed
from stream.brands.publisher import Publisher
from stream.brands.restoring import Store, lock_data_dir, require_home, restore
from stream.brands.review_store import KEPT_SECONDS, ReviewStore
from stream.brands.store import BrandStore
from stream.kafka.app import chunk_topic
from stream.kafka.delivery import Delivery, Lane
from stream.kafka.topic_specs import CHANGELOG, REVIEWS_CHANGELOG
from stream.kafka.topics import require_topics, topic_id
from stream.kafka.transport import ChunkApp, ChunkEvent
from stream.process import Process
from stream.tenure import Tenure

DAY_MS = 24 * 3_600_000
FLUSHES_AT_ONCE = 4
"""While one waits for Kafka the others are made; more would only make each of them last longer."""
TRANSACTION_TIMEOUT_MS = 120_000
"""So many flushes of as many brands as may wait take half of it, on a slow machine."""
_LOOKED_AT = 200
_WRITTEN = (
    "brand-sentiment",
    "brand-hours",
    "review-corrections",
    "brand-alerts",
    CHANGELOG,
    REVIEWS_CHANGELOG,
)

log = logging.getLogger(__name__)


class BrandsRole:
    """One `brands` worker; implements `stream.worker.Role`."""

    def __init__(self, process: Process) -> None:
        settings = process.settings
        self.group = settings.topic("brandpulse-brands")
        self.source_topic = settings.topic("review-sentiment")
        self._process = process
        self._delivery = Delivery(settings, self.group, self.source_topic, TRANSACTION_TIMEOUT_MS)
        self._turns = asyncio.Semaphore(FLUSHES_AT_ONCE)
        self._directory = settings.data_dir / "brands"
        self._topics = Topics(*map(settings.topic, _WRITTEN))
        self._policy = Policy(
            topic=settings.topic("reviews"),
            clock=settings.clock,
            correction_ms=settings.correction_days * DAY_MS,
            skip_duplicates=settings.duplicates == "skip",
            alerts=settings.alerts,
        )
        self._partitions: dict[int, BrandPartition] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._suspended = False
        self.tenure = Tenure(process.health, process.metrics, self._open, self._close, self._suspend)

    def prepare(self) -> None:
        """Check the topics and own the data directory."""
        names = ("review-sentiment", *_WRITTEN)
        counts = require_topics(self._process.settings, names, same_partitions=names)
        self._partition_count = counts["review-sentiment"]
        lock_data_dir(self._directory)
        self._changelog_id = topic_id(self._process.settings, CHANGELOG)
        self._reviews_changelog_id = topic_id(self._process.settings, REVIEWS_CHANGELOG)
        self._process.health.meet("goldens_reproduced")  # there is no model in this role

    def attach(self, app: ChunkApp) -> None:
        """Add the agent, and let go of partitions when they are revoked."""

        async def brands(stream: faust.StreamT[Any]) -> None:
            async for event in cast(faust.Stream[Any], stream).noack().events():
                await self._take(event)

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
        self._suspended = False
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
        """Take nothing more: Faust now drops what waits for us, and what came after it would leave a hole."""
        self._suspended = True

    async def _restore(self, partition: int, lane: Lane) -> None:
        started = time.monotonic()
        name = f"{self.source_topic}-{partition}"
        with ExitStack() as opened:
            # A rebalance may cut in: then everything is closed, for the next owner opens it again.
            store = BrandStore(self._directory / name, self._changelog_id, _wall_ms())
            opened.callback(store.close)
            reviews = ReviewStore(self._directory / f"{name}-reviews", self._reviews_changelog_id)
            opened.callback(reviews.close)
            records = await self._read(store, self._topics.changelog, partition)
            require_home(store.some_keys(_LOOKED_AT), partition, self._partition_count, self.source_topic)
            records += await self._read(reviews, self._topics.reviews_changelog, partition)
            memory = await asyncio.to_thread(ReviewMemory, reviews, KEPT_SECONDS * 1000, _wall_ms())
            # In a thread, for a million brands take seconds: meanwhile the group must hear from the worker.
            restored = await asyncio.to_thread(self._partition, partition, lane, store, memory)
            opened.pop_all()
        self._partitions[partition] = restored
        log.info(
            "restored partition=%d brands=%d changelog_records=%d seconds=%.2f",
            partition,
            len(restored),
            records,
            time.monotonic() - started,
        )

    def _partition(self, number: int, lane: Lane, store: BrandStore, memory: ReviewMemory) -> BrandPartition:
        desk = Desk(number, Rules()) if self._policy.alerts else None
        return BrandPartition(
            lane,
            Publisher(number, store, desk),
            memory,
            self._topics,
            policy=self._policy,
            wall_ms=_wall_ms,
            observe=partial(self._count, number),
        )

    async def _read(self, store: Store, changelog: str, partition: int) -> int:
        return await restore(self._process.settings, store, TopicPartition(changelog, partition), _wall_ms())

    async def _take(self, event: ChunkEvent) -> None:
        message = event.message
        partition = self._partitions.get(message.partition)
        is_stale = self._suspended or message.generation_id != self._app.consumer_generation_id
        if partition is None or is_stale:
            log.info("dropped a chunk of a lost partition partition=%d", message.partition)
            event.ack()  # commits nothing; it only keeps a rebalance from waiting for this chunk
            return
        health = self._process.health
        health.taken(time.monotonic())

        def done() -> None:
            event.ack()
            health.consumed(time.monotonic())

        partition.take(cast(Any, event.value), done)
        # The event waits for its flush, its records need not.
        event.value = message.value = None
        await partition.room()

    def _count(self, partition: int, folded: Folded) -> None:
        metrics = self._process.metrics
        metrics.folded.inc(folded.labels)
        metrics.late.inc(folded.late)
        metrics.fenced.inc(folded.replayed)
        metrics.unreadable.inc(len(folded.unreadable))
        metrics.replaced.inc(sum(one.replaces is not None for one in folded.corrected))
        metrics.duplicates.inc(sum(one.duplicate_of is not None for one in folded.corrected))
        if folded.unreadable:
            log.warning("not labels: skipped partition=%d offsets=%s", partition, folded.unreadable[:10])

    async def _flush_forever(self, partition: BrandPartition) -> None:
        interval_seconds = self._process.settings.flush_seconds
        while True:
            async with self._turns:
                started = time.monotonic()
                flushed = await partition.flush()
                pause_seconds = interval_seconds - (time.monotonic() - started)
            if flushed:
                self._measure(flushed)
                # Thousands of brands take seconds: then at least half of the time is for folding.
                pause_seconds = max(pause_seconds, flushed.busy_seconds * len(self._partitions))
            await partition.due(max(0.0, pause_seconds))

    def _measure(self, flushed: Flushed) -> None:
        metrics = self._process.metrics
        metrics.flush_seconds.observe(flushed.seconds)
        self._count_brands()
        for topic, messages in flushed.messages.items():
            metrics.published.labels(topic).inc(messages)
        for alert in flushed.alerts:
            metrics.alerts.labels(alert.state).inc()

    def _count_brands(self) -> None:
        self._process.metrics.brands_held.set(sum(map(len, self._partitions.values())))


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
