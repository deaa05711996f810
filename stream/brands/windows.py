"""A brand's rolling windows as sums of its cells, and the moments at which they change merely by ageing.

A window ends at the end of the cell that holds `now`, which is still filling, and starts its length before:
`5m` and `1h` are 5 and 60 minute cells, `24h` and `7d` are 24 and 168 hour cells. A cell that lies ahead of
`now`, because a review's clock runs fast, is counted once its time comes.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from stream.brands.cells import (
    HOUR_MS,
    KEPT_HOURS,
    KEPT_MINUTES,
    MINUTE_MS,
    NOTHING,
    Cells,
    Totals,
    merge,
    total,
)
from stream.brands.state import BrandState
from stream.events import WINDOWS


@dataclass(frozen=True, slots=True)
class WindowTotals:
    """Reviews with start_ms <= created_at < end_ms."""

    start_ms: int
    end_ms: int
    totals: Totals


def windows(state: BrandState, now_ms: int) -> dict[str, WindowTotals]:
    """All windows at `now_ms`, by name, shortest first."""
    return dict((*_sums(state.minutes, MINUTE_MS, now_ms), *_sums(state.hours, HOUR_MS, now_ms)))


def next_change_ms(state: BrandState, now_ms: int) -> int | None:
    """The earliest time after `now_ms` at which a cell leaves or enters a window; None when none will."""
    moments = (
        *_changes(state.minutes, MINUTE_MS, now_ms),
        *_changes(state.hours, HOUR_MS, now_ms),
    )
    return min(moments, default=None)


def empty_at_ms(state: BrandState) -> int:
    """The time from which all cells are older than what is kept, so that the brand may be forgotten."""
    minute_ends = [(next(reversed(state.minutes)) + KEPT_MINUTES) * MINUTE_MS] if state.minutes else []
    hour_ends = [(next(reversed(state.hours)) + KEPT_HOURS) * HOUR_MS] if state.hours else []
    return max((*minute_ends, *hour_ends), default=0)


def is_empty(state: BrandState, now_ms: int) -> bool:
    """Whether nothing is left at `now_ms`: no window has a review and no cell is kept any longer."""
    return now_ms >= empty_at_ms(state)


def _lengths(width_ms: int) -> list[tuple[str, int]]:
    """Name and length in cells of the windows made of cells that wide, shortest first."""
    fine = {name: length // MINUTE_MS for name, length in WINDOWS.items() if length <= HOUR_MS}
    coarse = {name: length // HOUR_MS for name, length in WINDOWS.items() if length > HOUR_MS}
    return sorted((fine if width_ms == MINUTE_MS else coarse).items(), key=lambda item: item[1])


_LENGTHS = {MINUTE_MS: _lengths(MINUTE_MS), HOUR_MS: _lengths(HOUR_MS)}


def _sums(cells: Cells, width_ms: int, now_ms: int) -> Iterator[tuple[str, WindowTotals]]:
    """Each window adds to the next shorter one what lies before that."""
    current = now_ms // width_ms
    indices, values = list(cells), list(cells.values())
    taken_from = bisect_right(indices, current)
    so_far = NOTHING
    for name, length in _LENGTHS[width_ms]:
        start = bisect_right(indices, current - length)
        so_far = merge(so_far, total(values[start:taken_from]))
        taken_from = start
        end_ms = (current + 1) * width_ms
        yield name, WindowTotals(end_ms - length * width_ms, end_ms, so_far)


def _changes(cells: Cells, width_ms: int, now_ms: int) -> Iterator[int]:
    """When the oldest cell leaves each window, and when the next cell ahead enters all of them."""
    current = now_ms // width_ms
    indices = list(cells)
    ahead = bisect_right(indices, current)
    if ahead < len(indices):
        yield indices[ahead] * width_ms
    for _, length in _LENGTHS[width_ms]:
        oldest = bisect_right(indices, current - length)
        if oldest < ahead:
            yield (indices[oldest] + length) * width_ms
