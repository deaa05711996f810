"""The live view: what the topics say last is what it says."""

import pytest

from stream.web.recent import MOST_OF_A_BRAND, RecentReviews
from stream.web.view import LiveView
from tests.unit.web.samples import alert_value, brand_value, correction_value, label_value, take_brand


@pytest.fixture
def view() -> LiveView:
    return LiveView()


class TestBrands:
    def test_the_last_value_counts(self, view: LiveView) -> None:
        take_brand(view, "Acme", reviews=10)
        take_brand(view, "Acme", reviews=20)
        row = view.row("acme")
        assert row is not None
        assert row.windows["24h"].reviews == 20
        assert view.version == 2

    def test_a_tombstone_removes_it(self, view: LiveView) -> None:
        take_brand(view, "Acme")
        view.take_brand(b"acme", None)
        view.take_brand(b"acme", None)
        assert (view.row("acme"), view.value("acme"), view.sentiment("acme")) == (None, None, None)
        assert view.version == 2

    def test_all_of_it_is_read_when_it_is_asked_for(self, view: LiveView) -> None:
        take_brand(view, "Acme")
        sentiment, spark = view.sentiment("acme"), view.spark("acme")
        assert sentiment is not None
        assert spark is not None
        assert sentiment.minutes.negative == spark.minutes.negative == [1, 0]

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            (b"acme", b""),
            (b"acme", b"[]"),
            (b"acme", b'{"brand": "Acme"}'),
            (b"bolt", brand_value("Acme")),
            (None, brand_value("Acme")),
            (b"\xff", brand_value("Acme")),
            (b"acme", brand_value("Acme").replace(b'"5m"', b'"5h"')),
        ],
    )
    def test_what_is_no_event_of_ours_is_counted_and_left(
        self, view: LiveView, key: bytes | None, value: bytes
    ) -> None:
        view.take_brand(key, value)
        assert (view.unreadable, len(view.rows()), view.version) == (1, 0, 0)

    def test_near_names_are_spelled_alike_or_contain_it(self, view: LiveView) -> None:
        for name in ("Acme Audio", "Bolt", "Bolt & Sons"):
            take_brand(view, name)
        assert view.near("akme audio") == ["Acme Audio"]
        assert view.near("BOLT ") == ["Bolt", "Bolt & Sons"]
        assert view.near("") == []


class TestAlerts:
    def test_the_newest_update_counts_in_whatever_order_they_come(self, view: LiveView) -> None:
        view.take_alert(b"a", alert_value("a", update=2, state="updated"))
        view.take_alert(b"a", alert_value("a", update=1, state="updated"))
        found = view.alert("a")
        assert found is not None
        assert found.update == 2

    def test_open_ones_are_known_by_brand(self, view: LiveView) -> None:
        view.take_alert(b"a", alert_value("a", opened_at=1))
        view.take_alert(b"b", alert_value("b", opened_at=2))
        view.take_alert(b"c", alert_value("c", brand="bolt"))
        assert [alert.alert_id for alert in view.open_alerts("acme")] == ["b", "a"]
        assert (view.open_count("acme"), view.open_total()) == (2, 3)
        view.take_alert(b"b", alert_value("b", update=1, state="closed"))
        assert (view.open_count("acme"), view.open_total()) == (1, 2)
        assert view.alert("b") is not None

    def test_a_tombstone_removes_it(self, view: LiveView) -> None:
        view.take_alert(b"a", alert_value("a"))
        view.take_alert(b"a", None)
        assert (view.alert("a"), view.open_total()) == (None, 0)

    def test_an_alert_changes_its_brand(self, view: LiveView) -> None:
        take_brand(view, "Acme")
        before = view.changed_at("acme")
        view.take_alert(b"a", alert_value("a"))
        assert view.changed_at("acme") > before

    def test_what_is_no_alert_is_counted(self, view: LiveView) -> None:
        view.take_alert(b"a", b"{}")
        assert (view.unreadable, list(view.alerts())) == (1, [])


