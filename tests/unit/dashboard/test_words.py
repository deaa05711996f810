"""Words and pictures say what the figures say, and how sure they are."""

import random

import pytest

from stream.events import Interval, Series, Trend
from stream.web.dashboard.charts import Point, incidents, net_chart, share_chart, volume_chart
from stream.web.dashboard.courses import recent_course, week_course
from stream.web.dashboard.status import status
from stream.web.dashboard.words import age, alert_title, observed_between, percent, q_words, trend_words
from stream.web.values import HourRow
from stream.web.view import LiveView
from tests.browser.samples import alert, brand_sentiment

NOW_MS = 1_772_366_400_000
HOUR_MS = 3_600_000


def brand_of(minutes: list[tuple[int, int, int]]) -> Series:
    negative, neutral, positive = (list(part) for part in zip(*minutes, strict=True))
    return Series(start=0, step=60_000, negative=negative, neutral=neutral, positive=positive)


def course_of(minutes: list[tuple[int, int, int]]) -> list[Point]:
    brand = brand_sentiment("Acme", NOW_MS, pick=random.Random(1))
    return list(recent_course(brand.model_copy(update={"minutes": brand_of(minutes)}), "1h").lines)


def test_points_of_minutes_sum_up_five_of_them() -> None:
    points = course_of([(1, 0, 1)] * 59 + [(6, 0, 1)])
    assert len(points) == 56
    assert points[0].at_ms == 4 * 60_000
    assert points[0].counts == (5, 0, 5)
    assert points[-1].counts == (10, 0, 5)
    assert points[-1].shares == pytest.approx((2 / 3, 0.0, 1 / 3))


def test_points_lie_within_their_band_and_none_is_drawn_without_reviews() -> None:
    pick = random.Random(2)
    for point in course_of([(pick.randrange(3), pick.randrange(2), pick.randrange(4)) for _ in range(60)]):
        if point.net is not None:
            assert point.low is not None
            assert point.high is not None
            assert -1 <= point.low < point.high <= 1
    assert {point.net for point in course_of([(0, 0, 0)] * 60)} == {None}


def test_the_band_narrows_with_reviews() -> None:
    few, many = course_of([(1, 0, 1)] * 60)[0], course_of([(20, 0, 20)] * 60)[0]
    assert few.low is not None
    assert many.low is not None
    assert few.low < many.low < 0


def test_a_week_has_a_point_every_six_hours_and_says_nothing_where_there_is_nothing() -> None:
    start = NOW_MS - 10 * HOUR_MS
    hour = HourRow(start, (30, 10, 60), (30 << 20, 10 << 20, 60 << 20), (30, *[0] * 6, 10, *[0] * 7, 60), 0)
    course = week_course([hour], NOW_MS)
    assert len(course.lines) == 28
    known = [point for point in course.lines if point.net is not None]
    assert [point.counts for point in known] == [(30, 10, 60)]
    assert known[0].low is not None
    assert known[0].net is not None
    assert known[0].low < known[0].net


def test_charts_hold_what_they_are_given() -> None:
    points = course_of([(1, 1, 2)] * 60)
    spans = incidents([alert("Acme", NOW_MS, state="closed", opened_at=60_000, as_of=120_000)], 0, 600_000)
    over = (0, 600_000)
    shares = share_chart(points, spans, over)["series"]
    assert [series["data"][0][1] for series in shares] == [0.25, 0.25, 0.5]
    low, width, net = net_chart(points, spans, over)["series"]
    assert low["data"][0][1] < net["data"][0][1] < low["data"][0][1] + width["data"][0][1]
    negative, others = volume_chart(points, spans, over)["series"]
    assert (negative["data"][0][1], others["data"][0][1]) == (5, 15)
    assert negative["markArea"]["data"] == [[{"name": "critical", "xAxis": 60_000}, {"xAxis": 120_000}]]


def test_incidents_are_cut_to_what_is_shown() -> None:
    before = alert("Acme", NOW_MS, state="closed", opened_at=0, as_of=500)
    across = alert("Acme", NOW_MS, state="closed", opened_at=500, as_of=3_000)
    within = alert("Acme", NOW_MS, state="closed", opened_at=1_100, as_of=1_200)
    still_open = alert("Acme", NOW_MS, opened_at=1_500, as_of=1_600)
    spans = incidents([before, across, within, still_open], 1_000, 2_000)
    assert [(span.start_ms, span.end_ms) for span in spans] == [
        (1_000, 2_000),
        (1_100, 1_200),
        (1_500, 2_000),
    ]


def test_a_trend_that_is_not_clear_says_so() -> None:
    interval = Interval(low=-0.1, high=0.02)
    trend = Trend(net=0.1, before=0.2, change=-0.04, interval=interval, clear=False)
    assert trend_words(trend) == "no clear change (−0.10 to +0.02)"
    worse = trend.model_copy(update={"interval": Interval(low=-0.1, high=-0.02), "clear": True})
    assert trend_words(worse) == "worse: −0.10 to −0.02"
    better = worse.model_copy(update={"change": 0.04, "interval": Interval(low=0.01, high=0.07)})
    assert trend_words(better) == "better: +0.01 to +0.07"


def test_an_alert_names_observed_expected_and_interval() -> None:
    share = alert("Acme", NOW_MS)
    assert alert_title(share) == "57 % negative in 1h, 11 % expected of 212 reviews"
    assert observed_between(share) == "50 % to 63 %"
    interval = Interval(low=900.0, high=1_100.0)
    volume = alert("Acme", NOW_MS, kind="volume", observed=1_000.0, expected=310.4, interval=interval)
    assert alert_title(volume) == "1,000 reviews in 1h, 310 expected"
    assert observed_between(volume) == "900 to 1,100"


@pytest.mark.parametrize(
    ("q_value", "words"),
    [
        (0.0, "Of 10,000 alerts as striking as this, fewer than one would be false."),
        (0.0003, "Of 10,000 alerts as striking as this, about 3 would be false."),
        (0.03, "Of 100 alerts as striking as this, about 3 would be false."),
        (1.0, "Of 100 alerts as striking as this, about 100 would be false."),
    ],
)
def test_a_q_value_becomes_a_frequency(q_value: float, words: str) -> None:
    assert q_words(q_value) == words


def test_shares_and_ages_are_not_more_exact_than_they_are() -> None:
    assert [percent(share) for share in (0.0, 0.0994, 0.0996, 0.5, 1.0)] == [
        "0.0 %",
        "9.9 %",
        "10 %",
        "50 %",
        "100 %",
    ]
    assert [age(ms) for ms in (-5, 59_999, 60_000, 3_599_999, 47 * HOUR_MS, 48 * HOUR_MS)] == [
        "0 s",
        "59 s",
        "1 min",
        "59 min",
        "47 h",
        "2 d",
    ]


def test_the_state_of_the_view_is_told() -> None:
    view = LiveView()
    assert status(view, 0.0, NOW_MS).state == "starting"
    view.read_at = 100.0
    assert status(view, 101.0, NOW_MS).text == "reading the topics: 0 brands so far"
    view.caught_up = True
    assert status(view, 101.0, NOW_MS).text == "live, no brands yet"
    brand = brand_sentiment("Acme", NOW_MS - 3_000, pick=random.Random(1))
    view.take_brand(b"acme", brand.model_dump_json().encode())
    assert status(view, 101.0, NOW_MS).text == "live, updated 3 s ago"
    away = status(view, 150.0, NOW_MS)
    assert (away.state, away.text) == ("away", "Kafka away, as of 50 s ago")
