"""Probabilities that mean what they say: one temperature and one bias a class, fitted on validation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from training.data import LABELS, Ints
from training.evaluate import Floats, softmax


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities are softmax((logits + bias) / temperature); the bias of positive is 0."""

    temperature: float
    bias: Floats  # [3]


def fit_calibration(logits: Floats, labels: Ints) -> Calibration:
    """The calibration of `logits` [rows, 3] with the least negative log-likelihood of `labels` [rows].

    Source: Guo et al. 2017 (arXiv:1706.04599), vector scaling with one scale for all classes; convex in
    scale and shifts, so the optimum is the only one.
    """
    targets = np.eye(len(LABELS))[labels]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scale, shift = parameters[0], np.append(parameters[1:], 0.0)
        scaled = logits * scale + shift
        probabilities = softmax(scaled)
        likelihood = np.log(np.maximum((probabilities * targets).sum(1), 1e-300))
        error = (probabilities - targets) / len(labels)
        gradient = np.append((error * logits).sum(), error.sum(0)[:-1])
        return -float(likelihood.mean()), gradient

    start: npt.NDArray[np.float64] = np.array([1.0, 0.0, 0.0])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0.05, 20.0), (None, None), (None, None)]
    )
    scale = float(found.x[0])
    return Calibration(1 / scale, np.append(found.x[1:], 0.0) / scale)
