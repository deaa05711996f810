"""The laws of alerts, on streams of reviews and looks that nobody picked."""

from itertools import combinations, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stream.brands.alerting.evidence import Candidate, Evidence, near
from stream.brands.alerting.rules import Rules
from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.state import BrandState, decode_state, encode_state
from stream.events import BrandAlert
from tests.unit.brands.alerting.samples import START_MS, Bench, add, calm_brand

KEYS = (b"acme", b"bolt")
enough = settings(max_examples=40, deadline=None)

Step = tuple[int, int, int, int]
"""Which brand, minutes since the step before, negative and positive reviews of that minute."""


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Calm and stormy stretches of both brands, dense enough for alerts to open and to close."""
    found: list[Step] = []
    for _ in range(draw(st.integers(1, 6))):
        brand = draw(st.integers(0, 1))
        reviews = draw(st.sampled_from(((0, 1), (1, 5), (1, 0), (3, 0), (2, 2), (9, 30), (0, 0))))
        gap = draw(st.sampled_from((1, 1, 2, 7, 61)))
        found += [(brand, gap, *reviews)] * draw(st.integers(1, 60))
    return found


def brands() -> dict[bytes, BrandState]:
    return {key: calm_brand() for key in KEYS}


def play(states: dict[bytes, BrandState], given_steps: list[Step], bench: Bench, now_ms: int) -> int:
    """One look after each step at the brand that it is about and at those with open alerts."""
    for brand, gap, negative, positive in given_steps:
        now_ms += gap * MINUTE_MS
        key = KEYS[brand]
        if negative or positive:
            add(states[key], now_ms, negative, positive)
        seen = {one: states[one] for one in KEYS if one == key or bench.desk.has_open(one)}
        bench.look(seen, now_ms)
    return now_ms


def by_alert(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        found.setdefault(event["alert_id"], []).append(event)
    return found


@enough
@given(steps())
def test_an_alert_opens_once_counts_its_updates_and_closes_once(given_steps: list[Step]) -> None:
    bench = Bench()
    play(brands(), given_steps, bench, START_MS)
    for events in by_alert(bench.events).values():
        states = [event["state"] for event in events]
        assert states[0] == "opened"
        assert states[1:].count("opened") == 0
        assert "closed" not in states[:-1]
        assert [event["update"] for event in events] == list(range(len(events)))
        assert len({(event["brand_key"], event["kind"], event["opened_at"]) for event in events}) == 1
        assert all(a["as_of"] < b["as_of"] for a, b in pairwise(events))


@enough
@given(steps())
def test_one_alert_of_a_kind_at_a_time_and_none_again_in_the_hour_of_its_closing(
    given_steps: list[Step],
) -> None:
    bench = Bench()
    play(brands(), given_steps, bench, START_MS)
    for key in KEYS:
        for kind in ("negative_share", "volume"):
            moments = [
                (event["state"], event["as_of"])
                for event in bench.events
                if event["brand_key"] == key.decode()
                and event["kind"] == kind
                and event["state"] != "updated"
            ]
            for (one, at), (other, later) in pairwise(moments):
                assert {one, other} == {"opened", "closed"}
                if one == "closed":
                    assert later // HOUR_MS > at // HOUR_MS


@enough
@given(steps())
def test_nothing_opens_below_the_least_count_effect_and_certainty(given_steps: list[Step]) -> None:
    bench, rules = Bench(), Rules()
    play(brands(), given_steps, bench, START_MS)
    for event in bench.events:
        alert = BrandAlert.model_validate(event)
        if alert.state == "closed":
            continue
        if alert.kind == "volume":
            assert alert.reviews >= rules.least_volume
            assert alert.observed >= rules.least_ratio * alert.expected - 1e-5
        else:
            assert alert.reviews >= rules.least_reviews
            assert alert.observed >= alert.expected + rules.least_rise - 1e-5
        if alert.state == "opened":
            assert alert.q_value <= rules.false_discovery_rate


@enough
@given(steps(), st.data())
def test_starting_again_from_what_was_stored_changes_no_event(
    given_steps: list[Step], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(given_steps)))
    straight = Bench()
    play(brands(), given_steps, straight, START_MS)

    before = Bench()
    states = brands()
    now_ms = play(states, given_steps[:cut], before, START_MS)
    restored = {key: decode_state(encode_state(state)) for key, state in states.items()}
    assert restored == states
    after = Bench()
    for key, state in restored.items():
        after.desk.resume(key, state.watch)
    play(restored, given_steps[cut:], after, now_ms)
    assert before.events + after.events == straight.events


@enough
@given(steps())
def test_an_incident_of_one_brand_is_no_other_brands(given_steps: list[Step]) -> None:
    """Of a brand whose reviews are as ever nothing is told, whatever befalls its neighbour."""
    bench, states = Bench(), brands()
    calm = states[b"bolt"]
    now_ms = START_MS
    for _, gap, negative, positive in given_steps:
        now_ms += gap * MINUTE_MS
        if negative or positive:
            add(states[b"acme"], now_ms, negative, positive)
        add(calm, now_ms, 0, 1)
        bench.look(states, now_ms)
    assert {event["brand_key"] for event in bench.events if event["kind"] == "negative_share"} <= {"acme"}


@enough
@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 30), st.sampled_from(range(12)), st.integers(0, 2)),
        max_size=120,
    )
)
def test_drivers_are_ordered_and_no_two_are_near_copies(drawn: list[tuple[int, int, int, int]]) -> None:
    evidence = Evidence()
    first_hour = START_MS // HOUR_MS
    for offset, (confidence, hour, text, changed) in enumerate(drawn):
        sketch = bytes(16 * text + at if at >= changed else 255 - at for at in range(8))
        created_at = (first_hour + hour) * HOUR_MS
        if evidence.wants(confidence, first_hour + hour, first_hour + 30):
            evidence.consider(Candidate(confidence, created_at, offset, 1, sketch, f"reviews-0-{offset}"))
    drivers = evidence.drivers(START_MS - 24 * HOUR_MS, START_MS + 40 * HOUR_MS)
    assert len(drivers) <= 10
    assert not any(near(one.sketch, other.sketch) for one, other in combinations(drivers, 2))
    ranks = [(-one.confidence_units, one.label_offset) for one in drivers]
    assert ranks == sorted(ranks)
    assert sum(one.copies for one in drivers) <= len(drawn)
