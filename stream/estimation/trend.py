"""Whether net sentiment changes: two windows of each of many brands against each other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stream.estimation.estimate import Estimates, Floats
from stream.estimation.intervals import difference_interval, net_interval


@dataclass(frozen=True, slots=True)
class Changes:
    """One row for each pair of windows: not a number where one of the two has no reviews."""

    change: Floats
    low: Floats
    """Of the 95 % interval."""
    high: Floats

    @property
    def clear(self) -> npt.NDArray[np.bool_]:
        """Whether the interval excludes 0."""
        return (self.low > 0) | (self.high < 0)


def change_of_net(now: Estimates, before: Estimates) -> Changes:
    """Net of `now` - net of `before`, row by row: windows of the same brands, without a review in common.

    What the classifier always gets wrong of a brand is in both, and so not in their difference; what a
    departure from the usual mix adds is left in.
    """
    intervals = [
        net_interval(window.shares[:, 0], window.shares[:, 2], 1 / (1 / _size(window) + window.net_error))
        for window in (now, before)
    ]
    change = now.net - before.net
    return Changes(change, *difference_interval(now.net, intervals[0], before.net, intervals[1]))


def _size(window: Estimates) -> Floats:
    return np.where(window.reviews > 0, window.reviews, np.nan)
