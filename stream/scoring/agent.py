"""The role `score`: reviews in, labels and dead letters out, each exactly once.

The Faust agent takes chunks in, threads score them, and each partition's committer publishes what is
scored. So the next chunks are being scored while the last ones commit. Each thread takes a pass of its own
through the pipeline and runs the model on one core: several cores on one run of a recurrent model mostly
wait for each other, and while one pass is in Python the model of the others goes on.
"""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, cast

import faust

from stream.errors import DeadLetterBudgetSpent
from stream.kafka.app import chunk_topic
from stream.kafka.delivery import Delivery
from stream.kafka.topics import require_topics
from stream.kafka.transport import ChunkApp, ChunkEvent, unread
from stream.process import Process
from stream.scoring.budget import DeadLetterBudget
from stream.scoring.committer import Committed, Committer
from stream.scoring.garbage import search_seldom
from stream.scoring.inference import cpu_threads
from stream.scoring.pipeline import Scored
from stream.scoring.rollout import Rollout
from stream.tenure import Tenure
from stream.tracing import create_tracing

MOST_WAITING_CHUNKS = 16
Pass = tuple[list[ChunkEvent], asyncio.Future[list[Scored]]]
"""Chunks that are scored together, and what becomes of them."""

log = logging.getLogger(__name__)


