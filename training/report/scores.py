"""Scores of labels and probabilities with their 95 % intervals, over all rows or a slice of them."""

from dataclasses import dataclass

import numpy as np

from training.data import LABELS, Ints
from training.evaluate import (
    Floats,
    calibration_error,
    calibration_gaps,
    classwise_error,
    classwise_gaps,
    nats,
)
from training.operating import confusion_counts
from training.report.intervals import (
    Interval,
    mean_interval,
    percentile_interval,
    resampled_confusions,
    sums_interval,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says of the scored rows: probabilities [rows, 3] and the labels it gives [rows]."""

    probabilities: Floats
    predicted: Ints

    @property
    def confidence(self) -> Floats:
        """[rows]: the probability of the label that was given."""
        shares: Floats = self.probabilities[np.arange(len(self.predicted)), self.predicted]
        return shares

    def where(self, rows: Ints) -> "Answers":
        """The answers for `rows`, by index."""
        return Answers(self.probabilities[rows], self.predicted[rows])


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Of the labels given. `macro_f1` averages the classes that have rows here."""

    rows: int
    confusion: Ints
    accuracy: Interval
    macro_f1: Interval
    f1: tuple[Interval, ...]
    precision: tuple[Interval, ...]
    recall: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class ProbabilityScores:
    """Of the probabilities: nats a row, and calibration errors over 15 bins."""

    nll: Interval
    ece: Interval
    classwise_ece: Interval


def score_labels(labels: Ints, predicted: Ints, seed: int) -> LabelScores:
    """Scores of `predicted` [rows] against `labels` [rows]."""
    confusion = confusion_counts(labels, predicted)
    one, drawn = (_rates(each) for each in (confusion[None], resampled_confusions(confusion, seed)))
    f1, precision, recall = (
        tuple(percentile_interval(float(one[name][0, i]), drawn[name][:, i]) for i in range(len(LABELS)))
        for name in ("f1", "precision", "recall")
    )
    here = confusion.sum(1) > 0
    macro_f1 = percentile_interval(float(one["f1"][0, here].mean()), drawn["f1"][:, here].mean(1))
    accuracy = percentile_interval(float(one["accuracy"][0, 0]), drawn["accuracy"][:, 0])
    return LabelScores(len(labels), confusion, accuracy, macro_f1, f1, precision, recall)


def score_probabilities(labels: Ints, answers: Answers, seed: int) -> ProbabilityScores:
    """Scores of the probabilities; that of confidence is of the labels that were given."""
    rows = len(labels)
    return ProbabilityScores(
        mean_interval(nats(answers.probabilities, labels), seed),
        calibration_interval(labels, answers, seed),
        sums_interval(
            classwise_gaps(answers.probabilities, labels), lambda sums: classwise_error(sums, rows), seed
        ),
    )


def calibration_interval(labels: Ints, answers: Answers, seed: int) -> Interval:
    """Expected calibration error of the labels given."""
    gaps = calibration_gaps(answers.probabilities, labels, answers.predicted)
    return sums_interval(gaps, lambda sums: calibration_error(sums, len(labels)), seed)


def class_stars(labels: Ints, stars: Ints) -> Floats | None:
    """Mean stars of each class [3] where stars are known; None where a class has none."""
    known = stars > 0
    counts = np.bincount(labels[known], minlength=len(LABELS))
    if not counts.all():
        return None
    means: Floats = np.bincount(labels[known], weights=stars[known], minlength=len(LABELS)) / counts
    return means


def star_error(probabilities: Floats, stars: Ints, means: Floats, seed: int) -> Interval | None:
    """Mean absolute error in stars of probabilities x mean stars of the classes; None without stars."""
    known = stars > 0
    if not known.any():
        return None
    return mean_interval(np.abs(probabilities[known] @ means - stars[known]), seed)


def _rates(confusions: Ints) -> dict[str, Floats]:
    """Of confusions [draws, 3, 3]: f1, precision, recall [draws, 3] and accuracy [draws, 1]."""
    hits = np.diagonal(confusions, axis1=1, axis2=2)
    given, true = confusions.sum(1), confusions.sum(2)
    return {
        "f1": 2 * hits / np.maximum(given + true, 1),
        "precision": hits / np.maximum(given, 1),
        "recall": hits / np.maximum(true, 1),
        "accuracy": hits.sum(1, keepdims=True) / true.sum(1, keepdims=True),
    }
