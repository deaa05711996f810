"""One partition of `review-sentiment`: labels are folded as they come and published once a flush."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from aiokafka import ConsumerRecord

from stream.brands.cells import Cells
from stream.brands.folding import Clock, Folded, fold
from stream.brands.published import brand_hour, brand_hour_key, brand_sentiment
from stream.brands.schedule import Schedule
from stream.brands.state import BrandState, encode_state
from stream.brands.store import BrandStore
from stream.brands.windows import empty_at_ms, is_empty, next_change_ms
from stream.kafka.delivery import Lane, Message, Outbox

MOST_BRANDS_IN_MEMORY = 50_000


@dataclass(frozen=True, slots=True)
class Topics:
    """Where brands are published; each topic has the partitions of the source."""

    sentiment: str
    hours: str
    changelog: str


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one flush made visible."""

    messages: dict[str, int]
    seconds: float


@dataclass(slots=True)
class _Unpublished:
    """What was folded since the last flush."""

    changed: dict[bytes, Cells] = field(default_factory=dict)
    done: list[Callable[[], object]] = field(default_factory=list)


class BrandPartition:
    """Folds and flushes one partition; everything on the event loop.

    Args:
        partition: of `review-sentiment`.
        clock: where windows end, see `stream.brands.folding`.
        wall_ms: milliseconds since 1970.
    """

    def __init__(
        self,
        partition: int,
        lane: Lane,
        store: BrandStore,
        topics: Topics,
        *,
        clock: Clock,
        wall_ms: Callable[[], int],
    ) -> None:
        self._partition = partition
        self._lane = lane
        self._store = store
        self._topics = topics
        self._clock = clock
        self._wall_ms = wall_ms
        self._states: dict[bytes, BrandState] = {}
        self._schedule = Schedule()
        self._unpublished = _Unpublished()
        self._stream_ms = 0
        self.next_offset: int | None = None
        self._read_schedule()

    def fold(self, records: list[ConsumerRecord], done: Callable[[], object]) -> Folded:
        """Fold a chunk; `done` is called once its labels are published and its offset is committed."""
        folded = fold(self._states, records, self._clock, self._store.load)
        for key, hours in folded.changed.items():
            self._unpublished.changed.setdefault(key, {}).update(hours)
            self._stream_ms = max(self._stream_ms, self._states[key].horizon_ms)
        self._unpublished.done.append(done)
        self.next_offset = records[-1].offset + 1
        return folded

    async def flush(self) -> Flushed | None:
        """Publish what changed, by labels or by age, and commit; None when there was nothing to do.

        Raises:
            DeliveryFailed: nothing of it became visible; the process must end.
        """
        started = time.monotonic()
        now_ms = self._now_ms()
        unpublished, self._unpublished = self._unpublished, _Unpublished()
        aged = [key for key in self._schedule.due(now_ms) if key not in unpublished.changed]
        if not unpublished.done and not aged:
            return None
        outbox, stored = self._outbox(unpublished.changed, aged, now_ms)
        await self._transact(outbox, stored)
        for done in unpublished.done:
            done()
        self._evict()
        messages = {topic: len(batch) for (topic, _), batch in outbox.items()}
        return Flushed(messages, time.monotonic() - started)

    def close(self) -> None:
        """Close the store; what was not flushed will be folded again by the next owner."""
        self._store.close()

    def __len__(self) -> int:
        return len(self._schedule)

    def _outbox(
        self, changed: dict[bytes, Cells], aged: list[bytes], now_ms: int
    ) -> tuple[Outbox, dict[bytes, bytes | None]]:
        """The messages of a flush, and the stored forms among them by key."""
        stored: dict[bytes, bytes | None] = {}
        sentiment: list[Message] = []
        hours: list[Message] = []
        for key, cells in changed.items():
            state = self._states[key]
            stored[key] = encode_state(state)
            sentiment.append((key, brand_sentiment(state, key, now_ms, self._partition), []))
            hours += [
                (brand_hour_key(key, cell), brand_hour(state, key, cell), []) for cell in cells.values()
            ]
            self._plan(key, state, now_ms)
        for key in aged:
            state = self._states.get(key) or self._stored_state(key)
            if is_empty(state, now_ms):
                # A tombstone on both topics. A label that comes meanwhile starts from the stored state.
                stored[key] = None
                sentiment.append((key, None, []))
                self._states.pop(key, None)
            else:
                sentiment.append((key, brand_sentiment(state, key, now_ms, self._partition), []))
                self._plan(key, state, now_ms)
        topics: dict[str, list[Message]] = {
            self._topics.changelog: [(key, value, []) for key, value in stored.items()],
            self._topics.sentiment: sentiment,
            self._topics.hours: hours,
        }
        return {(topic, self._partition): messages for topic, messages in topics.items() if messages}, stored

    async def _transact(self, outbox: Outbox, stored: dict[bytes, bytes | None]) -> None:
        written = await self._lane.transact(outbox, self.next_offset)
        ends = [
            batch.first_offset + batch.messages for batch in written if batch.topic == self._topics.changelog
        ]
        if ends:
            self._store.write(stored, max(ends), self._wall_ms())

    def _now_ms(self) -> int:
        return self._wall_ms() if self._clock == "wall" else self._stream_ms

    def _plan(self, key: bytes, state: BrandState, now_ms: int) -> None:
        changes_ms = next_change_ms(state, now_ms)
        empty_ms = empty_at_ms(state)
        self._schedule.set(key, empty_ms if changes_ms is None else min(changes_ms, empty_ms))

    def _read_schedule(self) -> None:
        now_ms = self._now_ms()
        for key, state in self._store.states():
            self._stream_ms = max(self._stream_ms, state.horizon_ms)
            self._plan(key, state, now_ms)

    def _stored_state(self, key: bytes) -> BrandState:
        state = self._store.load(key)
        assert state is not None, "this is a bug: a scheduled brand has no state"
        return state

    def _evict(self) -> None:
        """Drop the brands loaded longest ago; all but those that changed since are stored."""
        surplus = len(self._states) - MOST_BRANDS_IN_MEMORY
        if surplus > 0:
            stored = (key for key in self._states if key not in self._unpublished.changed)
            for key in list(islice(stored, surplus)):
                del self._states[key]
