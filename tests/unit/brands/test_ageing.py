"""What a partition publishes and forgets merely because time passes."""

from pathlib import Path

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.folding import Policy
from tests.unit.brands.bench import DAY_MS, bench, contents
from tests.unit.brands.samples import NOW_MS, label


def test_ageing_windows_are_published_when_they_change_and_only_then(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        ages_ms = (-3 * MINUTE_MS, 0, 2 * MINUTE_MS, 50 * MINUTE_MS, 5 * HOUR_MS, 30 * HOUR_MS, 167 * HOUR_MS)
        here.fold(b"acme", *(label(NOW_MS - age_ms) for age_ms in ages_ms))
        here.flush()
        brand = here.expected()[b"acme"]
        last, publications = contents(brand, NOW_MS), 0
        by_minute = list(range(NOW_MS, NOW_MS + 2 * HOUR_MS, MINUTE_MS))
        for here.now_ms in by_minute + list(range(NOW_MS + 2 * HOUR_MS, NOW_MS + 8 * DAY_MS, HOUR_MS)):
            now = contents(brand, here.now_ms)
            published = here.flush() is not None
            assert published == (now != last)
            publications += published
            last = now
            windows = here.sentiment(b"acme").windows.values()
            assert [window.counts.positive for window in windows] == [cell[2] for cell in now[:4]]
        assert publications > 10
        assert all(set(sent) == {"sentiment"} for sent, _ in here.lane.transactions[1:])


def test_what_aged_while_nobody_owned_the_partition_is_published_by_the_next_owner(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        here.now_ms += 10 * MINUTE_MS
        here.crash()
        assert here.flush() is not None
        assert here.sentiment(b"acme").windows["5m"].counts.positive == 0
        assert here.sentiment(b"acme").windows["1h"].counts.positive == 1
        assert here.flush() is None


def test_one_flush_ages_only_so_many_brands(tmp_path: Path) -> None:
    with bench(tmp_path, most_aged=4) as here:
        for number in range(10):
            here.fold(b"brand %d" % number, label())
        here.flush()
        here.now_ms += 10 * MINUTE_MS
        published = [here.flush() for _ in range(4)]
        assert [flushed and flushed.messages for flushed in published] == [
            {"sentiment": 4},
            {"sentiment": 4},
            {"sentiment": 2},
            None,
        ]
        assert all(here.sentiment(key).windows["5m"].counts.positive == 0 for key in here.states())


def test_an_empty_brand_becomes_a_tombstone_and_is_forgotten_once_the_stream_is_as_far(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        here.now_ms += 9 * DAY_MS
        here.flush()
        assert here.lane.transactions[-1][0] == {"sentiment": [(b"acme", None)]}
        assert set(here.states()) == {b"acme"}
        here.fold(b"bolt", label(here.now_ms, here.now_ms))
        here.flush()
        here.flush()
        assert set(here.states()) == {b"bolt"}
        assert here.lane.compacted["sentiment"].keys() == {b"bolt"}
        assert here.store.load(b"acme") is None
        assert len(here.partition) == 1
        assert here.flush() is None
        here.fold(b"acme", label(here.now_ms, here.now_ms, brand="ACME"))
        here.flush()
        assert here.sentiment(b"acme").brand == "ACME"


def test_brands_that_empty_together_are_forgotten_once_each(tmp_path: Path) -> None:
    with bench(tmp_path, most_aged=2) as here:
        for number in range(9):
            here.fold(b"brand %d" % number, label())
        here.flush()
        here.now_ms += 9 * DAY_MS
        here.fold(b"bolt", label(here.now_ms, here.now_ms))
        while here.flush():
            pass
        deleted = [
            key
            for sent, _ in here.lane.transactions
            for key, value in sent.get("changelog", ())
            if value is None
        ]
        assert sorted(deleted) == [b"brand %d" % number for number in range(9)]
        assert set(here.states()) == here.lane.compacted["sentiment"].keys() == {b"bolt"}
        assert len(here.partition) == 1


def test_a_backlog_of_nine_days_counts_as_if_it_had_been_read_in_time(tmp_path: Path) -> None:
    """The worker was away; that the wall clock is far ahead must not empty what labels still belong to."""
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        here.now_ms += 9 * DAY_MS
        here.crash()
        here.flush()
        here.fold(b"acme", label(NOW_MS, NOW_MS + HOUR_MS))
        here.flush()
        assert here.hour(b"acme", NOW_MS).counts.positive == 2
        assert here.batches() == here.expected()


def test_a_brand_labelled_while_its_tombstone_is_on_the_way_lives_on(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        here.now_ms += 9 * DAY_MS
        here.fold(b"bolt", label(here.now_ms, here.now_ms))
        here.lane.during = lambda: here.fold(b"acme", label(here.now_ms, here.now_ms))
        here.flush()
        here.flush()
        assert here.sentiment(b"acme").windows["7d"].counts.positive == 1
        assert here.batches() == here.expected()
        assert len(here.partition) == 2
        here.crash()
        assert here.batches() == here.expected()


def test_with_the_event_clock_windows_end_at_the_partitions_stream_time(tmp_path: Path) -> None:
    last_year_ms = NOW_MS - 365 * DAY_MS
    with bench(tmp_path, policy=Policy("event")) as here:
        here.fold(b"acme", label(last_year_ms))
        here.flush()
        assert here.sentiment(b"acme").as_of == last_year_ms
        here.now_ms += DAY_MS
        assert here.flush() is None
        here.fold(b"bolt", label(last_year_ms + 30 * MINUTE_MS))
        here.flush()
        assert here.sentiment(b"acme").as_of == last_year_ms + 30 * MINUTE_MS
        assert here.sentiment(b"acme").windows["5m"].counts.positive == 0
        assert here.sentiment(b"acme").windows["1h"].counts.positive == 1


def test_with_the_event_clock_an_empty_brand_keeps_its_state(tmp_path: Path) -> None:
    """A file in no order of time: the next old review of that brand belongs to the same hour."""
    with bench(tmp_path, policy=Policy("event")) as here:
        here.fold(b"acme", label(NOW_MS - 300 * DAY_MS))
        here.fold(b"bolt", label(NOW_MS))
        here.flush()
        assert here.lane.compacted["sentiment"].keys() == {b"bolt"}
        here.crash()
        here.fold(b"acme", label(NOW_MS - 300 * DAY_MS))
        here.flush()
        assert here.lane.compacted["sentiment"].keys() == {b"bolt"}
        assert here.hour(b"acme", NOW_MS - 300 * DAY_MS).counts.positive == 2
        assert here.batches() == here.expected()


def test_a_brand_may_change_and_be_forgotten_in_one_flush(tmp_path: Path) -> None:
    """A backlog of nine days, read before anything of it was published."""
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.now_ms += 9 * DAY_MS
        here.fold(b"bolt", label(here.now_ms, here.now_ms))
        while here.flush():
            pass
        assert set(here.states()) == here.lane.compacted["sentiment"].keys() == {b"bolt"}
        assert len(here.partition) == 1
