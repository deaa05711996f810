"""The series of one brand over time: hours added up by steps, shares estimated on the sums. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar

import numpy as np

from stream.estimation.bins import BINS
from stream.estimation.estimate import Estimates, Evidence, estimate
from stream.events import LABELS
from stream.web.values import HourRow

Step = Literal["1h", "6h", "1d"]
HOUR_MS = 3_600_000
STEP_MS: dict[Step, int] = {"1h": HOUR_MS, "6h": 6 * HOUR_MS, "1d": 24 * HOUR_MS}
MOST_POINTS = 5_000
_DIGITS = 6
_BOUNDED = (*LABELS, "net")
_Value = TypeVar("_Value", int, float)


class Bounds(TypedDict):
    """A 95 % interval."""

    low: float
    high: float


class _Estimated(TypedDict):
    shares: dict[str, float] | None
    net: float | None
    intervals: dict[str, Bounds] | None


class Point(_Estimated):
    """One step; without reviews there is nothing to estimate, and all estimates are None."""

    start: int
    counts: dict[str, int]
    enough: bool
    late: int


@dataclass(frozen=True, slots=True)
class Span:
    """From the beginning of a step to the end of one, ms; steps begin at multiples of their length."""

    start: int
    end: int
    step: int

    @property
    def points(self) -> int:
        return (self.end - self.start) // self.step


def span(from_ms: int, to_ms: int, step: Step) -> Span:
    """The steps that a time from .. to touches. A day is one of UTC.

    >>> span(5, HOUR_MS + 1, "1h")
    Span(start=0, end=7200000, step=3600000)
    """
    length = STEP_MS[step]
    return Span(from_ms - from_ms % length, to_ms + -to_ms % length, length)


def points(hours: Iterable[HourRow], over: Span) -> list[Point]:
    """One point for each step, also for those without reviews; the hours lie within the span."""
    counts, sums = np.zeros((over.points, 3), np.int64), np.zeros((over.points, 3), np.int64)
    bins, late = np.zeros((over.points, BINS), np.int64), np.zeros(over.points, np.int64)
    for hour in hours:
        at = (hour.start - over.start) // over.step
        counts[at] += hour.counts
        sums[at] += hour.sums
        bins[at] += hour.bins
        late[at] += hour.late
    found = estimate(Evidence(counts, sums, bins))
    rows = zip(counts.tolist(), _estimates(found), found.enough.tolist(), late.tolist(), strict=True)
    return [
        {
            "start": over.start + at * over.step,
            "counts": _by_label(labels),
            **estimated,
            "enough": enough,
            "late": too_late,
        }
        for at, (labels, estimated, enough, too_late) in enumerate(rows)
    ]


def _estimates(found: Estimates) -> Iterator[_Estimated]:
    columns = (found.shares, found.net, found.low, found.high)
    rounded = (np.round(column, _DIGITS).tolist() for column in columns)
    for reviews, shares, net, low, high in zip(found.reviews.tolist(), *rounded, strict=True):
        if not reviews:
            yield {"shares": None, "net": None, "intervals": None}
            continue
        bounds = zip(_BOUNDED, low, high, strict=True)
        yield {
            "shares": _by_label(shares),
            "net": net,
            "intervals": {name: {"low": lower, "high": upper} for name, lower, upper in bounds},
        }


def _by_label(values: Sequence[_Value]) -> dict[str, _Value]:
    return dict(zip(LABELS, values, strict=True))
