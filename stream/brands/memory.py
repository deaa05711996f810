"""Who was counted in one partition: what is new in memory, the rest in a store on disk.

Most labels are of reviews that were never seen. A filter tells those from the others, so that the disk is
asked for few.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stream.brands.identity import KEY, Keys, UInt64, halves_of
from stream.brands.membership import GrowingFilter


@dataclass(frozen=True, slots=True)
class Block:
    """Entries of one kind, each key once."""

    keys: Keys
    entries: npt.NDArray[np.void]
    halves: UInt64
    """Of the keys, ascending."""
    order: npt.NDArray[np.intp]
    """Where the keys of these halves are."""

    def find(self, keys: Keys, halves: UInt64) -> Iterator[tuple[bytes, bytes]]:
        """Those keys that have an entry here, with it; `halves` are theirs."""
        places = self.order[np.minimum(np.searchsorted(self.halves, halves), len(self.halves) - 1)]
        for at in np.flatnonzero(self.keys[places] == keys).tolist():
            yield bytes(keys[at]), bytes(self.entries[places[at]])

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys and entries."""
        return zip(as_bytes(self.keys), as_bytes(self.entries), strict=True)

    def in_order(self) -> "Block":
        """The same by ascending keys: databases take that over fastest."""
        order = self.order
        return Block(self.keys[order], self.entries[order], self.halves, np.arange(len(order)))


@dataclass(slots=True)
class NewEntries:
    """Entries by their keys: those of many labels at once, and those that were written one by one.

    A key that is in a block was never seen before, and comes in no other block.
    """

    blocks: list[Block] = field(default_factory=list)
    single: dict[bytes, bytes] = field(default_factory=dict)

    def find(self, keys: Keys, halves: UInt64) -> dict[bytes, bytes]:
        """The entries of those keys that have one."""
        found = {key: entry for block in self.blocks for key, entry in block.find(keys, halves)}
        return found | {key: self.single[key] for key in as_bytes(keys) if key in self.single}

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys and entries; of a key that comes twice, the last one holds."""
        for block in self.blocks:
            yield from block
        yield from self.single.items()

    def joined(self) -> "NewEntries":
        """The same in one ordered block of each kind."""
        by_kind: dict[np.dtype[np.void], list[Block]] = {}
        for block in self.blocks:
            by_kind.setdefault(block.entries.dtype, []).append(block)
        return NewEntries(list(map(_joined, by_kind.values())), self.single)


class Entries(Protocol):
    """What is stored; implemented by `stream.brands.review_store.ReviewStore`."""

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The entries of those keys that have one."""

    def close(self) -> None:
        """Close the files."""

    def write(self, entries: Iterable[tuple[bytes, bytes]], next_offset: int, now_ms: int) -> None:
        """Take over what the changelog holds before `next_offset`."""

    def all_keys(self) -> Iterable[Sequence[bytes]]:
        """All keys, in several lists."""


class ReviewMemory:
    """The entries of one partition; implements `stream.brands.judging.Memory`.

    The filter covers what was remembered in the last `turn_ms` at least, and twice that at most: it is two,
    of which the older is dropped when the younger has served so long.

    Args:
        entries: what is stored; all its keys are read.
        turn_ms: how long an entry matters.
        now_ms: milliseconds since 1970.
    """

    def __init__(self, entries: Entries, turn_ms: int, now_ms: int) -> None:
        self._entries = entries
        self._turn_ms = turn_ms
        self._turned_ms = now_ms
        self._older, self._younger = GrowingFilter(), GrowingFilter()
        self._unsent, self._leaving = NewEntries(), NewEntries()
        for keys in entries.all_keys():
            self._older.add(halves_of(np.frombuffer(b"".join(keys), KEY)))

    def recall(self, keys: Keys) -> dict[bytes, bytes]:
        """The entries of those keys that have one."""
        halves = halves_of(keys)
        held = self._younger.may_hold(halves) | self._older.may_hold(halves)
        keys, halves = keys[held], halves[held]
        recalled = self._leaving.find(keys, halves) | self._unsent.find(keys, halves)
        elsewhere = [key for key in as_bytes(keys) if key not in recalled]
        return self._entries.find(elsewhere) | recalled if elsewhere else recalled

    def remember_new(self, keys: Keys, entries: npt.NDArray[np.void]) -> None:
        """Add entries whose keys have none yet; none of them twice."""
        if not len(keys):
            return
        self._younger.add(halves_of(keys))
        self._unsent.blocks.append(_block(keys, entries))

    def remember(self, entries: Mapping[bytes, bytes]) -> None:
        """Add entries, or replace them."""
        if entries:
            self._younger.add(halves_of(np.frombuffer(b"".join(entries), KEY)))
            self._unsent.single.update(entries)

    def take_unsent(self) -> NewEntries:
        """What is new since the last time; it stays in memory until `sent`."""
        self._leaving, self._unsent = self._unsent.joined(), NewEntries()
        return self._leaving

    def sent(self, next_offset: int, now_ms: int) -> None:
        """What was taken last is in the changelog, before `next_offset`: store it."""
        self._entries.write(self._leaving, next_offset, now_ms)
        self._leaving = NewEntries()
        if now_ms - self._turned_ms >= self._turn_ms:
            self._older, self._younger, self._turned_ms = self._younger, GrowingFilter(), now_ms

    def close(self) -> None:
        """Close what is stored; what was not sent is lost."""
        self._entries.close()


def _joined(blocks: Sequence[Block]) -> Block:
    keys = np.concatenate([block.keys for block in blocks], dtype=KEY)
    entries = np.concatenate([block.entries for block in blocks], dtype=blocks[0].entries.dtype)
    return _block(keys, entries).in_order()


def _block(keys: Keys, entries: npt.NDArray[np.void]) -> Block:
    halves = halves_of(keys)
    order = np.argsort(halves)
    return Block(keys, entries, halves[order], order)


def as_bytes(rows: npt.NDArray[np.void]) -> list[bytes]:
    """Each row as it lies in memory."""
    plain: list[bytes] = rows.view(f"V{rows.itemsize}").tolist()
    return plain
