"""A window beside its baseline: how large the difference is, and how likely by chance."""

from dataclasses import dataclass
from math import exp, sqrt
from typing import NamedTuple

import numpy as np

from stream.brands.alerting.baseline import Baseline
from stream.brands.alerting.rules import LOOKS, Kind, Rules
from stream.brands.alerting.tails import beta_binomial_tail, negative_binomial_tail
from stream.brands.cells import FIRST_COUNT, HOUR_MS, INDEX, MINUTE_MS, Cells
from stream.estimation.intervals import Z_95, share_interval
from stream.events import WindowName

# Nothing nearer to its baseline than that many standard deviations could pass the chances of any rules.
_LEAST_DEVIATIONS = 2.5
# With that many expected, seeing nothing has a chance of 2.5 %.
_MOST_UNSEEN = 3.689


class Span(NamedTuple):
    """What lies in one window: start_ms <= created_at < end_ms, in cells up to the one that holds now."""

    window: WindowName
    start_ms: int
    end_ms: int
    reviews: int
    negatives: int


Spans = tuple[Span, Span, Span]
"""The windows under test, shortest first: 5 minutes, an hour, a day."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One window against its baseline."""

    kind: Kind
    span: Span
    expected: float
    """Share of negative labels, or reviews."""
    spread: float
    """Correlation of the labels, or dispersion of the number of reviews."""

    @property
    def observed(self) -> float:
        """The same as `expected`; 0 without reviews."""
        span = self.span
        if self.kind == "volume":
            return float(span.reviews)
        return span.negatives / span.reviews if span.reviews else 0.0

    @property
    def effect(self) -> float:
        """Rise of the share, or ratio of the volume."""
        if self.kind == "volume":
            return self.observed / self.expected
        return self.observed - self.expected

    @property
    def excess(self) -> float:
        """Negative labels, or reviews, beyond what was expected."""
        span = self.span
        if self.kind == "volume":
            return span.reviews - self.expected
        return span.negatives - span.reviews * self.expected

    def day_chance(self) -> float:
        """The chance that a day of looks at nothing but chance shows as much, at most 1."""
        span = self.span
        if self.kind == "volume":
            chance = negative_binomial_tail(span.reviews, self.expected, self.spread)
        else:
            chance = beta_binomial_tail(span.negatives, span.reviews, self.expected, self.spread)
        return min(1.0, chance * LOOKS[self.kind][span.window])

    def interval(self) -> tuple[float, float]:
        """95 %, of what is observed, the spread included.

        Wilson's for a share, of as many reviews as would vary as much without the spread; for a volume the
        normal one of its logarithm.
        """
        reviews = self.span.reviews
        if self.kind == "volume":
            if not reviews:
                return 0.0, _MOST_UNSEEN
            factor = exp(Z_95 * sqrt(1 / reviews + self.spread))
            return reviews / factor, reviews * factor
        if not reviews:
            return 0.0, 1.0
        effective = reviews / (1 + (reviews - 1) * self.spread)
        low, high = share_interval(np.array([self.observed]), np.array([effective]))
        return float(low[0]), float(high[0])


def spans(minutes: Cells, hours: Cells, now_ms: int, since_ms: int) -> Spans:
    """The windows under test; what lies in cells that began before `since_ms` is left out."""
    minute, hour = now_ms // MINUTE_MS, now_ms // HOUR_MS
    since_minute, since_hour = -(-since_ms // MINUTE_MS), -(-since_ms // HOUR_MS)
    return (
        _span("5m", minutes, MINUTE_MS, max(minute - 4, since_minute), minute),
        _span("1h", minutes, MINUTE_MS, max(minute - 59, since_minute), minute),
        _span("24h", hours, HOUR_MS, max(hour - 23, since_hour), hour),
    )


def least_reviews(kind: Kind, rules: Rules) -> int:
    """In a window, for it to be judged."""
    return rules.least_volume if kind == "volume" else rules.least_reviews


def compare(kind: Kind, span: Span, known: Baseline, now_ms: int) -> Comparison:
    """The window as a value; `now_ms` bounds how many reviews can be expected of it."""
    long = span.window == "24h"
    if kind == "volume":
        expected = known.expected_reviews(span.start_ms, now_ms)
        # A window that has only begun; no ratio to it may be infinite.
        expected, spread = max(expected, 0.01), known.volume_by_day if long else known.volume_by_hour
        return Comparison(kind, span, expected, spread)
    return Comparison(kind, span, known.negative_share, known.share_by_day if long else known.share_by_hour)


def stands_out(kind: Kind, span: Span, known: Baseline, now_ms: int, rules: Rules) -> Comparison | None:
    """The comparison when it is large enough for an alert and not plainly chance; cheap where it is not."""
    if kind == "volume":
        if span.window not in LOOKS[kind] or span.reviews < rules.least_volume:
            return None
        comparison = compare(kind, span, known, now_ms)
        expected = comparison.expected
        if span.reviews < rules.least_ratio * expected:
            return None
        variance = expected + comparison.spread * expected * expected
    else:
        reviews, share = span.reviews, known.negative_share
        if reviews < rules.least_reviews or span.negatives < (share + rules.least_rise) * reviews:
            return None
        comparison = compare(kind, span, known, now_ms)
        variance = reviews * share * (1 - share) * (1 + (reviews - 1) * comparison.spread)
    return comparison if comparison.excess**2 >= _LEAST_DEVIATIONS**2 * variance else None


def raised(comparison: Comparison, rules: Rules) -> bool:
    """Whether at least half of the least effect is there: what an open alert needs to stay open."""
    if comparison.kind == "volume":
        return comparison.effect >= (1 + rules.least_ratio) / 2
    return comparison.effect >= rules.least_rise / 2


def _span(window: WindowName, cells: Cells, width_ms: int, first: int, last: int) -> Span:
    reviews = negatives = 0
    for cell in reversed(cells.values()):
        index = cell[INDEX]
        if index < first:
            break
        if index <= last:
            negative = cell[FIRST_COUNT]
            negatives += negative
            reviews += negative + cell[FIRST_COUNT + 1] + cell[FIRST_COUNT + 2]
    return Span(window, min(first, last + 1) * width_ms, (last + 1) * width_ms, reviews, negatives)
