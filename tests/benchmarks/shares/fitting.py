"""The constants of the estimator, from groups that nothing is judged on."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from stream.estimation import fitted
from stream.estimation.constants import Constants, Quadruple
from stream.estimation.estimate import Estimates, estimate
from tests.benchmarks.shares.methods import Classifier, mean_absolute_error
from tests.benchmarks.shares.reviews import Bools, Floats
from tests.benchmarks.shares.windows import Windows

NATURAL_AIM, SHIFTED_AIM = 0.025, 0.12
COVERAGE = 0.95
PRIOR_SHARES = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15)
BEGINS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
COMPLETES = (6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 20.0, 24.0)
_HALVINGS = 20
_MOST_ERROR = 3.0
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Lessons:
    """Windows of the groups to fit on, and single scores of the shipped model on the validation split."""

    natural: Windows
    resampled: Windows
    shifted: Windows
    shipped_natural: Windows
    """Of the shipped model on the validation split, as the next; the others of the cross-fitted scores."""
    shipped_shifted: Windows
    classifier: Classifier
    scores: Floats
    """[rows, 3]"""


def fit(lessons: Lessons) -> Constants:
    """The constants: first what is usual, then where the estimate turns, then how wrong it is."""
    constants = _errors(lessons, _turning(lessons, _usual(lessons)))
    return Constants(*(_rounded(value) for value in astuple(constants)))


def write_constants(constants: Constants, model: str) -> None:
    """Write `stream/estimation/fitted.py`; the formatter may still break its lines."""
    values = [f"    {field.name}={getattr(constants, field.name)!r}," for field in fields(constants)]
    lines = [
        f'"""Fitted for {model}: written by `python -m tests.benchmarks.shares --fit`."""',
        "",
        "from stream.estimation.constants import Constants",
        "",
        "FITTED = Constants(",
        *values,
        ")",
    ]
    Path(fitted.__file__).write_text("\n".join(lines) + "\n", encoding="utf-8")


def covered(estimates: Estimates, windows: Windows) -> Bools:
    """[windows, 4], whether the intervals of shares and net hold what the reviews were drawn from."""
    wanted = np.column_stack([windows.wanted, windows.wanted[:, 2] - windows.wanted[:, 0]])
    return (estimates.low <= wanted) & (wanted <= estimates.high)


def _usual(lessons: Lessons) -> Constants:
    """How mean scores differ between brands, beyond the chance of their reviews."""
    sums = lessons.natural.evidence.sums.astype(np.float64)
    means = sums / sums.sum(axis=1, keepdims=True)
    usual = means.mean(axis=0)
    apart = (means - usual)[:, [0, 2]]
    single = np.cov(lessons.scores[:, [0, 2]].T)
    between = apart.T @ apart / len(apart) - single * (1 / lessons.natural.reviews).mean()
    root = np.linalg.inv(np.linalg.cholesky(between))
    noise, turn = np.linalg.eigh(root @ single @ root.T)
    return Constants(
        class_bins=_tuples(lessons.classifier.class_bins),
        usual_mean=_tuples(usual),
        axes=_tuples((root.T @ turn).T),
        axis_noise=_tuples(noise),
        departure=(0.0, 1.0),
        prior_share=0.0,
        usual_error=(0.0,) * 4,
        shifted_error=(0.0,) * 4,
    )


def _turning(lessons: Lessons, constants: Constants) -> Constants:
    """The prior and the distances by which the worst of four errors, beside its aim, is least."""
    aims = (
        (lessons.natural, NATURAL_AIM),
        (lessons.shifted, SHIFTED_AIM),
        (lessons.shipped_natural, NATURAL_AIM),
        (lessons.shipped_shifted, SHIFTED_AIM),
    )

    def worst(tried: Constants) -> float:
        errors = []
        for windows, aim in aims:
            large = windows.of_size("200+")
            shares = estimate(windows.evidence, tried).shares
            errors.append(mean_absolute_error(shares[large], windows.shares[large]) / aim)
        return max(errors)

    tried = [
        replace(constants, prior_share=prior, departure=(begins, complete))
        for prior, begins, complete in product(PRIOR_SHARES, BEGINS, COMPLETES)
        if begins < complete
    ]
    return min(tried, key=worst)


def _errors(lessons: Lessons, constants: Constants) -> Constants:
    """What the intervals need beyond sampling, where the mix is entirely unusual and then where it is not."""
    entirely = estimate(lessons.shifted.evidence, constants).departure == 1
    every = np.ones(len(lessons.resampled.reviews), np.bool_)
    constants = replace(
        constants,
        shifted_error=_tuples(
            _least(
                lambda error: _share_covered(
                    lessons.shifted, replace(constants, shifted_error=error), entirely
                )
            )
        ),
    )
    usual = _least(
        lambda error: _share_covered(lessons.resampled, replace(constants, usual_error=error), every)
    )
    return replace(constants, usual_error=_tuples(usual))


def _least(share_covered: Callable[[Quadruple], Floats]) -> Floats:
    """The least error [4] that is covered often enough, by halving."""
    low, high = np.zeros(4), np.full(4, _MOST_ERROR)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = share_covered(_tuples(middle)) >= COVERAGE
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high


def _share_covered(windows: Windows, constants: Constants, chosen: Bools) -> Floats:
    share: Floats = covered(estimate(windows.evidence, constants), windows)[chosen].mean(axis=0)
    return share


def _tuples(table: Floats) -> Any:
    return tuple(map(_tuples, table)) if table.ndim > 1 else tuple(table.tolist())


def _rounded(value: Any) -> Any:
    """Floats within tuples to a few digits."""
    return tuple(map(_rounded, value)) if isinstance(value, tuple) else float(f"{value:.{_DIGITS}g}")
