"""Ways to estimate the shares of windows, ours and those in common use."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stream.estimation.constants import Constants
from stream.estimation.em import maximise
from stream.estimation.estimate import Evidence, estimate
from tests.benchmarks.shares.reviews import Bools, Floats, Reviews, Scored

PLAIN_EM_STEPS = 500

Method = Callable[[Evidence], Floats]
"""Evidence of windows to shares [windows, 3]."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """What is known of a model from rows of the validation split that it was not trained on."""

    confusion: Floats
    """[3, 3], how often a review of a class (row) gets a label."""
    class_bins: Floats
    """[3, BINS], how often its scores fall into a bin."""


def measure(reviews: Reviews, model: Scored, rows: Bools, bins: int) -> Classifier:
    """Both, over some rows; half a review more in each bin, so that none is empty."""
    classes = reviews.classes[rows]
    confusion, class_bins = np.zeros((3, 3)), np.full((3, bins), 0.5)
    np.add.at(confusion, (classes, model.labels[rows]), 1)
    np.add.at(class_bins, (classes, model.bins[rows]), 1)
    return Classifier(_by_row(confusion), _by_row(class_bins))


def methods(classifier: Classifier, constants: Constants) -> dict[str, Method]:
    """By the names in the table."""
    return {
        "counted labels": counted,
        "mean calibrated score": mean_score,
        "adjusted count": lambda evidence: adjusted(evidence, classifier),
        "expectation-maximisation": lambda evidence: plain_em(evidence, classifier),
        "**ours**": lambda evidence: estimate(evidence, constants).shares,
    }


def counted(evidence: Evidence) -> Floats:
    """Shares of the labels."""
    return _by_row(evidence.counts.astype(np.float64))


def mean_score(evidence: Evidence) -> Floats:
    """The mean of the scores."""
    return _by_row(evidence.sums.astype(np.float64))


def adjusted(evidence: Evidence, classifier: Classifier) -> Floats:
    """The shares that would be counted as they were, given the confusion; cut to the simplex.

    G. Forman (2008), Quantifying counts and costs via classification. Data Mining and Knowledge Discovery 17,
    164-206, for more than two classes.
    """
    solved = np.linalg.solve(classifier.confusion.T, counted(evidence).T).T
    return _by_row(np.maximum(solved, 0.0))


def plain_em(evidence: Evidence, classifier: Classifier) -> Floats:
    """Saerens et al. (2002), without a prior, to the end."""
    histogram = _by_row(evidence.bins.astype(np.float64)).T
    start = np.full((3, histogram.shape[1]), 1 / 3)
    return maximise(histogram, classifier.class_bins, start, np.zeros_like(start), PLAIN_EM_STEPS).T


def mean_absolute_error(estimated: Floats, shares: Floats) -> float:
    """Over windows and classes."""
    return float(np.abs(estimated - shares).mean())


def _by_row(table: Floats) -> Floats:
    shares: Floats = table / table.sum(axis=1, keepdims=True)
    return shares