class ScoreRole:
    """One `score` worker; implements `stream.worker.Role`."""

    def __init__(self, process: Process) -> None:
        settings = process.settings
        self.group = settings.topic("brandpulse-score")
        self.source_topic = settings.topic("reviews")
        self._process = process
        self._delivery = Delivery(settings, self.group, self.source_topic)
        self._budget = DeadLetterBudget(settings.dlq_budget_share, settings.dlq_budget_window)
        threads = cpu_threads(settings)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="score")
        self._intake: asyncio.Queue[ChunkEvent] = asyncio.Queue(MOST_WAITING_CHUNKS)
        self._passes: asyncio.Queue[Pass] = asyncio.Queue(threads)
        self._room = asyncio.Semaphore(threads)
        self._suspended = False
        self._committers: dict[int, Committer] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.tenure = Tenure(process.health, process.metrics, self._open, self._close, self._suspend)
        self._offsets: dict[int, int] = {}
        self._rollout: Rollout
        self._tracing = create_tracing(settings.traces)

    def prepare(self) -> None:
        """Check the topics, load the model, reproduce its goldens."""
        process = self._process
        names = ("reviews", "review-sentiment", "reviews-dlq")
        partitions = require_topics(process.settings, names)
        self._rollout = Rollout(process.settings, process.metrics, partitions, self._observe)
        search_seldom()
        process.health.meet("goldens_reproduced")

    def attach(self, app: ChunkApp) -> None:
        """Add the agent, and let go of partitions when they are revoked."""

        async def score(stream: faust.StreamT[Any]) -> None:
            async for event in cast(faust.Stream[Any], stream).noack().events():
                self._process.health.taken(time.monotonic())
                await self._intake.put(event)

        app.agent(chunk_topic(app), name="score")(score)
        app.on_partitions_revoked.connect(self.tenure.release)
        self._app = app
        self._process.watch(self._score_forever(), "scorer")
        self._process.watch(self._hand_over_forever(), "hand-over")
        if self._process.settings.bundle_watch_seconds:
            self._process.watch(self._rollout.watch(), "rollout")

    def read_offsets(self) -> dict[int, int]:
        """For each source partition, the offset after the last review read."""
        return self._offsets

    async def _open(self, partitions: frozenset[int]) -> None:
        self._suspended = False
        await self._delivery.take_over(partitions)
        for partition, lane in self._delivery.lanes.items():
            committer = Committer(lane, self._process.settings, unread, self._committed)
            self._committers[partition] = committer
            self._tasks.append(self._process.watch(committer.run(), f"committer-{partition}"))

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._committers.clear()
        self._offsets.clear()
        await self._delivery.release()

    def _suspend(self) -> None:
        """Drop the chunks that wait to be scored, and all that follow: they will be read again."""
        self._suspended = True
        while not self._intake.empty():
            self._intake.get_nowait().ack()

    async def _score_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # Collected only when a thread is free: what waits longer goes in one larger, cheaper pass.
            await self._room.acquire()
            events = await self._collect()
            if self._suspended:
                # Older chunks were dropped from the intake: going on with these would leave a hole.
                for event in events:
                    event.ack()
                self._room.release()
                continue
            chunks: list[Any] = [event.value for event in events]
            self._process.metrics.consumed.inc(sum(map(len, chunks)))
            run = partial(self._rollout.pipeline.run, chunks)
            scoring = loop.run_in_executor(self._threads, self._tracing.run, chunks, run)
            self._rollout.offer(chunks)
            scoring.add_done_callback(lambda _: self._room.release())
            await self._passes.put((events, scoring))

    async def _hand_over_forever(self) -> None:
        """Hand passes over in the order in which they were taken, whichever is scored first."""
        while True:
            events, scoring = await self._passes.get()
            for event, scored in zip(events, await scoring, strict=True):
                await self._hand_over(event, scored)

    async def _collect(self) -> list[ChunkEvent]:
        """Take chunks until there are enough reviews, or the first has waited long enough."""
        settings = self._process.settings
        events = [await self._intake.get()]
        records = len(events[0].value)
        try:
            async with asyncio.timeout(settings.batch_wait_ms / 1000):
                while records < settings.batch_rows:
                    events.append(await self._intake.get())
                    records += len(events[-1].value)
        except TimeoutError:
            pass
        return events

    async def _hand_over(self, event: ChunkEvent, scored: Scored) -> None:
        message = event.message
        committer = self._committers.get(message.partition)
        if committer is None or message.generation_id != self._app.consumer_generation_id:
            log.info("dropped a chunk of a lost partition partition=%d", message.partition)
            event.ack()  # commits nothing; it only keeps a rebalance from waiting for this chunk
            return
        if self._budget.spend(scored.records, sum(scored.rejected.values())):
            await asyncio.gather(*(committer.empty() for committer in self._committers.values()))
            raise self._budget_spent(message.partition)
        self._offsets[message.partition] = scored.next_offset
        await committer.put(event, scored)

    def _budget_spent(self, partition: int) -> DeadLetterBudgetSpent:
        settings = self._process.settings
        return DeadLetterBudgetSpent(
            f"more than {settings.dlq_budget_share:.0%} of the last {settings.dlq_budget_window} reviews "
            "were rejected: the feed or this deploy is broken. Stopped within "
            f"{self.source_topic}-{partition}; "
            f"nothing is lost. The reasons are in the headers of {settings.topic('reviews-dlq')}; "
            "mend the cause and start again"
        )

    def _committed(self, committed: Committed) -> None:
        metrics, now = self._process.metrics, time.monotonic()
        for label, count in committed.labelled.items():
            metrics.labelled.labels(label).inc(count)
        for reason, count in committed.rejected.items():
            metrics.rejected.labels(reason).inc(count)
        metrics.deadlines_missed.inc(committed.late)
        metrics.transaction_seconds.observe(committed.seconds)
        metrics.event_age_seconds.observe(max(0.0, time.time() - committed.oldest_timestamp_ms / 1000))
        reviews = committed.labelled.total() + committed.rejected.total()
        self._tracing.committed(reviews, committed.seconds)
        for _ in range(committed.chunks):
            self._process.health.consumed(now)

    def _observe(self, what: str, amount: float) -> None:
        metrics = self._process.metrics
        match what:
            case "rows":
                metrics.batch_rows.observe(amount)
            case "padded_tokens":
                metrics.batch_padded_tokens.observe(amount)
            case stage:
                metrics.stage_seconds.labels(stage).observe(amount)
                self._tracing.stage(stage, amount)
