"""The search for label weights, held against trying every weight one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.operating import (
    accuracy_and_macro_f1,
    choose_label_weights,
    confusion_counts,
    frontier,
    sweep_offsets,
    weighted_labels,
)

OFFSETS = np.array([-1.5, -0.4, 0.0, 0.35, 1.7])


def scored(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.choice(3, rows, p=[0.25, 0.15, 0.6])
    logits = random.normal(size=(rows, 3)) + 1.5 * np.eye(3)[labels]
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True), labels


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_the_sweep_counts_what_each_pair_of_weights_gives(seed: int, rows: int) -> None:
    probabilities, labels = scored(seed, rows)
    sweep = sweep_offsets(probabilities, labels, OFFSETS, OFFSETS)
    for (negative, neutral), accuracy, macro_f1 in zip(
        sweep.offsets, sweep.accuracy, sweep.macro_f1, strict=True
    ):
        predicted = weighted_labels(probabilities, (math.exp(negative), math.exp(neutral), 1.0))
        assert accuracy_and_macro_f1(confusion_counts(labels, predicted)) == pytest.approx(
            (accuracy, macro_f1)
        )


@given(st.integers(0, 10_000))
def test_weights_are_at_least_as_good_as_none_and_hold_the_floor(seed: int) -> None:
    probabilities, labels = scored(seed, 300)
    plain = accuracy_and_macro_f1(confusion_counts(labels, probabilities.argmax(1)))
    point = choose_label_weights(probabilities, labels, accuracy_floor=float(plain[0]))
    assert point.floor_reached
    assert point.accuracy >= plain[0]
    assert point.macro_f1 >= plain[1]
    free = choose_label_weights(probabilities, labels)
    assert free.macro_f1 >= point.macro_f1 - 0.02  # the finer steps start from another place


def test_a_floor_out_of_reach_gives_weights_hardly_less_accurate_than_any() -> None:
    probabilities, labels = scored(1, 500)
    point = choose_label_weights(probabilities, labels, accuracy_floor=1.0)
    assert not point.floor_reached
    assert point.accuracy >= (probabilities.argmax(1) == labels).mean() - 0.002


def test_a_bias_against_neutral_is_undone() -> None:
    probabilities, labels = scored(2, 4000)
    shrunk = probabilities * [1, math.exp(-2), 1]
    shrunk /= shrunk.sum(1, keepdims=True)
    as_before, undone = (choose_label_weights(p, labels) for p in (probabilities, shrunk))
    assert undone.macro_f1 == pytest.approx(as_before.macro_f1, abs=0.003)
    assert undone.label_weights[1] == pytest.approx(as_before.label_weights[1] * math.exp(2), rel=0.2)


def test_constant_probabilities_and_missing_classes_are_searched_too() -> None:
    probabilities = np.tile([0.2, 0.0, 0.8], (5, 1))
    point = choose_label_weights(probabilities, np.array([2, 2, 2, 0, 2]), accuracy_floor=0.8)
    assert point.accuracy == 0.8
    assert point.macro_f1 == pytest.approx(2 * 4 / 9 / 3)


def test_the_frontier_runs_from_the_most_accurate_weights_to_the_highest_macro_f1() -> None:
    probabilities, labels = scored(3, 2000)
    found = [
        accuracy_and_macro_f1(confusion_counts(labels, weighted_labels(probabilities, weights)))
        for weights in frontier(probabilities, labels, 12)
    ]
    accuracies, macro_f1s = (np.array(values) for values in zip(*found, strict=True))
    assert (np.diff(accuracies) <= 0).all()
    assert (np.diff(macro_f1s) >= 0).all()
    assert macro_f1s[-1] == pytest.approx(choose_label_weights(probabilities, labels).macro_f1, abs=0.01)
