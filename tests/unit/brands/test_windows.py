"""Windows at their edges, and what is published of them."""

import pytest

from stream.brands.cells import HOUR_MS, MINUTE_MS, Totals
from stream.brands.published import brand_sentiments
from stream.brands.state import BrandState
from stream.brands.windows import empty_at_ms, is_empty, next_change_ms, sums
from stream.estimation.bins import BINS
from stream.events import BrandSentiment, Scores

HOUR = 500_000
MINUTE = HOUR * 60
NOW_MS = HOUR * HOUR_MS


def one_review(minute: int = MINUTE) -> BrandState:
    counted = [1, 0, 0, 1 << 20, 0, 0, 0, 1, *[0] * (BINS - 1)]
    hour = minute // 60
    return BrandState("Acme", "m@1", 3, NOW_MS, {minute: [minute, *counted]}, {hour: [hour, *counted]})


def published(state: BrandState, now_ms: int) -> BrandSentiment:
    return BrandSentiment.model_validate_json(*brand_sentiments([(b"acme", state)], now_ms, 2))


def test_windows_end_with_the_cell_that_holds_now() -> None:
    windows = sums(one_review(), NOW_MS + 30_000).windows
    assert list(windows) == ["5m", "1h", "24h", "7d"]
    assert (windows["5m"].start_ms, windows["5m"].end_ms) == (NOW_MS - 4 * MINUTE_MS, NOW_MS + MINUTE_MS)
    assert (windows["7d"].start_ms, windows["7d"].end_ms) == (NOW_MS - 167 * HOUR_MS, NOW_MS + HOUR_MS)


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
    windows = sums(one_review(), NOW_MS + age_minutes * MINUTE_MS).windows
    assert [name for name, window in windows.items() if window.totals.reviews] == inside


def test_the_changes_of_a_single_review() -> None:
    state = one_review()
    moments, moment = [], next_change_ms(state, NOW_MS - 1)
    while moment is not None:
        moments.append(moment - NOW_MS)
        moment = next_change_ms(state, moment)
    assert moments == [0, 5 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 8 * 24 * HOUR_MS]
    assert empty_at_ms(state) == NOW_MS + 192 * HOUR_MS
    assert not is_empty(state, NOW_MS + 191 * HOUR_MS)


def test_a_brand_without_cells_is_empty() -> None:
    state = BrandState("Acme", "m@1")
    assert is_empty(state, 0)
    assert next_change_ms(state, 0) is None
    assert sums(state, NOW_MS).windows["7d"].totals == sums(state, NOW_MS).before == Totals()


def test_the_published_value() -> None:
    value = published(one_review(), NOW_MS)
    assert (value.brand, value.brand_key, value.as_of, value.model) == ("Acme", "acme", NOW_MS, "m@1")
    assert (value.origin.partition, value.origin.offset) == (2, 3)
    week = value.windows["7d"]
    assert (week.counts.negative, week.enough) == (1, False)
    assert week.counted == Scores(negative=1.0, neutral=0.0, positive=0.0)
    assert week.shares is not None
    assert week.net is not None
    assert week.intervals is not None
    assert week.intervals.negative.low < 0.3 < 0.9 < week.shares.negative <= week.intervals.negative.high
    assert week.intervals.net.low <= week.net < -0.9 < 0.5 < week.intervals.net.high
    assert value.trend is None
    assert (value.minutes.start, value.minutes.step) == (NOW_MS - 59 * MINUTE_MS, MINUTE_MS)
    assert (value.minutes.negative, value.minutes.positive) == ([0] * 59 + [1], [0] * 60)
    assert (value.hours.start, value.hours.step) == (NOW_MS - 23 * HOUR_MS, HOUR_MS)
    assert (value.hours.negative, value.hours.neutral) == ([0] * 23 + [1], [0] * 24)


def test_a_window_without_reviews_has_no_estimates() -> None:
    value = published(one_review(), NOW_MS + HOUR_MS)
    hour = value.windows["1h"]
    assert (hour.counted, hour.shares, hour.net, hour.intervals, hour.enough) == (
        None,
        None,
        None,
        None,
        False,
    )


def test_the_trend_compares_the_last_day_with_the_week_before() -> None:
    def hour(index: int, negative: int, positive: int) -> list[int]:
        sums = [negative << 20, 0, positive << 20]
        return [index, negative, 0, positive, *sums, 0, negative, *[0] * (BINS - 2), positive]

    hours = {HOUR - 100: hour(HOUR - 100, 20, 180), HOUR: hour(HOUR, 120, 80)}
    state = BrandState("Acme", "m@1", 3, NOW_MS, {}, hours)
    trend = published(state, NOW_MS).trend
    assert trend is not None
    assert trend.net < 0 < trend.before
    assert trend.change == pytest.approx(trend.net - trend.before, abs=2e-6)
    assert trend.interval.low < trend.change < trend.interval.high < 0
    assert trend.clear


def test_brands_published_together_are_published_as_each_alone() -> None:
    brands = [
        (b"acme", one_review()),
        (b"nobody", BrandState("Nobody", "m@1")),
        (b"late", one_review(MINUTE - 90)),
    ]
    alone = [brand_sentiments([brand], NOW_MS, 2)[0] for brand in brands]
    assert brand_sentiments(brands, NOW_MS, 2) == alone
    assert brand_sentiments([], NOW_MS, 2) == []
