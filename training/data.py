"""Labelled reviews: what the columns of a file mean, and which rows are trained on."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from training.errors import DataError
from training.reading.checks import missing_classes, part_contradictory, repeated_ids
from training.reading.labelling import LABELS as LABELS
from training.reading.labelling import Row, check_columns, column_names, label_rows
from training.reading.readers import read_table
from training.reading.splits import SPLITS, assign_splits, count_splits, describe_splits

NO_COLUMNS: Mapping[str, str] = MappingProxyType({})

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
            [values[row] for row in rows.tolist()]
            for values in (self.ids, self.texts, self.sources, self.splits)
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


def read_reviews(
    files: Sequence[Path],
    seed: int = 1,
    *,
    columns: Mapping[str, str] = NO_COLUMNS,
    drop_contradictory: bool = False,
    needed: Sequence[str] = SPLITS,
    tell: Callable[[str], None] | None = None,
) -> Reviews:
    """All rows of all files: csv, tsv, jsonl, parquet; 1-2 stars are negative, 3 neutral, 4-5 positive.

    A file has the columns `text` and `stars` (1 to 5) or `label` (one of LABELS), and may have `review_id`,
    `source` and `split`; `columns` names them where they are called otherwise: {"text": "review_body"}.
    Without `split`, copies of a text get the same one, by `seed`. Every split of `needed` has rows of every
    class. `tell` gets a line about the splits, which takes seconds to find out where they are given.

    Raises:
        DataError: files, columns or rows cannot be used; the message lists all that was found.
    """
    rows = _read_rows(files, columns, drop_contradictory)
    _refuse(repeated_ids(rows))
    rows, contradictory = part_contradictory(rows)
    _refuse([] if drop_contradictory else contradictory)
    if not rows:
        raise DataError("every row contradicts another: none is left to read")
    reviews = _with_splits(rows, seed, tell)
    _refuse(missing_classes(reviews.labels.tolist(), reviews.splits, needed))
    return reviews


def _read_rows(files: Sequence[Path], columns: Mapping[str, str], drop_contradictory: bool) -> list[Row]:
    """The rows of all files, each for itself in order."""
    if not files:
        raise DataError("no file to read reviews from: add --data FILE")
    names = column_names(columns)
    tables = [read_table(file, names) for file in files]
    _refuse(problem for table in tables for problem in check_columns(table, columns))
    parts = [label_rows(table, drop_contradictory) for table in tables]
    _refuse(problem for _, problems in parts for problem in problems)
    return [row for rows, _ in parts for row in rows]


def _refuse(problems: Iterable[str]) -> None:
    lines = list(problems)
    if lines:
        raise DataError("\n".join(lines))


def _with_splits(rows: Sequence[Row], seed: int, tell: Callable[[str], None] | None) -> Reviews:
    """The rows with their splits, or with new ones where no file has any."""
    texts = [row.text for row in rows]
    given = [row.split for row in rows if row.split]
    if given and len(given) < len(rows):
        bare = next(row.place for row in rows if not row.split)
        raise DataError(
            f"some files have the column split and some have not ({bare}): give it to all or none"
        )
    splits = given or assign_splits(texts, seed)
    if tell:
        tell(describe_splits(texts, given) if given else f"splits made: {count_splits(splits)}")
    return Reviews(
        ids=[row.review_id for row in rows],
        texts=texts,
        labels=np.array([row.label for row in rows], dtype=np.int64),
        stars=np.array([row.stars for row in rows], dtype=np.int64),
        sources=[row.source for row in rows],
        splits=splits,
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
