"""The calibration finds the temperature and the shifts that were put in."""

import numpy as np
import pytest

from training.calibration import fit_calibration
from training.evaluate import evaluate, softmax


def test_what_was_distorted_is_set_right() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(30_000, 3)) * 2
    shares = softmax(logits)
    labels = (random.random((30_000, 1)) > shares.cumsum(1)).sum(1).clip(max=2)
    distorted = logits * 2.5 - np.array([0.5, -1.0, 0.0])
    calibration = fit_calibration(distorted, labels)
    assert calibration.temperature == pytest.approx(2.5, rel=0.05)
    assert calibration.bias == pytest.approx([0.5, -1.0, 0.0], abs=0.2)
    assert evaluate(distorted + calibration.bias, labels, calibration.temperature).ece < 0.01


def test_right_probabilities_stay() -> None:
    random = np.random.default_rng(1)
    logits = random.normal(size=(30_000, 3))
    labels = (random.random((30_000, 1)) > softmax(logits).cumsum(1)).sum(1).clip(max=2)
    calibration = fit_calibration(logits, labels)
    assert calibration.temperature == pytest.approx(1, rel=0.05)
    assert calibration.bias == pytest.approx([0, 0, 0], abs=0.06)
