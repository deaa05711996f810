"""Bootstrap intervals cover what they are drawn around, and pairs keep what they have in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.operating import accuracy_and_macro_f1
from training.report.intervals import (
    mean_interval,
    paired_difference,
    percentile_interval,
    resampled_confusions,
    resampled_sums,
)
from training.report.scores import Answers, calibration_interval

SHARES = np.array([[0.16, 0.02, 0.02], [0.03, 0.05, 0.02], [0.02, 0.03, 0.65]])


def test_about_95_of_100_intervals_of_accuracy_and_macro_f1_hold_the_true_one() -> None:
    truth = accuracy_and_macro_f1((SHARES * 1_000_000).astype(np.int64))
    random = np.random.default_rng(5)
    covered = np.zeros(2)
    for seed in range(400):
        confusion = random.multinomial(600, SHARES.ravel()).reshape(3, 3)
        drawn = accuracy_and_macro_f1(resampled_confusions(confusion, seed))
        for i in range(2):
            interval = percentile_interval(0.0, drawn[i])
            covered[i] += interval.low <= truth[i] <= interval.high
    assert covered / 400 == pytest.approx(np.array([0.95, 0.95]), abs=0.035)


def test_about_95_of_100_intervals_of_a_mean_hold_the_true_one() -> None:
    random = np.random.default_rng(6)
    covered = 0
    for seed in range(300):
        interval = mean_interval(random.exponential(2.0, 200), seed)
        covered += interval.low <= 2.0 <= interval.high
    assert covered / 300 == pytest.approx(0.94, abs=0.04)  # percentiles of skewed values fall a little short


def test_counts_drawn_at_once_spread_like_rows_drawn_one_by_one() -> None:
    right = np.repeat([1.0, 0.0], [700, 300])
    by_rows = resampled_sums(right[:, None], 1)[:, 0]
    confusion = np.array([[700, 300, 0], [0, 0, 0], [0, 0, 0]])
    by_counts = resampled_confusions(confusion, 2)[:, 0, 0]
    assert by_rows.mean() == pytest.approx(by_counts.mean(), abs=2)
    assert by_rows.std() == pytest.approx(by_counts.std(), rel=0.1)


@given(st.integers(0, 1000), st.integers(5, 200))
def test_sums_of_ones_are_the_rows_in_every_resample(seed: int, rows: int) -> None:
    assert (resampled_sums(np.ones((rows, 2)), seed) == rows).all()


@given(st.integers(0, 1000), st.integers(3, 80))
def test_a_calibration_error_lies_in_its_interval(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    labels, predicted = random.integers(0, 3, (2, rows))
    answers = Answers(random.dirichlet((1.0, 1.0, 1.0), rows), predicted)
    interval = calibration_interval(labels, answers, seed)
    assert 0 <= interval.low <= interval.value <= interval.high


@given(st.integers(0, 1000))
def test_nobody_leads_himself(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, given_labels = random.integers(0, 3, (2, 50))
    accuracy, macro_f1 = paired_difference(labels, given_labels, given_labels, seed)
    assert (accuracy.low, accuracy.value, accuracy.high) == (0, 0, 0)
    assert (macro_f1.low, macro_f1.value, macro_f1.high) == (0, 0, 0)


@given(st.integers(0, 1000))
def test_a_lead_is_the_difference_of_both_and_turns_its_sign_with_them(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, ours, theirs = random.integers(0, 3, (3, 60))
    there, back = (paired_difference(labels, *pair, seed) for pair in ((ours, theirs), (theirs, ours)))
    assert there[0].value == pytest.approx((ours == labels).mean() - (theirs == labels).mean())
    assert back[1].value == pytest.approx(-there[1].value)
    assert there[1].low <= there[1].high


def test_pairs_are_surer_than_two_intervals_apart() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, 2000)
    theirs = np.where(random.random(2000) < 0.8, labels, (labels + 1) % 3)
    ours = np.where(random.random(2000) < 0.03, labels, theirs)
    lead, _ = paired_difference(labels, ours, theirs, 1)
    alone = mean_interval(ours == labels, 1)
    assert lead.low > 0
    assert lead.high - lead.low < (alone.high - alone.low) / 2
