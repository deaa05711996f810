"""What the cells of every brand must be, computed the slow and obvious way from a list of labels.

It shares no code with `stream/brands`: it keeps every label of a brand, finds the horizon last, and only then
asks for each cell what belongs to it. The limits are restated here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
KEPT_MINUTES = 2 * 60
KEPT_HOURS = 8 * 24
NAMES = ("negative", "neutral", "positive")
WINDOWS_MS = {
    "5m": (5 * MINUTE_MS, MINUTE_MS),
    "1h": (HOUR_MS, MINUTE_MS),
    "24h": (24 * HOUR_MS, HOUR_MS),
    "7d": (7 * 24 * HOUR_MS, HOUR_MS),
}

Cell = tuple[int, int, int, int, int, int, int]
"""Three counts, three sums of probabilities in units of 2^-20, late reviews."""


@dataclass(frozen=True, slots=True)
class BatchLabel:
    """A decoded label and where it lies in `review-sentiment`."""

    partition: int
    offset: int
    key: bytes
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BatchBrand:
    """What is expected of one brand; cells by the start of their time in ms."""

    name: str
    model: str
    fence: int
    horizon_ms: int
    minutes: dict[int, Cell]
    hours: dict[int, Cell]

    def window(self, name: str, now_ms: int) -> Cell:
        """The sum of the cells of one window at that time."""
        length_ms, cell_ms = WINDOWS_MS[name]
        cells = self.minutes if cell_ms == MINUTE_MS else self.hours
        end_ms = now_ms - now_ms % cell_ms + cell_ms
        inside = [cell for start, cell in cells.items() if end_ms - length_ms <= start < end_ms]
        return _sum(inside)


def recompute(labels: Iterable[BatchLabel], clock: str) -> dict[bytes, BatchBrand]:
    """Every brand's expected state; a label given twice (same partition and offset) counts once."""
    once = {(label.partition, label.offset): label for label in labels}
    by_brand: dict[bytes, list[BatchLabel]] = defaultdict(list)
    for position in sorted(once):
        by_brand[once[position].key].append(once[position])
    return {key: _brand(of_brand, clock) for key, of_brand in by_brand.items()}


def _brand(labels: list[BatchLabel], clock: str) -> BatchBrand:
    references = [
        label.fields["scored_at"]
        if clock == "wall"
        else max(earlier.fields["created_at"] for earlier in labels[: position + 1])
        for position, label in enumerate(labels)
    ]
    horizon_ms = max(references)
    minutes: dict[int, list[Cell]] = defaultdict(list)
    hours: dict[int, list[Cell]] = defaultdict(list)
    for label, reference in zip(labels, references, strict=True):
        created_at = label.fields["created_at"]
        if _start(created_at, HOUR_MS) <= _start(reference, HOUR_MS) - KEPT_HOURS * HOUR_MS:
            minutes[_start(reference, MINUTE_MS)].append((0, 0, 0, 0, 0, 0, 1))
            hours[_start(reference, HOUR_MS)].append((0, 0, 0, 0, 0, 0, 1))
            continue
        hours[_start(created_at, HOUR_MS)].append(_cell(label))
        if _start(created_at, MINUTE_MS) > _start(reference, MINUTE_MS) - KEPT_MINUTES * MINUTE_MS:
            minutes[_start(created_at, MINUTE_MS)].append(_cell(label))
    return BatchBrand(
        name=labels[0].fields["brand"],
        model=labels[-1].fields["model"],
        fence=labels[-1].offset,
        horizon_ms=horizon_ms,
        minutes=_kept(minutes, _start(horizon_ms, MINUTE_MS) - KEPT_MINUTES * MINUTE_MS),
        hours=_kept(hours, _start(horizon_ms, HOUR_MS) - KEPT_HOURS * HOUR_MS),
    )


def _start(time_ms: int, width_ms: int) -> int:
    return time_ms - time_ms % width_ms


def _cell(label: BatchLabel) -> Cell:
    counts = [1 if label.fields["label"] == name else 0 for name in NAMES]
    sums = [round(label.fields["scores"][name] * 2**20) for name in NAMES]
    return (counts[0], counts[1], counts[2], sums[0], sums[1], sums[2], 0)


def _kept(cells: dict[int, list[Cell]], last_dropped_ms: int) -> dict[int, Cell]:
    return {start: _sum(cells[start]) for start in sorted(cells) if start > last_dropped_ms}


def _sum(cells: list[Cell]) -> Cell:
    a, b, c, d, e, f, g = (sum(cell[column] for cell in cells) for column in range(7))
    return (a, b, c, d, e, f, g)
