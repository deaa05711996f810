"""Records leave at an even rate and never in a burst."""

import pytest

from stream.feed.pace import Pace


def played(pace: Pace, ticks: int, tick_seconds: float = 0.02) -> list[int]:
    return [pace.take(number * tick_seconds, 2000) for number in range(ticks)]


@pytest.mark.parametrize("per_second", [0.5, 3.0, 100.0, 12_345.0])
def test_the_rate_is_kept(per_second: float) -> None:
    seconds = 20
    sent = sum(played(Pace(per_second, 0.0), seconds * 50))
    assert sent == pytest.approx(per_second * seconds, abs=max(1.0, per_second * 0.02))


def test_it_is_even() -> None:
    assert set(played(Pace(100.0, 0.0), 500)[1:]) <= {1, 2, 3}


def test_after_a_pause_at_most_a_second_is_caught_up() -> None:
    pace = Pace(100.0, 0.0)
    pace.take(0.0, 2000)
    assert pace.take(60.0, 2000) == 101
    assert pace.take(60.0, 2000) == 0


def test_no_limit_takes_all_and_never_waits() -> None:
    pace = Pace(None, 0.0)
    assert pace.take(0.0, 2000) == 2000
    assert pace.pause_seconds(0.0) == 0.0


def test_it_waits_until_the_next_one_is_due() -> None:
    pace = Pace(0.5, 0.0)
    assert pace.take(0.0, 2000) == 1
    assert pace.pause_seconds(0.5) == pytest.approx(1.5)
    assert pace.take(1.9, 2000) == 0
    assert pace.take(2.0, 2000) == 1
