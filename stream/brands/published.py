"""The values on `brand-sentiment` and `brand-hours`: absolute, so that sending one twice changes nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from stream.brands.cells import HOUR_MS, INDEX, MINUTE_MS, Cell, Totals, total
from stream.brands.state import BrandState
from stream.brands.windows import Series, Sums, WindowTotals, series, sums
from stream.encoding import to_json
from stream.estimation.bins import BINS
from stream.estimation.estimate import Estimates, Evidence, estimate
from stream.estimation.trend import change_of_net
from stream.events import LABELS, WINDOWS

SHOWN_MINUTES = 60
SHOWN_HOURS = 24

_DIGITS = 6
_AT_ONCE = 500
"""Brands; a brand takes 30 KB on its way to JSON."""
_BOUNDED = (*LABELS, "net")
_LAST_DAY = list(WINDOWS).index("24h")


def brand_sentiments(
    brands: Sequence[tuple[bytes, BrandState]], now_ms: int, origin_partition: int
) -> list[bytes]:
    """The values of `brand-sentiment` at `now_ms`: JSON of `stream.events.BrandSentiment`, in order.

    Brands come with their keys, the messages' keys as well. Many windows are estimated at once, which changes
    none of them. Shares, net and intervals have six digits.
    """
    return [
        value
        for at in range(0, len(brands), _AT_ONCE)
        for value in _sentiments(brands[at : at + _AT_ONCE], now_ms, origin_partition)
    ]


def _sentiments(
    brands: Sequence[tuple[bytes, BrandState]], now_ms: int, origin_partition: int
) -> list[bytes]:
    found = [sums(state, now_ms) for _, state in brands]
    estimates, trends = _estimates(found)
    values = []
    for (key, state), brand, trend in zip(brands, found, trends, strict=True):
        value = {
            "brand": state.name,
            "brand_key": key.decode(),
            "as_of": now_ms,
            "windows": {name: _window(window, next(estimates)) for name, window in brand.windows.items()},
            "trend": trend,
            "minutes": _series(series(state.minutes, MINUTE_MS, SHOWN_MINUTES, now_ms)),
            "hours": _series(series(state.hours, HOUR_MS, SHOWN_HOURS, now_ms)),
            "model": state.model,
            "origin": {"partition": origin_partition, "offset": state.fence},
        }
        values.append(to_json(value))
    return values


def brand_hour_key(key: bytes, cell: Cell) -> bytes:
    """The key of `brand-hours`: brand key, a bar, start of the hour in ms. A bar in the brand is no harm.

    >>> brand_hour_key(b"acme", [2, 0, 0, 0, 0, 0, 0, 0])
    b'acme|7200000'
    """
    return b"%b|%d" % (key, cell[INDEX] * HOUR_MS)


def brand_hour(state: BrandState, key: bytes, cell: Cell) -> bytes:
    """The value of `brand-hours` for one hour cell of a brand: JSON of `stream.events.BrandHour`."""
    totals = total((cell,))
    return to_json(
        {
            "brand": state.name,
            "brand_key": key.decode(),
            "hour": cell[INDEX] * HOUR_MS,
            "counts": _by_label(totals[:3]),
            "score_sums": _by_label(totals[3:6]),
            "bins": totals.bins,
            "late": totals.late,
        }
    )


def _estimates(found: Sequence[Sums]) -> tuple[Iterator[dict[str, Any]], list[dict[str, Any] | None]]:
    """Of every window of every brand in turn, and the trend of every brand."""
    of_windows = [window.totals for brand in found for window in brand.windows.values()]
    every = estimate(_evidence([*of_windows, *(brand.before for brand in found)]))
    last_days = every.rows(slice(_LAST_DAY, len(of_windows), len(WINDOWS)))
    trends = _trends(last_days, every.rows(slice(len(of_windows), None)))
    return iter(_fields(every.rows(slice(len(of_windows))))), trends


def _evidence(totals: Sequence[Totals]) -> Evidence:
    rows = np.array([(*each[:6], *each.bins) for each in totals], np.int64).reshape(len(totals), 6 + BINS)
    return Evidence(counts=rows[:, :3], sums=rows[:, 3:6], bins=rows[:, 6:])


def _fields(estimates: Estimates) -> list[dict[str, Any]]:
    """What is said of each window beside its bounds and counts."""
    rounded = (
        np.round(column, _DIGITS).tolist()
        for column in (estimates.counted, estimates.shares, estimates.net, estimates.low, estimates.high)
    )
    rows = zip(estimates.reviews.tolist(), estimates.enough.tolist(), *rounded, strict=True)
    return [
        {
            "counted": _by_label(counted),
            "shares": _by_label(shares),
            "net": net,
            "intervals": {
                name: {"low": below, "high": above}
                for name, below, above in zip(_BOUNDED, low, high, strict=True)
            },
            "enough": enough,
        }
        if reviews
        else {"counted": None, "shares": None, "net": None, "intervals": None, "enough": False}
        for reviews, enough, counted, shares, net, low, high in rows
    ]


def _trends(last_days: Estimates, before: Estimates) -> list[dict[str, Any] | None]:
    changes = change_of_net(last_days, before)
    comparable = ((last_days.reviews > 0) & (before.reviews > 0)).tolist()
    rounded = (
        np.round(column, _DIGITS).tolist()
        for column in (last_days.net, before.net, changes.change, changes.low, changes.high)
    )
    return [
        {
            "net": net,
            "before": former,
            "change": change,
            "interval": {"low": low, "high": high},
            "clear": clear,
        }
        if both
        else None
        for both, clear, net, former, change, low, high in zip(
            comparable, changes.clear.tolist(), *rounded, strict=True
        )
    ]


def _window(window: WindowTotals, estimated: dict[str, Any]) -> dict[str, Any]:
    return {
        "start": window.start_ms,
        "end": window.end_ms,
        "counts": _by_label(window.totals[:3]),
        **estimated,
        "late": window.totals.late,
    }


def _series(cells: Series) -> dict[str, Any]:
    return {"start": cells.start_ms, "step": cells.step_ms, **_by_label(cells.counts)}


def _by_label(values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(LABELS, values, strict=True))
