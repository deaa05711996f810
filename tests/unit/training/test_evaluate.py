"""Scores against numbers worked out by hand."""

import numpy as np
import pytest

from training.evaluate import (
    evaluate,
    evaluate_probabilities,
    fit_temperature,
    negative_log_likelihood,
)


def one_hot(*labels: int) -> np.ndarray:
    return np.eye(3)[list(labels)] * 10


def test_scores_by_hand() -> None:
    scores = evaluate(one_hot(0, 0, 1, 2), np.array([0, 1, 1, 2]))
    assert scores.confusion == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.accuracy == 0.75
    assert list(scores.f1.values()) == pytest.approx([2 / 3, 2 / 3, 1])
    assert scores.macro_f1 == pytest.approx(7 / 9)


def test_a_class_never_seen_has_f1_zero() -> None:
    assert evaluate(one_hot(0, 2), np.array([0, 2])).f1["neutral"] == 0


def test_sure_and_right_half_of_the_time_is_off_by_half() -> None:
    assert evaluate(one_hot(0, 0), np.array([0, 1])).ece == pytest.approx(0.5, abs=1e-3)


def test_the_temperature_undoes_overconfidence() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(20_000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (random.random((20_000, 1)) > shares.cumsum(1)).sum(1).clip(max=2)
    temperature = fit_temperature(logits * 3, labels)
    assert temperature == pytest.approx(3, rel=0.05)
    assert negative_log_likelihood(logits * 3, labels, temperature) < negative_log_likelihood(
        logits * 3, labels, 1.0
    )
    assert evaluate(logits * 3, labels, temperature).ece < 0.02


def test_precision_and_recall_by_hand() -> None:
    scores = evaluate(one_hot(0, 0, 1, 2), np.array([0, 1, 1, 2]))
    assert list(scores.precision.values()) == [0.5, 1, 1]
    assert list(scores.recall.values()) == [1, 0.5, 1]


def test_label_weights_choose_the_label_and_its_confidence() -> None:
    logits = np.log([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    scores = evaluate(logits, np.array([1, 2]), label_weights=(1, 2, 1))
    assert scores.accuracy == 1
    assert scores.nll == pytest.approx(-np.log([0.3, 0.7]).mean())
    assert scores.ece == pytest.approx((0.7 + 0.3) / 2)  # right with 0.3, right with 0.7


def test_calibration_errors_by_hand() -> None:
    probabilities = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.8, 0.2, 0.0], [0.8, 0.2, 0.0]])
    scores = evaluate_probabilities(probabilities, np.array([2, 2, 0, 1]))
    assert scores.ece == pytest.approx(abs(0.5 - 0.8) / 2)
    negative, neutral, positive = abs(0.5 - 0.8) / 2, abs(0.5 - 0.2) / 2, 0.0
    assert scores.classwise_ece == pytest.approx((negative + neutral + positive) / 3)


def test_given_labels_replace_the_chosen_ones() -> None:
    scores = evaluate_probabilities(np.eye(3), np.array([0, 1, 2]), predicted=np.array([0, 0, 0]))
    assert scores.accuracy == pytest.approx(1 / 3)
    assert scores.ece == 0  # certain and right once, wrong twice with a confidence of 0
