"""The laws of the brand aggregates, against a batch recomputation that shares no code with them."""

import copy
from collections import defaultdict
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.brands.cells import HOUR_MS, LATE, MINUTE_MS, NOTHING, WIDTH, Cells, Totals, merge, total
from stream.brands.corrections import correction
from stream.brands.folding import Policy, fold
from stream.brands.published import brand_hour, brand_sentiments
from stream.brands.reading import from_json
from stream.brands.state import BrandState, decode_state, encode_state
from stream.brands.windows import empty_at_ms, is_empty, next_change_ms, sums
from stream.essence import HEADER
from stream.estimation.bins import BINS
from stream.events import WINDOWS, BrandHour, BrandSentiment, Correction
from stream.kafka.messages import Header
from tests.batch_recomputation import BatchLabel, Choices, corrections, recompute
from tests.unit.brands.samples import Record, as_batch, fresh_memory

NOW_MS = 1_790_000_000_000
DAY_MS = 24 * HOUR_MS
KEYS = (b"acme", b"borealis", "łódź".encode())
LENGTHS_MS = {str(name): length_ms for name, length_ms in WINDOWS.items()}
enough = settings(max_examples=200, deadline=None)


@st.composite
def spans_ms(draw: st.DrawFn) -> int:
    """Times that differ by everything that matters: nothing, a boundary, what is kept, a few ms beside."""
    width = draw(st.sampled_from((0, MINUTE_MS, HOUR_MS)))
    cells = draw(st.sampled_from((0, 1, 2, 5, 60, 119, 120, 121, 168, 191, 192, 193, 400)))
    beside = draw(st.sampled_from((-1, 0, 1, 59_999, 30_000)))
    return width * cells + beside


@st.composite
def label_fields(draw: st.DrawFn) -> dict[str, Any]:
    """A label scored about now about a review that is fresh, late, far too late, or ahead of its time."""
    base = NOW_MS - NOW_MS % draw(st.sampled_from((1, MINUTE_MS, HOUR_MS)))
    scored_at = base + draw(st.one_of(st.integers(-3 * HOUR_MS, 3 * HOUR_MS), spans_ms()))
    age_ms = draw(
        st.one_of(st.integers(-5 * MINUTE_MS, 3 * HOUR_MS), st.integers(0, 10 * DAY_MS), spans_ms())
    )
    cuts = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
    return {
        "label": draw(st.sampled_from(("negative", "neutral", "positive"))),
        "scores": {"negative": cuts[0], "neutral": cuts[1] - cuts[0], "positive": 1 - cuts[1]},
        "brand": draw(st.sampled_from(("ACME", "Acme", "ａｃｍｅ"))),
        "model": draw(st.sampled_from(("a@1", "b@2"))),
        "confidence": 0.5,
        "review_id": draw(st.sampled_from(("r1", "r2", "r3"))),
        "source": draw(st.sampled_from((None, "", "shop"))),
        "text_digest": draw(st.sampled_from((None, *(digit * 16 for digit in "123456")))),
        "sketch": "0123456789abcdef",
        "received_at": scored_at,
        "created_at": scored_at - age_ms,
        "scored_at": scored_at,
    }


@st.composite
def label_streams(draw: st.DrawFn) -> list[BatchLabel]:
    """Labels of one partition in the order of their offsets, which have gaps."""
    fields = draw(st.lists(st.tuples(label_fields(), st.sampled_from(KEYS), st.integers(1, 3)), max_size=40))
    offset, labels = 0, []
    for one, key, step in fields:
        offset += step
        labels.append(BatchLabel(0, offset, key, one | {"event_id": f"reviews-0-{offset}"}))
    return labels


clocks = st.sampled_from(("wall", "event"))
policies = st.builds(
    Policy, clocks, st.sampled_from((0, HOUR_MS, 2 * DAY_MS, 7 * DAY_MS, 8 * DAY_MS)), st.booleans()
)


def choices(policy: Policy) -> Choices:
    return Choices(policy.clock, policy.correction_ms, policy.skip_duplicates)


def records(labels: list[BatchLabel]) -> list[Record]:
    """Some labels with a header that says the same, some without, some with one that is none."""
    made = []
    for label in labels:
        value = orjson.dumps(label.fields)
        essence = from_json(label.key, value, "reviews")
        assert essence is not None
        headers: tuple[list[Header], ...] = (
            [(HEADER, essence[0])],
            [],
            [("other", b"1")],
            [(HEADER, bytes(80))],
            [(HEADER, b"1")],
        )
        made.append(Record(label.offset, label.key, value, headers[label.offset % len(headers)]))
    return made


