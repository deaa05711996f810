"""Windows at their edges, and what is published of them."""

import pytest

from stream.brands.cells import HOUR_MS, MINUTE_MS, Totals
from stream.brands.published import brand_sentiment
from stream.brands.state import BrandState
from stream.brands.windows import empty_at_ms, is_empty, next_change_ms, windows
from stream.events import BrandSentiment

HOUR = 500_000
MINUTE = HOUR * 60
NOW_MS = HOUR * HOUR_MS


def one_review(minute: int = MINUTE) -> BrandState:
    counted = [1, 0, 0, 1 << 20, 0, 0, 0]
    hour = minute // 60
    return BrandState("Acme", "m@1", 3, NOW_MS, {minute: [minute, *counted]}, {hour: [hour, *counted]})


def test_windows_end_with_the_cell_that_holds_now() -> None:
    sums = windows(one_review(), NOW_MS + 30_000)
    assert list(sums) == ["5m", "1h", "24h", "7d"]
    assert (sums["5m"].start_ms, sums["5m"].end_ms) == (NOW_MS - 4 * MINUTE_MS, NOW_MS + MINUTE_MS)
    assert (sums["7d"].start_ms, sums["7d"].end_ms) == (NOW_MS - 167 * HOUR_MS, NOW_MS + HOUR_MS)


@pytest.mark.parametrize(
    ("age_minutes", "inside"),
    [
        (-1, []),
        (0, ["5m", "1h", "24h", "7d"]),
        (4, ["5m", "1h", "24h", "7d"]),
        (5, ["1h", "24h", "7d"]),
        (60, ["24h", "7d"]),
        (24 * 60 - 1, ["24h", "7d"]),
        (24 * 60, ["7d"]),
        (7 * 24 * 60, []),
    ],
)
def test_a_review_leaves_one_window_after_the_other(age_minutes: int, inside: list[str]) -> None:
    sums = windows(one_review(), NOW_MS + age_minutes * MINUTE_MS)
    assert [name for name, window in sums.items() if window.totals.reviews] == inside


def test_the_changes_of_a_single_review() -> None:
    state = one_review()
    moments, moment = [], next_change_ms(state, NOW_MS - 1)
    while moment is not None:
        moments.append(moment - NOW_MS)
        moment = next_change_ms(state, moment)
    assert moments == [0, 5 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS]
    assert empty_at_ms(state) == NOW_MS + 192 * HOUR_MS
    assert not is_empty(state, NOW_MS + 191 * HOUR_MS)


def test_a_brand_without_cells_is_empty() -> None:
    state = BrandState("Acme", "m@1")
    assert is_empty(state, 0)
    assert next_change_ms(state, 0) is None
    assert windows(state, NOW_MS)["7d"].totals == Totals()


def test_the_published_value() -> None:
    value = BrandSentiment.model_validate_json(brand_sentiment(one_review(), b"acme", NOW_MS, 2))
    assert (value.brand, value.brand_key, value.as_of, value.model) == ("Acme", "acme", NOW_MS, "m@1")
    assert (value.origin.partition, value.origin.offset) == (2, 3)
    week = value.windows["7d"]
    assert week.shares is not None
    assert week.intervals is not None
    assert (week.shares.negative, week.net, week.counts.negative) == (1.0, -1.0, 1)
    assert (week.intervals.negative.low, week.intervals.negative.high) == (0.206549, 1.0)


def test_a_window_without_reviews_has_no_estimates() -> None:
    value = BrandSentiment.model_validate_json(brand_sentiment(one_review(), b"acme", NOW_MS + HOUR_MS, 2))
    hour = value.windows["1h"]
    assert (hour.shares, hour.net, hour.intervals) == (None, None, None)
