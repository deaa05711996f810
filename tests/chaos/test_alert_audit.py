"""The audit of alerts is only worth something if it finds what it looks for."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from stream.brands.alerting.incident import Incident
from stream.brands.alerting.watch import Watch
from stream.brands.state import BrandState
from tests.batch_recomputation import HOUR_MS, BatchLabel
from tests.chaos.alert_audit import AlertAudit, Event
from tests.chaos.ledger import Findings

NOW_MS = 500_000 * HOUR_MS
LABELS = [
    BatchLabel(
        0,
        offset,
        b"acme",
        {
            "event_id": f"e{offset}",
            "review_id": f"r{offset}",
            "text_digest": None,
            "brand": "Acme",
            "model": "m",
            "label": "negative",
            "scores": {"negative": 1.0, "neutral": 0.0, "positive": 0.0},
            "created_at": NOW_MS,
            "scored_at": NOW_MS,
        },
    )
    for offset in range(40)
]


def event(update: int, state: str, reviews: int, alert: str = "a", opened_ms: int = NOW_MS) -> Event:
    return {
        "alert_id": alert,
        "brand_key": "acme",
        "state": state,
        "kind": "volume",
        "severity": "notice",
        "update": update,
        "window": "1h",
        "start": NOW_MS - HOUR_MS,
        "end": NOW_MS + HOUR_MS,
        "opened_at": opened_ms,
        "reviews": reviews,
        "observed": float(reviews),
        "origin": {"partition": 0, "offset": reviews - 1},
    }


def told() -> list[Event]:
    """One alert that is open and was updated twice."""
    return [event(0, "opened", 20), event(1, "updated", 30), event(2, "updated", 40)]


def found(events: list[Event], update: int = 2) -> dict[str, int]:
    """Kinds of findings, where the stored state knows of so many updates."""
    findings = Findings()
    incident = Incident("volume", NOW_MS, "1h", update, "notice", 1.0, 1.0, 0.0)
    states = {b"acme": BrandState("Acme", "m", watch=Watch((incident,)))}
    AlertAudit(findings).run([orjson.dumps(each) for each in events], states, LABELS)
    return dict(findings.counts)


def test_a_story_as_it_should_be_has_no_findings() -> None:
    assert found(told()) == {}


def _drop(events: list[Event]) -> list[Event]:
    return [events[0], events[2]]


def _double(events: list[Event]) -> list[Event]:
    return [*events, events[-1]]


def _swap(events: list[Event]) -> list[Event]:
    return [events[1], events[0], events[2]]


def _second(events: list[Event]) -> list[Event]:
    return [*events, event(0, "opened", 40, alert="b", opened_ms=NOW_MS + 1)]


def _miscount(events: list[Event]) -> list[Event]:
    return [*events[:2], events[2] | {"reviews": 39}]


def _mix_up(events: list[Event]) -> list[Event]:
    return [*events[:2], events[2] | {"opened_at": NOW_MS - 1}]


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (_drop, "alert doubled or lost"),
        (_double, "alert doubled or lost"),
        (_swap, "alert disordered"),
        (_second, "incident told of twice"),
        (_miscount, "alert miscounted"),
        (_mix_up, "alert mixed up"),
    ],
)
def test_what_is_wrong_is_found(spoil: Callable[[list[Event]], list[Event]], kind: str) -> None:
    assert kind in found(spoil(told()))


def test_what_is_open_must_be_stored() -> None:
    assert found(told(), update=1) == {"open alerts": 1}


def test_an_incident_may_come_again_after_it_was_closed() -> None:
    closed: Any = [event(0, "opened", 20, "z", NOW_MS - 9), event(1, "closed", 20, "z", NOW_MS - 9)]
    assert found([*closed, *told()]) == {}
