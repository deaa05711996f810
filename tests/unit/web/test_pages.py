"""Brands in order, a page at a time; cursors; quotas; figures of the pipeline."""

import pytest

from stream.web.orders import Listing, Orders, Place, read_place, write_place
from stream.web.pipeline import Lag, Pipeline
from stream.web.quota import Quota
from stream.web.view import LiveView
from tests.unit.web.samples import NOW_MS, alert_value, take_brand


@pytest.fixture
def view() -> LiveView:
    made = LiveView()
    take_brand(made, "Acme", reviews=10, net=0.5, change=0.1)
    take_brand(made, "Bolt", reviews=30, net=-0.5, change=-0.2)
    take_brand(made, "Corto", reviews=20, net=None, change=None)
    made.take_alert(b"a", alert_value("a", brand="corto"))
    return made


def listed(view: LiveView, listing: Listing, limit: int = 10) -> list[str]:
    orders = Orders(view)
    orders.refresh(0.0)
    return list(orders.page(listing, None, limit).keys)


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing("volume", "desc"), ["bolt", "corto", "acme"]),
        (Listing("volume", "asc"), ["acme", "corto", "bolt"]),
        (Listing("net", "desc"), ["acme", "bolt", "corto"]),
        (Listing("net", "asc"), ["bolt", "acme", "corto"]),
        (Listing("change", "asc"), ["bolt", "acme", "corto"]),
        (Listing("name", "asc"), ["acme", "bolt", "corto"]),
        (Listing("name", "desc"), ["corto", "bolt", "acme"]),
        (Listing("alerts", "desc"), ["corto", "bolt", "acme"]),
        (Listing("name", "asc", search="o"), ["bolt", "corto"]),
        (Listing("name", "asc", search="%"), []),
    ],
)
def test_brands_come_in_order_those_without_a_value_last(
    view: LiveView, listing: Listing, expected: list[str]
) -> None:
    assert listed(view, listing) == expected


@pytest.mark.parametrize("sort", ["volume", "net", "change", "name", "alerts"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_join_to_the_whole_list(view: LiveView, sort: str, direction: str) -> None:
    listing = Listing(sort, direction)  # type: ignore[arg-type]
    orders = Orders(view)
    orders.refresh(0.0)
    keys: list[str] = []
    after: Place | None = None
    for _ in range(3):
        page = orders.page(listing, after, 1)
        keys += page.keys
        after = page.next and read_place(write_place(listing, page.next), listing)
    assert after is None
    assert keys == listed(view, listing)


def test_an_order_is_made_at_most_once_a_second(view: LiveView) -> None:
    orders, listing = Orders(view), Listing("name", "asc")
    assert orders.refresh(0.0) == view.version
    orders.page(listing, None, 10)
    take_brand(view, "Aaron")
    assert orders.refresh(0.5) == view.version - 1
    assert "aaron" not in orders.page(listing, None, 10).keys
    assert orders.refresh(1.0) == view.version
    assert "aaron" in orders.page(listing, None, 10).keys


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        "!!!!",
        "bnVsbA",
        "W10",
        "WzFd",
        write_place(Listing("net"), Place(0.5, "acme")),
        "A" * 3_999,
    ],
)
def test_a_cursor_of_somewhere_else_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r"is none of ours|is of a list with another"):
        read_place(cursor, Listing("volume"))


@pytest.mark.parametrize("place", [Place("10", "acme"), Place(True, "acme")])
def test_a_cursor_with_a_value_of_another_kind_is_refused(place: Place) -> None:
    listing = Listing("volume")
    with pytest.raises(ValueError, match="is none of ours"):
        read_place(write_place(listing, place), listing)


class TestQuota:
    def test_a_burst_passes_and_then_so_many_a_second(self) -> None:
        quota = Quota(per_second=2.0)
        assert [quota.take("a", 0.0) for _ in range(4)] == [0.0] * 4
        assert quota.take("a", 0.0) == 0.5
        assert quota.take("a", 0.5) == 0.0
        assert quota.take("a", 0.5) == 0.5

    def test_clients_do_not_wait_for_each_other(self) -> None:
        quota = Quota(per_second=0.5)
        assert (quota.take("a", 0.0), quota.take("b", 0.0)) == (0.0, 0.0)
        assert quota.take("a", 0.0) > 0

    def test_clients_are_forgotten_when_there_are_too_many(self) -> None:
        quota = Quota(per_second=0.5)
        for number in range(20_000):
            assert quota.take(str(number), 0.0) == 0.0


class TestPipeline:
    def test_nothing_is_known_at_the_start(self) -> None:
        figures = Pipeline().figures(NOW_MS)
        assert (figures.reviews_per_second, figures.latency, figures.lags) == (None, None, ())

    def test_rates_are_of_the_last_half_minute(self) -> None:
        pipeline = Pipeline()
        for second in range(0, 101, 10):
            pipeline.note_ends(100 * second, NOW_MS + 1_000 * second)
            pipeline.note_labels(300, NOW_MS + 1_000 * second)
        figures = pipeline.figures(NOW_MS + 100_000)
        assert (figures.reviews_per_second, figures.labels_per_second) == (100.0, 30.0)
        assert pipeline.figures(NOW_MS + 200_000).labels_per_second == 0.0

    def test_a_topic_that_was_made_again_has_no_rate_yet(self) -> None:
        pipeline = Pipeline()
        pipeline.note_ends(100, NOW_MS)
        pipeline.note_ends(5, NOW_MS + 1_000)
        assert pipeline.figures(NOW_MS).reviews_per_second is None

    def test_latency_is_told_by_quantiles(self) -> None:
        pipeline = Pipeline()
        for milliseconds in range(100):
            pipeline.note_latency(milliseconds)
        latency = pipeline.figures(NOW_MS).latency
        assert latency is not None
        assert (latency.p50, latency.p95, latency.p99, latency.labels) == (50, 95, 99, 100)

    def test_dead_letters_are_of_the_last_hour(self) -> None:
        pipeline = Pipeline()
        pipeline.note_dead_letter("invalid", NOW_MS - 3_600_001)
        for reason in ("invalid", "undecodable", "invalid"):
            pipeline.note_dead_letter(reason, NOW_MS)
        assert pipeline.figures(NOW_MS).dead_letters == {"invalid": 2, "undecodable": 1}

    def test_lags_are_the_last_ones(self) -> None:
        pipeline = Pipeline()
        pipeline.note_lags([Lag("score", "reviews", 5)])
        pipeline.note_lags([Lag("score", "reviews", 2)])
        assert [lag.lag for lag in pipeline.figures(NOW_MS).lags] == [2]
