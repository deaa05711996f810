"""Does an exported model do what the trained one does? Values in, values or `ParityError` out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.errors import ParityError

Logits = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Run = Callable[[Ints, Ints], Logits]  # token_ids [rows, longest], lengths [rows] -> logits [rows, 3]

FP32_TOLERANCE = 1e-4
INT8_FLIPS = 0.01
_ROWS, _LONGEST = (1, 2, 7, 33), (1, 2, 17, 64)
_SEED = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """One model run: `token_ids` [rows, longest], true `lengths` [rows]."""

    token_ids: Ints
    lengths: Ints


def grid(vocab_size: int, max_tokens: int) -> list[Inputs]:
    """Runs of random tokens over every pair of row count and length, each with mixed lengths from 1."""
    random = np.random.default_rng(_SEED)
    runs = []
    for rows in _ROWS:
        for longest in (*_LONGEST, max_tokens):
            lengths = random.integers(1, longest + 1, rows)
            token_ids = random.integers(0, vocab_size, (rows, longest))
            runs.append(Inputs(token_ids, lengths))
    return runs


def check_fp32(trained: Run, exported: Run, runs: Sequence[Inputs]) -> float:
    """The largest absolute difference of a logit over all runs.

    Raises:
        ParityError: it exceeds 1e-4 or is not a number.
    """
    worst = max(
        float(np.abs(trained(run.token_ids, run.lengths) - exported(run.token_ids, run.lengths)).max())
        for run in runs
    )
    if not worst <= FP32_TOLERANCE:
        raise ParityError(
            f"the fp32 model differs from the trained one by up to {worst:.2g} per logit, "
            f"allowed is {FP32_TOLERANCE:g}; nothing was written. "
            "Does export/graph.py still match training/model.py?"
        )
    return worst


def check_int8(reference: Logits, quantized: Logits) -> float:
    """The share of rows of which quantising changed the label; both are logits [rows, 3].

    Raises:
        ParityError: it exceeds 1 %.
    """
    flips = float((reference.argmax(1) != quantized.argmax(1)).mean())
    if flips > INT8_FLIPS or not np.isfinite(quantized).all():
        raise ParityError(
            f"int8 changes {flips:.2%} of the labels, allowed is {INT8_FLIPS:.0%}; nothing was written. "
            "Export with --no-int8"
        )
    return flips
