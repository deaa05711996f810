"""Alerts are opened, updated and closed as documented."""

from stream.brands.alerting.desk import Desk
from stream.brands.alerting.evidence import Candidate
from stream.brands.alerting.rules import Rules
from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.state import BrandState, decode_state, encode_state
from stream.events import BrandAlert
from tests.unit.brands.alerting.samples import START_MS, Bench, calm_brand

DAY_MS = 24 * HOUR_MS


def states(events: list[dict[str, object]]) -> list[object]:
    return [event["state"] for event in events]


def test_an_incident_has_one_alert_from_its_opening_to_its_closing() -> None:
    bench, state = Bench(), calm_brand()
    at_ms = bench.play(b"acme", state, START_MS, 180, (1, 0))
    bench.play(b"acme", state, at_ms, 180, (0, 1))
    seen = states(bench.events)
    assert seen[0] == "opened"
    assert seen[-1] == "closed"
    assert set(seen[1:-1]) == {"updated"}
    assert len({event["alert_id"] for event in bench.events}) == 1
    assert [event["update"] for event in bench.events] == list(range(len(seen)))


def test_the_event_says_what_was_seen_against_what() -> None:
    bench, state = Bench(), calm_brand()
    bench.play(b"acme", state, START_MS, 30, (1, 0))
    event = bench.events[0]
    alert = BrandAlert.model_validate(event)
    assert (alert.brand, alert.brand_key, alert.kind) == ("Acme", "acme", "negative_share")
    assert alert.observed == 1.0
    assert 0.14 < alert.expected < 0.16
    assert alert.interval.low < alert.observed <= alert.interval.high
    assert alert.start <= alert.opened_at == alert.as_of < alert.end
    assert alert.q_value <= Rules().false_discovery_rate
    assert alert.reviews >= Rules().least_reviews


def test_a_calm_brand_opens_nothing() -> None:
    bench, state = Bench(), calm_brand()
    for minute in range(0, 600, 20):
        bench.play(b"acme", state, START_MS + minute * MINUTE_MS, 1, (3, 17))
        bench.look({b"acme": state}, START_MS + minute * MINUTE_MS + 40_000)
    assert bench.events == []


def test_fewer_negative_reviews_are_no_incident() -> None:
    bench, state = Bench(), calm_brand(negative=45)
    bench.play(b"acme", state, START_MS, 60, (0, 1))
    assert bench.events == []


def test_a_surge_opens_an_alert_of_its_own_kind() -> None:
    bench, state = Bench(), calm_brand()
    bench.play(b"acme", state, START_MS, 60, (1, 5))
    assert {event["kind"] for event in bench.events} == {"volume"}
    event = bench.events[-1]
    assert event["observed"] == event["reviews"] > 2 * event["expected"]
    assert event["interval"]["low"] < event["reviews"] < event["interval"]["high"]


def test_every_event_of_growth_would_be_an_alert_by_itself() -> None:
    bench, state = Bench(), calm_brand()
    at_ms = bench.play(b"acme", state, START_MS, 15, (3, 0))
    bench.play(b"acme", state, at_ms, 300, (1, 3))
    growth = [event for event in bench.events if event["state"] != "closed"]
    assert [event["state"] for event in growth].count("updated") >= 1
    assert all(event["q_value"] <= Rules().false_discovery_rate for event in growth)


def test_a_closing_shows_what_drove_the_incident() -> None:
    bench, state = Bench(), calm_brand()
    for number in range(3):
        evidence = Candidate(1_000_000, START_MS + number, 100 + number, 1, bytes([number]) * 8, f"e{number}")
        state.evidence.consider(evidence)
    at_ms = bench.play(b"acme", state, START_MS, 60, (1, 0))
    bench.play(b"acme", state, at_ms, 240, (0, 1))
    assert states(bench.events)[-1] == "closed"
    assert [driver["event_id"] for driver in bench.events[-1]["drivers"]] == ["e0", "e1", "e2"]


def test_a_young_brand_opens_nothing() -> None:
    bench, state = Bench(), calm_brand(days=3)
    bench.play(b"acme", state, START_MS, 60, (3, 0))
    assert bench.events == []


