"""Tails, discoveries, dispersion and baselines against their definitions."""

import random
from fractions import Fraction
from math import comb, prod

import pytest

from stream.brands.alerting.baseline import Baseline, baseline
from stream.brands.alerting.discovery import q_values
from stream.brands.alerting.dispersion import correlation, dispersion
from stream.brands.alerting.tails import MOST_TRIALS, beta_binomial_tail, negative_binomial_tail
from stream.brands.cells import HOUR_MS
from tests.unit.brands.alerting.samples import FIRST_HOUR, hours_of


def exact_beta_binomial(successes: int, trials: int, alpha: Fraction, beta: Fraction) -> Fraction:
    """By the definition, in fractions."""

    def rising(start: Fraction, steps: int) -> Fraction:
        return Fraction(prod((start + step for step in range(steps)), start=Fraction(1)))

    def mass(count: int) -> Fraction:
        both = rising(alpha, count) * rising(beta, trials - count)
        return comb(trials, count) * both / rising(alpha + beta, trials)

    return sum(map(mass, range(successes, trials + 1)), Fraction(0))


def exact_negative_binomial(count: int, size: int, chance: Fraction) -> Fraction:
    """P(N >= count) of the failures before so many successes of a trial with that chance of failure."""
    masses = (comb(k + size - 1, k) * chance**k * (1 - chance) ** size for k in range(count))
    return 1 - sum(masses, Fraction(0))


@pytest.mark.parametrize("trials", [1, 7, 60])
@pytest.mark.parametrize(("alpha", "beta"), [(1, 1), (3, 17), (300, 1700)])
def test_the_beta_binomial_tail_is_exact(trials: int, alpha: int, beta: int) -> None:
    share, correlated = alpha / (alpha + beta), 1 / (alpha + beta + 1)
    for successes in range(trials + 2):
        exact = float(exact_beta_binomial(successes, trials, Fraction(alpha), Fraction(beta)))
        assert beta_binomial_tail(successes, trials, share, correlated) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("size", [1, 4, 25])
