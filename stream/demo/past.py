"""The days before the demo: when people wrote, so that brands have a baseline to depart from. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

HOUR_SECONDS, DAY_SECONDS = 3_600.0, 86_400.0
DAYS = 4.2
"""Enough for a baseline, few enough to be fed in seconds and to stay within the windows of 7 days."""
BUSY_BEFORE_SECONDS, BUSY_AFTER_SECONDS = 1.5 * HOUR_SECONDS, 2 * HOUR_SECONDS
QUIET_SHARE = 0.03
BUSY_SHARE = 0.7
"""Of the rate of the demo: today is busier than usual, but not alarmingly so."""


@dataclass(frozen=True, slots=True)
class Past:
    """Days of reviews that end now.

    People write at the time of day that it is now, and seldom at others: so the demo's own rate is nothing
    new, and yet the days before are fed in seconds.
    """

    per_second: float
    """Of the demo."""
    seed: int

    @property
    def seconds(self) -> float:
        return DAYS * DAY_SECONDS

    def moments(self) -> Iterator[float]:
        """Seconds since these days began, ascending, as a Poisson process would have them."""
        pick = random.Random(self.seed)  # noqa: S311 (a story, not a secret)
        moment = 0.0
        while True:
            moment += pick.expovariate(self._rate(moment))
            if moment >= self.seconds:
                return
            yield moment

    def _rate(self, moment: float) -> float:
        """Reviews a second. A gap may reach into other hours: a few seconds of quiet matter to nobody."""
        until_same_time = (self.seconds - moment) % DAY_SECONDS
        busy = until_same_time < BUSY_BEFORE_SECONDS or until_same_time > DAY_SECONDS - BUSY_AFTER_SECONDS
        return self.per_second * (BUSY_SHARE if busy else QUIET_SHARE)
