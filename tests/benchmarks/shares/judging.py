"""How far estimates are off on groups of real reviews, and how often their intervals hold the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stream.estimation.constants import Constants
from stream.estimation.estimate import estimate
from stream.estimation.trend import change_of_net
from tests.benchmarks.shares.fitting import covered
from tests.benchmarks.shares.methods import Classifier, mean_absolute_error, methods
from tests.benchmarks.shares.reviews import Reviews, Scored
from tests.benchmarks.shares.windows import (
    SIZES,
    Group,
    Windows,
    before_and_after,
    natural,
    resampled,
    shifted,
)

RESAMPLED, SHIFTED = 8, 8
MOST_MOVED = 0.4
BOUNDED = ("negative", "neutral", "positive", "net")

BySize = dict[str, float]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of intervals that hold the truth."""

    by_size: BySize
    by_quantity: BySize
    width: BySize
    """The median width by quantity."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one model's scores gave on one set of groups."""

    groups: dict[str, int]
    """By size."""
    natural: dict[str, BySize]
    """Mean absolute error by method."""
    shifted: dict[str, BySize]
    natural_coverage: Coverage
    shifted_coverage: Coverage
    unchanged: float
    """How often the interval of the change holds 0, where nothing changed."""
    changed: float
    """How often it holds the change, where reviews went from positive to negative."""
    noticed: float
    """How often such a change is clear, of windows of 200 reviews and more."""


def judge(
    reviews: Reviews, model: Scored, groups: Sequence[Group], classifier: Classifier, constants: Constants
) -> Judgement:
    """Everything that the page says of these groups."""
    as_they_are = natural(reviews, model, groups)
    apart = shifted(reviews, model, groups, SHIFTED)
    return Judgement(
        {size: int(as_they_are.of_size(size).sum()) for size in SIZES},
        _errors(as_they_are, classifier, constants),
        _errors(apart, classifier, constants),
        _coverage(resampled(reviews, model, groups, RESAMPLED), constants),
        _coverage(apart, constants),
        *_changes(reviews, model, groups, constants),
    )


def _errors(windows: Windows, classifier: Classifier, constants: Constants) -> dict[str, BySize]:
    found = {}
    for name, method in methods(classifier, constants).items():
        shares = method(windows.evidence)
        found[name] = {
            size: mean_absolute_error(shares[chosen], windows.shares[chosen])
            for size in SIZES
            if (chosen := windows.of_size(size)).any()
        }
    return found


def _coverage(windows: Windows, constants: Constants) -> Coverage:
    estimates = estimate(windows.evidence, constants)
    held = covered(estimates, windows)
    return Coverage(
        {size: float(held[chosen].mean()) for size in SIZES if (chosen := windows.of_size(size)).any()},
        dict(zip(BOUNDED, held.mean(axis=0).tolist(), strict=True)),
        dict(zip(BOUNDED, np.median(estimates.high - estimates.low, axis=0).tolist(), strict=True)),
    )


def _changes(
    reviews: Reviews, model: Scored, groups: Sequence[Group], constants: Constants
) -> tuple[float, float, float]:
    held = []
    for most_moved in (0.0, MOST_MOVED):
        before, after = before_and_after(reviews, model, groups, SHIFTED, most_moved)
        changes = change_of_net(estimate(after.evidence, constants), estimate(before.evidence, constants))
        nets = [windows.wanted[:, 2] - windows.wanted[:, 0] for windows in (after, before)]
        change = nets[0] - nets[1]
        held.append(float(((changes.low <= change) & (change <= changes.high)).mean()))
    noticed = changes.clear[after.of_size("200+") & (change < -MOST_MOVED / 2)]
    return held[0], held[1], float(noticed.mean()) if len(noticed) else 0.0
