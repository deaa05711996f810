"""One example of the event on each topic, made up for the documents that describe them."""

from collections.abc import Mapping
from typing import Any

_HOUR_MS = 3_600_000
_HOUR = 497_222 * _HOUR_MS
_NOW = _HOUR + 1_000_000
_ORIGIN = {"partition": 3, "offset": 90_211}


def _series(step_ms: int, steps: int) -> dict[str, Any]:
    """Steps of which only the last two saw reviews: those of the window below."""
    quiet = [0] * (steps - 2)
    return {
        "start": _NOW // step_ms * step_ms - (steps - 1) * step_ms,
        "step": step_ms,
        "negative": [*quiet, 19, 12],
        "neutral": [*quiet, 4, 0],
        "positive": [*quiet, 38, 27],
    }


_WINDOW = {
    "start": _NOW - _HOUR_MS,
    "end": _NOW,
    "counts": {"negative": 31, "neutral": 4, "positive": 65},
    "counted": {"negative": 0.31, "neutral": 0.04, "positive": 0.65},
    "shares": {"negative": 0.284, "neutral": 0.062, "positive": 0.654},
    "net": 0.37,
    "intervals": {
        "negative": {"low": 0.201, "high": 0.379},
        "neutral": {"low": 0.029, "high": 0.118},
        "positive": {"low": 0.552, "high": 0.741},
        "net": {"low": 0.198, "high": 0.521},
    },
    "enough": True,
    "late": 0,
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "reviews": {
        "review_id": "shop-7-118",
        "brand": "Acme Audio",
        "text": "The lid leaks after a week, and nobody answers when I write.",
        "product_id": "kettle-2",
        "source": "shop-7",
        "language": "en",
        "stars": 2,
        "created_at": "2026-09-21T14:13:20+02:00",
    },
    "review-sentiment": {
        "event_id": "reviews-3-90211",
        "review_id": "shop-7-118",
        "brand": "Acme Audio",
        "label": "negative",
        "scores": {"negative": 0.943121, "neutral": 0.040512, "positive": 0.016367},
        "confidence": 0.943121,
        "model": "bilstm@0123456789ab",
        "created_at": _NOW - 4_000,
        "created_at_replaced": False,
        "received_at": _NOW - 90,
        "scored_at": _NOW,
        "origin": {"topic": "reviews", "partition": 3, "offset": 90_211},
        "text_digest": "ae1b216ee88ca418",
        "sketch": "3d16b931c55e8fb9",
        "product_id": "kettle-2",
        "source": "shop-7",
        "language": "en",
        "stars": 2,
    },
    "brand-sentiment": {
        "brand": "Acme Audio",
        "brand_key": "acme audio",
        "as_of": _NOW,
        "windows": {"1h": _WINDOW},
        "trend": {
            "net": 0.37,
            "before": 0.61,
            "change": -0.24,
            "interval": {"low": -0.41, "high": -0.07},
            "clear": True,
        },
        "minutes": _series(60_000, 60),
        "hours": _series(_HOUR_MS, 24),
        "model": "bilstm@0123456789ab",
        "origin": _ORIGIN,
    },
    "brand-hours": {
        "brand": "Acme Audio",
        "brand_key": "acme audio",
        "hour": _HOUR,
        "counts": {"negative": 2, "neutral": 0, "positive": 1},
        "score_sums": {"negative": 1_955_012, "neutral": 120_003, "positive": 1_070_713},
        "bins": [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        "late": 0,
    },
    "brand-alerts": {
        "alert_id": "6f1cc5f0-5a7c-5d34-9d52-0a8f3a0c1b7e",
        "brand": "Acme Audio",
        "brand_key": "acme audio",
        "state": "opened",
        "kind": "negative_share",
        "severity": "critical",
        "update": 0,
        "window": "1h",
        "start": _NOW - _HOUR_MS,
        "end": _NOW,
        "opened_at": _NOW,
        "as_of": _NOW,
        "reviews": 100,
        "observed": 0.31,
        "expected": 0.08,
        "interval": {"low": 0.228, "high": 0.406},
        "q_value": 0.00021,
        "drivers": [
            {
                "event_id": "reviews-3-90211",
                "label_offset": 90_211,
                "confidence": 0.943121,
                "created_at": _NOW - 4_000,
                "copies": 1,
            }
        ],
        "origin": _ORIGIN,
    },
    "review-corrections": {
        "event_id": "reviews-3-90305",
        "brand": "Acme Audio",
        "brand_key": "acme audio",
        "review_id": "shop-7-118",
        "source": "shop-7",
        "replaces": "reviews-3-90211",
        "duplicate_of": None,
        "counted": True,
        "as_of": _NOW + 60_000,
    },
    "reviews-dlq": {
        "dlq_reason": "invalid",
        "dlq_detail": "text: is blank",
        "dlq_topic": "reviews",
        "dlq_partition": "3",
        "dlq_offset": "90212",
        "dlq_timestamp": str(_NOW),
    },
}
"""By topic; of `reviews-dlq` the headers, since its values are whatever was received."""
