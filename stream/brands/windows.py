"""A brand's rolling windows as sums of its cells, and the moments at which they change merely by ageing.

A window ends at the end of the cell that holds `now`, which is still filling, and starts its length before:
`5m` and `1h` are 5 and 60 minute cells, `24h` and `7d` are 24 and 168 hour cells. A cell that lies ahead of
`now`, because a review's clock runs fast, is counted once its time comes.

What the last 24 hours are compared with are the 7 days before them: the hour cells that are kept beside.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Reversible
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, islice
from typing import Protocol

from stream.brands.cells import (
    FIRST_COUNT,
    HOUR_MS,
    KEPT_HOURS,
    KEPT_MINUTES,
    MINUTE_MS,
    WIDTH,
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


@dataclass(frozen=True, slots=True)
class Sums:
    """What a brand's cells add up to at some time."""

    windows: dict[str, WindowTotals]
    """By name, shortest first."""
    before: Totals
    """Of the 7 days before the last 24 hours."""


@dataclass(frozen=True, slots=True)
class Series:
    """Labels by cell, oldest first, the one that holds `now` last."""

    start_ms: int
    step_ms: int
    counts: tuple[list[int], list[int], list[int]]
    """Negative, neutral, positive."""


class Dated(Protocol):
    """A brand's cells as far as their places in time go: a state, or the outline of a stored one."""

    @property
    def minutes(self) -> Reversible[int]:
        """Indices, ascending."""

    @property
    def hours(self) -> Reversible[int]:
        """Indices, ascending."""


def sums(state: BrandState, now_ms: int) -> Sums:
    """All windows at `now_ms`, and what the last 24 hours are compared with."""
    minutes = list(_pieces(state.minutes, MINUTE_MS, now_ms))
    hours = list(_pieces(state.hours, HOUR_MS, now_ms))
    windows = (*_windows(minutes, MINUTE_MS, now_ms), *_windows(hours, HOUR_MS, now_ms))
    return Sums(dict(windows), reduce(merge, hours[1:]))


def series(cells: Cells, width_ms: int, length: int, now_ms: int) -> Series:
    """The last `length` cells, also those in which nothing happened."""
    first = now_ms // width_ms - length + 1
    found = [cells.get(index, _NO_CELL) for index in range(first, first + length)]
    negative, neutral, positive = ([cell[FIRST_COUNT + each] for cell in found] for each in range(3))
    return Series(first * width_ms, width_ms, (negative, neutral, positive))


def next_change_ms(cells: Dated, now_ms: int) -> int | None:
    """The earliest time after `now_ms` at which a cell leaves or enters a window; None when none will."""
    moments = (
        *_changes(cells.minutes, MINUTE_MS, now_ms),
        *_changes(cells.hours, HOUR_MS, now_ms),
    )
    return min(moments, default=None)


def empty_at_ms(cells: Dated) -> int:
    """The time from which all cells are older than what is kept, so that the brand may be forgotten."""
    minute_ends = [(last + KEPT_MINUTES) * MINUTE_MS for last in islice(reversed(cells.minutes), 1)]
    hour_ends = [(last + KEPT_HOURS) * HOUR_MS for last in islice(reversed(cells.hours), 1)]
    return max((*minute_ends, *hour_ends), default=0)


def is_empty(state: BrandState, now_ms: int) -> bool:
    """Whether nothing is left at `now_ms`: no window has a review and no cell is kept any longer."""
    return now_ms >= empty_at_ms(state)


def _lengths(shortest_ms: int, longest_ms: int, width_ms: int) -> list[tuple[str, int]]:
    """Name and length in cells of the windows within these bounds, shortest first."""
    chosen = [(name, length) for name, length in WINDOWS.items() if shortest_ms <= length <= longest_ms]
    return [(name, length // width_ms) for name, length in sorted(chosen, key=lambda item: item[1])]


_NAMED = {
    MINUTE_MS: _lengths(0, HOUR_MS, MINUTE_MS),
    HOUR_MS: _lengths(24 * HOUR_MS, 7 * 24 * HOUR_MS, HOUR_MS),
}
_ENDS = {width_ms: [length for _, length in named] for width_ms, named in _NAMED.items()}
_ENDS[HOUR_MS].append(KEPT_HOURS)  # for the comparison alone: 7 days before the last 24 hours
_NO_CELL = [0] * WIDTH


def _pieces(cells: Cells, width_ms: int, now_ms: int) -> Iterator[Totals]:
    """What lies within the shortest window, between it and the next, and so on."""
    current = now_ms // width_ms
    indices, values = list(cells), list(cells.values())
    taken_from = bisect_right(indices, current)
    for length in _ENDS[width_ms]:
        start = bisect_right(indices, current - length)
        yield total(values[start:taken_from])
        taken_from = start


def _windows(pieces: list[Totals], width_ms: int, now_ms: int) -> Iterator[tuple[str, WindowTotals]]:
    end_ms = (now_ms // width_ms + 1) * width_ms
    for (name, length), totals in zip(_NAMED[width_ms], accumulate(pieces, merge), strict=False):
        yield name, WindowTotals(end_ms - length * width_ms, end_ms, totals)


def _changes(cells: Iterable[int], width_ms: int, now_ms: int) -> Iterator[int]:
    """When the oldest cell leaves each window, and when the next cell ahead enters all of them."""
    current = now_ms // width_ms
    indices = list(cells)
    ahead = bisect_right(indices, current)
    if ahead < len(indices):
        yield indices[ahead] * width_ms
    for length in _ENDS[width_ms]:
        oldest = bisect_right(indices, current - length)
        if oldest < ahead:
            yield (indices[oldest] + length) * width_ms
