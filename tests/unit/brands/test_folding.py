"""Which labels count where, one case at a time."""

from typing import Any

import numpy as np
import orjson
import pytest

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.folding import Policy, fold
from stream.brands.published import brand_hour, brand_hour_key
from stream.brands.reading import from_json
from stream.brands.state import BrandState
from stream.essence import ESSENCE
from stream.estimation.bins import BINS, bin_of
from stream.events import BrandHour
from tests.unit.brands.samples import HOUR, NOW_MS, Record, fresh_memory, label

NOW_MINUTE = HOUR * 60


def state_after(*labels: dict[str, Any], clock: Any = "wall") -> BrandState:
    states: dict[bytes, BrandState] = {}
    chunk = [Record(offset, b"acme", orjson.dumps(fields)) for offset, fields in enumerate(labels)]
    fold(states, chunk, Policy(clock), lambda key: None, fresh_memory())
    return states[b"acme"]


ITS_BIN = bin_of(1 << 18, 1 << 19)
COUNTED = [0, 0, 1, 1 << 18, 1 << 18, 1 << 19, 0, *(int(number == ITS_BIN) for number in range(BINS))]
LATE = [0, 0, 0, 0, 0, 0, 1, *[0] * BINS]


def test_a_fresh_review_counts_in_its_minute_and_hour() -> None:
    state = state_after(label())
    assert state.minutes == {NOW_MINUTE: [NOW_MINUTE, *COUNTED]}
    assert state.hours == {HOUR: [HOUR, *COUNTED]}
    assert (state.fence, state.horizon_ms, state.name, state.model) == (0, NOW_MS, "Acme", "m@1")


@pytest.mark.parametrize(
    ("created_at", "minutes", "hours"),
    [
        pytest.param(NOW_MS + 5 * MINUTE_MS, {5: COUNTED}, {0: COUNTED}, id="ahead of its scoring"),
        pytest.param(NOW_MS - 119 * MINUTE_MS, {-119: COUNTED}, {-2: COUNTED}, id="oldest minute kept"),
        pytest.param(NOW_MS - 119 * MINUTE_MS - 1, {}, {-2: COUNTED}, id="one ms older: hour only"),
        pytest.param(NOW_MS - 191 * HOUR_MS, {}, {-191: COUNTED}, id="oldest hour kept"),
        pytest.param(NOW_MS - 191 * HOUR_MS - 1, {0: LATE}, {0: LATE}, id="one ms older: late"),
        pytest.param(0, {0: LATE}, {0: LATE}, id="1970"),
    ],
)
def test_where_a_late_review_counts(
    created_at: int, minutes: dict[int, list[int]], hours: dict[int, list[int]]
) -> None:
    state = state_after(label(created_at))
    assert {index - NOW_MINUTE: cell[1:] for index, cell in state.minutes.items()} == minutes
    assert {index - HOUR: cell[1:] for index, cell in state.hours.items()} == hours


def test_the_event_clock_measures_lateness_in_stream_time() -> None:
    """Scored years after it was written, a review is no less fresh; the brand's newest one is the measure."""
    fresh, late = label(NOW_MS, 2 * NOW_MS), label(NOW_MS - 192 * HOUR_MS, 2 * NOW_MS)
    state = state_after(fresh, late, clock="event")
    assert state.horizon_ms == NOW_MS
    assert state.hours == {HOUR: [HOUR, *COUNTED[:6], 1, *COUNTED[7:]]}


def test_what_a_label_pushes_beyond_what_is_kept_is_dropped() -> None:
    state = state_after(label(), label(NOW_MS + 192 * HOUR_MS, NOW_MS + 192 * HOUR_MS))
    assert list(state.hours) == [HOUR + 192]
    assert list(state.minutes) == [NOW_MINUTE + 192 * 60]


def test_the_first_spelling_and_the_last_model_stay() -> None:
    state = state_after(label(), label(brand="ACME", model="m@2"))
    assert (state.name, state.model) == ("Acme", "m@2")


def test_a_stored_brand_is_loaded_once_and_its_fence_holds() -> None:
    asked: list[bytes] = []
    stored = state_after(label(), label())

    def load(key: bytes) -> BrandState:
        asked.append(key)
        return stored

    chunk = [Record(offset, b"acme", orjson.dumps(label())) for offset in range(4)]
    result = fold({}, chunk, Policy(), load, fresh_memory())
    assert asked == [b"acme"]
    assert (result.replayed, result.labels, stored.fence, stored.hours[HOUR][3]) == (2, 2, 3, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"label": "mixed"},
        {"label": ["positive"]},
        {"scores": None},
        {"scores": {"negative": 0.5, "positive": 0.5}},
        {"scores": {"negative": 0.0, "neutral": 0.0, "positive": 0.0}},
        {"scores": {"negative": 0.5, "neutral": 0.5, "positive": 0.5}},
        {"scores": {"negative": -0.5, "neutral": 0.5, "positive": 1.0}},
        {"scores": {"negative": "0", "neutral": 0, "positive": 1}},
        {"scores": {"negative": False, "neutral": 0, "positive": 1}},
        {"created_at": None},
        {"created_at": 1.5},
        {"created_at": True},
        {"created_at": -1},
        {"created_at": "2026-01-01T00:00:00Z"},
        {"scored_at": 253_402_300_800_000},
        {"brand": 7},
        {"brand": "x" * 201},
        {"model": None},
        {"model": "x" * 1_001},
        {"review_id": "x" * 1_001},
        {"event_id": None},
        {"source": 7},
        {"received_at": None},
        {"confidence": 1.5},
        {"text_digest": "0011"},
        {"text_digest": "00112233445566xy"},
        {"text_digest": "00 11 22 33 4455"},
        {"sketch": None},
        {"sketch": "00112233445566778899"},
    ],
)
def test_what_is_no_label_is_counted_and_changes_nothing(change: dict[str, Any]) -> None:
    states: dict[bytes, BrandState] = {}
    broken = Record(8, b"acme", orjson.dumps(label(**change)))
    fine = Record(9, b"acme", orjson.dumps(label()))
    result = fold(states, [broken, fine], Policy(), lambda key: None, fresh_memory())
    assert (result.unreadable, result.labels) == ([8], 1)
    assert states[b"acme"].hours == {HOUR: [HOUR, *COUNTED]}


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"x" * 16_385])
def test_a_key_that_is_no_brand_makes_a_record_unreadable(key: bytes | None) -> None:
    states: dict[bytes, BrandState] = {}
    result = fold(states, [Record(8, key, orjson.dumps(label()))], Policy(), lambda key: None, fresh_memory())
    assert (result.unreadable, states) == ([8], {})


def test_whole_numbers_are_scores_as_well() -> None:
    value = orjson.dumps(label(scores={"negative": 0, "neutral": 0, "positive": 1}))
    found = from_json(b"acme", value, "reviews")
    assert found is not None
    assert np.frombuffer(found[0], ESSENCE)["units"].tolist() == [[0, 0, 1 << 20]]


def test_an_hour_is_published_under_brand_and_hour() -> None:
    state = state_after(label())
    cell = state.hours[HOUR]
    assert brand_hour_key(b"acme", cell) == b"acme|%d" % NOW_MS
    hour = BrandHour.model_validate_json(brand_hour(state, b"acme", cell))
    assert (hour.hour, hour.counts.positive, hour.score_sums.positive) == (NOW_MS, 1, 1 << 19)
