"""The value on `brand-alerts`: JSON of `stream.events.BrandAlert`."""

from dataclasses import dataclass
from typing import Literal

from stream.brands.alerting.comparison import Comparison
from stream.brands.alerting.evidence import Candidate
from stream.brands.alerting.incident import Incident, alert_id
from stream.brands.state import BrandState
from stream.encoding import to_json
from stream.estimation.bins import SCORE_UNIT
from stream.events import WINDOWS

AlertState = Literal["opened", "updated", "closed"]
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One event, ready to be sent; `key` is the alert's id."""

    state: AlertState
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened to an alert: which window showed it, against what, and how certain that is."""

    state: AlertState
    incident: Incident
    comparison: Comparison
    q_value: float
    now_ms: int


def alert_event(key: bytes, state: BrandState, partition: int, occasion: Occasion) -> AlertEvent:
    """The event of a brand's alert; shares and confidences have six digits, q-values keep theirs."""
    incident, comparison = occasion.incident, occasion.comparison
    span = comparison.span
    # The last window of an alert that is over is a calm one: what drove it lies before.
    seen_from_ms = incident.opened_ms - WINDOWS[incident.window]
    drivers_from_ms = seen_from_ms if occasion.state == "closed" else span.start_ms
    low, high = comparison.interval()
    name = alert_id(key, incident.kind, incident.opened_ms)
    value = {
        "alert_id": name,
        "brand": state.name,
        "brand_key": key.decode(),
        "state": occasion.state,
        "kind": incident.kind,
        "severity": incident.severity,
        "update": incident.update,
        "window": span.window,
        "start": span.start_ms,
        "end": span.end_ms,
        "opened_at": incident.opened_ms,
        "as_of": occasion.now_ms,
        "reviews": span.reviews,
        "observed": round(comparison.observed, _DIGITS),
        "expected": round(comparison.expected, _DIGITS),
        "interval": {"low": round(low, _DIGITS), "high": round(high, _DIGITS)},
        "q_value": occasion.q_value,
        "drivers": [_driver(one) for one in state.evidence.drivers(drivers_from_ms, span.end_ms)],
        "origin": {"partition": partition, "offset": state.fence},
    }
    return AlertEvent(occasion.state, name.encode(), to_json(value))


def _driver(candidate: Candidate) -> dict[str, str | int | float]:
    return {
        "event_id": candidate.event_id,
        "label_offset": candidate.label_offset,
        "confidence": round(min(1.0, candidate.confidence_units / SCORE_UNIT), _DIGITS),
        "created_at": candidate.created_at,
        "copies": candidate.copies,
    }
