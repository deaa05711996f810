"""How good probabilities and labels are: accuracy, F1, confusion, calibration; numpy only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import LABELS, Ints
from training.operating import confusion_counts, weighted_labels

Floats = npt.NDArray[np.float64]
ECE_BINS = 15


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores on `rows` texts; `confusion[i][j]` counts rows of label i that were given label j.

    `nll` is in nats. `ece` compares the probability of the label that was given with how often it is
    right; `classwise_ece` is the mean over the classes of the same for each class's probability.
    """

    rows: int
    accuracy: float
    macro_f1: float
    f1: dict[str, float]
    precision: dict[str, float]
    recall: dict[str, float]
    confusion: list[list[int]]
    ece: float
    classwise_ece: float
    nll: float


def evaluate(
    logits: Floats,
    labels: Ints,
    temperature: float = 1.0,
    label_weights: tuple[float, ...] = (1.0, 1.0, 1.0),
) -> Evaluation:
    """Scores of `logits` [rows, 3] against `labels` [rows].

    Probabilities are softmax(logits / temperature); labels are argmax(probabilities * label_weights).
    """
    return evaluate_probabilities(softmax(logits / temperature), labels, label_weights=label_weights)


def evaluate_probabilities(
    probabilities: Floats,
    labels: Ints,
    predicted: Ints | None = None,
    label_weights: tuple[float, ...] = (1.0, 1.0, 1.0),
) -> Evaluation:
    """Scores of `probabilities` [rows, 3]; the labels given are `predicted`, or else chosen by weight."""
    given = weighted_labels(probabilities, label_weights) if predicted is None else predicted
    confusion = confusion_counts(labels, given)
    hits = np.diag(confusion)
    f1 = 2 * hits / np.maximum(confusion.sum(0) + confusion.sum(1), 1)
    return Evaluation(
        rows=len(labels),
        accuracy=float(hits.sum() / len(labels)),
        macro_f1=float(f1.mean()),
        f1=_by_label(f1),
        precision=_by_label(hits / np.maximum(confusion.sum(0), 1)),
        recall=_by_label(hits / np.maximum(confusion.sum(1), 1)),
        confusion=confusion.tolist(),
        ece=calibration_error(calibration_gaps(probabilities, labels, given).sum(0), len(labels)),
        classwise_ece=classwise_error(classwise_gaps(probabilities, labels).sum(0), len(labels)),
        nll=float(nats(probabilities, labels).mean()),
    )


def fit_temperature(logits: Floats, labels: Ints) -> float:
    """The temperature with the least negative log-likelihood; ternary search, it is convex in 1/T.

    Source: Guo et al. 2017 (arXiv:1706.04599).
    """
    low, high = 0.1, 10.0
    while high - low > 1e-4:
        third = (high - low) / 3
        left, right = low + third, high - third
        if negative_log_likelihood(logits, labels, 1 / left) < negative_log_likelihood(
            logits, labels, 1 / right
        ):
            high = right
        else:
            low = left
    return 2 / (low + high)


def negative_log_likelihood(logits: Floats, labels: Ints, temperature: float) -> float:
    """Mean negative log-likelihood of `labels`, in nats."""
    return float(-_log_softmax(logits / temperature)[np.arange(len(labels)), labels].mean())


def softmax(logits: Floats) -> Floats:
    """Probabilities of `logits`, both [rows, 3]."""
    probabilities: Floats = np.exp(_log_softmax(logits))
    return probabilities


def nats(probabilities: Floats, labels: Ints) -> Floats:
    """[rows]: the negative log-likelihood of each row's label; zero probability counts as 1e-30."""
    surprise: Floats = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-30))
    return surprise


def calibration_gaps(probabilities: Floats, labels: Ints, predicted: Ints) -> Floats:
    """[rows, 15]: in the bin of its confidence, 1 or 0 for right or wrong, less that confidence.

    The confidence is the probability of the label that was given. Bins have equal width (Guo et al. 2017).
    """
    confidence = probabilities[np.arange(len(labels)), predicted]
    return _gaps(confidence, predicted == labels)


def classwise_gaps(probabilities: Floats, labels: Ints) -> Floats:
    """[rows, 45]: the same for each class's probability and whether the row is of that class.

    Source: Kull et al. 2019 (arXiv:1910.12656), section 2.
    """
    return np.hstack([_gaps(probabilities[:, label], labels == label) for label in range(len(LABELS))])


def calibration_error(gap_sums: Floats, rows: int) -> float:
    """Expected calibration error from the gaps [15] of all rows."""
    return float(np.abs(gap_sums).sum() / rows)


def classwise_error(gap_sums: Floats, rows: int) -> float:
    """Mean over the classes of their calibration errors, from the gaps [45] of all rows."""
    return float(np.abs(gap_sums).sum() / rows / len(LABELS))


def confidence_bins(confidence: Floats) -> Ints:
    """[rows]: which of 15 equal bins of 0 to 1 each confidence is in."""
    bins: Ints = np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    return bins


def _gaps(confidence: Floats, right: npt.NDArray[np.bool_]) -> Floats:
    gaps = np.zeros((len(confidence), ECE_BINS))
    gaps[np.arange(len(confidence)), confidence_bins(confidence)] = right - confidence
    return gaps


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result


def _by_label(values: Floats) -> dict[str, float]:
    return dict(zip(LABELS, values.tolist(), strict=True))
