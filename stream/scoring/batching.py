"""Rows of different lengths become batches of bounded cost.

The runtime computes every row of a batch up to the longest, so a batch costs rows x longest row
("padded tokens", after the queue of Hugging Face's text-embeddings-inference). Sorting by length
keeps the padding small.
"""

from collections.abc import Iterator

import numpy as np

from stream.scoring.rows import Int64


def pack(lengths: Int64, budget_tokens: int) -> Iterator[Int64]:
    """Cut rows into batches of at most `budget_tokens` padded tokens; a longer row is a batch of its own.

    Args:
        lengths: (rows,) true lengths, each 1 or more.
        budget_tokens: most padded tokens in one batch.

    Yields:
        (rows of one batch,) indices into `lengths`, shortest first; each index exactly once overall.
    """
    order = np.argsort(lengths, kind="stable")
    by_length = lengths[order]
    start = 0
    while start < len(order):
        rest = by_length[start:]
        padded_tokens = np.arange(1, len(rest) + 1) * rest
        rows = max(1, int(np.searchsorted(padded_tokens, budget_tokens, side="right")))
        yield order[start : start + rows]
        start += rows
