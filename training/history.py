"""The course of a run: losses and validation scores as they came, and which epoch was the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.evaluate import Evaluation

HISTORY_FILE = "history.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """After `step` steps, `epoch` epochs: the mean loss since the entry before, in nats.

    `validation` only at the end of an epoch.
    """

    step: int
    epoch: float
    train_loss: float
    validation: dict[str, float] | None = None


def validation_scores(evaluation: Evaluation) -> dict[str, float]:
    """What a learning curve is drawn from."""
    return {"accuracy": evaluation.accuracy, "macro_f1": evaluation.macro_f1, "nll": evaluation.nll}


def best_epoch(entries: Sequence[Entry]) -> int:
    """Number, from 0, of the epoch with the highest macro-F1 on validation; the first of equals; -1: none."""
    scores = [entry.validation["macro_f1"] for entry in entries if entry.validation]
    return max(range(len(scores)), key=scores.__getitem__, default=-1)


def is_over(entries: Sequence[Entry], epochs: int, patience: int) -> bool:
    """Whether training ends: all epochs are done, or the last `patience` of them were no better."""
    done = sum(entry.validation is not None for entry in entries)
    return done >= epochs or done - 1 - best_epoch(entries) >= patience


def from_mappings(values: Sequence[dict[str, Any]]) -> list[Entry]:
    """Entries from their dictionaries."""
    return [Entry(**value) for value in values]
