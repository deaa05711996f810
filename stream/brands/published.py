"""The values on `brand-sentiment` and `brand-hours`: absolute, so that sending one twice changes nothing."""

from typing import Any

import orjson

from stream.brands.cells import HOUR_MS, INDEX, Cell, Totals, total
from stream.brands.intervals import net_interval, share_interval
from stream.brands.state import BrandState
from stream.brands.windows import WindowTotals, windows
from stream.events import LABELS

_DIGITS = 6


def brand_sentiment(state: BrandState, key: bytes, now_ms: int, origin_partition: int) -> bytes:
    """The value of `brand-sentiment` at `now_ms`: JSON of `stream.events.BrandSentiment`.

    `key` is the brand key, the message's key as well. Shares, net and intervals have six digits.
    """
    return orjson.dumps(
        {
            "brand": state.name,
            "brand_key": key.decode(),
            "as_of": now_ms,
            "windows": {name: _window(window) for name, window in windows(state, now_ms).items()},
            "model": state.model,
            "origin": {"partition": origin_partition, "offset": state.fence},
        }
    )


def brand_hour_key(key: bytes, cell: Cell) -> bytes:
    """The key of `brand-hours`: brand key, a bar, start of the hour in ms. A bar in the brand is no harm.

    >>> brand_hour_key(b"acme", [2, 0, 0, 0, 0, 0, 0, 0])
    b'acme|7200000'
    """
    return b"%b|%d" % (key, cell[INDEX] * HOUR_MS)


def brand_hour(state: BrandState, key: bytes, cell: Cell) -> bytes:
    """The value of `brand-hours` for one hour cell of a brand: JSON of `stream.events.BrandHour`."""
    totals = total((cell,))
    return orjson.dumps(
        {
            "brand": state.name,
            "brand_key": key.decode(),
            "hour": cell[INDEX] * HOUR_MS,
            "counts": _counts(totals),
            "score_sums": dict(zip(LABELS, _score_sums(totals), strict=True)),
            "late": totals.late,
        }
    )


def _window(window: WindowTotals) -> dict[str, Any]:
    totals = window.totals
    estimates: dict[str, Any] = {"shares": None, "net": None, "intervals": None}
    if totals.reviews:
        estimates = _estimates(totals)
    return {
        "start": window.start_ms,
        "end": window.end_ms,
        "counts": _counts(totals),
        **estimates,
        "late": totals.late,
    }


def _estimates(totals: Totals) -> dict[str, Any]:
    sums = _score_sums(totals)
    shares = [units / sum(sums) for units in sums]
    reviews = totals.reviews
    negative, _, positive = shares
    bounds = [share_interval(share, reviews) for share in shares]
    bounds.append(net_interval(negative, positive, reviews))
    return {
        "shares": {label: round(share, _DIGITS) for label, share in zip(LABELS, shares, strict=True)},
        "net": round(positive - negative, _DIGITS),
        "intervals": {
            name: {"low": round(low, _DIGITS), "high": round(high, _DIGITS)}
            for name, (low, high) in zip((*LABELS, "net"), bounds, strict=True)
        },
    }


def _counts(totals: Totals) -> dict[str, int]:
    return dict(zip(LABELS, totals[:3], strict=True))


def _score_sums(totals: Totals) -> tuple[int, int, int]:
    return totals.negative_sum, totals.neutral_sum, totals.positive_sum
