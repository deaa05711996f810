"""Everything that a report says, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from training.report.comparison import Compared, Curve, Missing, Split
from training.report.history import Step
from training.report.intervals import Interval
from training.report.scores import LabelScores, ProbabilityScores
from training.report.slices import SliceScores


@dataclass(frozen=True, slots=True)
class Origin:
    """What was evaluated, on what, when and by which command."""

    bundle: str
    bundle_digest: str
    variant: str
    label_weights: tuple[float, ...]
    learned_from: str
    data_files: Sequence[str]
    data_sha256: str
    rows: str
    seed: int
    command: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the model in the bundle, measured on the validation split when it was exported.

    `flips` is the share of rows with another label than from fp32; None where nothing is known.
    """

    name: str
    flips: float | None
    accuracy: float | None
    macro_f1: float | None
    reviews_per_second: float | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row that got the wrong label; never its text."""

    review_id: str
    source: str
    stars: int
    predicted: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Findings:
    """Scores of the model and of what it is compared with, all on the same rows."""

    origin: Origin
    split: Split
    labels: LabelScores
    probabilities: ProbabilityScores
    star_error: Interval | None
    curve: Curve
    baselines: Sequence[Compared | Missing]
    sources: Sequence[SliceScores]
    lengths: Sequence[SliceScores]
    styles: Sequence[SliceScores]
    variants: Sequence[Variant]
    history: Sequence[Step]
    mistakes: Sequence[Mistake]
