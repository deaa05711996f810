"""The operating point: weights on the probabilities of the classes that trade accuracy for macro-F1."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import LABELS, Ints

Floats = npt.NDArray[np.float64]
# Offsets on log-probabilities, in nats.
_COARSE: Floats = np.arange(-60, 61, dtype=np.float64) * 0.05
_FINE: Floats = np.arange(-10, 11, dtype=np.float64) * 0.005
_NEARLY = 0.002  # of accuracy: the very highest is a matter of a few rows
_LEAST = 1e-30  # stands for a probability of zero, whose logarithm no offset could move


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Weights of the classes, and what labels chosen with them reach where the weights were chosen.

    `floor_reached` is false where no weights reach the accuracy asked for: then these have the highest
    macro-F1 within 0.2 points of the highest accuracy.
    """

    label_weights: tuple[float, float, float]
    accuracy: float
    macro_f1: float
    floor_reached: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """What each pair of offsets on (negative, neutral) reaches: [points, 2], [points], [points]."""

    offsets: Floats
    accuracy: Floats
    macro_f1: Floats


def weighted_labels(probabilities: Floats, label_weights: tuple[float, ...]) -> Ints:
    """The label of each row [rows]: argmax(probabilities * label_weights); the first class wins ties."""
    labels: Ints = (probabilities * np.asarray(label_weights, dtype=np.float64)).argmax(1).astype(np.int64)
    return labels


def choose_label_weights(probabilities: Floats, labels: Ints, accuracy_floor: float = 0.0) -> OperatingPoint:
    """The weights with the highest macro-F1 among those whose accuracy is at least `accuracy_floor`.

    `probabilities` [rows, 3] and `labels` [rows] are those of the split to choose on. The weight of
    positive is 1, the other two are searched: all pairs of offsets on the log-probabilities within ±3
    in steps of 0.05, then in steps of 0.005 around the best. No randomness.
    """
    best, reached = _best(sweep_offsets(probabilities, labels, _COARSE, _COARSE), accuracy_floor)
    fine = sweep_offsets(probabilities, labels, best[0] + _FINE, best[1] + _FINE)
    best, reached_fine = _best(fine, accuracy_floor)
    weights = (math.exp(best[0]), math.exp(best[1]), 1.0)
    confusion = confusion_counts(labels, weighted_labels(probabilities, weights))
    accuracy, macro_f1 = (float(score) for score in accuracy_and_macro_f1(confusion))
    return OperatingPoint(weights, accuracy, macro_f1, reached or reached_fine)


def frontier(probabilities: Floats, labels: Ints, points: int) -> list[tuple[float, float, float]]:
    """Weights from the most accurate ones to those with the highest macro-F1, each once.

    At `points` floors of accuracy between the two, evenly spaced: the weights with the highest macro-F1.
    """
    sweep = sweep_offsets(probabilities, labels, _COARSE, _COARSE)
    lowest = sweep.accuracy[sweep.macro_f1.argmax()]
    floors = np.linspace(sweep.accuracy.max(), lowest, points)
    chosen = (_best(sweep, floor)[0] for floor in floors)
    return list(dict.fromkeys((math.exp(offsets[0]), math.exp(offsets[1]), 1.0) for offsets in chosen))


def sweep_offsets(probabilities: Floats, labels: Ints, negative: Floats, neutral: Floats) -> Sweep:
    """Accuracy and macro-F1 at every pair of offsets from the two ascending lists.

    For one offset of negative, each row has one offset of neutral beyond which it becomes neutral: so
    counting rows by that offset gives the confusions of the whole list at once.
    """
    logs = np.log(np.maximum(probabilities, _LEAST)).astype(np.float64)
    confusions = np.concatenate([_confusions(logs, labels, offset, neutral) for offset in negative])
    accuracy, macro_f1 = accuracy_and_macro_f1(confusions)
    pairs = np.stack([np.repeat(negative, len(neutral)), np.tile(neutral, len(negative))], axis=1)
    return Sweep(pairs, accuracy, macro_f1)


def confusion_counts(labels: Ints, predicted: Ints) -> Ints:
    """[3, 3]: entry (i, j) counts the rows of label i that were given label j."""
    classes = len(LABELS)
    counts: Ints = np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(
        classes, classes
    )
    return counts


def accuracy_and_macro_f1(confusions: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Of each confusion in [..., 3, 3]: two arrays [...]. A class without rows or labels has F1 of 0."""
    hits = np.diagonal(confusions, axis1=-2, axis2=-1)
    sizes = confusions.sum(-1) + confusions.sum(-2)
    accuracy: Floats = hits.sum(-1) / confusions.sum((-2, -1))
    macro_f1: Floats = (2 * hits / np.maximum(sizes, 1)).mean(-1)
    return accuracy, macro_f1


def _confusions(logs: Floats, labels: Ints, negative: float, neutral: Floats) -> Ints:
    """[len(neutral), 3, 3]: the confusion at each offset of neutral, that of negative being fixed."""
    shifted = logs[:, 0] + negative
    is_positive = logs[:, 2] > shifted
    threshold = np.maximum(shifted, logs[:, 2]) - logs[:, 1]
    first = np.searchsorted(neutral, threshold, side="right")  # the first offset that makes it neutral
    width, classes = len(neutral) + 1, len(LABELS)
    cell = (labels * 2 + is_positive) * width + first
    turned = np.bincount(cell, minlength=classes * 2 * width).reshape(classes, 2, width).cumsum(2)
    left = turned[:, :, -1:] - turned
    by_label = np.stack([left[:, 0], turned.sum(1), left[:, 1]], axis=1)[:, :, :-1]
    confusions: Ints = by_label.transpose(2, 0, 1)
    return confusions


def _best(sweep: Sweep, accuracy_floor: float) -> tuple[Floats, bool]:
    """The offsets [2] to choose, and whether any reach the floor; the first of equals."""
    allowed = sweep.accuracy >= accuracy_floor
    if allowed.any():
        return sweep.offsets[np.where(allowed, sweep.macro_f1, -1.0).argmax()], True
    highest = sweep.accuracy >= sweep.accuracy.max() - _NEARLY
    return sweep.offsets[np.where(highest, sweep.macro_f1, -1.0).argmax()], False
