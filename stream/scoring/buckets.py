"""Few shapes for the card: batches are padded up to bucket sizes before they are scored.

Every new (rows, length) makes cuDNN plan and the memory arena grow; with few of them, the largest first,
both are done at the start.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from stream.scoring.classifier import Scorer
from stream.scoring.rows import Int64

LEAST_ROWS = 8
LEAST_TOKENS = 4


class BucketScorer:
    """Pads rows and length of each batch to a bucket and drops what it added; a `Scorer` round another.

    A row's logits stay what they are, because padding never changes them.

    Args:
        max_tokens: the longest row there can be, and so the longest bucket.
    """

    def __init__(self, scorer: Scorer, pad_id: int, max_tokens: int) -> None:
        self._scorer = scorer
        self._pad_id = pad_id
        self._max_tokens = max_tokens

    def score(self, token_ids: Int64, lengths: Int64) -> npt.NDArray[np.float32]:
        """(rows, longest) ids and (rows,) lengths to (rows, 3) logits."""
        rows, longest = token_ids.shape
        shape = bucket(rows, longest, self._max_tokens)
        padded = np.full(shape, self._pad_id, np.int64)
        padded[:rows, :longest] = token_ids
        padded_lengths = np.ones(shape[0], np.int64)  # a row of no token would have no mean
        padded_lengths[:rows] = lengths
        return self._scorer.score(padded, padded_lengths)[:rows]

    def warm_up(self, batch_tokens: int) -> int:
        """Score padding once in every shape that batches of `batch_tokens` can have; returns how many."""
        shapes = bucket_shapes(batch_tokens, self._max_tokens)
        for rows, longest in shapes:
            self._scorer.score(np.full((rows, longest), self._pad_id, np.int64), np.full(rows, longest))
        return len(shapes)


def bucket(rows: int, longest: int, max_tokens: int) -> tuple[int, int]:
    """The smallest bucket that holds the batch: powers of two, the longest being `max_tokens` itself.

    >>> bucket(rows=9, longest=70, max_tokens=200), bucket(1, 130, 200)
    ((16, 128), (8, 200))
    """
    return _power(rows, LEAST_ROWS), min(_power(longest, LEAST_TOKENS), max(longest, max_tokens))


def bucket_shapes(batch_tokens: int, max_tokens: int) -> list[tuple[int, int]]:
    """Every bucket that `stream.scoring.batching.pack` can fill with that budget, the largest first."""
    shapes = set()
    for shortest, longest in _length_buckets(max_tokens):
        most_rows = max(1, batch_tokens // shortest)
        shapes |= {(rows, longest) for rows in _powers(LEAST_ROWS, _power(most_rows, LEAST_ROWS))}
    return sorted(shapes, key=lambda shape: (-shape[0] * shape[1], shape))


def _length_buckets(max_tokens: int) -> Iterator[tuple[int, int]]:
    """Shortest and longest row of each."""
    shortest = 1
    while shortest <= max_tokens:
        _, longest = bucket(1, shortest, max_tokens)
        yield shortest, longest
        shortest = longest + 1


def _powers(least: int, most: int) -> Iterator[int]:
    while least <= most:
        yield least
        least *= 2


def _power(number: int, least: int) -> int:
    """The smallest power of two that is at least both numbers; `least` is one."""
    return max(least, 1 << (number - 1).bit_length())
