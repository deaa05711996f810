"""Reviews as token ids, encoded once, and the batches of an epoch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.data import Ints, Reviews
from training.tokenizer import PAD_ID, encode

_ENCODE_ROWS = 20_000
_POOL_BATCHES = 50


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


def plan_equal_lengths(lengths: Ints, batch_rows: int, seed: tuple[int, ...]) -> list[Ints]:
    """Row indices of each batch of one epoch: every row once, all rows of a batch of one length.

    Nothing is padded, so an LSTM needs no packing. Rows and batches are shuffled.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
    batches = [group[i : i + batch_rows] for group in groups for i in range(0, len(group), batch_rows)]
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
