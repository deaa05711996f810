"""Publishes what was scored of one partition, one transaction after another."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from stream.kafka.delivery import Lane
from stream.kafka.messages import Message
from stream.kafka.transport import Chunk, ChunkEvent
from stream.scoring.deadline import count_late
from stream.scoring.pipeline import Scored
from stream.settings import Settings

MOST_WAITING_RECORDS = 20_000
LONGEST_INTERVAL_SECONDS = 1.0
BACKLOG_SHARE = 0.05
"""Of the time that a backlog takes, how much later a label may come for the sake of fewer transactions."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction made visible."""

    labelled: Counter[str]
    rejected: Counter[str]
    chunks: int
    late: int
    oldest_timestamp_ms: int
    seconds: float


class Committer:
    """Collects scored chunks and commits them together, at most once in `commit_interval_ms`.

    A chunk that arrives after a pause is committed at once; under load the transactions grow instead
    of becoming more, because each costs the brokers the same however much is in it. While a backlog is
    worked off, whose labels are late anyway, they grow further.

    Args:
        unread: how many records of the partition come after a chunk.
    """

    def __init__(
        self,
        lane: Lane,
        settings: Settings,
        unread: Callable[[ChunkEvent], int],
        committed: Callable[[Committed], None],
    ) -> None:
        self._lane = lane
        self._unread = unread
        self._interval_seconds = settings.commit_interval_ms / 1000
        self._latency_target_ms = settings.latency_target_ms
        self._committed = committed
        self._waiting: deque[tuple[ChunkEvent, Scored]] = deque()
        self._records = 0
        self._changed = asyncio.Condition()

    async def put(self, event: ChunkEvent, scored: Scored) -> None:
        """Hand over a chunk; waits while too much is waiting already."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._records < MOST_WAITING_RECORDS)
            self._waiting.append((event, scored))
            self._records += scored.records
            self._changed.notify_all()

    async def empty(self) -> None:
        """Return once everything handed over so far is committed."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._records == 0)

    async def run(self) -> None:
        """Commit until cancelled. Raises DeliveryFailed, after which the process must end."""
        started = time.monotonic()
        while True:
            # After a pause nothing is known of the pace, and a burst is no backlog.
            is_behind = bool(self._waiting)
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
            before, started = started, time.monotonic()
            last, records = await self._commit()
            backlog_seconds = self._unread(last) * (started - before) / records if is_behind else 0.0
            interval = interval_seconds(self._interval_seconds, backlog_seconds)
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - started)))

    async def _commit(self) -> tuple[ChunkEvent, int]:
        """One transaction; its last chunk, and how many records it had."""
        started = time.monotonic()
        batch = list(self._waiting)
        self._waiting.clear()
        outbox: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
        for _, scored in batch:
            for destination, messages in scored.outbox.items():
                outbox[destination].extend(messages)
        await self._lane.transact([outbox], batch[-1][1].next_offset)
        seconds = time.monotonic() - started
        chunks = (cast(Chunk, event.value) for event, _ in batch)
        late = count_late(chunks, time.time() * 1000, self._latency_target_ms)
        for event, _ in batch:
            event.ack()
        records = sum(scored.records for _, scored in batch)
        async with self._changed:
            self._records -= records
            self._changed.notify_all()
        self._committed(_summary([scored for _, scored in batch], late, seconds))
        return batch[-1][0], records


def interval_seconds(least: float, backlog_seconds: float) -> float:
    """Between two transactions, where what is not read yet takes so long at the pace of the last one.

    >>> [interval_seconds(0.15, backlog_seconds) for backlog_seconds in (0.0, 1.0, 10.0, 60.0)]
    [0.15, 0.15, 0.5, 1.0]
    """
    return max(least, min(LONGEST_INTERVAL_SECONDS, BACKLOG_SHARE * backlog_seconds))


def _summary(batch: list[Scored], late: int, seconds: float) -> Committed:
    labelled: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for scored in batch:
        labelled.update(scored.labelled)
        rejected.update(scored.rejected)
    oldest_ms = min(scored.oldest_timestamp_ms for scored in batch)
    return Committed(labelled, rejected, len(batch), late, oldest_ms, seconds)