def test_an_alert_closes_when_the_brand_falls_silent() -> None:
    bench, state = Bench(), calm_brand()
    at_ms = bench.play(b"acme", state, START_MS, 60, (1, 0))
    for hour in range(30):
        bench.look({b"acme": state}, at_ms + hour * HOUR_MS)
    assert states(bench.events)[-1] == "closed"
    assert states(bench.events).count("closed") == 1


def test_what_stays_is_the_new_normal_after_a_week() -> None:
    bench, state = Bench(), calm_brand()
    opened_ms = START_MS
    for hour in range(14 * 24):
        bench.play(b"acme", state, START_MS + hour * HOUR_MS, 2, (24, 6))
    assert states(bench.events).count("opened") == 1
    assert states(bench.events)[-1] == "closed"
    assert 5 * DAY_MS < bench.events[-1]["as_of"] - opened_ms < 8 * DAY_MS


def test_a_forgotten_brand_closes_its_alert() -> None:
    bench, state = Bench(), calm_brand()
    bench.play(b"acme", state, START_MS, 60, (1, 0))
    assert bench.desk.has_open(b"acme")
    (closing,) = bench.take(bench.desk.close(b"acme", state, START_MS + 20 * DAY_MS))
    assert (closing["state"], closing["reviews"], closing["observed"]) == ("closed", 0, 0.0)
    assert closing["expected"] == bench.events[-2]["expected"]
    assert not bench.desk.has_open(b"acme")
    assert len(bench.desk) == 0
    assert bench.desk.close(b"acme", state, START_MS + 20 * DAY_MS) == []


def test_a_desk_takes_over_what_is_open() -> None:
    bench, state = Bench(), calm_brand()
    at_ms = bench.play(b"acme", state, START_MS, 60, (1, 0))
    restored = decode_state(encode_state(state))
    other = Bench()
    other.desk.resume(b"acme", restored.watch)
    assert len(other.desk) == len(bench.desk) == 1
    other.play(b"acme", restored, at_ms, 240, (0, 1))
    assert states(other.events) == ["closed"]
    assert other.events[0]["alert_id"] == bench.events[0]["alert_id"]


def test_many_brands_make_a_single_departure_less_of_a_discovery() -> None:
    """The same reviews: an alert of one brand alone, none among a hundred thousand."""

    def seen(held: int) -> list[object]:
        bench, state = Bench(held=held), calm_brand()
        bench.play(b"acme", state, START_MS, 10, (1, 0))
        return states(bench.events)

    assert seen(1)[:1] == ["opened"]
    assert seen(100_000) == []


def test_open_alerts_are_among_the_discoveries_of_the_next() -> None:
    """What is open lets through more: q-values are of all rejections together."""
    first, other = calm_brand(), calm_brand()
    desk = Desk(0, Rules())
    bench = Bench(held=1_000)
    bench.desk = desk
    bench.play(b"acme", first, START_MS, 120, (4, 0))
    assert len(desk) == 2
    bench.play(b"bolt", other, START_MS + 120 * MINUTE_MS, 60, (1, 0))
    alone = Bench(held=1_000)
    alone.play(b"bolt", calm_brand(), START_MS + 120 * MINUTE_MS, 60, (1, 0))
    together = next(event for event in bench.events if event["brand_key"] == "bolt")
    assert together["as_of"] <= alone.events[0]["as_of"]


def test_a_late_review_of_the_days_before_moves_the_baseline() -> None:
    bench, state = Bench(), calm_brand()
    bench.look({b"acme": state}, START_MS + 1)
    before = state.watch.baseline(state.hours, START_MS + 1, None)
    hour = START_MS // HOUR_MS - 100
    state.hours[hour][1] += 50
    state.watch.hours_changed([hour])
    after = state.watch.baseline(state.hours, START_MS + 1, None)
    assert before is not None
    assert after is not None
    assert after.negative_share > before.negative_share


def test_a_brand_without_a_past_is_a_brand_without_alerts() -> None:
    bench = Bench()
    assert bench.look({b"acme": BrandState("Acme", "m@1")}, START_MS) == []
