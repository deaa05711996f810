"""How good logits are: accuracy, F1, confusion, calibration; numpy only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import LABELS, Ints

Floats = npt.NDArray[np.float64]
_ECE_BINS = 15


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores on `rows` texts; `confusion[i][j]` counts rows of label i that were given label j."""

    rows: int
    accuracy: float
    macro_f1: float
    f1: dict[str, float]
    confusion: list[list[int]]
    ece: float
    nll: float


def evaluate(logits: Floats, labels: Ints, temperature: float = 1.0) -> Evaluation:
    """Scores of `logits` [rows, 3] against `labels` [rows].

    Probabilities are softmax(logits / temperature).
    """
    predicted = logits.argmax(1)
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    hits = np.diag(confusion)
    f1 = 2 * hits / np.maximum(confusion.sum(0) + confusion.sum(1), 1)
    return Evaluation(
        rows=len(labels),
        accuracy=float(hits.sum() / len(labels)),
        macro_f1=float(f1.mean()),
        f1=dict(zip(LABELS, f1.tolist(), strict=True)),
        confusion=confusion.tolist(),
        ece=_expected_calibration_error(_log_softmax(logits / temperature), labels),
        nll=negative_log_likelihood(logits, labels, temperature),
    )


def adjust_logits(logits: Floats, log_prior: Floats, tau: float) -> Floats:
    """Logits moved towards the rarer classes by `tau`: 0 changes nothing, 1 assumes a uniform prior.

    Source: post-hoc logit adjustment, Menon et al. 2021 (arXiv:2007.07314), equation 9.
    """
    return logits - tau * log_prior


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


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result


def _expected_calibration_error(log_probabilities: Floats, labels: Ints) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins of confidence (Guo et al. 2017)."""
    confidence = np.exp(log_probabilities.max(1))
    gap = (log_probabilities.argmax(1) == labels) - confidence
    bins = np.minimum((confidence * _ECE_BINS).astype(np.int64), _ECE_BINS - 1)
    return float(np.abs(np.bincount(bins, weights=gap, minlength=_ECE_BINS)).sum() / len(labels))
