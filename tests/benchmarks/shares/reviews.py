"""Real reviews with stars, and the scores that a model gave them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
import numpy.typing as npt

from stream.estimation.bins import SCORE_UNIT, bin_of
from stream.events import LABELS
from stream.scoring.inference import Model, create_classifier
from stream.scoring.masking import mask_brand
from stream.settings import Settings

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Tell = Callable[[str], None]

AT_ONCE = 20_000
SCORES = Path("runs") / "shares"
_DIGITS = 6
_COLUMNS = ["source", "brand", "product", "text", "stars", "split"]


@dataclass(frozen=True, slots=True)
class Reviews:
    """One entry a review in every field."""

    sources: Sequence[str]
    brands: Sequence[str | None]
    products: Sequence[str | None]
    texts: Sequence[str]
    stars: Ints
    splits: npt.NDArray[np.str_]

    @property
    def classes(self) -> Ints:
        """0, 1, 2 for negative, neutral, positive: 1-2 stars, 3 stars, 4-5 stars."""
        return np.digitize(self.stars, (3, 4)).astype(np.int64)

    def masked(self, rows: Ints, word: str) -> list[str]:
        """The texts of some rows as a model reads them: their own brand hidden behind `word`."""
        return [_masked(self.texts[row], self.brands[row], word) for row in rows.tolist()]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model says of the reviews; one entry a review in every field, a true one where `known`."""

    known: Bools
    units: Ints
    """[rows, 3], scores in units of 2^-20."""
    labels: Ints
    bins: Ints


def read_reviews(directory: Path) -> Reviews:
    """The reviews of `reviews.parquet` there."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(directory / "reviews.parquet", columns=_COLUMNS)
    columns = {name: table[name].to_pylist() for name in _COLUMNS}
    return Reviews(
        columns["source"],
        columns["brand"],
        columns["product"],
        columns["text"],
        np.array(columns["stars"], np.int64),
        np.array(columns["split"]),
    )


def scored(known: Bools, scores: Floats, labels: Ints) -> Scored:
    """Scores [rows, 3] as labels carry them and cells add them up."""
    units = np.rint(scores.round(_DIGITS) * SCORE_UNIT).astype(np.int64)
    bins = [bin_of(negative, positive) for negative, _, positive in units.tolist()]
    return Scored(known, units, labels, np.array(bins, np.int64))


def scored_by_bundle(reviews: Reviews, model: Model, settings: Settings, tell: Tell) -> Scored:
    """What a bundle says of all reviews, by the classes that score in production; kept for the next time."""
    file = SCORES / f"{model.name}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        scores, labels = _classify(reviews, model, settings, tell)
        np.savez(file, scores=scores, labels=labels)
    with np.load(file) as kept:
        if len(kept["labels"]) != len(reviews.texts):
            raise SystemExit(f"{file} is of other reviews: delete it")
        return scored(np.ones(len(reviews.texts), np.bool_), kept["scores"], kept["labels"])


def _classify(reviews: Reviews, model: Model, settings: Settings, tell: Tell) -> tuple[Floats, Ints]:
    classifier = create_classifier(model, settings, clock=monotonic, observe=lambda *_: None)
    count = len(reviews.texts)
    scores, names = [], []
    for start in range(0, count, AT_ONCE):
        tell(f"scored by the bundle: {start:,} of {count:,}")
        rows = np.arange(start, min(start + AT_ONCE, count))
        verdicts = classifier.classify(reviews.masked(rows, model.bundle.manifest.brand_word))
        scores += [list(verdict.scores.values()) for verdict in verdicts]
        names += [LABELS.index(verdict.label) for verdict in verdicts]
    return np.array(scores), np.array(names, np.int64)


def _masked(text: str, brand: str | None, word: str) -> str:
    return mask_brand(text, brand, word) if brand else text
