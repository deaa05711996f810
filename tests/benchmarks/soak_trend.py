"""Whether a figure grows: its first quarter against its last, and a slope that outliers do not move. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure may gain while it is watched: a share of where it began, or `least` if that is more."""

    share: float
    least: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What became of a figure."""

    first: float
    """The median of its first quarter."""
    last: float
    slope_per_hour: float
    gained: float
    """By the slope, from the first sample to the last."""
    allowed: float

    @property
    def growing(self) -> bool:
        """The slope and the quarters both say so: one of them alone may be a single step back and forth."""
        return min(self.gained, self.last - self.first) > self.allowed


def trend(seconds: Sequence[float], values: Sequence[float], limit: Limit) -> Trend:
    """The trend of at least four samples.

    >>> trend([0, 900, 1800, 2700, 3600], [100, 101, 102, 103, 104], Limit(0.1, 1)).growing
    False
    >>> trend([0, 900, 1800, 2700, 3600], [100, 110, 120, 130, 140], Limit(0.1, 1)).growing
    True
    """
    quarter = max(1, len(values) // 4)
    first, last = float(np.median(values[:quarter])), float(np.median(values[-quarter:]))
    slope = theil_sen(seconds, values)
    gained = slope * (seconds[-1] - seconds[0])
    return Trend(first, last, slope * 3600, gained, max(limit.share * first, limit.least))


def theil_sen(times: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points (Sen 1968), values a unit of time.

    >>> theil_sen([0, 1, 2, 3], [5, 7, 1000, 11])
    2.0
    """
    first, second = np.triu_indices(len(times), 1)
    at, value = np.asarray(times, float), np.asarray(values, float)
    return float(np.median((value[second] - value[first]) / (at[second] - at[first])))
