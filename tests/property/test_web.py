"""Laws of the live view, its lists and its series."""

from collections.abc import Sequence
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from stream.web.cursors import read_cursor, write_cursor
from stream.web.names import near_names
from stream.web.orders import Direction, Listing, Orders, Place, Sort, read_place, write_place
from stream.web.recent import MOST_OF_A_BRAND, RecentReviews
from stream.web.series import HOUR_MS, STEP_MS, Step, points, span
from stream.web.values import BrandRow, HourRow
from stream.web.view import LiveView
from tests.unit.web.samples import label_value, take_brand

NAMES = [f"brand {letter}" for letter in "abcdefgh"]
STEADY = [f"steady {number}" for number in range(12)]
# A brand and its reviews; None: a tombstone.
Event = tuple[str, int | None]
EVENTS = st.tuples(st.sampled_from(NAMES), st.none() | st.integers(0, 40))
SORTS: st.SearchStrategy[Sort] = st.sampled_from(("volume", "net", "change", "name", "alerts"))
DIRECTIONS: st.SearchStrategy[Direction] = st.sampled_from(("asc", "desc"))


def play(view: LiveView, events: Sequence[Event]) -> None:
    for name, reviews in events:
        if reviews is None:
            view.take_brand(name.encode(), None)
        else:
            net = None if reviews == 0 else reviews / 50
            take_brand(view, name, reviews=reviews, net=net, change=net)


def mirrored(rows: dict[str, BrandRow]) -> dict[str, int]:
    return {key: row.windows["5m"].reviews for key, row in rows.items()}


@given(st.lists(EVENTS))
def test_the_view_is_the_topic_after_compaction(events: list[Event]) -> None:
    view = LiveView()
    play(view, events)
    assert mirrored(dict(view.rows())) == {
        key: reviews for key, reviews in dict(events).items() if reviews is not None
    }


@given(st.lists(st.lists(EVENTS, max_size=8)))
def test_who_applies_all_changes_has_the_view(batches: list[list[Event]]) -> None:
    view, mirror, version = LiveView(), {}, 0
    for events in batches:
        play(view, events)
        changes = view.changes_since(version)
        assert changes is not None
        mirror.update({row.brand_key: row for row in changes.rows})
        for key in changes.gone:
            mirror.pop(key, None)
        version = changes.version
    assert mirrored(mirror) == mirrored(dict(view.rows()))


@given(
    sort=SORTS,
    direction=DIRECTIONS,
    limit=st.integers(1, 7),
    steady=st.lists(st.integers(0, 40), min_size=12, max_size=12),
    before=st.lists(EVENTS),
    between=st.lists(st.lists(EVENTS, max_size=5)),
)
def test_a_brand_that_does_not_move_is_on_exactly_one_page(
    sort: Sort,
    direction: Direction,
    limit: int,
    steady: list[int],
    before: list[Event],
    between: list[list[Event]],
) -> None:
    view, listing = LiveView(), Listing(sort, direction)
    play(view, list(zip(STEADY, steady, strict=True)))
    play(view, before)
    orders, after = Orders(view), None
    seen: list[str] = []
    for turn in range(1_000):
        orders.refresh(2.0 * turn)
        page = orders.page(listing, after, limit)
        seen += page.keys
        if page.next is None:
            break
        after = read_place(write_place(listing, page.next), listing)
        play(view, between.pop() if between else [])
    assert sorted(key for key in seen if key in STEADY) == sorted(STEADY)


@given(st.lists(EVENTS), SORTS, DIRECTIONS, st.integers(1, 9))
def test_pages_join_to_one_order(events: list[Event], sort: Sort, direction: Direction, limit: int) -> None:
    view, listing = LiveView(), Listing(sort, direction)
    play(view, events)
    orders = Orders(view)
    orders.refresh(0.0)
    joined: list[str] = []
    after: Place | None = None
    while True:
        page = orders.page(listing, after, limit)
        joined += page.keys
        after = page.next
        if after is None:
            break
    assert joined == list(orders.page(listing, None, 1_000).keys)
    assert sorted(joined) == sorted(view.rows())


@given(
    st.lists(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_a_cursor_is_read_as_it_was_written(values: list[str | int | float | None]) -> None:
    assert read_cursor(write_cursor(values), len(values)) == values


@given(st.lists(st.lists(EVENTS, max_size=8)), SORTS, DIRECTIONS)
def test_an_order_brought_up_to_date_is_one_made_anew(
    batches: list[list[Event]], sort: Sort, direction: Direction
) -> None:
    view, listing = LiveView(), Listing(sort, direction)
    kept = Orders(view)
    for turn, events in enumerate(batches):
        play(view, events)
        kept.refresh(2.0 * turn)
        assert kept.page(listing, None, 100) == Orders(view).page(listing, None, 100)


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    for listing in (Listing("volume"), Listing("name")):
        with suppress(ValueError):
            assert isinstance(read_place(text, listing), Place)


@given(st.none() | st.binary(), st.none() | st.binary())
def test_no_record_stops_the_view(key: bytes | None, value: bytes | None) -> None:
    view = LiveView()
    view.take_brand(key, value)
    view.take_alert(key, value)
    view.take_label(key, 0, 0, value)
    view.take_correction(value)
    assert (len(view.rows()), list(view.alerts()), len(view.recent)) == (0, [], 0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=200), st.integers(0, 20_000))
def test_recent_reviews_are_the_newest_within_bounds(labels: list[tuple[int, int]], most_bytes: int) -> None:
    recent = RecentReviews(most_bytes)
    for offset, (brand, number) in enumerate(labels):
        recent.add(str(brand), 0, offset, label_value(number))
    by_brand = {str(brand): list(recent.of(str(brand))) for brand in range(5)}
    assert sum(map(len, by_brand.values())) == len(recent)
    assert sum(len(review.value) for reviews in by_brand.values() for review in reviews) <= most_bytes
    for reviews in by_brand.values():
        assert len(reviews) <= MOST_OF_A_BRAND
        assert [review.offset for review in reviews] == sorted((r.offset for r in reviews), reverse=True)


@given(
    st.dictionaries(st.integers(0, 100), st.tuples(*[st.integers(0, 50)] * 3), max_size=30),
    st.integers(0, 100 * HOUR_MS),
    st.integers(1, 50 * HOUR_MS),
    st.sampled_from(sorted(STEP_MS)),
)
def test_a_series_counts_every_hour_of_its_span_once(
    hours: dict[int, tuple[int, int, int]], start: int, length: int, step: Step
) -> None:
    over = span(start, start + length, step)
    assert over.start <= start < start + length <= over.end
    rows = [
        HourRow(at * HOUR_MS, counts, counts, (sum(counts), *[0] * 15), 1)
        for at, counts in sorted(hours.items())
        if over.start <= at * HOUR_MS < over.end
    ]
    found = points(rows, over)
    assert len(found) == over.points
    assert sum(sum(point["counts"].values()) for point in found) == sum(sum(row.counts) for row in rows)
    assert sum(point["late"] for point in found) == len(rows)
    for point in found:
        assert (point["shares"] is None) == (sum(point["counts"].values()) == 0)


@given(st.text(), st.lists(st.text(), max_size=30), st.integers(1, 8))
def test_near_names_are_known_ones(asked: str, known: list[str], most: int) -> None:
    found = near_names(asked, known, most)
    assert set(found) <= set(known)
    assert len(found) == len(set(found)) <= most
    if asked in known and asked:
        assert asked in near_names(asked, known, len(known))
