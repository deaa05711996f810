"""Does an exported model do what the trained one does? Values in, values or `ParityError` out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.errors import ParityError

Logits = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Run = Callable[[Ints, Ints], Logits]  # token_ids [rows, longest], lengths [rows] -> logits [rows, 3]

FP32_TOLERANCE = 1e-4
MOST_FLIPS = 0.005
_ROWS, _LONGEST = (1, 2, 7, 33), (1, 2, 17, 64)
_SEED = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """One model run: `token_ids` [rows, longest], true `lengths` [rows]."""

    token_ids: Ints
    lengths: Ints


def grid(vocab_size: int, max_tokens: int) -> list[Inputs]:
    """Runs of random tokens over every pair of row count and length up to `max_tokens`.

    Each pair comes with mixed lengths from 1, the longest among them, and with all rows equally long.
    """
    random = np.random.default_rng(_SEED)
    runs: list[Inputs] = []
    for rows in _ROWS:
        for longest in sorted({*(length for length in _LONGEST if length < max_tokens), max_tokens}):
            mixed = random.integers(1, longest + 1, rows)
            mixed[0] = longest
            token_ids = random.integers(0, vocab_size, (rows, longest))
            runs += [Inputs(token_ids, mixed), Inputs(token_ids, np.full(rows, longest))]
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


def check_flips(variant: str, reference: Ints, labels: Ints) -> float:
    """The share of rows [rows] to which `variant` gives another label than fp32 does.

    Raises:
        ParityError: it exceeds 0.5 %.
    """
    flips = float((reference != labels).mean())
    if flips > MOST_FLIPS:
        raise ParityError(
            f"{variant} changes {flips:.2%} of the labels, allowed is {MOST_FLIPS:.1%}; nothing was written. "
            f"Export with --no-{variant}"
        )
    return flips


def check_goldens(scores: Mapping[str, Logits], chosen: str, tolerance: float) -> None:
    """Every variant gives the golden texts the scores [texts, 3] of the chosen one, up to `tolerance`.

    Raises:
        ParityError: one does not; no worker would start with it.
    """
    for name, found in scores.items():
        worst = float(np.abs(found - scores[chosen]).max())
        if not worst <= tolerance:
            raise ParityError(
                f"{name} differs from {chosen} by {worst:.3f} on the golden texts, allowed is {tolerance}; "
                f"nothing was written. Export without it: --no-{name}"
            )
