"""Intervals against published numbers and against simulated reviews."""

import random

import pytest

from stream.brands.intervals import net_interval, share_interval

DRAWS = 2_000


def test_wilson_against_a_published_example() -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 81 of 263."""
    assert share_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_one_review_says_almost_nothing() -> None:
    low, high = net_interval(0.0, 1.0, 1)
    assert high - low > 1


@pytest.mark.parametrize("reviews", [5, 30, 300])
@pytest.mark.parametrize("shares", [(0.1, 0.1, 0.8), (0.4, 0.2, 0.4), (0.02, 0.03, 0.95)])
def test_the_true_value_lies_inside_nineteen_times_in_twenty(
    reviews: int, shares: tuple[float, float, float]
) -> None:
    """The mean over all draws of a fixed seed; small samples of rare labels may fall a little short."""
    chance = random.Random(20)
    share_hits = net_hits = 0
    for _ in range(DRAWS):
        drawn = chance.choices((-1, 0, 1), shares, k=reviews)
        negative, positive = drawn.count(-1) / reviews, drawn.count(1) / reviews
        low, high = share_interval(positive, reviews)
        share_hits += low <= shares[2] <= high
        low, high = net_interval(negative, positive, reviews)
        net_hits += low <= shares[2] - shares[0] <= high
    assert share_hits / DRAWS > 0.91
    assert net_hits / DRAWS > 0.92
