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
from stream.kafka.delivery import Lane
from stream.kafka.messages import Message, Outbox

MOST_IN_MEMORY = 50_000
MOST_AGED = 1_000
"""Brands that one flush publishes merely for their age: at a full hour all have changed, at 0.1 ms each."""


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


@dataclass(slots=True)
class _Output:
    """What one flush publishes; stored forms by key, None deletes."""

    stored: dict[bytes, bytes | None] = field(default_factory=dict)
    sentiment: list[Message] = field(default_factory=list)
    hours: list[Message] = field(default_factory=list)


class BrandPartition:
    """Folds and flushes one partition; everything on the event loop.

    A brand without anything left in its windows gets a tombstone on `brand-sentiment`. With `clock=wall` its
    state is forgotten once the stream itself is as far (the greatest `scored_at` so far): from then on
    whatever could still land in its cells is too late for them. With `clock=event` it is kept, since its
    lateness is measured against its own newest review, however old that is.

    Args:
        partition: of `review-sentiment`.
        clock: where windows end, see `stream.brands.folding`.
        wall_ms: milliseconds since 1970.
        most_in_memory: brands; the others are read from the store when needed.
        most_aged: brands that one flush publishes merely because time passed.
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
        most_in_memory: int = MOST_IN_MEMORY,
        most_aged: int = MOST_AGED,
    ) -> None:
        self._partition = partition
        self._lane = lane
        self._store = store
        self._topics = topics
        self._clock = clock
        self._wall_ms = wall_ms
        self._most_in_memory = most_in_memory
        self._most_aged = most_aged
        self._states: dict[bytes, BrandState] = {}
        self._ageing = Schedule()
        self._emptying = Schedule()
        self._unpublished = _Unpublished()
        self._stream_ms = 0
        self.next_offset: int | None = None
        self._read_schedules()

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
        output = self._output(unpublished.changed, now_ms)
        if not unpublished.done and not output.sentiment:
            return None
        outbox = self._outbox(output)
        await self._transact(outbox, output.stored)
        for done in unpublished.done:
            done()
        self._evict()
        messages = {topic: len(batch) for (topic, _), batch in outbox.items()}
        return Flushed(messages, time.monotonic() - started)

    def close(self) -> None:
        """Close the store; what was not flushed will be folded again by the next owner."""
        self._store.close()

    def __len__(self) -> int:
        return len(self._emptying)

    def _output(self, changed: dict[bytes, Cells], now_ms: int) -> _Output:
        output = _Output()
        for key, cells in changed.items():
            state = self._states[key]
            output.stored[key] = encode_state(state)
            output.sentiment.append(self._sentiment(key, state, now_ms))
            output.hours += [
                (brand_hour_key(key, cell), brand_hour(state, key, cell), []) for cell in cells.values()
            ]
            self._plan(key, state, now_ms)
        # A label that comes while the tombstones are on their way starts from the stored state.
        for key in self._forgettable(now_ms):
            output.stored[key] = None
            output.sentiment.append((key, None, []))
            self._ageing.forget(key)
            self._states.pop(key, None)
        for key in self._ageing.due(now_ms, self._most_aged):
            state = self._states.get(key) or self._stored_state(key)
            output.sentiment.append(self._sentiment(key, state, now_ms))
            self._plan(key, state, now_ms)
        return output

    def _outbox(self, output: _Output) -> Outbox:
        topics: dict[str, list[Message]] = {
            self._topics.changelog: [(key, value, []) for key, value in output.stored.items()],
            self._topics.sentiment: output.sentiment,
            self._topics.hours: output.hours,
        }
        return {(topic, self._partition): messages for topic, messages in topics.items() if messages}

    async def _transact(self, outbox: Outbox, stored: dict[bytes, bytes | None]) -> None:
        written = await self._lane.transact(outbox, self.next_offset)
        ends = [
            batch.first_offset + batch.messages for batch in written if batch.topic == self._topics.changelog
        ]
        if ends:
            self._store.write(stored, max(ends), self._wall_ms())

    def _sentiment(self, key: bytes, state: BrandState, now_ms: int) -> Message:
        empty = is_empty(state, now_ms)
        return key, None if empty else brand_sentiment(state, key, now_ms, self._partition), []

    def _now_ms(self) -> int:
        return self._wall_ms() if self._clock == "wall" else self._stream_ms

    def _forgettable(self, now_ms: int) -> list[bytes]:
        """Brands with nothing left, to which nothing can be added any more either."""
        if self._clock == "event":
            return []
        return self._emptying.due(min(now_ms, self._stream_ms), self._most_aged)

    def _plan(self, key: bytes, state: BrandState, now_ms: int) -> None:
        """Note when the brand changes next, if only by age, and when nothing is left of it."""
        empty_ms = empty_at_ms(state)
        self._emptying.set(key, empty_ms)
        if now_ms < empty_ms:
            changes_ms = next_change_ms(state, now_ms)
            self._ageing.set(key, empty_ms if changes_ms is None else min(changes_ms, empty_ms))
        else:
            self._ageing.forget(key)

    def _read_schedules(self) -> None:
        """Plan as of each brand's newest label: since then time may have passed that nobody published."""
        now_ms = self._wall_ms()
        for key, state in self._store.states():
            self._stream_ms = max(self._stream_ms, state.horizon_ms)
            self._plan(key, state, min(now_ms, state.horizon_ms))

    def _stored_state(self, key: bytes) -> BrandState:
        state = self._store.load(key)
        assert state is not None, "this is a bug: a scheduled brand has no state"
        return state

    def _evict(self) -> None:
        """Drop the brands loaded longest ago; all but those that changed since are stored."""
        surplus = len(self._states) - self._most_in_memory
        if surplus > 0:
            stored = (key for key in self._states if key not in self._unpublished.changed)
            for key in list(islice(stored, surplus)):
                del self._states[key]
