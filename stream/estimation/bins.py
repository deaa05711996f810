"""The score simplex in few bins: a cell that counts them carries a histogram that can be added up exactly.

A bin holds the scores that lie nearest to its centre (a vector quantiser). Centres and distances are
integers, so that a score falls into the same bin on every machine.
"""

import numpy as np
import numpy.typing as npt

SCORE_UNIT = 1 << 20
"""A probability of 1 in fixed point."""

# Negative and positive score of each centre, in thousandths.
_CENTRES = (
    (970, 10),
    (920, 20),
    (820, 50),
    (670, 80),
    (520, 130),
    (400, 230),
    (290, 370),
    (200, 230),
    (130, 500),
    (70, 420),
    (60, 660),
    (30, 780),
    (20, 870),
    (12, 930),
    (8, 960),
    (4, 982),
)
BINS = len(_CENTRES)

_SHIFT = 13
_LEVELS = (SCORE_UNIT >> _SHIFT) + 1


def _nearest() -> tuple[bytes, ...]:
    """The bin of the middle of each square of the grid, by rows of equal negative level."""
    middles = 1000 * (2 * np.arange(_LEVELS) + 1)
    centres = 2 * (_LEVELS - 1) * np.array(_CENTRES)
    to_negative = centres[:, 0] - middles[:, np.newaxis, np.newaxis]  # (level, 1, bin)
    to_positive = centres[:, 1] - middles[:, np.newaxis]  # (level, bin)
    squares = to_negative**2 + to_positive**2 + (to_negative + to_positive) ** 2
    return tuple(bytes(row) for row in squares.argmin(axis=2).tolist())


_TABLE = _nearest()
_GRID = np.array([list(row) for row in _TABLE], np.uint8)


def bin_of(negative_units: int, positive_units: int) -> int:
    """The bin, 0 to `BINS` - 1, of two scores >= 0 in units of 2^-20; what is above 1 counts as 1.

    >>> bin_of(1_020_000, 10_000)
    0
    """
    if negative_units > SCORE_UNIT or positive_units > SCORE_UNIT:
        return bin_of(min(negative_units, SCORE_UNIT), min(positive_units, SCORE_UNIT))
    return _TABLE[negative_units >> _SHIFT][positive_units >> _SHIFT]


def bins_of(
    negative_units: npt.NDArray[np.unsignedinteger], positive_units: npt.NDArray[np.unsignedinteger]
) -> npt.NDArray[np.uint8]:
    """(labels,) `bin_of` for many; no score is above 1."""
    bins: npt.NDArray[np.uint8] = _GRID[negative_units >> _SHIFT, positive_units >> _SHIFT]
    return bins
