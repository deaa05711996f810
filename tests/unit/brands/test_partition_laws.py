"""Whatever happens to a partition, every brand ends as a batch over all its labels has it."""

import tempfile
from operator import itemgetter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.folding import Policy
from stream.events import BrandSentiment
from tests.batch_recomputation import corrections
from tests.unit.brands.bench import DAY_MS, Bench, bench, contents
from tests.unit.brands.samples import label

keys = st.sampled_from([b"acme", b"bolt", b"corvus"])
spans_ms = st.sampled_from(
    [0, 1, MINUTE_MS, 50 * MINUTE_MS, 7 * HOUR_MS, DAY_MS, 7 * DAY_MS, 8 * DAY_MS, 9 * DAY_MS]
)
said = st.tuples(spans_ms, st.sampled_from("abc"), st.sampled_from([None, "1" * 16, "2" * 16]))
acts = st.one_of(
    st.tuples(st.just("fold"), keys, st.lists(said, min_size=1, max_size=4)),
    st.tuples(st.sampled_from(("between", "during")), keys, st.lists(said, min_size=1, max_size=2)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("crash")),
    st.tuples(st.just("wait"), spans_ms),
)


policies = st.builds(
    Policy,
    clock=st.sampled_from(("wall", "event")),
    correction_ms=st.sampled_from((0, 8 * HOUR_MS, 7 * DAY_MS, 8 * DAY_MS)),
    skip_duplicates=st.booleans(),
)


def play(here: Bench, act: tuple[Any, ...]) -> None:
    match act:
        case ("fold", key, labels):
            here.fold(
                key,
                *(
                    label(here.now_ms - age_ms, here.now_ms, review_id=review, text_digest=digest)
                    for age_ms, review, digest in labels
                ),
            )
        case ("between" | "during" as when, key, labels):
            setattr(here.lane, when, lambda: play(here, ("fold", key, labels)))
            here.flush()
            setattr(here.lane, when, lambda: None)
        case ("flush",):
            here.flush()
        case ("crash",):
            here.crash()
        case ("wait", span_ms):
            here.now_ms += span_ms


@settings(max_examples=60)
@given(st.lists(acts, max_size=25), policies, st.integers(1, 3))
def test_whatever_happens_every_brand_equals_a_batch_recomputation(
    given_acts: list[tuple[Any, ...]], policy: Policy, most_cells: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        limits = {"most_cells_in_memory": most_cells}
        sizes = {"most_aged": 2, "brands_at_once": 1}
        with bench(Path(directory), policy=policy, options=limits, **sizes) as here:
            for act in given_acts:
                play(here, act)
            while here.flush():
                pass
            states, expected = here.batches(), here.expected()
            assert {key: expected[key] for key in states} == states
            wanted = corrections(here.labels, here.choices)
            assert sorted(here.lane.corrections, key=itemgetter("brand_key")) == [
                event for key in sorted(wanted) for event in wanted[key]
            ]
            stream_ms = max((brand.horizon_ms for brand in expected.values()), default=0)
            now_ms = here.now_ms if policy.clock == "wall" else stream_ms
            forgotten = expected.keys() - states.keys()
            for key, brand in expected.items():
                seen = here.lane.compacted["sentiment"].get(key)
                empty = all(start <= now_ms - 192 * HOUR_MS - now_ms % HOUR_MS for start in brand.hours)
                assert (seen is None) == empty
                assert empty or key not in forgotten
                if seen:
                    windows = BrandSentiment.model_validate_json(seen).windows
                    counts = [tuple(w.counts.model_dump().values()) for w in windows.values()]
                    assert counts == [cell[:3] for cell in contents(brand, now_ms)[:4]]
