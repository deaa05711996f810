"""What the tests of brands share: labels as the transport hands them over, states in the oracle's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from stream.brands.cells import HOUR_MS, MINUTE_MS, Cells
from stream.brands.memory import ReviewMemory
from stream.brands.state import BrandState
from stream.kafka.messages import Header
from tests.batch_recomputation import BatchBrand

HOUR = 500_000
NOW_MS = HOUR * HOUR_MS
_numbers = count()


@dataclass(frozen=True, slots=True)
class Record:
    """As the transport hands it over."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


def label(created_at: int = NOW_MS, scored_at: int = NOW_MS, **other: Any) -> dict[str, Any]:
    """What brands read of a label; of a new review each time, unless `review_id` is given."""
    number = next(_numbers)
    return {
        "label": "positive",
        "scores": {"negative": 0.25, "neutral": 0.25, "positive": 0.5},
        "confidence": 0.5,
        "brand": "Acme",
        "model": "m@1",
        "event_id": f"reviews-0-{number}",
        "review_id": f"r{number}",
        "text_digest": None,
        "sketch": "0011223344556677",
        "received_at": created_at,
        "created_at": created_at,
        "scored_at": scored_at,
        **other,
    }


class NoEntries:
    """A disk that is always empty; implements `stream.brands.memory.Entries`."""

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {}

    def write(self, entries: Iterable[tuple[bytes, bytes]], next_offset: int, now_ms: int) -> None:
        raise AssertionError("nothing is sent")

    def all_keys(self) -> list[list[bytes]]:
        return []

    def close(self) -> None:
        pass


def fresh_memory() -> ReviewMemory:
    """A memory without a disk."""
    return ReviewMemory(NoEntries(), 8 * 24 * HOUR_MS, NOW_MS)


def as_batch(state: BrandState) -> BatchBrand:
    """A brand's state in the oracle's words."""

    def by_start(cells: Cells, width_ms: int) -> dict[int, Any]:
        return {index * width_ms: tuple(cell[1:]) for index, cell in cells.items()}

    minutes, hours = by_start(state.minutes, MINUTE_MS), by_start(state.hours, HOUR_MS)
    return BatchBrand(state.name, state.model, state.fence, state.horizon_ms, minutes, hours)
