"""Simulated brands with rhythms, overdispersed counts and incidents whose beginning and end are known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.brands.alerting.rules import Kind

FIRST_HOUR = 497_232
"""Hours since 1970 at which the simulation begins: a Monday, 0:00 UTC."""
WARM_UP_DAYS = 8
"""Before the first incident, and before alerts are counted."""
HOURS = (3, 12, 36)
RISES = (0.1, 0.2, 0.4)
RATIOS = (3.0, 8.0)
_REVIEWS_A_DAY = (3, 10_000)
_VOLUME_SHARE = 0.35
_DAYS_BETWEEN = (7, 14)

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Planned:
    """An incident of the simulation; times in minutes from its beginning."""

    brand: int
    kind: Kind
    size: float
    """What the negative share rises by, or what the volume is multiplied by."""
    start_minute: int
    end_minute: int


class World:
    """`brands` brands for `days` days.

    A brand's volume is log-uniform from 3 to 10,000 reviews a day, its negative share Beta(2, 10). Volume
    follows the hour of the day and, less, the weekend; every hour and every day multiply it by a gamma
    variable, so that counts are negative binomial. The negative share wanders from day to day and is a beta
    variable in each hour, so that negative counts are beta-binomial. How strong all of this is differs from
    brand to brand.
    """

    def __init__(self, brands: int, days: int, seed: int) -> None:
        self.brands, self.days = brands, days
        self._chance = chance = np.random.default_rng(seed)
        least, most = map(float, np.log(_REVIEWS_A_DAY))
        self.reviews_a_day = np.exp(chance.uniform(least, most, brands))
        self.negative_share = chance.beta(2, 10, brands).clip(0.01, 0.6)
        self._peak_hour = chance.uniform(0, 24, brands)
        self._rhythm = chance.uniform(0.3, 0.9, brands)
        self._weekend = chance.uniform(0.7, 1.1, brands)
        self._volume_by_hour = chance.lognormal(np.log(0.1), 0.5, brands)
        self._volume_by_day = chance.lognormal(np.log(0.03), 0.5, brands)
        self._share_by_hour = chance.lognormal(np.log(0.01), 0.6, brands)
        self._share_by_day = chance.lognormal(np.log(0.25), 0.3, brands)  # of the logarithm of the odds
        self._written = np.zeros((brands, days * 24 + 1), np.int64)
        self.incidents = [one for brand in range(brands) for one in self._plan(brand)]

    def hours(self) -> Iterator[tuple[Counts, Counts]]:
        """For each hour, reviews and negative ones, (brands, 60 minutes)."""
        chance = self._chance
        wandering = np.zeros(self.brands)
        of_day = np.ones(self.brands)
        for hour in range(self.days * 24):
            if hour % 24 == 0:
                fresh = chance.normal(0, self._share_by_day * 0.8)
                wandering = 0.6 * wandering + fresh  # stationary with the deviation that is drawn above
                of_day = self._gamma(self._volume_by_day)
            odds = self.negative_share / (1 - self.negative_share) * np.exp(wandering)
            mean = odds / (1 + odds)
            scale = (1 - self._share_by_hour) / self._share_by_hour
            share = chance.beta(mean * scale, (1 - mean) * scale)
            rate = self._usual_rate(hour) * of_day * self._gamma(self._volume_by_hour) / 60
            rates, shares = np.repeat(rate[:, None], 60, 1), np.repeat(share[:, None], 60, 1)
            self._strike(hour, rates, shares)
            reviews = chance.poisson(rates)
            self._written[:, hour + 1] = self._written[:, hour] + reviews.sum(1)
            yield reviews, chance.binomial(reviews, shares)

    def reviews_between(self, brand: int, start_minute: int, end_minute: int) -> int:
        """Of a brand, once it was played; an hour's reviews are taken as evenly spread."""
        at = np.interp(
            (start_minute / 60, end_minute / 60), np.arange(self.days * 24 + 1), self._written[brand]
        )
        return round(float(at[1] - at[0]))

    def _usual_rate(self, hour: int) -> NDArray[np.float64]:
        rhythm = 1 + self._rhythm * np.cos(2 * np.pi * (hour - self._peak_hour) / 24)
        weekend = self._weekend if hour // 24 % 7 >= 5 else np.ones(self.brands)
        return self.reviews_a_day / 24 * rhythm * weekend

    def _gamma(self, dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
        drawn: NDArray[np.float64] = self._chance.gamma(1 / dispersion, dispersion)
        return drawn

    def _plan(self, brand: int) -> Iterator[Planned]:
        chance = self._chance
        day = WARM_UP_DAYS + chance.uniform(1, _DAYS_BETWEEN[1])
        while day < self.days - 2:
            start = int(day * 1440)
            end = start + 60 * int(chance.choice(HOURS))
            if chance.random() < _VOLUME_SHARE:
                yield Planned(brand, "volume", float(chance.choice(RATIOS)), start, end)
            else:
                yield Planned(brand, "negative_share", float(chance.choice(RISES)), start, end)
            day = end / 1440 + chance.uniform(*_DAYS_BETWEEN)

    def _strike(self, hour: int, rates: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
        """Change what the incidents of this hour change, minute by minute."""
        for one in self.incidents:
            first, last = one.start_minute - hour * 60, one.end_minute - hour * 60
            if last <= 0 or first >= 60:
                continue
            minutes = slice(max(0, first), min(60, last))
            if one.kind == "volume":
                rates[one.brand, minutes] *= one.size
            else:
                shares[one.brand, minutes] = np.minimum(0.98, shares[one.brand, minutes] + one.size)
