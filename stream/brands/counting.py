"""Labels into the cells of their brands, many at once, or out of them; see `stream.brands.folding`."""

from collections.abc import Iterator, MutableMapping
from itertools import islice
from operator import add

import numpy as np
import numpy.typing as npt

from stream.brands.arrivals import Arrivals, Course, Int64
from stream.brands.cells import (
    FIRST_BIN,
    FIRST_COUNT,
    HOUR_MS,
    INDEX,
    KEPT_HOURS,
    KEPT_MINUTES,
    LATE,
    MINUTE_MS,
    NEGATIVE_SUM,
    NEUTRAL_SUM,
    POSITIVE_SUM,
    WIDTH,
    Cell,
    Cells,
    cell_at,
)
from stream.brands.identity import Former
from stream.brands.state import BrandState
from stream.estimation.bins import bin_of, bins_of

_INDEX_BITS = 32
_INDEX_MASK = (1 << _INDEX_BITS) - 1
Changed = MutableMapping[bytes, Cells]
"""By brand key: the hour cells that changed, by index."""


def is_on_time(created_at: Int64, references: Int64) -> npt.NDArray[np.bool_]:
    """(labels,) whether any cell may count them."""
    on_time: npt.NDArray[np.bool_] = created_at // HOUR_MS > references // HOUR_MS - KEPT_HOURS
    return on_time


def count(arrivals: Arrivals, course: Course, counted: npt.NDArray[np.bool_], changed: Changed) -> None:
    """Count the labels that are to be counted."""
    rows = np.flatnonzero(counted)
    created_at, horizons = arrivals.essences["created_at"][rows], course.horizons[rows]
    hours, minutes = created_at // HOUR_MS, created_at // MINUTE_MS
    kept = hours > horizons // HOUR_MS - KEPT_HOURS
    for place, hour, sums in _sums(arrivals, rows[kept], hours[kept]):
        cell = _add(arrivals.states[place].hours, hour, sums)
        changed[arrivals.keys[place]][hour] = cell
    kept = minutes > horizons // MINUTE_MS - KEPT_MINUTES
    for place, minute, sums in _sums(arrivals, rows[kept], minutes[kept]):
        _add(arrivals.states[place].minutes, minute, sums)


def count_late(arrivals: Arrivals, course: Course, late: npt.NDArray[np.bool_], changed: Changed) -> None:
    """Note labels that are too late for any cell in those of their reference times."""
    rows = np.flatnonzero(late)
    times = arrivals.brands[rows], course.references[rows], course.horizons[rows]
    for place, reference_ms, horizon_ms in zip(*(column.tolist() for column in times), strict=True):
        state = arrivals.states[place]
        hour, minute = reference_ms // HOUR_MS, reference_ms // MINUTE_MS
        if hour > horizon_ms // HOUR_MS - KEPT_HOURS:
            cell = changed[arrivals.keys[place]][hour] = cell_at(state.hours, hour)
            cell[LATE] += 1
        if minute > horizon_ms // MINUTE_MS - KEPT_MINUTES:
            cell_at(state.minutes, minute)[LATE] += 1


def take_out(state: BrandState, former: Former, changed_hours: Cells) -> None:
    """Take a label that counts out of the cells that hold it: those of its time that still exist."""
    hour, minute = former.created_at // HOUR_MS, former.created_at // MINUTE_MS
    if hour > state.horizon_ms // HOUR_MS - KEPT_HOURS and hour in state.hours:
        changed_hours[hour] = state.hours[hour]
        _subtract(state.hours, hour, former)
    if minute > state.horizon_ms // MINUTE_MS - KEPT_MINUTES and minute in state.minutes:
        _subtract(state.minutes, minute, former)


def _sums(
    arrivals: Arrivals, rows: npt.NDArray[np.intp], indices: Int64
) -> Iterator[tuple[int, int, list[int]]]:
    """Of each brand and cell that labels fall into: the brand's place, the cell's index, `WIDTH` sums."""
    cells, groups = np.unique(arrivals.brands[rows] << _INDEX_BITS | indices, return_inverse=True)
    size = len(cells) * WIDTH
    places = groups * WIDTH
    units = arrivals.essences["units"][rows]
    labels, bins = arrivals.essences["label"][rows], bins_of(units[:, 0], units[:, 2])
    ones = np.concatenate([places + FIRST_COUNT + labels, places + FIRST_BIN + bins])
    table = np.bincount(ones, minlength=size).reshape(len(cells), WIDTH)
    for column, at in enumerate((NEGATIVE_SUM, NEUTRAL_SUM, POSITIVE_SUM)):
        # Exact: fewer than 2^15 labels add up to less than 2^53.
        table[:, at] = np.bincount(groups, units[:, column], len(cells))
    return zip((cells >> _INDEX_BITS).tolist(), (cells & _INDEX_MASK).tolist(), table.tolist(), strict=True)


def _add(cells: Cells, index: int, sums: list[int]) -> Cell:
    cell = cells.get(index)
    if cell is None:
        cell = cell_at(cells, index)
        sums[INDEX] = index
        cell[:] = sums
    else:
        cell[FIRST_COUNT:] = map(add, islice(cell, FIRST_COUNT, None), islice(sums, FIRST_COUNT, None))
    return cell


def _subtract(cells: Cells, index: int, former: Former) -> None:
    cell = cells[index]
    cell[FIRST_COUNT + former.label_index] -= 1
    cell[NEGATIVE_SUM] -= former.negative
    cell[NEUTRAL_SUM] -= former.neutral
    cell[POSITIVE_SUM] -= former.positive
    cell[FIRST_BIN + bin_of(former.negative, former.positive)] -= 1
