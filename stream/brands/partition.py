"""One partition of `review-sentiment`: labels are folded by the thousand and published once a flush."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from stream.brands.alerting.published import AlertEvent
from stream.brands.cells import Cells
from stream.brands.corrections import Corrected
from stream.brands.edition import Edition, Topics
from stream.brands.folding import Folded, Policy, fold
from stream.brands.memory import ReviewMemory
from stream.brands.publisher import Publisher
from stream.brands.state import BrandState
from stream.kafka.delivery import Lane
from stream.kafka.messages import Outbox

MOST_WAITING = 16_384
"""Labels that wait to be folded together; they are folded before every flush. About 20 MB."""
MOST_CHANGED = 20_000
"""Brands that changed and are not published yet: then a flush is due, and labels wait for it. A flush of so
many takes about 5 s; whoever asks is answered meanwhile, and other partitions are folded."""
MOST_CELLS_IN_MEMORY = 100_000
"""About half a kilobyte each; a brand that is busy all week has 312. After as many more that were read from
the store a flush is due."""


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one flush made visible."""

    messages: dict[str, int]
    alerts: list[AlertEvent]
    seconds: float
    busy_seconds: float
    """Of these: without waiting for Kafka or for others."""


@dataclass(slots=True)
class _Unpublished:
    """What was folded since the last flush."""

    changed: dict[bytes, Cells] = field(default_factory=dict)
    corrected: list[Corrected] = field(default_factory=list)
    done: list[Callable[[], object]] = field(default_factory=list)


