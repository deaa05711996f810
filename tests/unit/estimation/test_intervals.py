"""Intervals against published numbers and against simulated reviews."""

import numpy as np
import pytest

from stream.estimation.intervals import Floats, difference_interval, net_interval, share_interval

DRAWS = 2_000


def one(value: float) -> Floats:
    return np.array([value])


def test_wilson_against_a_published_example() -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 81 of 263."""
    low, high = share_interval(one(81 / 263), one(263))
    assert (low[0], high[0]) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_difference_against_a_published_example() -> None:
    """Newcombe (1998), Interval estimation for the difference between independent proportions, table II:

    56 of 70 against 48 of 80, method 10, which recovers the variances of two Wilson intervals.
    """
    shares = one(56 / 70), one(48 / 80)
    intervals = [share_interval(share, one(number)) for share, number in zip(shares, (70, 80), strict=True)]
    low, high = difference_interval(shares[0], intervals[0], shares[1], intervals[1])
    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_one_review_says_almost_nothing() -> None:
    low, high = net_interval(one(0.0), one(1.0), one(1))
    assert high[0] - low[0] > 1


@pytest.mark.parametrize("reviews", [5, 30, 300])
@pytest.mark.parametrize("shares", [(0.1, 0.1, 0.8), (0.4, 0.2, 0.4), (0.02, 0.03, 0.95)])
def test_the_true_value_lies_inside_nineteen_times_in_twenty(
    reviews: int, shares: tuple[float, float, float]
) -> None:
    """The mean over all draws of a fixed seed; small samples of rare labels may fall a little short."""
    drawn = np.random.default_rng(20).multinomial(reviews, shares, DRAWS).T / reviews
    number = np.full(DRAWS, float(reviews))
    low, high = share_interval(drawn[2], number)
    assert np.mean((low <= shares[2]) & (shares[2] <= high)) > 0.91
    low, high = net_interval(drawn[0], drawn[2], number)
    net = shares[2] - shares[0]
    assert np.mean((low <= net) & (net <= high)) > 0.92