class TestChanges:
    def test_since_a_version(self, view: LiveView) -> None:
        for name in ("Acme", "Bolt", "Corto"):
            take_brand(view, name)
        version = view.version
        take_brand(view, "Acme", reviews=1)
        view.take_brand(b"bolt", None)
        view.take_alert(b"a", alert_value("a", brand="corto"))
        changes = view.changes_since(version)
        assert changes is not None
        assert sorted(row.brand for row in changes.rows) == ["Acme", "Corto"]
        assert (changes.gone, [alert.alert_id for alert in changes.alerts]) == (["bolt"], ["a"])
        assert changes.version == view.version

    def test_a_brand_that_came_back_is_not_gone(self, view: LiveView) -> None:
        take_brand(view, "Acme")
        view.take_brand(b"acme", None)
        take_brand(view, "Acme")
        changes = view.changes_since(1)
        assert changes is not None
        assert (len(changes.rows), changes.gone) == (1, [])

    def test_nothing_since_now(self, view: LiveView) -> None:
        take_brand(view, "Acme")
        changes = view.changes_since(view.version)
        assert changes is not None
        assert (changes.rows, changes.gone, changes.alerts) == ([], [], [])

    def test_a_version_of_the_future_is_of_another_view(self, view: LiveView) -> None:
        assert view.changes_since(1) is None

    def test_what_is_too_long_ago_is_not_told(self, view: LiveView) -> None:
        for number in range(10_001):
            take_brand(view, "Acme", reviews=number)
            view.take_brand(b"acme", None)
        assert view.changes_since(0) is None
        assert view.changes_since(view.version) is not None


class TestReviews:
    def test_the_newest_come_first(self, view: LiveView) -> None:
        for number in range(3):
            assert view.take_label(b"acme", 0, number, label_value(number)) is not None
        assert [review.offset for review in view.reviews("acme")] == [2, 1, 0]
        assert next(view.reviews("acme")).label.review_id == "r-2"
        assert list(view.reviews("bolt")) == []

    def test_a_brand_keeps_so_many(self, view: LiveView) -> None:
        for number in range(MOST_OF_A_BRAND + 10):
            view.take_label(b"acme", 0, number, label_value(number))
        assert [review.offset for review in view.reviews("acme")] == list(range(MOST_OF_A_BRAND + 9, 9, -1))

    def test_a_label_that_is_read_twice_is_kept_once(self, view: LiveView) -> None:
        view.take_label(b"acme", 0, 1, label_value(1))
        view.take_label(b"acme", 0, 1, label_value(1))
        assert len(list(view.reviews("acme"))) == 1

    def test_the_oldest_of_all_brands_go_when_there_is_no_room(self) -> None:
        recent = RecentReviews(most_bytes=5_000)
        for number in range(100):
            recent.add(f"brand {number % 3}", 0, number, label_value(number))
        kept = [review.offset for key in ("brand 0", "brand 1", "brand 2") for review in recent.of(key)]
        assert 1 < len(kept) == len(recent) < 10
        assert sorted(kept) == list(range(100 - len(kept), 100))

    @pytest.mark.parametrize("value", [b"", b"{}", b"[]", b'{"event_id": 1, "received_at": 2}'])
    def test_what_is_no_label_is_counted(self, view: LiveView, value: bytes) -> None:
        assert view.take_label(b"acme", 0, 1, value) is None
        assert view.unreadable == 1

    def test_what_turns_out_to_be_no_label_is_not_shown(self, view: LiveView) -> None:
        view.take_label(b"acme", 0, 1, label_value(1, text=5))
        view.take_label(b"acme", 0, 2, label_value(2))
        assert [review.offset for review in view.reviews("acme")] == [2]
        assert view.recent.get("reviews-0-1") is None

    @pytest.mark.parametrize("corrected_first", [True, False])
    def test_corrections_mark_labels_whichever_comes_first(
        self, view: LiveView, corrected_first: bool
    ) -> None:
        correction = correction_value(2, replaces="reviews-0-1", duplicate_of="reviews-0-1")
        if corrected_first:
            view.take_correction(correction)
        for number in (1, 2):
            view.take_label(b"acme", 0, number, label_value(number))
        if not corrected_first:
            view.take_correction(correction)
        later, former = view.reviews("acme")
        assert (later.marks.duplicate_of, later.marks.replaced_by, later.marks.counted) == (
            "reviews-0-1",
            None,
            True,
        )
        assert (former.marks.replaced_by, former.marks.counted) == ("reviews-0-2", False)

    def test_what_is_no_correction_is_counted(self, view: LiveView) -> None:
        view.take_correction(b"{}")
        assert view.unreadable == 1
