"""Bins against their own definition, found by brute force."""

import numpy as np
import pytest

from stream.estimation.bins import _CENTRES, BINS, SCORE_UNIT, bin_of


def nearest(negative: float, positive: float) -> set[int]:
    """The bins whose centre is no further than the grid is wide from being the nearest."""
    neutral = 1 - negative - positive
    distances = [
        np.hypot(np.hypot(n / 1000 - negative, p / 1000 - positive), 1 - (n + p) / 1000 - neutral)
        for n, p in _CENTRES
    ]
    return {number for number in range(BINS) if distances[number] <= min(distances) + 2 / 64}


def test_scores_fall_into_the_bin_of_the_nearest_centre() -> None:
    for negative, neutral, positive in np.random.default_rng(3).dirichlet((0.5, 0.5, 0.5), 2000).tolist():
        assert neutral >= 0
        assert bin_of(int(negative * SCORE_UNIT), int(positive * SCORE_UNIT)) in nearest(negative, positive)


@pytest.mark.parametrize("number", range(BINS))
def test_a_centre_lies_in_its_own_bin(number: int) -> None:
    negative, positive = _CENTRES[number]
    assert bin_of(negative * SCORE_UNIT // 1000, positive * SCORE_UNIT // 1000) == number


def test_scores_beyond_one_count_as_one() -> None:
    assert bin_of(SCORE_UNIT + 9_000, 0) == bin_of(SCORE_UNIT, 0)
    assert bin_of(0, 5 * SCORE_UNIT) == bin_of(0, SCORE_UNIT)
    assert bin_of(2**60, 2**60) == bin_of(SCORE_UNIT, SCORE_UNIT)
