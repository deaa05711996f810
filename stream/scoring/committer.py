"""Publishes what was scored of one partition, one transaction after another."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from stream.kafka.delivery import Lane
from stream.kafka.messages import Message
from stream.kafka.transport import ChunkEvent
from stream.scoring.pipeline import Scored

MOST_WAITING_RECORDS = 20_000


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction made visible."""

    labelled: Counter[str]
    rejected: Counter[str]
    chunks: int
    oldest_timestamp_ms: int
    seconds: float


class Committer:
    """Collects scored chunks and commits them together, at most once in `interval_seconds`.

    A chunk that arrives after a pause is committed at once; under load the transactions grow instead
    of becoming more, because each costs the brokers the same however much is in it.
    """

    def __init__(self, lane: Lane, interval_seconds: float, committed: Callable[[Committed], None]) -> None:
        self._lane = lane
        self._interval_seconds = interval_seconds
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
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
            started = time.monotonic()
            await self._commit()
            await asyncio.sleep(max(0.0, self._interval_seconds - (time.monotonic() - started)))

    async def _commit(self) -> None:
        started = time.monotonic()
        batch = list(self._waiting)
        self._waiting.clear()
        outbox: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
        for _, scored in batch:
            for destination, messages in scored.outbox.items():
                outbox[destination].extend(messages)
        await self._lane.transact(outbox, batch[-1][1].next_offset)
        for event, _ in batch:
            event.ack()
        async with self._changed:
            self._records -= sum(scored.records for _, scored in batch)
            self._changed.notify_all()
        self._committed(_summary([scored for _, scored in batch], time.monotonic() - started))


def _summary(batch: list[Scored], seconds: float) -> Committed:
    labelled: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for scored in batch:
        labelled.update(scored.labelled)
        rejected.update(scored.rejected)
    oldest_ms = min(scored.oldest_timestamp_ms for scored in batch)
    return Committed(labelled, rejected, len(batch), oldest_ms, seconds)