def folded(labels: list[BatchLabel], policy: Policy) -> dict[bytes, BrandState]:
    states: dict[bytes, BrandState] = {}
    fold(states, records(labels), policy, lambda key: None, fresh_memory())
    return states


@enough
@given(label_streams(), policies)
def test_folding_equals_a_batch_recomputation(labels: list[BatchLabel], policy: Policy) -> None:
    states: dict[bytes, BrandState] = {}
    result = fold(states, records(labels), policy, lambda key: None, fresh_memory())
    assert {key: as_batch(state) for key, state in states.items()} == recompute(labels, choices(policy))
    found = defaultdict(list)
    for corrected in result.corrected:
        value = correction(corrected)
        Correction.model_validate_json(value)
        found[corrected.key].append(orjson.loads(value))
    assert found == corrections(labels, choices(policy))


@enough
@given(label_streams(), policies, st.data())
def test_chunks_reloads_and_replays_change_nothing(
    labels: list[BatchLabel], policy: Policy, data: st.DataObject
) -> None:
    """Between any two chunks the worker may crash, keep what it stored, and start again further back."""
    given_records = records(labels)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(labels)))) | {0, len(labels)})
    stored: dict[bytes, bytes] = {}
    states: dict[bytes, BrandState] = {}
    memory = fresh_memory()
    corrected = []
    for start, end in pairwise(cuts):
        again_from = data.draw(st.integers(0, start))
        result = fold(
            states,
            given_records[again_from:end],
            policy,
            lambda key: decode_state(stored[key]) if key in stored else None,
            memory,
        )
        corrected += result.corrected
        assert result.replayed == start - again_from
        assert result.labels == end - start
        assert result.unreadable == []
        if data.draw(st.booleans()):
            stored.update((key, encode_state(state)) for key, state in states.items())
            states = {}
    stored.update((key, encode_state(state)) for key, state in states.items())
    whole = folded(labels, policy)
    assert {key: decode_state(value) for key, value in stored.items()} == whole
    assert stored == {key: encode_state(state) for key, state in whole.items()}
    assert len(corrected) == sum(map(len, corrections(labels, choices(policy)).values()))


@enough
@given(label_streams(), policies, st.data())
def test_changed_names_the_hours_that_differ(
    labels: list[BatchLabel], policy: Policy, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(labels)))
    states: dict[bytes, BrandState] = {}
    memory = fresh_memory()
    fold(states, records(labels[:cut]), policy, lambda key: None, memory)
    before = copy.deepcopy(states)
    changed = fold(states, records(labels[cut:]), policy, lambda key: None, memory).changed
    assert set(changed) == {label.key for label in labels[cut:]}
    for key, state in states.items():
        old = before[key].hours if key in before else {}
        differing = {index for index, cell in state.hours.items() if old.get(index) != cell}
        named = set(changed.get(key, {})) & set(state.hours)
        # What takes the place of an equal label leaves its hour as it was.
        assert differing <= named if policy.correction_ms else differing == named
        assert all(changed[key][index] is state.hours[index] for index in differing)


@enough
@given(label_streams(), st.integers(1, 10))
def test_an_hour_that_ages_out_before_it_was_published_is_not_lost(
    labels: list[BatchLabel], chunk: int
) -> None:
    """With stream time a chunk may span more than is kept; no label but the late ones is missing."""
    states: dict[bytes, BrandState] = {}
    policy = Policy("event", correction_ms=0)
    published: dict[tuple[bytes, int], list[int]] = {}
    late = 0
    everything = records(labels)
    for start in range(0, len(everything), chunk):
        result = fold(states, everything[start : start + chunk], policy, lambda key: None, fresh_memory())
        late += result.late
        for key, hours in result.changed.items():
            published.update(((key, index), cell[:]) for index, cell in hours.items())
    sums = total(published.values()) if published else NOTHING
    assert sums.reviews + sums.late == len(labels)
    assert sums.late == late


numbers = st.integers(0, 2**40)
totals = st.builds(Totals, *[numbers] * 7, bins=st.tuples(*[numbers] * BINS))


@enough
@given(totals, totals, totals)
def test_merging_is_associative_and_commutative(one: Totals, two: Totals, three: Totals) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, two) == merge(two, one)
    assert merge(one, NOTHING) == one


@st.composite
def sorted_cells(draw: st.DrawFn) -> Cells:
    several = st.sampled_from([0, 9, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63 - 1])
    indices = sorted(draw(st.sets(st.integers(0, 2**32 - 1), max_size=8)))
    most = [draw(several) for _ in range(WIDTH - 1)]
    return {index: [index, *(draw(st.integers(0, one)) for one in most)] for index in indices}