@pytest.mark.parametrize("mean", [1, 20, 75])
def test_the_negative_binomial_tail_is_exact(size: int, mean: int) -> None:
    chance = Fraction(mean, mean + size)
    for count in (0, 1, mean // 2, mean, 2 * mean, 4 * mean):
        exact = float(exact_negative_binomial(count, size, chance))
        assert negative_binomial_tail(count, mean, 1 / size) == pytest.approx(exact, rel=1e-9, abs=1e-14)


def test_tails_equal_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy comes with the extra training")
    chance = random.Random(3)
    for _ in range(300):
        trials, share = chance.randint(1, 900), chance.uniform(0.02, 0.9)
        correlated = 10 ** chance.uniform(-3, -0.5)
        scale = (1 - correlated) / correlated
        successes = chance.randint(0, trials)
        exact = float(stats.betabinom.sf(successes - 1, trials, share * scale, (1 - share) * scale))
        found = beta_binomial_tail(successes, trials, share, correlated)
        assert found == pytest.approx(exact, rel=1e-6, abs=1e-10)
        mean, spread = 10 ** chance.uniform(-1, 4), 10 ** chance.uniform(-4, 1)
        count = int(mean * chance.uniform(0.2, 5)) + 1
        exact = float(stats.nbinom.sf(count - 1, 1 / spread, 1 / (1 + mean * spread)))
        assert negative_binomial_tail(count, mean, spread) == pytest.approx(exact, rel=1e-6, abs=1e-12)


def test_a_huge_window_is_judged_as_a_large_one() -> None:
    large = beta_binomial_tail(MOST_TRIALS // 5, MOST_TRIALS, 0.1, 0.01)
    assert beta_binomial_tail(200_000, 1_000_000, 0.1, 0.01) == large


@pytest.mark.parametrize("seed", range(20))
def test_discoveries_are_those_of_the_definition(seed: int) -> None:
    """Reject the k smallest, k being the largest rank whose p-value is at most k / m times the rate."""
    chance = random.Random(seed)
    p_values = [chance.choice((chance.random() ** 4, 0.01, 0.001)) for _ in range(chance.randint(0, 12))]
    tested = len(p_values) + chance.randint(0, 20)
    adjusted = q_values(p_values, tested)
    for rate in (0.001, 0.01, 0.05, 0.2, 0.7):
        in_order = sorted(p_values)
        ranks = [rank for rank, one in enumerate(in_order, 1) if one * tested / rank <= rate]
        rejected = set(in_order[: max(ranks, default=0)])
        assert [q_value <= rate for q_value in adjusted] == [one in rejected for one in p_values]


def test_binomial_groups_are_hardly_correlated_and_torn_ones_are() -> None:
    chance = random.Random(5)

    def groups(shares: tuple[float, ...]) -> list[int]:
        return [sum(chance.random() < share for _ in range(60)) for share in chance.choices(shares, k=150)]

    even = correlation([60] * 150, groups((0.2,)), 0.2, common=0.02)
    torn = correlation([60] * 150, groups((0.05, 0.35)), 0.2, common=0.02)
    assert even < 0.006
    assert torn == pytest.approx(0.15**2 / (0.2 * 0.8), rel=0.25)


def test_few_reviews_leave_the_common_value() -> None:
    assert correlation([], [], 0.2, common=0.02) == 0.02
    assert correlation([1] * 40, [0] * 40, 0.2, common=0.02) == 0.02
    assert correlation([9], [9], 0.2, common=0.02) == 0.02
    assert correlation([2, 3], [0, 1], 0.2, common=0.02) == pytest.approx(0.02, rel=0.05)


def test_counts_with_more_scatter_have_more_dispersion() -> None:
    assert dispersion([50] * 100, [50.0] * 100, 1.0, common=0.1) < 0.01
    scattered = dispersion([20, 80] * 50, [50.0] * 100, 1.0, common=0.1)
    assert scattered == pytest.approx((900 - 50) / 2500, rel=0.1)


def known(per_hour: int, negative: int) -> Baseline:
    found = baseline(hours_of(*[(per_hour, negative)] * 192), FIRST_HOUR + 192, FIRST_HOUR + 168, 3)
    assert found is not None
    return found


def test_a_baseline_is_what_is_usual() -> None:
    found = known(per_hour=20, negative=3)
    start_ms = FIRST_HOUR * HOUR_MS
    assert found.negative_share == pytest.approx(0.15, rel=0.01)
    assert found.expected_reviews(start_ms, start_ms + 24 * HOUR_MS) == pytest.approx(480)
    assert found.expected_reviews(start_ms + HOUR_MS // 2, start_ms + HOUR_MS) == pytest.approx(10)


def test_volume_follows_the_hours_of_the_day() -> None:
    night_and_day = [(2, 0) if hour % 24 < 12 else (40, 4) for hour in range(192)]
    found = baseline(hours_of(*night_and_day), FIRST_HOUR + 192, FIRST_HOUR + 168, 3)
    assert found is not None
    midnight_ms = FIRST_HOUR // 24 * 24 * HOUR_MS
    offset = FIRST_HOUR % 24
    night = found.expected_reviews(
        midnight_ms + (5 + offset) % 24 * HOUR_MS, midnight_ms + ((5 + offset) % 24 + 1) * HOUR_MS
    )
    assert night < 4
    assert found.expected_reviews(midnight_ms, midnight_ms + 24 * HOUR_MS) == pytest.approx(504, rel=0.01)


@pytest.mark.parametrize("days", [0, 1, 2])
def test_too_few_days_are_no_baseline(days: int) -> None:
    hours = hours_of(*[(20, 3)] * 24 * days, first_hour=FIRST_HOUR)
    now_hour = FIRST_HOUR + 24 * days + 24
    assert baseline(hours, now_hour, now_hour - 25, 3) is None


def test_too_few_reviews_are_no_baseline() -> None:
    assert baseline(hours_of(*[(1, 0), *[(0, 0)] * 9] * 19), FIRST_HOUR + 191, FIRST_HOUR + 167, 3) is None
