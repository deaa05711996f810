"""The cells that a brand's windows are sums of: reviews of one minute, or of one hour, of event time.

A cell is a list of `WIDTH` integers, because folding adds to it in place:
`[index, negative, neutral, positive, negative_sum, neutral_sum, positive_sum, late, bin_0, bin_1, ...]`.
`index` is the time divided by the cell's width; the counts are labels; the sums are probabilities in units of
2^-20, so that adding is associative and a replay gives the same bits; `late` counts reviews that arrived in
this cell but were too old to be counted in any; the bins count the labels of the counts once more, by their
scores (`stream.estimation.bins`). Cells of one width lie in a dict by index, ascending, and only where
something happened.
"""

from collections.abc import Iterable
from itertools import islice
from operator import add
from typing import NamedTuple

from stream.estimation.bins import BINS

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
KEPT_MINUTES = 120
KEPT_HOURS = 192
LATEST_MS = 253_402_300_799_999
"""End of the year 9999: a minute's index up to here fits 32 bits."""

INDEX = 0
FIRST_COUNT = 1
NEGATIVE_SUM = 4
NEUTRAL_SUM = 5
POSITIVE_SUM = 6
LATE = 7
FIRST_BIN = 8
WIDTH = FIRST_BIN + BINS

Cell = list[int]
Cells = dict[int, Cell]


class Totals(NamedTuple):
    """What some cells hold together: three counts, three sums in units of 2^-20, late reviews, and bins."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    negative_sum: int = 0
    neutral_sum: int = 0
    positive_sum: int = 0
    late: int = 0
    bins: tuple[int, ...] = (0,) * BINS

    @property
    def reviews(self) -> int:
        """How many reviews the counts hold; late ones are not among them."""
        return self.negative + self.neutral + self.positive


NOTHING = Totals()
_EMPTY = [0] * (WIDTH - 1)


def total(cells: Iterable[Cell]) -> Totals:
    """The sum of any number of cells.

    >>> bins = [0] * BINS
    >>> total([[7, 1, 0, 0, 1048576, 0, 0, 0, *bins], [8, 0, 0, 2, 0, 8, 2097144, 1, *bins]]).positive
    2
    """
    sums = tuple(map(sum, islice(zip(*cells, strict=True), FIRST_COUNT, None)))
    return Totals._make((*sums[: FIRST_BIN - 1], sums[FIRST_BIN - 1 :])) if sums else NOTHING


def merge(one: Totals, other: Totals) -> Totals:
    """Both together; associative and commutative, with `NOTHING` as its neutral element."""
    bins = tuple(map(add, one.bins, other.bins))
    return Totals._make((*map(add, one[:-1], other[:-1]), bins))


def cell_at(cells: Cells, index: int) -> Cell:
    """The cell of that index, put in its place when it is new: cheap while indices ascend."""
    cell = cells.get(index)
    if cell is None:
        ascending = not cells or index > next(reversed(cells))
        cell = cells[index] = [index, *_EMPTY]
        if not ascending:
            in_order = sorted(cells.items())
            cells.clear()
            cells.update(in_order)
    return cell


def prune(cells: Cells, last_dropped: int) -> None:
    """Drop every cell whose index is at or below `last_dropped`."""
    for oldest in cells:
        if oldest > last_dropped:
            return
        break
    for expired in [index for index in cells if index <= last_dropped]:
        del cells[expired]
