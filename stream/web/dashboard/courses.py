"""How a brand's shares went: points for the charts, from its event or from history. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from stream.estimation.intervals import net_interval
from stream.events import LABELS, BrandSentiment, Series, WindowName
from stream.web import series as history_series
from stream.web.dashboard.charts import Point
from stream.web.values import HourRow

SHORT_WINDOWS: frozenset[WindowName] = frozenset({"5m", "1h"})
WEEK_MS = 7 * 24 * 3_600_000
# Each point of the last hour sums up five minutes: a single minute of a small brand says nothing.
_MINUTES_A_POINT = 5


@dataclass(frozen=True, slots=True)
class Course:
    """What the charts show; `lines` of shares and net, `bars` of reviews, and in words what they are."""

    lines: Sequence[Point]
    bars: Sequence[Point]
    start_ms: int
    end_ms: int
    shares_are: str
    band_is: str
    bar_is: str


def recent_course(brand: BrandSentiment, window: WindowName) -> Course:
    """The last hour by minute for short windows, else the last 24 hours by hour.

    Shares and net are those of counted labels, and the band is that of chance alone: an event carries no more
    of each step. What the classifier may have wrong is in the figures of the windows.
    """
    short = window in SHORT_WINDOWS
    steps, width = (brand.minutes, _MINUTES_A_POINT) if short else (brand.hours, 1)
    return Course(
        lines=_counted(steps, width),
        bars=_counted(steps, 1),
        start_ms=steps.start,
        end_ms=steps.start + len(steps.negative) * steps.step,
        shares_are="counted labels of the five minutes before, UTC"
        if short
        else "counted labels by hour, UTC",
        band_is="counted labels with the 95 % band of chance",
        bar_is="by minute" if short else "by hour",
    )


def week_course(hours: Iterable[HourRow], now_ms: int) -> Course:
    """The last 7 days in steps of 6 hours, estimated as the windows are."""
    over = history_series.span(now_ms - WEEK_MS, now_ms, "6h")
    points = [_estimated(point) for point in history_series.points(hours, over)]
    return Course(
        lines=points,
        bars=points,
        start_ms=over.start,
        end_ms=over.end,
        shares_are="estimated, by six hours, UTC",
        band_is="with its 95 % interval",
        bar_is="by six hours",
    )


def _estimated(point: history_series.Point) -> Point:
    negative, neutral, positive = (point["counts"][label] for label in LABELS)
    shares, intervals = point["shares"], point["intervals"]
    if shares is None or intervals is None:
        return Point(point["start"], (0, 0, 0), None, None, None, None)
    bounds = intervals["net"]
    known = (shares["negative"], shares["neutral"], shares["positive"])
    return Point(
        point["start"], (negative, neutral, positive), known, point["net"], bounds["low"], bounds["high"]
    )


def _counted(series: Series, width: int) -> list[Point]:
    """One point a step, each the sum of the `width` steps that end there: few reviews still make a line."""
    steps = np.array([series.negative, series.neutral, series.positive])
    sums = np.cumsum(np.pad(steps, ((0, 0), (1, 0))), axis=1)
    counts = sums[:, width:] - sums[:, :-width]
    reviews = np.maximum(counts.sum(axis=0), 1)
    shares = counts / reviews
    low, high = net_interval(shares[0], shares[2], reviews.astype(np.float64))
    first = series.start + (width - 1) * series.step
    return [
        _point(first + at * series.step, counts[:, at].tolist(), shares[:, at].tolist(), low[at], high[at])
        for at in range(counts.shape[1])
    ]


def _point(at_ms: int, counts: list[int], shares: list[float], low: float, high: float) -> Point:
    negative, neutral, positive = counts
    if not negative + neutral + positive:
        return Point(at_ms, (0, 0, 0), None, None, None, None)
    return Point(
        at_ms,
        (negative, neutral, positive),
        (shares[0], shares[1], shares[2]),
        shares[2] - shares[0],
        float(low),
        float(high),
    )
