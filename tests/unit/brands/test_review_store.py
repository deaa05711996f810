"""The memory of who was counted: on disk, and in front of it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_64_intdigest, xxh3_128_digest

from stream.brands.identity import KEY, Keys
from stream.brands.membership import Filter, GrowingFilter, Hashes
from stream.brands.memory import ReviewMemory
from stream.brands.review_store import KEPT_SECONDS, ReviewStore
from tests.unit.brands.samples import NOW_MS

FIRST_ID, SECOND_ID = "1" * 36, "2" * 36


def key(name: str, kind: bytes = b"r") -> bytes:
    return kind + xxh3_128_digest(name.encode())


def keys_of(*keys: bytes) -> Keys:
    return np.frombuffer(b"".join(keys), KEY)


def hashes(keys: Sequence[bytes]) -> Hashes:
    return np.array([xxh3_64_intdigest(one) for one in keys], np.uint64)


A, B, C, D = map(key, "abcd")
ENTRIES = {key(f"r{number}"): b"entry %d" % number for number in range(2_500)}
DAY_MS = 24 * 3_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReviewStore]:
    with closing(ReviewStore(tmp_path / "store", FIRST_ID)) as made:
        yield made


def everything(store: ReviewStore) -> dict[bytes, bytes]:
    return store.find([key for keys in store.all_keys() for key in keys])


def test_entries_outlive_their_process_but_not_their_topic(tmp_path: Path) -> None:
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        store.write(ENTRIES.items(), 17, NOW_MS)
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        assert (everything(store), store.next_offset) == (ENTRIES, 17)
    with closing(ReviewStore(tmp_path / "reviews", SECOND_ID)) as store:
        assert (everything(store), store.next_offset) == ({}, 0)


def test_a_damaged_store_starts_over(tmp_path: Path) -> None:
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        store.write(ENTRIES.items(), 17, NOW_MS)
    (file,) = (tmp_path / "reviews").glob("*/CURRENT")
    file.write_bytes(b"damaged")
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        assert (everything(store), store.next_offset) == ({}, 0)


def test_what_no_longer_matters_leaves_the_disk(tmp_path: Path) -> None:
    span_ms = KEPT_SECONDS * 1_000
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        store.write([(A, b"1"), (B, b"1")], 1, NOW_MS)
        store.write([(B, b"2"), (C, b"2")], 2, NOW_MS + span_ms)
        assert store.find([A, B, C]) == {A: b"1", B: b"2", C: b"2"}
        store.write([(D, b"3")], 3, NOW_MS + 2 * span_ms)
        assert store.find([A, B, C, D]) == {B: b"2", C: b"2", D: b"3"}
        store.write([(A, b"4")], 4, NOW_MS)  # a clock that was set back
        assert len(list((tmp_path / "reviews").iterdir())) == 2
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        assert (everything(store), store.next_offset) == ({A: b"4", B: b"2", C: b"2", D: b"3"}, 4)


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_store_that_lost_one_of_its_spans_holds_what_its_offset_says(tmp_path: Path, damaged: int) -> None:
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        store.write([(A, b"1")], 1, NOW_MS)
        store.write([(B, b"2")], 2, NOW_MS + KEPT_SECONDS * 1_000)
    (sorted((tmp_path / "reviews").iterdir())[damaged] / "CURRENT").write_bytes(b"damaged")
    with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
        assert (everything(store), store.next_offset) == ([({}, 0), ({A: b"1"}, 1)][damaged])


def test_nothing_is_forgotten_however_much_there_is_and_however_often_it_is_opened(tmp_path: Path) -> None:
    """Enough for RocksDB to merge its files several times."""
    entry, looked_at = bytes(42), list[bytes]()
    for number in range(10):
        with closing(ReviewStore(tmp_path / "reviews", FIRST_ID)) as store:
            keys = sorted(key(f"{number} {each}") for each in range(60_000))
            store.write(((one, entry) for one in keys), number + 1, NOW_MS)
            looked_at += keys[::100]
            assert len(store.find(looked_at)) == len(looked_at)


def test_what_is_new_is_recalled_before_while_and_after_it_is_sent(store: ReviewStore) -> None:
    memory = ReviewMemory(store, DAY_MS, NOW_MS)
    assert memory.recall(keys_of(A, B)) == {}
    memory.remember({A: b"1"})
    assert memory.recall(keys_of(A, B)) == {A: b"1"}
    assert list(memory.take_unsent()) == [(A, b"1")]
    memory.remember({B: b"2"})
    assert memory.recall(keys_of(A, B, A)) == {A: b"1", B: b"2"}
    memory.sent(5, NOW_MS)
    memory.remember({A: b"3"})
    assert memory.recall(keys_of(A, B)) == {A: b"3", B: b"2"}
    assert (everything(store), store.next_offset) == ({A: b"1"}, 5)


def test_what_many_labels_left_is_recalled_as_well_until_one_of_them_changes(store: ReviewStore) -> None:
    memory = ReviewMemory(store, DAY_MS, NOW_MS)
    some, others = ([key(f"s{number}", kind) for number in range(500)] for kind in (b"r", b"t"))
    numbers = np.arange(500).view([("number", "<i8")])
    entries = [bytes(number) for number in numbers]
    memory.remember_new(keys_of(*some), numbers)
    memory.remember_new(keys_of(*others), numbers)
    expected = dict(zip([*some, *others], entries * 2, strict=True))
    assert memory.recall(keys_of(*others, A, *some)) == expected
    memory.remember({some[7]: b"changed"})
    assert memory.recall(keys_of(some[7], others[7])) == {some[7]: b"changed", others[7]: entries[7]}
    assert dict(memory.take_unsent()) == expected | {some[7]: b"changed"}
    memory.sent(1, NOW_MS)
    assert everything(store) == expected | {some[7]: b"changed"}
    assert memory.recall(keys_of(some[7], some[8])) == {some[7]: b"changed", some[8]: entries[8]}


def test_what_was_stored_before_is_recalled(store: ReviewStore) -> None:
    store.write(ENTRIES.items(), 17, NOW_MS)
    memory = ReviewMemory(store, DAY_MS, NOW_MS)
    assert memory.recall(keys_of(*ENTRIES, key("unknown"))) == ENTRIES


def test_an_entry_is_recalled_for_a_turn_at_least_and_two_at_most(store: ReviewStore) -> None:
    before = key("before")
    store.write([(before, b"0")], 1, NOW_MS)
    memory = ReviewMemory(store, DAY_MS, NOW_MS)

    def pass_by(now_ms: int, key: bytes) -> Any:
        memory.remember({key: b"1"})
        memory.take_unsent()
        memory.sent(2, now_ms)
        return set(memory.recall(keys_of(before, A, B, C)))

    assert pass_by(NOW_MS + DAY_MS - 1, A) == {before, A}
    assert pass_by(NOW_MS + DAY_MS, B) == {A, B}
    assert pass_by(NOW_MS + 2 * DAY_MS - 1, C) == {A, B, C}
    assert pass_by(NOW_MS + 2 * DAY_MS, D) == {C}


keys = st.lists(st.binary(max_size=8), max_size=300)


@given(keys, keys, keys)
def test_a_filter_forgets_nothing(one: list[bytes], two: list[bytes], more: list[bytes]) -> None:
    made = Filter(words=64)
    made.add(hashes(one))
    made.add(hashes(two))
    assert made.may_hold(hashes([*one, *two])).all()
    assert len(made.may_hold(hashes(more))) == len(more)


def test_a_filter_takes_few_unknown_keys_for_known() -> None:
    made = Filter(words=1 << 14)
    made.add(hashes([b"known %d" % number for number in range(100_000)]))
    mistaken = made.may_hold(hashes([b"unknown %d" % number for number in range(10_000)]))
    assert 0 < mistaken.sum() < 1_000


@given(st.lists(keys, max_size=9), keys)
def test_a_filter_that_grows_forgets_nothing(many: list[list[bytes]], more: list[bytes]) -> None:
    made = GrowingFilter(words=2)
    for some in many:
        made.add(hashes(some))
    assert made.may_hold(hashes([key for some in many for key in some])).all()
    assert len(made.may_hold(hashes(more))) == len(more)


def test_a_filter_that_grows_is_seldom_mistaken() -> None:
    made = GrowingFilter(words=1 << 8)
    for start in range(0, 100_000, 500):
        made.add(hashes([b"known %d" % number for number in range(start, start + 500)]))
    mistaken = made.may_hold(hashes([b"unknown %d" % number for number in range(10_000)]))
    assert 0 < mistaken.sum() < 1_000


def test_a_filter_that_is_too_small_takes_no_more_memory_and_forgets_nothing() -> None:
    made = GrowingFilter(words=4, most_words=16)
    many = [b"known %d" % number for number in range(1_000)]
    for start in range(0, len(many), 10):
        made.add(hashes(many[start : start + 10]))
    assert made.words == 4 + 8 + 16
    assert made.may_hold(hashes(many)).all()
