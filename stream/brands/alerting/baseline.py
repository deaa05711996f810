"""A brand's own baseline: what its hours before lead one to expect of a window, and how surely.

Whatever varies beyond chance is part of it: from hour to hour, which short windows are judged by, from day
to day, which the long one is judged by, and that the baseline itself comes from a limited number of reviews.
"""

from dataclasses import dataclass
from itertools import accumulate

from stream.brands.alerting.dispersion import correlation, dispersion
from stream.brands.alerting.rules import LEAST_BASELINE_REVIEWS
from stream.brands.cells import FIRST_COUNT, HOUR_MS, KEPT_HOURS, Cells

# What is held of a brand before anything is known of it.
_COMMON_SHARE, _COMMON_SHARE_REVIEWS = 0.2, 2
_SHARE_BY_HOUR, _SHARE_BY_DAY = 0.02, 0.012
_VOLUME_BY_HOUR, _VOLUME_BY_DAY = 0.15, 0.06
_DAY = 24
_DAY_MS = _DAY * HOUR_MS
# An hour of the day is smoothed with its neighbours, weights 1, 2, 1, and with the mean of all at weight 1.
_OWN_WEIGHT = 2
_EFFECTIVE_HOURS = 16 / 6


@dataclass(frozen=True, slots=True)
class Baseline:
    """Expectations, each with the relative variance that its tests allow for beyond that of chance."""

    negative_share: float
    share_by_hour: float
    """Correlation for windows of up to an hour."""
    share_by_day: float
    """Correlation for windows of up to a day."""
    cumulative: tuple[float, ...]
    """Reviews of a UTC day before each of its 24 hours, and of all of it."""
    volume_by_hour: float
    """Dispersion for windows of up to an hour."""
    volume_by_day: float
    """Dispersion for windows of up to a day."""

    def expected_reviews(self, start_ms: int, end_ms: int) -> float:
        """Between two times of at most a few days, by the hours of the day that lie between them."""
        first_day = start_ms // _DAY_MS
        return self._since(end_ms - first_day * _DAY_MS) - self._since(start_ms - first_day * _DAY_MS)

    def _since(self, away_ms: int) -> float:
        """Reviews expected from a midnight on."""
        hours, rest_ms = divmod(away_ms, HOUR_MS)
        days, hour = divmod(hours, _DAY)
        before, after = self.cumulative[hour], self.cumulative[hour + 1]
        return days * self.cumulative[_DAY] + before + (after - before) * rest_ms / HOUR_MS


def baseline(hours: Cells, now_hour: int, last_hour: int, least_days: int) -> Baseline | None:
    """Of the hours up to `last_hour` that are kept at `now_hour`; None when they are too few to judge by."""
    first_hour = max(now_hour - KEPT_HOURS + 1, next(iter(hours), now_hour))
    span = last_hour - first_hour + 1
    if span < least_days * _DAY:
        return None
    reviews, negatives = [0] * span, [0] * span
    for index, cell in hours.items():
        if first_hour <= index <= last_hour:
            negative = cell[FIRST_COUNT]
            negatives[index - first_hour] = negative
            reviews[index - first_hour] = negative + cell[FIRST_COUNT + 1] + cell[FIRST_COUNT + 2]
    if sum(reviews) < LEAST_BASELINE_REVIEWS:
        return None
    return Baseline(*_share(reviews, negatives), *_volume(reviews, first_hour))


def _share(reviews: list[int], negatives: list[int]) -> tuple[float, float, float]:
    total = sum(reviews)
    prior = _COMMON_SHARE * _COMMON_SHARE_REVIEWS
    share = (sum(negatives) + prior) / (total + _COMMON_SHARE_REVIEWS)
    by_hour = correlation(reviews, negatives, share, _SHARE_BY_HOUR)
    day_reviews = _days(reviews)
    by_day = correlation(day_reviews, _days(negatives), share, _SHARE_BY_DAY)
    in_days = sum(day_reviews)
    own = 1 / total + by_day * sum(count * count for count in day_reviews) / max(1, in_days * in_days)
    return share, by_hour + own, by_day + own


def _volume(reviews: list[int], first_hour: int) -> tuple[tuple[float, ...], float, float]:
    total, span = sum(reviews), len(reviews)
    hourly = _hourly(reviews, first_hour)
    days = span / _DAY
    means = [hourly[(first_hour + at) % _DAY] for at in range(span)]
    by_hour = dispersion(reviews, means, 1 - 0.625 / days, _VOLUME_BY_HOUR)
    per_day = _days(reviews)
    day_means = [sum(per_day) / len(per_day) or 1.0] * len(per_day)
    freedom = max(0.5, 1 - 1 / len(per_day))
    by_day = dispersion(per_day, day_means, freedom, _VOLUME_BY_DAY)
    hours_behind = _EFFECTIVE_HOURS * days
    return (
        tuple(accumulate(hourly, initial=0.0)),
        by_hour * (1 + 1 / hours_behind) + span / (total * hours_behind),
        by_day * (1 + 1 / days) + 1 / total,
    )


def _hourly(reviews: list[int], first_hour: int) -> tuple[float, ...]:
    sums, seen = [0] * _DAY, [0] * _DAY
    for at, count in enumerate(reviews, first_hour):
        sums[at % _DAY] += count
        seen[at % _DAY] += 1
    rate = sum(reviews) / len(reviews)

    def smooth(values: list[int], at: int) -> int:
        return values[at - 1] + _OWN_WEIGHT * values[at] + values[(at + 1) % _DAY]

    return tuple((smooth(sums, at) + rate) / (smooth(seen, at) + 1) for at in range(_DAY))


def _days(hourly: list[int]) -> list[int]:
    """Sums of whole days, counted back from the last hour."""
    return [sum(hourly[end - _DAY : end]) for end in range(len(hourly), _DAY - 1, -_DAY)]
