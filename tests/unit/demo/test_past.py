"""The days before the demo: enough for a baseline, with the demo's own rate at the demo's time of day."""

import pytest

from stream.demo.past import DAY_SECONDS, HOUR_SECONDS, Past


def test_the_same_seed_has_the_same_days() -> None:
    assert list(Past(0.1, 3).moments()) == list(Past(0.1, 3).moments())
    assert list(Past(0.1, 3).moments()) != list(Past(0.1, 4).moments())


def test_moments_ascend_and_end_now() -> None:
    past = Past(0.2, 1)
    moments = list(past.moments())
    assert moments == sorted(moments)
    assert 0 < moments[0] < HOUR_SECONDS
    assert past.seconds - HOUR_SECONDS < moments[-1] < past.seconds
    assert past.seconds < 7 * DAY_SECONDS - HOUR_SECONDS


@pytest.mark.parametrize("per_second", [0.5, 1.0])
def test_an_hour_of_the_demo_is_nothing_new_at_this_time_of_day(per_second: float) -> None:
    past = Past(per_second, 1)
    day_before = past.seconds - DAY_SECONDS
    then = sum(day_before <= moment < day_before + HOUR_SECONDS for moment in past.moments())
    assert then < per_second * HOUR_SECONDS < 2 * then
