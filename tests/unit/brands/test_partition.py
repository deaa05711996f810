"""One partition of brands on a real store, with a lane that remembers its transactions."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.folding import Clock, Folded
from stream.brands.partition import BrandPartition, Flushed, Topics
from stream.brands.state import BrandState, decode_state
from stream.brands.store import BrandStore
from stream.errors import DeliveryFailed
from stream.events import BrandHour, BrandSentiment
from stream.kafka.delivery import Lane, Written
from stream.kafka.messages import Outbox
from tests.batch_recomputation import BatchBrand, BatchLabel, recompute
from tests.unit.brands.samples import NOW_MS, Record, as_batch, label

TOPICS = Topics("sentiment", "hours", "changelog")
CHANGELOG_ID = "00000000-0000-0000-0000-000000000001"
PARTITION = 3
DAY_MS = 24 * HOUR_MS


class RecordingLane(Lane):
    """Commits into dicts as a compacted topic would; `failure` and `during` happen in the middle."""

    def __init__(self) -> None:
        self.transactions: list[tuple[dict[str, list[tuple[bytes, bytes | None]]], int | None]] = []
        self.compacted: dict[str, dict[bytes, bytes]] = {"sentiment": {}, "hours": {}, "changelog": {}}
        self.changelog_end = 0
        self.failure: DeliveryFailed | None = None
        self.during: Callable[[], object] = lambda: None

    async def transact(self, outbox: Outbox, next_offset: int | None) -> list[Written]:
        await asyncio.sleep(0)
        during, self.during = self.during, lambda: None
        during()
        if self.failure:
            raise self.failure
        assert {partition for _, partition in outbox} <= {PARTITION}
        sent = {
            topic: [(cast(bytes, key), value) for key, value, _ in messages]
            for (topic, _), messages in outbox.items()
        }
        for topic, messages in sent.items():
            for key, value in messages:
                self.compacted[topic].pop(key, None)
                if value is not None:
                    self.compacted[topic][key] = value
        self.transactions.append((sent, next_offset))
        changes = len(sent.get("changelog", ()))
        first, self.changelog_end = self.changelog_end, self.changelog_end + changes + 1
        return [Written("changelog", PARTITION, first, changes)] if changes else []


@dataclass
class Bench:
    """A partition under a clock that only the test moves; labels get their offsets from here."""

    directory: Path
    clock: Clock = "wall"
    now_ms: int = NOW_MS
    options: Mapping[str, Any] = field(default_factory=dict)
    lane: RecordingLane = field(default_factory=RecordingLane)
    labels: list[BatchLabel] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    def open(self) -> None:
        self.store = BrandStore(self.directory, CHANGELOG_ID, self.now_ms)
        if self.store.next_offset < self.lane.changelog_end:
            self.store.write(self.lane.compacted["changelog"], self.lane.changelog_end, self.now_ms)
        self.partition = BrandPartition(
            PARTITION,
            self.lane,
            self.store,
            TOPICS,
            clock=self.clock,
            wall_ms=lambda: self.now_ms,
            **self.options,
        )

    def crash(self) -> None:
        """Lose what is in memory, and read again from the committed offset."""
        self.partition.close()
        self.open()
        committed = max((offset or 0 for _, offset in self.lane.transactions), default=0)
        again = [one for one in self.labels if one.offset >= committed]
        if again:
            self._fold(again)

    def fold(self, key: bytes, *labels: dict[str, Any]) -> Folded:
        start = len(self.labels)
        new = [BatchLabel(PARTITION, start + number, key, one) for number, one in enumerate(labels)]
        self.labels += new
        return self._fold(new)

    def _fold(self, labels: list[BatchLabel]) -> Folded:
        records = [Record(one.offset, one.key, orjson.dumps(one.fields)) for one in labels]
        return self.raw(records)

    def raw(self, records: list[Record]) -> Folded:
        offset = records[-1].offset
        return self.partition.fold(cast(list[ConsumerRecord], records), lambda: self.done.append(offset))

    def flush(self) -> Flushed | None:
        return asyncio.run(self.partition.flush())

    def states(self) -> dict[bytes, BrandState]:
        """As the changelog has them; the store must be equal."""
        states = {key: decode_state(value) for key, value in self.lane.compacted["changelog"].items()}
        assert dict(self.store.states()) == states
        return states

    def batches(self) -> dict[bytes, BatchBrand]:
        return {key: as_batch(state) for key, state in self.states().items()}

    def expected(self) -> dict[bytes, BatchBrand]:
        return recompute(self.labels, self.clock)

    def sentiment(self, key: bytes) -> BrandSentiment:
        return BrandSentiment.model_validate_json(self.lane.compacted["sentiment"][key])

    def hour(self, key: bytes, hour_ms: int) -> BrandHour:
        return BrandHour.model_validate_json(self.lane.compacted["hours"][b"%b|%d" % (key, hour_ms)])


@contextmanager
def bench(directory: Path, **more: Any) -> Iterator[Bench]:
    made = Bench(directory / "store", **more)
    made.open()
    try:
        yield made
    finally:
        made.partition.close()


def test_a_flush_publishes_each_touched_brand_once_with_its_states_and_the_offset(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label(), label(NOW_MS - HOUR_MS))
        here.fold(b"bolt", label())
        here.fold(b"acme", label())
        flushed = here.flush()
        assert flushed is not None
        assert flushed.messages == {"changelog": 2, "sentiment": 2, "hours": 3}
        ((sent, next_offset),) = here.lane.transactions
        assert next_offset == 4
        assert [key for key, _ in sent["sentiment"]] == [key for key, _ in sent["changelog"]]
        assert here.batches() == here.expected()
        assert here.sentiment(b"acme").windows["7d"].counts.positive == 3
        assert here.sentiment(b"acme").origin.model_dump() == {"partition": PARTITION, "offset": 3}
        assert here.hour(b"acme", NOW_MS).counts.positive == 2
        assert here.done == [1, 2, 3]
        assert here.store.next_offset == 2
        assert len(here.partition) == 2
        assert here.flush() is None
        assert here.partition.next_offset == 4


def test_nothing_to_do_is_none(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        assert here.flush() is None
        assert here.lane.transactions == []
        assert here.partition.next_offset is None


def test_a_label_folded_while_a_flush_is_under_way_is_in_the_next_one(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.lane.during = lambda: (here.fold(b"acme", label()), here.fold(b"bolt", label()))
        here.flush()
        assert here.lane.transactions[0][1] == 1
        assert here.done == [0]
        assert here.states()[b"acme"].fence == 0
        here.flush()
        assert here.lane.transactions[1][1] == 3
        assert here.done == [0, 1, 2]
        assert here.batches() == here.expected()


def test_a_failed_transaction_leaves_everything_to_be_read_again(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        here.fold(b"acme", label())
        here.lane.failure = DeliveryFailed("fenced")
        with pytest.raises(DeliveryFailed):
            here.flush()
        assert here.done == [0]
        assert here.states()[b"acme"].fence == 0
        here.lane.failure = None
        here.crash()
        here.flush()
        assert here.batches() == here.expected()


def test_labels_that_are_in_already_only_move_the_offset(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label())
        here.flush()
        again = here.raw([Record(0, b"acme", orjson.dumps(label()))])
        assert (again.labels, again.replayed) == (0, 1)
        flushed = here.flush()
        assert flushed is not None
        assert flushed.messages == {}
        assert here.batches() == here.expected()


def test_what_is_no_label_moves_the_offset_and_late_ones_are_published(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label(), label(NOW_MS - 10 * DAY_MS))
        broken = [Record(2, b"acme", b"{"), Record(3, None, b"{}"), Record(4, b"\xffposition", b"{}")]
        assert here.raw(broken).unreadable == [2, 3, 4]
        here.flush()
        assert here.lane.transactions[-1][1] == 5
        assert here.sentiment(b"acme").windows["5m"].late == 1
        assert here.hour(b"acme", NOW_MS).late == 1
        assert here.batches() == here.expected()


def contents(brand: BatchBrand, now_ms: int) -> list[Any]:
    return [brand.window(name, now_ms) for name in ("5m", "1h", "24h", "7d")]


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
            assert [window.counts.positive for window in windows] == [cell[2] for cell in now]
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
    with bench(tmp_path, options={"most_aged": 4}) as here:
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
    with bench(tmp_path, options={"most_aged": 2}) as here:
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
    with bench(tmp_path, clock="event") as here:
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
    with bench(tmp_path, clock="event") as here:
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


def test_a_partition_larger_than_memory_loses_no_change(tmp_path: Path) -> None:
    with bench(tmp_path, options={"most_in_memory": 2}) as here:
        for step in range(120):
            first, second = (b"brand %d" % (step * factor % 10) for factor in (7, 3))
            here.fold(first, label(NOW_MS - step % 3 * MINUTE_MS))
            here.fold(second, label())
            if step % 4 == 0:
                # The one in memory for longest is not stored as it is now.
                here.lane.during = lambda key=first: here.fold(key, label())  # type: ignore[misc]
                here.flush()
        here.flush()
        assert here.batches() == here.expected()


keys = st.sampled_from([b"acme", b"bolt", b"corvus"])
spans_ms = st.sampled_from(
    [0, 1, MINUTE_MS, 50 * MINUTE_MS, 7 * HOUR_MS, DAY_MS, 7 * DAY_MS, 8 * DAY_MS, 9 * DAY_MS]
)
acts = st.one_of(
    st.tuples(st.just("fold"), keys, st.lists(spans_ms, min_size=1, max_size=4)),
    st.tuples(st.just("fold in a flush"), keys, st.lists(spans_ms, min_size=1, max_size=2)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("crash")),
    st.tuples(st.just("wait"), spans_ms),
)


def play(here: Bench, act: tuple[Any, ...]) -> None:
    match act:
        case ("fold", key, ages_ms):
            here.fold(key, *(label(here.now_ms - age_ms, here.now_ms) for age_ms in ages_ms))
        case ("fold in a flush", key, ages_ms):
            here.lane.during = lambda: play(here, ("fold", key, ages_ms))
            here.flush()
            here.lane.during = lambda: None
        case ("flush",):
            here.flush()
        case ("crash",):
            here.crash()
        case ("wait", span_ms):
            here.now_ms += span_ms


@settings(max_examples=60)
@given(st.lists(acts, max_size=25), st.sampled_from(("wall", "event")), st.integers(1, 3))
def test_whatever_happens_every_brand_equals_a_batch_recomputation(
    given_acts: list[tuple[Any, ...]], clock: Clock, most_in_memory: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        limits = {"most_in_memory": most_in_memory, "most_aged": 2}
        with bench(Path(directory), clock=clock, options=limits) as here:
            for act in given_acts:
                play(here, act)
            while here.flush():
                pass
            states, expected = here.batches(), here.expected()
            assert {key: expected[key] for key in states} == states
            stream_ms = max((brand.horizon_ms for brand in expected.values()), default=0)
            now_ms = here.now_ms if clock == "wall" else stream_ms
            forgotten = expected.keys() - states.keys()
            for key, brand in expected.items():
                seen = here.lane.compacted["sentiment"].get(key)
                empty = all(start <= now_ms - 192 * HOUR_MS - now_ms % HOUR_MS for start in brand.hours)
                assert (seen is None) == empty
                assert empty or key not in forgotten
                if seen:
                    windows = BrandSentiment.model_validate_json(seen).windows
                    counts = [tuple(w.counts.model_dump().values()) for w in windows.values()]
                    assert counts == [cell[:3] for cell in contents(brand, now_ms)]
