"""The benchmark of batches: the rival learns what it should, and the page says what was found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.batcher_cost import CostModel, hold_seconds, is_enough
from tests.benchmarks.batcher_day import SHAPE, Day, due_by
from tests.benchmarks.batcher_page import LEARNED, carried, page, table, verdict

TARGET_MS = 500.0
sizes = st.tuples(st.integers(0, 5_000), st.integers(0, 5_000_000))
passes = st.lists(st.tuples(st.integers(1, 5_000), st.integers(1, 5_000_000), st.floats(0, 60)), max_size=40)


def learned(seconds_of: list[float], passes: int = 400, stalls: float = 0.0) -> CostModel:
    """A model that saw passes of a known cost: fixed, a row, a byte."""
    random, cost = np.random.default_rng(7), CostModel()
    fixed, per_row, per_byte = seconds_of
    for _ in range(passes):
        rows = int(random.integers(1, 1_500))
        size = int(rows * random.uniform(300, 900))
        true = (fixed + per_row * rows + per_byte * size) * random.uniform(0.9, 1.1)
        cost.learn(rows, size, true * (20 if random.random() < stalls else 1))
    return cost


@given(passes, sizes, sizes)
@settings(max_examples=60, deadline=None)
def test_a_cost_is_positive_and_grows_with_the_pass(
    seen: list[tuple[int, int, float]], one: tuple[int, int], more: tuple[int, int]
) -> None:
    cost = CostModel()
    for rows, size, seconds in seen:
        cost.learn(rows, size, seconds)
    small, large = cost.predict(*one), cost.predict(one[0] + more[0], one[1] + more[1])
    assert 0 <= cost.fixed_seconds <= small <= large
    assert np.isfinite(large)


@pytest.mark.parametrize("true", [[0.004, 140e-6, 0.0], [0.02, 20e-6, 2e-7], [0.001, 0.0, 1e-6]])
def test_the_cost_of_a_machine_is_learned(true: list[float]) -> None:
    cost = learned(true)
    for rows, size in ((100, 60_000), (1_000, 600_000)):
        assert cost.predict(rows, size) == pytest.approx(true[0] + true[1] * rows + true[2] * size, rel=0.1)


def test_stalls_teach_little() -> None:
    assert learned([0.004, 140e-6, 0.0], stalls=0.03).predict(1_000, 600_000) == pytest.approx(0.144, rel=0.2)


def test_a_machine_that_becomes_slower_for_good_is_believed() -> None:
    cost = learned([0.004, 140e-6, 0.0])
    for _ in range(300):
        cost.learn(1_000, 600_000, 0.432)
    assert cost.predict(1_000, 600_000) == pytest.approx(0.432, rel=0.1)


def test_a_pass_waits_while_its_oldest_review_is_in_time() -> None:
    cost = learned([0.004, 140e-6, 0.0])
    wait = hold_seconds(cost, 100, 60_000, age=0.05, after=0.1, aim=0.35)
    assert wait == pytest.approx(0.35 - 0.05 - 0.1 - 2 * 0.018, abs=0.01)
    assert hold_seconds(cost, 100, 60_000, age=0.3, after=0.1, aim=0.35) == 0


def test_a_pass_is_enough_when_a_larger_one_is_hardly_cheaper() -> None:
    cost = learned([0.004, 140e-6, 0.0])
    assert not is_enough(cost, 100, 60_000)
    assert is_enough(cost, 2_000, 1_200_000)


def test_a_day_is_as_long_as_its_hours() -> None:
    assert due_by(0.0, 2_400) == 0
    assert due_by(1.0, 2_400) == round(sum(SHAPE) * 100)
    assert len(SHAPE) == 24


def days(*p99s_ms: float) -> list[Day]:
    return [
        Day(1_000.0 * (at + 1), p99 / 4, p99, 0.01 if p99 <= TARGET_MS else 0.2, [p99] * 24)
        for at, p99 in enumerate(p99s_ms)
    ]


def test_a_peak_is_interpolated_where_p99_crosses_the_target() -> None:
    assert carried(days(250, 1_000), TARGET_MS) == pytest.approx(1_500)
    assert carried(days(100, 200), TARGET_MS) == 2_000
    assert carried(days(501), TARGET_MS) is None


def test_the_verdict_follows_the_figures() -> None:
    slow, fast = days(250, 1_000), days(100, 100, 100)
    assert "does not win" in verdict({"at most 100 rows": fast, LEARNED: slow}, TARGET_MS)
    assert "**The learned one wins**: 2.00 times" in verdict({"a": slow, LEARNED: fast}, TARGET_MS)
    assert "nothing can be said" in verdict({"a": days(900), LEARNED: fast}, TARGET_MS)
    assert "nothing can be said" in verdict({"a": fast, LEARNED: days(900)}, TARGET_MS)


def test_what_was_not_measured_is_not_claimed() -> None:
    shown = table({"a": days(900), "b": days(100), LEARNED: days(250, 1_000)}, TARGET_MS).splitlines()
    assert shown[2:] == ["| a | < 1,000/s |", "| b | ≥ 1,000/s |", f"| {LEARNED} | 1,500/s |"]


def test_the_page_shows_each_day() -> None:
    shown = {"a": days(250, 1_000), LEARNED: days(100)}
    text = page([("date", "today")], shown, {10: 300.0, 1_000: 150.0}, TARGET_MS, 12.0)
    assert "| 10 | 300 µs | 2.00 |" in text
    assert "| a | 62, 250 ms, 1.0% | 250, 1000 ms, 20.0% |" in text
    assert f"| {LEARNED} | 25, 100 ms, 1.0% | |" in text
