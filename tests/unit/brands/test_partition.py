"""One partition of brands: what a flush holds, and what a failure leaves behind."""

import asyncio
from pathlib import Path

import orjson
import pytest

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.errors import DeliveryFailed
from tests.unit.brands.bench import DAY_MS, PARTITION, Bench, bench
from tests.unit.brands.samples import NOW_MS, Record, label


def test_a_flush_publishes_each_touched_brand_once_with_its_states_and_the_offset(tmp_path: Path) -> None:
    with bench(tmp_path) as here:
        here.fold(b"acme", label(), label(NOW_MS - HOUR_MS))
        here.fold(b"bolt", label())
        here.fold(b"acme", label())
        flushed = here.flush()
        assert flushed is not None
        assert flushed.messages == {"changelog": 2, "reviews": 1, "sentiment": 2, "hours": 3}
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


def test_labels_wait_while_too_many_brands_are_unpublished(tmp_path: Path) -> None:
    async def flush_what_is_due(here: Bench) -> None:
        waiting = asyncio.create_task(here.partition.room())
        await here.partition.due(3600.0)  # at once: too much changed
        assert not waiting.done()
        await here.partition.flush()
        await waiting

    with bench(tmp_path, options={"most_changed": 3}) as here:
        for number in range(3):
            here.fold(b"brand %d" % number, label())
        asyncio.run(flush_what_is_due(here))
        assert len(here.lane.transactions) == 1
        assert here.batches() == here.expected()


def test_what_comes_while_an_edition_is_made_waits_for_the_next_one(tmp_path: Path) -> None:
    with bench(tmp_path, brands_at_once=1) as here:
        here.fold(b"acme", label())
        here.fold(b"bolt", label())
        here.lane.between = lambda: here.fold(b"bolt", label(), label())
        here.flush()
        assert here.lane.transactions[-1][1] == 2
        assert here.batches()[b"bolt"].fence == 1
        here.flush()
        assert here.lane.transactions[-1][1] == 4
        assert here.batches() == here.expected()


def test_a_partition_larger_than_memory_loses_no_change(tmp_path: Path) -> None:
    with bench(tmp_path, options={"most_cells_in_memory": 4}) as here:
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
