"""What answers look like, in /openapi.json and in the tests."""

from typing import Any

_AT = 1_767_225_600_000


def _intervals(net: float) -> dict[str, Any]:
    return {
        "negative": {"low": 0.12, "high": 0.21},
        "neutral": {"low": 0.06, "high": 0.13},
        "positive": {"low": 0.69, "high": 0.8},
        "net": {"low": round(net - 0.09, 2), "high": round(net + 0.09, 2)},
    }


def _window(length_ms: int) -> dict[str, Any]:
    return {
        "start": _AT - length_ms,
        "end": _AT,
        "counts": {"negative": 41, "neutral": 22, "positive": 187},
        "counted": {"negative": 0.164, "neutral": 0.088, "positive": 0.748},
        "shares": {"negative": 0.16, "neutral": 0.09, "positive": 0.75},
        "net": 0.59,
        "intervals": _intervals(0.59),
        "enough": True,
        "late": 0,
    }


_TREND = {
    "net": 0.59,
    "before": 0.66,
    "change": -0.07,
    "interval": {"low": -0.16, "high": 0.02},
    "clear": False,
}

BRAND: dict[str, Any] = {
    "brand": "Acme",
    "brand_key": "acme",
    "as_of": _AT,
    "windows": {
        "5m": _window(300_000),
        "1h": _window(3_600_000),
        "24h": _window(86_400_000),
        "7d": _window(604_800_000),
    },
    "trend": _TREND,
    "minutes": {
        "start": _AT - 120_000,
        "step": 60_000,
        "negative": [1, 0],
        "neutral": [0, 1],
        "positive": [4, 3],
    },
    "hours": {
        "start": _AT - 7_200_000,
        "step": 3_600_000,
        "negative": [2, 1],
        "neutral": [1, 1],
        "positive": [9, 8],
    },
    "model": "brandpulse@0123456789ab",
    "origin": {"partition": 3, "offset": 41_812},
}

BRAND_ROW: dict[str, Any] = {
    **{name: BRAND[name] for name in ("brand", "brand_key", "as_of", "trend")},
    "windows": {
        name: {
            "counts": window["counts"],
            "net": window["net"],
            "intervals": {"net": window["intervals"]["net"]},
            "enough": window["enough"],
        }
        for name, window in BRAND["windows"].items()
    },
    "open_alerts": 1,
}

LABEL: dict[str, Any] = {
    "event_id": "reviews-0-1042",
    "review_id": "r-1042",
    "brand": "Acme",
    "label": "negative",
    "scores": {"negative": 0.93, "neutral": 0.05, "positive": 0.02},
    "confidence": 0.93,
    "model": "brandpulse@0123456789ab",
    "created_at": _AT - 60_000,
    "created_at_replaced": False,
    "received_at": _AT - 59_000,
    "scored_at": _AT - 58_900,
    "origin": {"topic": "reviews", "partition": 0, "offset": 1_042},
    "text_digest": "8f14e45fceea167a",
    "sketch": "0102030405060708",
    "product_id": None,
    "source": "shop",
    "language": "en",
    "stars": 1,
    "title": None,
    "text": "Stopped charging after the update.",
    "duplicate_of": None,
    "replaced_by": None,
    "counted": True,
}

ALERT: dict[str, Any] = {
    "alert_id": "acme-negative_share-1767222000000",
    "brand": "Acme",
    "brand_key": "acme",
    "state": "opened",
    "kind": "negative_share",
    "severity": "critical",
    "update": 0,
    "window": "1h",
    "start": _AT - 3_600_000,
    "end": _AT,
    "opened_at": _AT,
    "as_of": _AT,
    "reviews": 84,
    "observed": 0.51,
    "expected": 0.17,
    "interval": {"low": 0.4, "high": 0.62},
    "q_value": 0.000_02,
    "drivers": [
        {
            "event_id": "reviews-0-1042",
            "label_offset": 977,
            "confidence": 0.93,
            "created_at": _AT - 60_000,
            "copies": 3,
        }
    ],
    "origin": {"partition": 3, "offset": 41_812},
    "acknowledged_at": None,
    "acknowledged_by": None,
    "note": None,
}

POINT: dict[str, Any] = {
    "start": _AT,
    "counts": {"negative": 41, "neutral": 22, "positive": 187},
    "shares": {"negative": 0.16, "neutral": 0.09, "positive": 0.75},
    "net": 0.59,
    "intervals": _intervals(0.59),
    "enough": True,
    "late": 0,
}

NOTE: dict[str, Any] = {
    "alert_id": ALERT["alert_id"],
    "acknowledged_at": _AT + 60_000,
    "acknowledged_by": "Kim",
    "note": "Firmware 2.1; the vendor knows.",
    "updated_at": _AT + 60_000,
}

PIPELINE: dict[str, Any] = {
    "reviews_per_second": 812.4,
    "labels_per_second": 811.9,
    "lags": [{"group": "brandpulse-score", "topic": "reviews", "lag": 214}],
    "latency": {"p50": 190, "p95": 310, "p99": 420, "labels": 2_000},
    "dead_letters": {"invalid": 3},
    "brands": 1_204,
    "open_alerts": 2,
    "history": "here",
    "silent_seconds": 0.3,
    "unreadable": 0,
}
