"""What one flush of a partition publishes, on which topics, and some brands at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stream.brands.alerting.published import AlertEvent
from stream.brands.cells import Cells
from stream.brands.corrections import Corrected, correction
from stream.brands.memory import NewEntries
from stream.brands.published import brand_hour, brand_hour_key, brand_sentiments
from stream.brands.review_store import pack
from stream.brands.state import BrandState, encode_state
from stream.brands.windows import is_empty
from stream.kafka.messages import Message, Outbox

BRANDS_AT_ONCE = 500
"""A tenth of a second, and some 4 MB."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Where brands are published; each topic has the partitions of the source."""

    sentiment: str
    hours: str
    corrections: str
    alerts: str
    changelog: str
    reviews_changelog: str


class Entry(NamedTuple):
    """A brand of which something is told."""

    key: bytes
    state: BrandState
    hours: Cells = {}  # noqa: RUF012 - nobody writes to it
    """Its hour cells that changed."""
    is_stored: bool = True
    is_forgotten: bool = False
    """Nothing is left of it: both its state and what was told of it end."""


@dataclass(slots=True)
class Edition:
    """Brands as they are at one moment. Until all outboxes were made, their states must not change."""

    partition: int
    now_ms: int
    brands_at_once: int = BRANDS_AT_ONCE
    entries: list[Entry] = field(default_factory=list)
    alerts: list[AlertEvent] = field(default_factory=list)
    corrected: Sequence[Corrected] = ()
    counted: NewEntries = field(default_factory=NewEntries)
    """New entries of who was counted, see `stream.brands.identity`."""
    stored: dict[bytes, bytes | None] = field(default_factory=dict)
    """By brand key, filled while outboxes are made: states in their stored form; None deletes."""

    def outboxes(self, topics: Topics) -> Iterator[Outbox]:
        """All of it, in turn; topics that get nothing are left out. One transaction takes all."""
        told: dict[str, list[Message]] = {
            topics.reviews_changelog: [(None, packed, []) for packed in pack(self.counted)],
            topics.corrections: [(one.key, correction(one), []) for one in self.corrected],
            topics.alerts: [(alert.key, alert.value, []) for alert in self.alerts],
        }
        most = self.brands_at_once
        yield self._outbox(told | self._brands(topics, self.entries[:most]))
        for start in range(most, len(self.entries), most):
            yield self._outbox(self._brands(topics, self.entries[start : start + most]))

    def _brands(self, topics: Topics, entries: Sequence[Entry]) -> dict[str, list[Message]]:
        stored = {
            entry.key: None if entry.is_forgotten else encode_state(entry.state)
            for entry in entries
            if entry.is_stored
        }
        self.stored |= stored
        return {
            topics.changelog: [(key, value, []) for key, value in stored.items()],
            topics.sentiment: self._sentiment(entries),
            topics.hours: [
                (brand_hour_key(entry.key, cell), brand_hour(entry.state, entry.key, cell), [])
                for entry in entries
                for cell in entry.hours.values()
            ],
        }

    def _sentiment(self, entries: Sequence[Entry]) -> list[Message]:
        """What to say of brands, all at once; a brand that has nothing left gets a tombstone."""
        full = [
            (entry.key, entry.state)
            for entry in entries
            if not entry.is_forgotten and not is_empty(entry.state, self.now_ms)
        ]
        values = brand_sentiments(full, self.now_ms, self.partition)
        told = {key: value for (key, _), value in zip(full, values, strict=True)}
        return [(entry.key, told.get(entry.key), []) for entry in entries]

    def _outbox(self, messages: dict[str, list[Message]]) -> Outbox:
        return {(topic, self.partition): some for topic, some in messages.items() if some}