class BrandPartition:
    """Folds and flushes one partition; everything on the event loop.

    With `clock=wall` a brand that nothing can be added to any more is forgotten. With `clock=event` it is
    kept, since its lateness is measured against its own newest review, however old that is.

    Args:
        publisher: has the stored states, and says which brands a flush tells of.
        memory: who was counted.
        policy: what counts; its clock also says where windows end.
        wall_ms: milliseconds since 1970.
        observe: told what folding did.
        most_cells_in_memory: of all brands after a flush; those beyond are read from the store when needed.
        most_changed: brands that wait to be published.
    """

    def __init__(
        self,
        lane: Lane,
        publisher: Publisher,
        memory: ReviewMemory,
        topics: Topics,
        *,
        policy: Policy,
        wall_ms: Callable[[], int],
        observe: Callable[[Folded], object],
        most_cells_in_memory: int = MOST_CELLS_IN_MEMORY,
        most_changed: int = MOST_CHANGED,
    ) -> None:
        self._lane = lane
        self._publisher = publisher
        self._store = publisher.store
        self._memory = memory
        self._topics = topics
        self._policy = policy
        self._wall_ms = wall_ms
        self._observe = observe
        self._most_cells_in_memory = most_cells_in_memory
        self._most_changed = most_changed
        self._states: dict[bytes, BrandState] = {}
        self._cells_read = 0
        self._waiting: list[ConsumerRecord] = []
        self._unpublished = _Unpublished()
        self._is_issuing = False
        self._due, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self.next_offset: int | None = None
        self._stream_ms = publisher.resume(wall_ms())

    def take(self, records: Sequence[ConsumerRecord], done: Callable[[], object]) -> None:
        """Take over a chunk; `done` is called once its labels are published and its offset is committed."""
        self._waiting += records
        self._unpublished.done.append(done)
        self.next_offset = records[-1].offset + 1
        if len(self._waiting) >= MOST_WAITING:
            self.fold()
            if self._waiting:
                self._room.clear()

    async def room(self) -> None:
        """Wait until more labels can be taken over."""
        await self._room.wait()

    @property
    def is_due(self) -> bool:
        """Whether so much changed that it should be published now."""
        return self._due.is_set()

    async def due(self, seconds: float) -> None:
        """Wait so long, or until `is_due`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._due.wait(), seconds)

    def fold(self) -> Folded:
        """Fold what waits, unless an edition is being made: its states must not change."""
        if self._is_issuing:
            return Folded()
        records, self._waiting = self._waiting, []
        folded = fold(self._states, records, self._policy, self._load, self._memory)
        for key, hours in folded.changed.items():
            self._unpublished.changed.setdefault(key, {}).update(hours)
            self._states[key] = self._states.pop(key)  # the last to be dropped
            self._stream_ms = max(self._stream_ms, self._states[key].horizon_ms)
        self._unpublished.corrected += folded.corrected
        is_full = self._cells_read >= self._most_cells_in_memory
        if is_full or len(self._unpublished.changed) >= self._most_changed:
            self._due.set()
            self._room.clear()
        self._observe(folded)
        return folded

    async def flush(self) -> Flushed | None:
        """Publish what changed, by labels or by age, and commit; None when there was nothing to do.

        Raises:
            DeliveryFailed: nothing of it became visible; the process must end.
        """
        started = time.monotonic()
        self.fold()
        unpublished, self._unpublished = self._unpublished, _Unpublished()
        self._due.clear()
        edition = self._publisher.edition(
            self._states, unpublished.changed, self._now_ms(), self._forgotten_until_ms()
        )
        if not unpublished.done and not edition.entries:
            return None
        edition.corrected, edition.counted = unpublished.corrected, self._memory.take_unsent()
        issue = _Issue(edition, self._topics, time.monotonic() - started)
        await self._transact(issue)
        for done in unpublished.done:
            done()
        self._evict()
        return Flushed(issue.messages, edition.alerts, time.monotonic() - started, issue.busy_seconds)

    def close(self) -> None:
        """Close the stores; what was not flushed will be folded again by the next owner."""
        self._room.set()
        self._store.close()
        self._memory.close()

    def __len__(self) -> int:
        return len(self._publisher)

    async def _transact(self, issue: "_Issue") -> None:
        written = await self._lane.transact(self._issued(issue), self.next_offset)
        ends = {batch.topic: batch.first_offset + batch.messages for batch in written}
        if self._topics.changelog in ends:
            self._store.write(issue.edition.stored, ends[self._topics.changelog], self._wall_ms())
        if self._topics.reviews_changelog in ends:
            self._memory.sent(ends[self._topics.reviews_changelog], self._wall_ms())

    def _issued(self, issue: "_Issue") -> Iterator[Outbox]:
        """The outboxes of an edition."""
        self._is_issuing = True
        yield from issue
        self._is_issuing = False
        self._room.set()

    def _now_ms(self) -> int:
        return self._wall_ms() if self._policy.clock == "wall" else self._stream_ms

    def _forgotten_until_ms(self) -> int | None:
        return self._stream_ms if self._policy.clock == "wall" else None

    def _load(self, key: bytes) -> BrandState | None:
        state = self._store.load(key)
        if state is not None:
            self._cells_read += _cells(state)
        return state

    def _evict(self) -> None:
        """Drop the brands that changed longest ago; all but those that changed since are stored."""
        self._cells_read = 0
        cells = {key: _cells(state) for key, state in self._states.items()}
        surplus = sum(cells.values()) - self._most_cells_in_memory
        for key, count in cells.items():
            if surplus <= 0:
                return
            if key not in self._unpublished.changed:
                del self._states[key]
                surplus -= count


@dataclass(slots=True)
class _Issue:
    """An edition on its way: what it sends, and how long that takes to make."""

    edition: Edition
    topics: Topics
    busy_seconds: float
    messages: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Outbox]:
        started = time.monotonic()
        for outbox in self.edition.outboxes(self.topics):
            for (topic, _), some in outbox.items():
                self.messages[topic] = self.messages.get(topic, 0) + len(some)
            self.busy_seconds += time.monotonic() - started
            yield outbox
            started = time.monotonic()


def _cells(state: BrandState) -> int:
    return len(state.minutes) + len(state.hours)
