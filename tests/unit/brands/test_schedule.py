"""The schedule against the obvious dict of moments."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stream.brands.schedule import Schedule

keys = st.sampled_from([b"acme", b"bolt", b"corvus", b"dune"])
moments = st.integers(0, 20)
steps = st.one_of(
    st.tuples(st.just("set"), keys, moments),
    st.tuples(st.just("forget"), keys),
    st.tuples(st.just("due"), moments, st.integers(0, 5)),
)


@given(st.lists(steps, max_size=60))
def test_it_does_what_a_dict_of_moments_does(given_steps: list[tuple[Any, ...]]) -> None:
    schedule, model = Schedule(), dict[bytes, int]()
    for step in given_steps:
        match step:
            case ("set", bytes(key), int(due_ms)):
                schedule.set(key, due_ms)
                model[key] = due_ms
            case ("forget", bytes(key)):
                schedule.forget(key)
                model.pop(key, None)
            case ("due", int(now_ms), int(most)):
                waiting = sorted((due_ms, key) for key, due_ms in model.items() if due_ms <= now_ms)
                expected = [key for _, key in waiting[:most]]
                assert schedule.due(now_ms, most) == expected
                for key in expected:
                    del model[key]
        assert len(schedule) == len(model)


def test_a_moment_set_again_after_it_was_due_is_due_again() -> None:
    schedule = Schedule()
    for _ in range(2):
        schedule.set(b"acme", 5)
        assert schedule.due(5, most=9) == [b"acme"]
    assert schedule.due(5, most=9) == []


def test_moments_that_were_replaced_do_not_pile_up() -> None:
    schedule = Schedule()
    for due_ms in range(20_000):
        schedule.set(b"acme", 10**9 + due_ms)
    assert len(schedule._heap) < 2_000
    assert schedule.due(10**10, most=9) == [b"acme"]
