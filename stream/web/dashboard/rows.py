"""The rows of the overview as JSON, prepared once a second for all who look. Pure: the clock is an argument.

A page asks for everything once, and then with the token of its last answer for what changed since.
"""

import gzip
from collections import deque
from collections.abc import Iterable
from heapq import nlargest
from typing import Any

import orjson

from stream.encoding import to_json
from stream.events import WindowName, brand_key
from stream.web.dashboard.courses import SHORT_WINDOWS
from stream.web.values import BrandRow, SeriesRow
from stream.web.view import LiveView

MOST_SHOWN = 5_000
TICK_SECONDS = 1.0
KEPT_TICKS = 30
# Where not all brands are shown, which ones are is settled anew so often.
TICKS_OF_A_CHOICE = 10
_SEVERITIES = ("notice", "warning", "critical")


class OverviewRows:
    """Answers to the overview's question, compressed; each is made once and given to all who ask the same.

    Args:
        view: what is shown.
        started: told apart from other processes by this: a token of another one counts for nothing.
        most_shown: brands in one answer.
    """

    def __init__(self, view: LiveView, started: str, most_shown: int = MOST_SHOWN) -> None:
        self._view = view
        self._started = started
        self._most_shown = most_shown
        self._tick = 0
        self._version = view.version
        self._ticked_seconds: float | None = None
        self._changed: deque[frozenset[str]] = deque(maxlen=KEPT_TICKS)
        self._rows: dict[tuple[str, WindowName], bytes] = {}
        self._answers: dict[tuple[WindowName, str, int | None], bytes] = {}

    def answer(self, window: WindowName, query: str, since: str | None, now_seconds: float) -> bytes:
        """JSON under gzip: rows that changed since the token, or all rows, where there is no such token.

        Args:
            window: of the figures.
            query: part of the brands' names, or empty.
            since: the `version` of an earlier answer.
            now_seconds: any monotonic clock.
        """
        if self._ticked_seconds is None or now_seconds - self._ticked_seconds >= TICK_SECONDS:
            self._advance(now_seconds)
        asked = (window, brand_key(query), self._known_tick(since))
        if asked not in self._answers:
            self._answers[asked] = gzip.compress(orjson.dumps(self._answer(*asked)), 4)
        return self._answers[asked]

    def _advance(self, now_seconds: float) -> None:
        changes = self._view.changes_since(self._version)
        if changes is None:
            self._changed.clear()
            self._rows.clear()
            keys = frozenset(self._view.rows())
        else:
            keys = frozenset((*(row.brand_key for row in changes.rows), *changes.gone))
        for key in keys:
            for window in ("5m", "1h", "24h", "7d"):
                self._rows.pop((key, window), None)
        self._changed.append(keys)
        self._tick += 1
        self._version = self._view.version
        self._ticked_seconds = now_seconds
        self._answers.clear()

    def _known_tick(self, since: str | None) -> int | None:
        """The tick of a token, None where what changed after it is not known."""
        started, _, tick = (since or "").partition("-")
        if started != self._started or not tick.isdecimal():
            return None
        number = int(tick)
        return number if self._tick - len(self._changed) <= number <= self._tick else None

    def _answer(self, window: WindowName, query: str, since: int | None) -> dict[str, Any]:
        rows = self._view.rows()
        matching = [row for row in rows.values() if query in row.brand_key] if query else list(rows.values())
        tick = self._tick
        too_many = len(matching) > self._most_shown
        gone: list[str] = []
        if too_many and since is not None and since // TICKS_OF_A_CHOICE == tick // TICKS_OF_A_CHOICE:
            changed, complete, tick = [], False, since
        elif too_many or since is None:
            changed, complete = self._foremost(matching), True
        else:
            keys = frozenset[str]().union(*self._changed_after(since))
            changed = [row for row in matching if row.brand_key in keys]
            gone, complete = [key for key in keys if key not in rows], False
        return {
            "version": f"{self._started}-{tick}",
            "complete": complete,
            "rows": [orjson.Fragment(self._row(row, window)) for row in changed],
            "gone": gone,
            "total": len(rows),
            "matching": len(matching),
            "shown": min(len(matching), self._most_shown),
            "reviews": sum(row.windows[window].reviews for row in rows.values()),
            "alerts": self._view.open_total(),
        }

    def _changed_after(self, tick: int) -> Iterable[frozenset[str]]:
        first = self._tick - len(self._changed)
        return list(self._changed)[tick - first :]

    def _foremost(self, rows: list[BrandRow]) -> list[BrandRow]:
        """Those with open alerts first, then those with most reviews in a week."""
        if len(rows) <= self._most_shown:
            return rows
        return nlargest(
            self._most_shown,
            rows,
            key=lambda row: (self._view.open_count(row.brand_key), row.windows["7d"].reviews),
        )

    def _row(self, row: BrandRow, window: WindowName) -> bytes:
        place = (row.brand_key, window)
        if place not in self._rows:
            self._rows[place] = to_json(overview_row(self._view, row, window))
        return self._rows[place]


def overview_row(view: LiveView, row: BrandRow, window: WindowName) -> dict[str, Any]:
    """What the table shows of one brand; without reviews `net` and its interval are None."""
    shown, trend = row.windows[window], row.trend
    interval = None if shown.intervals is None else shown.intervals.net
    spark = view.spark(row.brand_key)
    series = None if spark is None else spark.minutes if window in SHORT_WINDOWS else spark.hours
    negative, everything = _steps(series, window)
    alerts = view.open_alerts(row.brand_key)
    return {
        "key": row.brand_key,
        "brand": row.brand,
        "net": shown.net,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "enough": shown.enough,
        "volume": shown.reviews,
        "negative": negative,
        "all": everything,
        "change": trend and trend.change,
        "change_low": trend and trend.interval.low,
        "change_high": trend and trend.interval.high,
        "clear": trend is not None and trend.clear,
        "alerts": len(alerts),
        "severity": max((alert.severity for alert in alerts), key=_SEVERITIES.index, default=None),
    }


def _steps(series: SeriesRow | None, window: WindowName) -> tuple[list[int], list[int]]:
    """Negative and all reviews by step, 24 hours or 30 times two minutes."""
    if series is None:
        return [], []
    width = 2 if window in SHORT_WINDOWS else 1
    everything = [sum(step) for step in zip(series.negative, series.neutral, series.positive, strict=True)]
    return _joined(series.negative, width), _joined(everything, width)


def _joined(counts: list[int], width: int) -> list[int]:
    return [sum(counts[at : at + width]) for at in range(0, len(counts), width)]
