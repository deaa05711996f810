"""Labelled reviews: what the columns of a file mean, and which rows are trained on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.errors import DataError

LABELS = ("negative", "neutral", "positive")
SPLITS = ("train", "validation", "test")
_COLUMNS = ("text", "stars", "split")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Labelled texts, in the order of the files; every field has one entry a row.

    `labels` [rows] are indices into LABELS; `stars` [rows] are 1 to 5, or 0 where only a label is known.
    Rows without an id are called "<file stem>:<row number>", those without a source by the file's stem.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    labels: Ints
    stars: Ints
    sources: Sequence[str]
    splits: Sequence[str]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Reviews":
        """The rows for which `chosen` [rows] is true, in the same order."""
        rows = np.flatnonzero(chosen)
        ids, texts, sources, splits = (
            [values[row] for row in rows] for values in (self.ids, self.texts, self.sources, self.splits)
        )
        return Reviews(ids, texts, self.labels[rows], self.stars[rows], sources, splits)

    def split(self, name: str) -> "Reviews":
        """The rows of a split.

        Raises:
            DataError: there is none.
        """
        chosen = np.array([split == name for split in self.splits], dtype=np.bool_)
        if not chosen.any():
            raise DataError(f"no row is in the split {name!r}; each of {SPLITS} needs rows")
        return self.where(chosen)


def read_reviews(files: Sequence[Path], seed: int = 1) -> Reviews:
    """All rows of all files; 1-2 stars are negative, 3 neutral, 4-5 positive.

    Raises:
        DataError: a file or a column is missing, or rows are out of range.
    """
    parts = [_read(file) for file in files]
    texts, stars, splits, ids, sources = ([value for part in parts for value in part[i]] for i in range(5))
    numbers = np.array(stars, dtype=np.int64)
    return Reviews(ids, texts, np.digitize(numbers, [3, 4]).astype(np.int64), numbers, sources, splits)


def _read(path: Path) -> tuple[list[str], list[int], list[str], list[str], list[str]]:
    from pyarrow import ArrowInvalid, parquet

    try:
        table = parquet.read_table(path)
    except (OSError, ArrowInvalid) as error:
        raise DataError(f"{path}: {error}. Needed: a parquet file with the columns {_COLUMNS}") from error
    missing = set(_COLUMNS) - set(table.column_names)
    if missing:
        raise DataError(f"{path} lacks the columns {sorted(missing)}")
    texts, stars, splits = (table[name].to_pylist() for name in _COLUMNS)
    if not stars or min(stars) < 1 or max(stars) > 5:
        raise DataError(f"{path}: no rows, or stars outside 1 to 5")
    blank = sum(1 for text in texts if not text or text.isspace())
    if blank:
        raise DataError(f"{path}: {blank} rows have no text; remove them first")
    rows = range(1, len(texts) + 1)
    ids = table["review_id"].to_pylist() if "review_id" in table.column_names else None
    sources = table["source"].to_pylist() if "source" in table.column_names else None
    return (
        texts,
        stars,
        splits,
        ids or [f"{path.stem}:{row}" for row in rows],
        sources or [path.stem] * len(texts),
    )


def log_prior(labels: Ints) -> npt.NDArray[np.float64]:
    """Natural logarithm of each class's share, [3].

    Raises:
        DataError: a class has no row.
    """
    counts = np.bincount(labels, minlength=len(LABELS))
    if not counts.all():
        raise DataError(f"each of {LABELS} needs training rows; there are {counts.tolist()}")
    shares: npt.NDArray[np.float64] = np.log(counts / counts.sum())
    return shares


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_sha256(files: Sequence[Path]) -> str:
    """One file's SHA-256; of several, the SHA-256 over theirs (hexadecimal, a line each) in this order."""
    digests = [file_sha256(file) for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
