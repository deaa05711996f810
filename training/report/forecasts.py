"""What a baseline is given and what it answers: probabilities on validation and on the scored rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.data import Reviews
from training.evaluate import Floats


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to learn from, to tune on and to score, and the files that two of the baselines need."""

    train: Reviews
    validation: Reviews
    scored: Reviews
    seed: int
    soft_labels: Path | None = None
    ancestor: Path | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Probabilities [rows, 3] of a baseline; it gives labels by argmax(probabilities * own_weights).

    `probabilistic` is false where they are only a ranking, whose calibration means nothing.
    """

    validation: Floats
    scored: Floats
    own_weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    probabilistic: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a baseline is not in the table, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A model to compare with; `version` rises with every change that changes its answers."""

    name: str
    title: str
    version: int
    forecast: Callable[[Task], Forecast | Unavailable]
    cached: bool = True
