"""Who was counted in one partition, on disk; the changelog is a topic that forgets after some days.

A record of the changelog packs many entries: their number, the lengths of their keys and of their values, all
keys, all values. Both the topic and the disk drop what was written longer than `KEPT_SECONDS` ago, the disk
as much again later at the most; that is a day more than the longest time in which a review can be corrected.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice, pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
from aiokafka import ConsumerRecord
from rocksdict import (
    Options,
    Rdict,
    WriteBatch,
    WriteOptions,
)

from stream.brands.database import MOST_OPEN_FILES, POSITION_KEY, Database, table_options
from stream.brands.memory import NewEntries

KEPT_SECONDS = 9 * 24 * 3_600
_SPAN_MS = KEPT_SECONDS * 1_000
_SPANS = 2
MOST_PACKED = 4_000
"""Entries of one record, about 60 bytes each."""
_BLOCK_CACHE_BYTES = 8 * 1024 * 1024
_WRITE_BUFFER_BYTES = 8 * 1024 * 1024
_KEYS_AT_ONCE = 10_000


class ReviewStore:
    """The stored entries of one partition. Not for several threads or processes at once.

    Entries lie in databases by the span of time in which they were written, the newest two; an older one is
    deleted as a whole. RocksDB's expiry by age was not used: after a database was opened again, rocksdict's
    `with_ttl` drops all that is compacted.

    It starts empty when what lies in the directory is damaged or not of the changelog `changelog_id`.
    """

    def __init__(self, directory: Path, changelog_id: str) -> None:
        self._directory = directory
        self._changelog_id = changelog_id
        self._spans: dict[int, Database] = {}
        directory.mkdir(parents=True, exist_ok=True)
        numbers = sorted(int(path.name) for path in directory.iterdir() if path.name.isdigit())
        for number in numbers[-_SPANS:]:
            self._open(number)
        if not self._is_whole():
            self.clear()

    @property
    def next_offset(self) -> int:
        """The first offset of the changelog that is not in here."""
        return max((database.position.next_offset for database in self._spans.values()), default=0)

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The entries of those keys that have one."""
        found: dict[bytes, bytes] = {}
        missing: list[Any] = list(keys)
        for database in reversed(self._spans.values()):
            entries = cast(list[bytes | None], database.files.get(missing))
            found |= {key: entry for key, entry in zip(missing, entries, strict=True) if entry is not None}
            missing = [key for key in missing if key not in found]
        return found

    def all_keys(self) -> Iterator[list[bytes]]:
        """All keys, in several lists; one may come twice."""
        items = chain.from_iterable(database.files.items() for database in self._spans.values())
        keys = (cast(bytes, key) for key, _ in items if key != POSITION_KEY)
        while some := list(islice(keys, _KEYS_AT_ONCE)):
            yield some

    def write(self, entries: Iterable[tuple[bytes, bytes]], next_offset: int, now_ms: int) -> None:
        """Take over what the changelog holds before `next_offset`; of a key's entries the last. Atomic."""
        batch = WriteBatch(raw_mode=True)
        put = batch.put
        for key, entry in entries:
            put(key, entry)
        self._database(now_ms).write(batch, next_offset, now_ms)

    def restore(self, records: Sequence[ConsumerRecord], next_offset: int, now_ms: int) -> None:
        """Take over records of the changelog."""
        entries = chain.from_iterable(unpack(record.value) for record in records)
        self.write(entries, next_offset, now_ms)

    def clear(self) -> None:
        """Start over with nothing."""
        for number in list(self._spans):
            self._delete(number)

    def close(self) -> None:
        """Close the files; the store can be opened again."""
        for database in self._spans.values():
            database.close()

    def _database(self, now_ms: int) -> Database:
        """The one that is written to."""
        number = max(now_ms // _SPAN_MS, *self._spans, 0)
        if number not in self._spans:
            self._open(number)
            for old in list(self._spans)[:-_SPANS]:
                self._delete(old)
        return self._spans[number]

    def _open(self, number: int) -> None:
        self._spans[number] = Database(self._directory / str(number), self._changelog_id, _open)

    def _delete(self, number: int) -> None:
        self._spans.pop(number).close()
        shutil.rmtree(self._directory / str(number))

    def _is_whole(self) -> bool:
        """Whether each is of the changelog; the last may have lost all, which is then read again."""
        unwritten = [not database.position.changelog_id for database in self._spans.values()]
        others = [not database.is_of_its_changelog for database in self._spans.values()]
        return others == unwritten and not any(unwritten[:-1])


def pack(entries: NewEntries) -> Iterator[bytes]:
    """The entries as records of the changelog."""
    for block in entries.blocks:
        for start in range(0, len(block.keys), MOST_PACKED):
            part = slice(start, start + MOST_PACKED)
            keys, values = block.keys[part], block.entries[part]
            lengths = np.repeat((1, keys.itemsize, values.itemsize), (1, len(keys), len(keys)))
            lengths[0] = len(keys)
            yield b"".join((lengths.astype("<u2").tobytes(), keys.tobytes(), values.tobytes()))
    remaining = iter(entries.single.items())
    while some := list(islice(remaining, MOST_PACKED)):
        pieces = [key for key, _ in some] + [entry for _, entry in some]
        lengths = np.array((len(some), *map(len, pieces)), "<u2")
        yield b"".join((lengths.tobytes(), *pieces))


def unpack(packed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The inverse of `pack`, for one record."""
    count = int.from_bytes(packed[:2], "little")
    head = 2 * (1 + 2 * count)
    lengths = np.frombuffer(packed[2:head], "<u2").tolist()
    ends = list(accumulate(lengths, initial=head))
    pieces = [packed[start:end] for start, end in pairwise(ends)]
    return zip(pieces[:count], pieces[count:], strict=True)


def _open(directory: Path) -> Rdict:
    """No write-ahead log: what a crash takes from memory is in the changelog, behind the stored position."""
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    options.set_max_open_files(MOST_OPEN_FILES)
    options.set_block_based_table_factory(table_options(_BLOCK_CACHE_BYTES))
    writing = WriteOptions()
    writing.disable_wal = True  # type: ignore[assignment, method-assign]
    files = Rdict(str(directory), options)
    files.set_write_options(writing)
    return files
