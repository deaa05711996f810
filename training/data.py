"""Labelled reviews from a parquet file, encoded once, and their batches."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.errors import DataError
from training.tokenizer import PAD_ID, encode

LABELS = ("negative", "neutral", "positive")
_COLUMNS = ("text", "stars", "split")
_ENCODE_ROWS = 20_000
_POOL_BATCHES = 50

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Texts and label indices of one split, in the order of the file."""

    texts: Sequence[str]
    labels: Ints


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one split: row i is `ids[starts[i]:starts[i + 1]]`, never empty."""

    ids: npt.NDArray[np.int32]
    starts: Ints
    labels: Ints

    @property
    def lengths(self) -> Ints:
        """Tokens of each row, [rows]."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Batch:
    """`token_ids` [rows, longest] padded with PAD_ID, true `lengths` [rows], `labels` [rows]."""

    token_ids: Ints
    lengths: Ints
    labels: Ints


def read_reviews(path: Path, split: str) -> Reviews:
    """The rows of a split; 1-2 stars are negative, 3 neutral, 4-5 positive.

    The file has the columns `text` (string), `stars` (1 to 5) and `split` (train, validation, test).

    Raises:
        DataError: the file or a column is missing, or the split has no rows or rows out of range.
    """
    from pyarrow import ArrowInvalid, parquet

    try:
        table = parquet.read_table(path, columns=list(_COLUMNS), filters=[("split", "=", split)])
    except (OSError, ArrowInvalid) as error:
        raise DataError(f"{path}: {error}. Needed: a parquet file with the columns {_COLUMNS}") from error
    missing = set(_COLUMNS) - set(table.column_names)
    if missing:
        raise DataError(f"{path} lacks the columns {sorted(missing)}")
    stars = table["stars"].to_numpy().astype(np.int64)
    if not len(stars) or stars.min() < 1 or stars.max() > 5:
        raise DataError(f"{path}: split {split!r} is empty or has stars outside 1 to 5")
    texts = table["text"].to_pylist()
    blank = sum(1 for text in texts if not text or text.isspace())
    if blank:
        raise DataError(f"{path}: {blank} rows of split {split!r} have no text; remove them first")
    return Reviews(texts, np.digitize(stars, [3, 4]).astype(np.int64))


def encode_reviews(
    reviews: Reviews, tokenizer: Tokenizer, max_chars: int, max_tokens: int, advance: Callable[[int], None]
) -> Encoded:
    """Encode every text, cut to `max_tokens`; `advance` is told the number of rows as they are done."""
    ids: list[npt.NDArray[np.int32]] = []
    lengths: list[int] = []
    for start in range(0, len(reviews.texts), _ENCODE_ROWS):
        texts = list(reviews.texts[start : start + _ENCODE_ROWS])
        rows = [row[:max_tokens] for row in encode(tokenizer, texts, max_chars)]
        lengths += [len(row) for row in rows]
        ids.append(np.fromiter((token for row in rows for token in row), dtype=np.int32))
        advance(len(rows))
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return Encoded(np.concatenate(ids), starts, reviews.labels)


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


def plan_batches(lengths: Ints, batch_rows: int, batch_tokens: int, seed: tuple[int, ...]) -> list[Ints]:
    """Row indices of each batch of one epoch: every row once, rows of like length together.

    Rows are shuffled, sorted by length within pools of 50 batches, cut so that no batch exceeds
    `batch_rows` rows or `batch_tokens` padded tokens, and the batches are shuffled again.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    batches: list[Ints] = []
    pool_rows = batch_rows * _POOL_BATCHES
    for start in range(0, len(order), pool_rows):
        pool = order[start : start + pool_rows]
        batches += _cut(pool[np.argsort(lengths[pool], kind="stable")], lengths, batch_rows, batch_tokens)
    return [batches[i] for i in random.permutation(len(batches))]


def _cut(rows: Ints, lengths: Ints, batch_rows: int, batch_tokens: int) -> list[Ints]:
    """Cut rows, shortest first, at the two limits."""
    batches, first = [], 0
    for i in range(1, len(rows) + 1):
        full = i == len(rows) or i - first == batch_rows or (i - first + 1) * lengths[rows[i]] > batch_tokens
        if full:
            batches.append(rows[first:i])
            first = i
    return batches


def collate(data: Encoded, rows: Ints) -> Batch:
    """The batch of these rows, padded to their longest."""
    lengths = data.starts[rows + 1] - data.starts[rows]
    token_ids = np.full((len(rows), int(lengths.max())), PAD_ID, dtype=np.int64)
    for i, row in enumerate(rows):
        token_ids[i, : lengths[i]] = data.ids[data.starts[row] : data.starts[row + 1]]
    return Batch(token_ids, lengths, data.labels[rows])


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
