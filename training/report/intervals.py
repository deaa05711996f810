"""Bootstrap 95 % intervals over rows (Efron 1979; the percentiles 2.5 and 97.5 of the resamples)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import LABELS, Ints
from training.evaluate import Floats
from training.operating import accuracy_and_macro_f1

RESAMPLES = 1000
_CHUNK_CELLS = 4_000_000  # of row weights in memory at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A number, and the 95 % interval around it."""

    value: float
    low: float
    high: float


def percentile_interval(value: float, resampled: Floats) -> Interval:
    """The interval of `value`, whose resamples are `resampled` [resamples]."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def resampled_confusions(confusion: Ints, seed: int) -> Ints:
    """[resamples, *confusion.shape]: drawing rows anew is drawing the counts from a multinomial."""
    rows = int(confusion.sum())
    drawn = np.random.default_rng(seed).multinomial(rows, confusion.ravel() / rows, RESAMPLES)
    result: Ints = drawn.reshape(RESAMPLES, *confusion.shape)
    return result


def resampled_sums(values: Floats, seed: int) -> Floats:
    """[resamples, columns]: the sums of `values` [rows, columns] over rows drawn anew."""
    rows = len(values)
    random = np.random.default_rng(seed)
    step = max(1, _CHUNK_CELLS // rows)
    sums = []
    for start in range(0, RESAMPLES, step):
        count = min(step, RESAMPLES - start)
        drawn = random.integers(0, rows, (count, rows)) + np.arange(count)[:, None] * rows
        weights = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        sums.append(weights.astype(np.float64) @ values)
    return np.concatenate(sums)


def sums_interval(values: Floats, of_sums: Callable[[Floats], float], seed: int) -> Interval:
    """The interval of a score, never negative, that depends on the column sums of `values` alone.

    Drawn anew, the gaps of a calibration error are noisier and their absolute sum larger: what the
    resamples lie above the value by, on average, is taken off. `values` are [rows, columns].
    """
    value = of_sums(values.sum(0))
    resampled = np.array([of_sums(sums) for sums in resampled_sums(values, seed)])
    return percentile_interval(value, np.maximum(resampled - (resampled.mean() - value), 0))


def mean_interval(values: npt.NDArray[np.generic], seed: int) -> Interval:
    """The interval of the mean of `values` [rows]."""
    numbers = values.astype(np.float64)[:, None]
    return sums_interval(numbers, lambda sums: float(sums[0] / len(numbers)), seed)


def paired_difference(labels: Ints, ours: Ints, theirs: Ints, seed: int) -> tuple[Interval, Interval]:
    """Ours less theirs on the same rows: of accuracy and of macro-F1.

    The resamples keep each row's label and both answers together, so what is hard for both cancels.
    """
    classes = len(LABELS)
    cells = np.bincount((labels * classes + ours) * classes + theirs, minlength=classes**3)
    counts = cells.reshape(classes, classes, classes)
    of_all, resampled = (_difference(each) for each in (counts[None], resampled_confusions(counts, seed)))
    accuracy, macro_f1 = (
        percentile_interval(float(value[0]), drawn) for value, drawn in zip(of_all, resampled, strict=True)
    )
    return accuracy, macro_f1


def _difference(counts: Ints) -> tuple[Floats, Floats]:
    """Of counts [draws, label, ours, theirs]: the differences of accuracy and of macro-F1, [draws]."""
    ours, theirs = (accuracy_and_macro_f1(counts.sum(axis)) for axis in (3, 2))
    return ours[0] - theirs[0], ours[1] - theirs[1]
