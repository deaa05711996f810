"""What the tests of brands share: labels as the transport hands them over, states in the oracle's words."""

from dataclasses import dataclass
from typing import Any

from stream.brands.cells import HOUR_MS, MINUTE_MS, Cells, total
from stream.brands.state import BrandState
from tests.batch_recomputation import BatchBrand

HOUR = 500_000
NOW_MS = HOUR * HOUR_MS


@dataclass(frozen=True, slots=True)
class Record:
    """As the transport hands it over."""

    offset: int
    key: bytes | None
    value: bytes | None


def label(created_at: int = NOW_MS, scored_at: int = NOW_MS, **other: Any) -> dict[str, Any]:
    """What brands read of a label."""
    scores = {"negative": 0.25, "neutral": 0.25, "positive": 0.5}
    fields = {"label": "positive", "scores": scores, "brand": "Acme", "model": "m@1"}
    return {**fields, "created_at": created_at, "scored_at": scored_at, **other}


def as_batch(state: BrandState) -> BatchBrand:
    """A brand's state in the oracle's words."""

    def by_start(cells: Cells, width_ms: int) -> dict[int, Any]:
        return {index * width_ms: tuple(total([cell])) for index, cell in cells.items()}

    minutes, hours = by_start(state.minutes, MINUTE_MS), by_start(state.hours, HOUR_MS)
    return BatchBrand(state.name, state.model, state.fence, state.horizon_ms, minutes, hours)
