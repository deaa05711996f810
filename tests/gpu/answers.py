"""What a model says of many rows, and how far two of them agree."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.bundle import Bundle
from stream.scoring.batching import pack
from stream.scoring.classifier import Float64, Scorer, calibrate
from stream.scoring.inference import open_scorer
from stream.scoring.rows import Row, lengths_of, pad

BATCH_TOKENS = 8_192


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest difference of a probability, and the share of rows that get another label."""

    largest: float
    flips: float


def answers(bundle: Bundle, provider: str, variant: str, rows: list[Row]) -> Float64:
    """[rows, 3] calibrated probabilities, rows of like length scored together."""
    scorer = open_scorer(bundle, provider, variant, BATCH_TOKENS)
    assert scorer is not None, f"{provider} does not start"
    return score_rows(scorer, bundle, rows)


def score_rows(scorer: Scorer, bundle: Bundle, rows: list[Row]) -> Float64:
    """[rows, 3] calibrated probabilities in the order of the rows."""
    logits: npt.NDArray[np.float32] = np.empty((len(rows), 3), np.float32)
    for batch in pack(lengths_of(rows), BATCH_TOKENS):
        logits[batch] = scorer.score(*pad([rows[i] for i in batch.tolist()], bundle.manifest.pad_id))
    return calibrate(logits, bundle.manifest.temperature)


def agreement(bundle: Bundle, one: Float64, other: Float64) -> Agreement:
    """Of two models on the same rows, both [rows, 3]."""
    weights = np.array(bundle.manifest.label_weights)
    flipped = (one * weights).argmax(1) != (other * weights).argmax(1)
    return Agreement(float(np.abs(one - other).max()), float(flipped.mean()))
