"""Alerts of one partition: from labels to events, in the flush's transaction, whatever happens between."""

import random
from pathlib import Path
from typing import Any

from stream.brands.alerting.incident import alert_id
from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.folding import Policy
from stream.events import BrandAlert
from tests.unit.brands.bench import DAY_MS, Bench, bench
from tests.unit.brands.samples import NOW_MS, label

CALM = {"negative": 0.1, "neutral": 0.1, "positive": 0.8}


def negative(at_ms: int, number: int) -> dict[str, Any]:
    """A negative label, the more confident the higher its number, of a text like no other."""
    score = 0.8 + number / 1000
    return label(
        at_ms,
        at_ms,
        label="negative",
        scores={"negative": score, "neutral": 1 - score, "positive": 0.0},
        sketch=random.Random(number).randbytes(8).hex(),
    )


def live(here: Bench, days: int = 4) -> None:
    """Calm days of 30 reviews an hour, one in ten negative."""
    for hour in range(-24 * days, 0):
        at_ms = NOW_MS + hour * HOUR_MS
        labels = [label(at_ms, at_ms, scores=CALM) for _ in range(27)]
        here.fold(b"acme", *labels, *(negative(at_ms, number) for number in range(3)))
    here.now_ms = NOW_MS
    here.flush()


def suffer(here: Bench, minutes: int) -> None:
    """A negative review each two minutes, a flush after each."""
    for minute in range(0, minutes, 2):
        here.now_ms += 2 * MINUTE_MS
        here.fold(b"acme", negative(here.now_ms, minute))
        here.flush()


def alerts(here: Bench) -> list[BrandAlert]:
    """All that were sent, in order; their keys are their ids."""
    sent = [message for sent, _ in here.lane.transactions for message in sent.get("alerts", [])]
    events = [BrandAlert.model_validate_json(value) for _, value in sent if value is not None]
    assert [key for key, _ in sent] == [event.alert_id.encode() for event in events]
    return events


def test_an_incident_in_the_labels_is_an_alert_with_its_reviews(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        live(here)
        assert alerts(here) == []
        suffer(here, 60)
        first = alerts(here)[0]
        assert (first.state, first.kind, first.brand) == ("opened", "negative_share", "Acme")
        assert first.alert_id == alert_id(b"acme", "negative_share", first.opened_at)
        assert first.origin.offset == len(here.labels) - (60 - (first.as_of - NOW_MS) // MINUTE_MS) // 2 - 1
        assert first.drivers
        assert all(first.start <= one.created_at < first.end for one in first.drivers)
        for one in first.drivers:
            assert here.labels[one.label_offset].fields["event_id"] == one.event_id
            assert here.labels[one.label_offset].fields["scores"]["negative"] - one.confidence < 1e-5


def test_crashes_open_no_alert_twice_and_lose_none(tmp_path: Path) -> None:
    """A crash comes between fold and flush, so that labels are folded again from the committed offset."""

    def played(directory: Path, crash_at: frozenset[int]) -> list[BrandAlert]:
        with bench(directory) as here:
            live(here)
            for step in range(36):
                here.now_ms += (2 if step < 24 else 12) * MINUTE_MS
                calm = [label(here.now_ms, here.now_ms, scores=CALM) for _ in range(5)]
                here.fold(b"acme", *([negative(here.now_ms, step)] if step < 24 else calm))
                if step in crash_at:
                    here.crash()
                here.flush()
            # Their event ids are new in each run.
            return [event.model_copy(update={"drivers": []}) for event in alerts(here)]

    straight = played(tmp_path / "straight", frozenset())
    assert {event.state for event in straight} == {"opened", "updated", "closed"}
    assert played(tmp_path / "crashing", frozenset((4, 9, 14, 23, 24, 33))) == straight


def test_an_alert_ends_without_another_label(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        live(here)
        suffer(here, 60)
        for _ in range(26 * 4):
            here.now_ms += HOUR_MS // 4
            here.flush()
        assert alerts(here)[-1].state == "closed"
        assert not here.states()[b"acme"].watch.incidents


def test_a_forgotten_brand_closes_what_is_open(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        live(here)
        suffer(here, 60)
        opened = alerts(here)[-1]
        here.now_ms += 20 * DAY_MS
        here.fold(b"bolt", label(here.now_ms, here.now_ms))  # the stream itself is that far
        here.flush()
        closed = alerts(here)[-1]
        assert (closed.alert_id, closed.state, closed.reviews) == (opened.alert_id, "closed", 0)
        assert here.lane.compacted["changelog"].keys() == {b"bolt"}


def test_a_review_that_was_corrected_drives_nothing(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        wrong = negative(NOW_MS, 1)
        here.fold(b"acme", wrong)
        here.fold(b"acme", label(NOW_MS, NOW_MS + 1, scores=CALM, review_id=wrong["review_id"]))
        here.flush()
        assert here.states()[b"acme"].evidence.candidates == []


def test_only_negative_labels_that_count_are_gathered(tmp_path: Path) -> None:
    with bench(tmp_path, policy=Policy(clock="event")) as here:
        here.fold(b"acme", label(scores=CALM), negative(NOW_MS, 2))
        here.fold(b"acme", negative(NOW_MS - 9 * DAY_MS, 3))
        here.flush()
        assert [one.label_offset for one in here.states()[b"acme"].evidence.candidates] == [1]


def test_nothing_is_gathered_where_alerts_are_off(tmp_path: Path) -> None:
    with bench(tmp_path, policy=Policy(alerts=False)) as here:
        here.fold(b"acme", negative(NOW_MS, 2))
        here.flush()
        assert here.states()[b"acme"].evidence.candidates == []