@enough
@given(
    st.builds(
        BrandState,
        name=st.text(),
        model=st.text(),
        fence=st.integers(-1, 2**63 - 1),
        horizon_ms=st.integers(0, 2**62),
        minutes=sorted_cells(),
        hours=sorted_cells(),
    )
)
def test_decoding_inverts_encoding(state: BrandState) -> None:
    assert decode_state(encode_state(state)) == state


ages = st.one_of(st.integers(-2 * HOUR_MS, 2 * HOUR_MS), st.integers(0, 9 * DAY_MS), spans_ms())


@enough
@given(label_streams(), policies, ages)
def test_windows_are_the_sums_of_their_cells(labels: list[BatchLabel], policy: Policy, age_ms: int) -> None:
    expected = recompute(labels, choices(policy))
    now_ms = NOW_MS + age_ms
    for key, state in folded(labels, policy).items():
        for name, window in sums(state, now_ms).windows.items():
            assert (*window.totals[:7], *window.totals.bins) == expected[key].window(name, now_ms)
            assert window.end_ms - window.start_ms == LENGTHS_MS[name]
            cell_ms = MINUTE_MS if LENGTHS_MS[name] <= HOUR_MS else HOUR_MS
            assert window.end_ms % cell_ms == 0
            assert window.end_ms - cell_ms <= now_ms < window.end_ms


@enough
@given(label_streams(), policies, ages)
def test_the_last_day_is_compared_with_the_seven_before(
    labels: list[BatchLabel], policy: Policy, age_ms: int
) -> None:
    hour = (NOW_MS + age_ms) // HOUR_MS
    for state in folded(labels, policy).values():
        before = [cell for index, cell in state.hours.items() if hour - 8 * 24 < index <= hour - 24]
        assert sums(state, NOW_MS + age_ms).before == total(before)


def contents(state: BrandState, now_ms: int) -> dict[str, set[int]]:
    """Brute force: the indices of the cells that are in each window, or kept for the trend."""
    found = {}
    for name, length_ms in (*WINDOWS.items(), ("kept", 8 * DAY_MS)):
        cells, cell_ms = (state.minutes, MINUTE_MS) if length_ms <= HOUR_MS else (state.hours, HOUR_MS)
        found[name] = {
            index for index in cells if now_ms // cell_ms - length_ms // cell_ms < index <= now_ms // cell_ms
        }
    return found


@enough
@given(label_streams(), policies, ages)
def test_the_next_change_is_exact(labels: list[BatchLabel], policy: Policy, age_ms: int) -> None:
    now_ms = NOW_MS + age_ms
    for state in folded(labels, policy).values():
        change_ms = next_change_ms(state, now_ms)
        if change_ms is None:
            assert not any(contents(state, now_ms).values())
            change_ms = now_ms + 20 * DAY_MS
        else:
            assert contents(state, change_ms) != contents(state, now_ms)
        boundaries = range(now_ms - now_ms % MINUTE_MS + MINUTE_MS, change_ms, 7 * MINUTE_MS)
        for moment in (now_ms, *boundaries, change_ms - 1):
            assert contents(state, moment) == contents(state, now_ms)


@enough
@given(label_streams(), policies)
def test_a_brand_is_forgotten_exactly_when_its_last_cell_is(labels: list[BatchLabel], policy: Policy) -> None:
    for state in folded(labels, policy).values():
        moment = empty_at_ms(state)
        assert not is_empty(state, moment - 1)
        assert is_empty(state, moment)
        assert next_change_ms(state, moment) is None
        assert all(window.totals == NOTHING for window in sums(state, moment).windows.values())


@enough
@given(label_streams(), policies, ages)
def test_published_values_keep_their_schema(labels: list[BatchLabel], policy: Policy, age_ms: int) -> None:
    now_ms = NOW_MS + age_ms
    for key, state in folded(labels, policy).items():
        value = BrandSentiment.model_validate_json(*brand_sentiments([(key, state)], now_ms, 3))
        assert value.origin.offset == state.fence
        for name, window in sums(state, now_ms).windows.items():
            sent = value.windows[name]  # type: ignore[index]
            assert (sent.shares is None) == (window.totals.reviews == 0) == (sent.intervals is None)
            assert sent.late == window.totals.late
            if sent.shares is not None and sent.intervals is not None and sent.net is not None:
                assert abs(sum(sent.shares.model_dump().values()) - 1) < 2e-6
                assert sent.intervals.positive.low <= sent.shares.positive <= sent.intervals.positive.high
                assert sent.intervals.net.low <= sent.net <= sent.intervals.net.high
        for cell in state.hours.values():
            hour = BrandHour.model_validate_json(brand_hour(state, key, cell))
            assert hour.late == cell[LATE]
