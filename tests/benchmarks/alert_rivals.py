"""The two rules in common use, over a range of thresholds, on the same simulated brands.

- *3 sigma*: the mean of the last 24 hours is above that of the 7 days before by 3 standard deviations of
  their daily values. It ends below 1.
- *5 points*: the negative share of the last 24 hours is 5 points above that of the 7 days before. It ends
  below half of that.

Both need `LEAST_REVIEWS` in the 24 hours.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream.brands.alerting.rules import Kind
from tests.benchmarks.alert_world import Counts

LEAST_REVIEWS = 30
SIGMAS = (2.0, 3.0, 4.0, 6.0, 9.0, 14.0, 20.0, 30.0)
POINTS = (0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4)
_DAY, _WEEK = 24, 7 * 24

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Opening:
    """An alert was opened."""

    method: str
    brand: int
    kind: Kind
    minute: int


@dataclass(slots=True)
class Rule:
    """One rule at one threshold, for all brands."""

    name: str
    kind: Kind
    threshold: float
    ends_at: float
    is_open: NDArray[np.bool_]
    openings: list[Opening] = field(default_factory=list)

    def look(self, departure: Floats, minute: int) -> None:
        """`departure` in units of the threshold; not a number where there is nothing to judge."""
        begins = ~self.is_open & (departure > self.threshold)
        self.is_open = (self.is_open | begins) & ~(departure < self.ends_at)
        for brand in np.flatnonzero(begins):
            self.openings.append(Opening(self.name, int(brand), self.kind, minute))


class Rivals:
    """Counts by hour of all brands, and the rules that look at them."""

    def __init__(self, brands: int, hours: int) -> None:
        self._reviews = np.zeros((brands, hours + 1), np.int64)
        self._negatives = np.zeros((brands, hours + 1), np.int64)
        quiet = np.zeros(brands, np.bool_)
        self._sigma = [_rule("3 sigma", "negative_share", one, 1.0, quiet) for one in SIGMAS]
        self._sigma_volume = [_rule("3 sigma", "volume", one, 1.0, quiet) for one in SIGMAS]
        self._points = [_rule("5 points", "negative_share", one, one / 2, quiet) for one in POINTS]
        self._before: tuple[Floats, Floats, Floats, Floats, Floats] | None = None

    @property
    def rules(self) -> list[Rule]:
        """All of them, by rule and kind from the lowest threshold to the highest."""
        return [*self._sigma, *self._sigma_volume, *self._points]

    def look(self, hour: int, reviews: Counts, negatives: Counts, minute: int) -> None:
        """Judge at a moment of an hour: (brands,) so far in that hour."""
        day = slice(max(0, hour - _DAY + 1), hour)
        recent = self._reviews[:, day].sum(1) + reviews
        share = (self._negatives[:, day].sum(1) + negatives) / np.maximum(recent, 1)
        if self._before is None:
            return
        mean_share, share_deviation, mean_volume, volume_deviation, week_share = self._before
        share[recent < LEAST_REVIEWS] = np.nan
        volume = np.where(recent < LEAST_REVIEWS, np.nan, recent)
        for rules, departure in (
            (self._sigma, (share - mean_share) / share_deviation),
            (self._sigma_volume, (volume - mean_volume) / volume_deviation),
            (self._points, share - week_share),
        ):
            for rule in rules:
                rule.look(departure, minute)

    def end_hour(self, hour: int, reviews: Counts, negatives: Counts) -> None:
        """Take over a whole hour: (brands,)."""
        self._reviews[:, hour], self._negatives[:, hour] = reviews, negatives
        last = hour + 1 - _DAY + 1  # the 24 hours of the next look begin there
        if last < _WEEK:
            return
        days = self._reviews[:, last - _WEEK : last].reshape(-1, 7, _DAY).sum(2)
        negative_days = self._negatives[:, last - _WEEK : last].reshape(-1, 7, _DAY).sum(2)
        shares = np.where(days > 0, negative_days / np.maximum(days, 1), np.nan)
        seen = np.isfinite(shares).sum(1) >= 2
        shares = np.where(seen[:, None], shares, 0.0)
        nothing = np.where(seen, 1.0, np.nan)
        deviation = np.maximum(np.nanstd(shares, axis=1, ddof=1), 1e-3) * nothing
        volume_deviation = np.maximum(days.std(axis=1, ddof=1), 1.0)
        week_share = negative_days.sum(1) / np.maximum(days.sum(1), 1) * nothing
        self._before = np.nanmean(shares, axis=1), deviation, days.mean(1), volume_deviation, week_share


def _rule(name: str, kind: Kind, threshold: float, ends_at: float, quiet: NDArray[np.bool_]) -> Rule:
    return Rule(name, kind, threshold, ends_at, quiet.copy())
