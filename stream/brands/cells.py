"""The cells that a brand's windows are sums of: reviews of one minute, or of one hour, of event time.

A cell is a list of eight integers, because folding adds to it in place:
`[index, negative, neutral, positive, negative_sum, neutral_sum, positive_sum, late]`. `index` is the time
divided by the cell's width; the counts are labels; the sums are probabilities in units of 2^-20, so that
adding is associative and a replay gives the same bits; `late` counts reviews that arrived in this cell
but were too old to be counted in any. Cells of one width lie in a dict by index, ascending, and only where
something happened.
"""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
KEPT_MINUTES = 120
KEPT_HOURS = 192
LATEST_MS = 253_402_300_799_999
"""End of the year 9999: a minute's index up to here fits 32 bits."""
SCORE_UNIT = 1 << 20
"""A probability of 1 in fixed point."""

INDEX = 0
FIRST_COUNT = 1
NEGATIVE_SUM = 4
NEUTRAL_SUM = 5
POSITIVE_SUM = 6
LATE = 7
WIDTH = 8

Cell = list[int]
Cells = dict[int, Cell]


class Totals(NamedTuple):
    """What some cells hold together: three counts, three sums in units of 2^-20, and late reviews."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    negative_sum: int = 0
    neutral_sum: int = 0
    positive_sum: int = 0
    late: int = 0

    @property
    def reviews(self) -> int:
        """How many reviews the counts hold; late ones are not among them."""
        return self.negative + self.neutral + self.positive


NOTHING = Totals()


def total(cells: Iterable[Cell]) -> Totals:
    """The sum of any number of cells.

    >>> total([[7, 1, 0, 0, 1048576, 0, 0, 0], [8, 0, 0, 2, 0, 8, 2097144, 1]]).positive
    2
    """
    columns = islice(zip(*cells, strict=True), FIRST_COUNT, None)
    return Totals(*map(sum, columns))


def merge(one: Totals, other: Totals) -> Totals:
    """Both together; associative and commutative, with `NOTHING` as its neutral element."""
    return Totals(*map(int.__add__, one, other))


def cell_at(cells: Cells, index: int) -> Cell:
    """The cell of that index, put in its place when it is new: cheap while indices ascend."""
    cell = cells.get(index)
    if cell is None:
        ascending = not cells or index > next(reversed(cells))
        cell = cells[index] = [index, 0, 0, 0, 0, 0, 0, 0]
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
