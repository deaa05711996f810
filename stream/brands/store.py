"""The stored states of one partition's brands; their changelog is a compacted topic."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

from aiokafka import ConsumerRecord
from rocksdict import Options, Rdict, WriteBatch

from stream.brands.database import MOST_OPEN_FILES, POSITION_KEY, Database, table_options
from stream.brands.state import BrandState, Outline, decode_state, outline

STALE_MS = 12 * 3_600_000
"""Half of Kafka's delete.retention.ms: an older store may have missed that a brand was deleted."""
_BLOCK_CACHE_BYTES = 16 * 1024 * 1024
_WRITE_BUFFER_BYTES = 16 * 1024 * 1024


class BrandStore:
    """The stored states of one partition. Not for several threads or processes at once.

    It starts empty when what lies in the directory is damaged, too old, or not of the changelog
    `changelog_id` (see `stream.kafka.topics.topic_id`).
    """

    def __init__(self, directory: Path, changelog_id: str, now_ms: int) -> None:
        self._database = Database(directory, changelog_id, _open)
        if not self._database.is_of_its_changelog or now_ms - self._database.position.written_ms > STALE_MS:
            self.clear()

    @property
    def next_offset(self) -> int:
        """The first offset of the changelog that is not in here."""
        return self._database.position.next_offset

    def load(self, key: bytes) -> BrandState | None:
        """The state of a brand, as of the last flush."""
        stored = None if key == POSITION_KEY else self._database.files.get(key)
        return None if stored is None else decode_state(stored)

    def write(self, changes: Mapping[bytes, bytes | None], next_offset: int, now_ms: int) -> None:
        """Take over what the changelog holds before `next_offset`; None deletes a brand. Atomic."""
        batch = WriteBatch(raw_mode=True)
        for key, stored in changes.items():
            if stored is None:
                batch.delete(key)
            else:
                batch.put(key, stored)
        self._database.write(batch, next_offset, now_ms)

    def restore(self, records: Sequence[ConsumerRecord], next_offset: int, now_ms: int) -> None:
        """Take over records of the changelog."""
        self.write({record.key: record.value for record in records}, next_offset, now_ms)

    def clear(self) -> None:
        """Start over with nothing."""
        self._database.clear()

    def states(self) -> Iterator[tuple[bytes, BrandState]]:
        """Every brand with its state."""
        return ((key, decode_state(stored)) for key, stored in self._stored())

    def outlines(self) -> Iterator[tuple[bytes, Outline]]:
        """Every brand with what a start needs of it."""
        return ((key, outline(stored)) for key, stored in self._stored())

    def some_keys(self, most: int) -> list[bytes]:
        """Of some brands."""
        return [key for key, _ in islice(self._stored(), most)]

    def close(self) -> None:
        """Close the files; the store can be opened again."""
        self._database.close()

    def _stored(self) -> Iterator[tuple[bytes, bytes]]:
        for key, stored in self._database.files.items():
            if key != POSITION_KEY:
                yield cast(bytes, key), stored


def _open(directory: Path) -> Rdict:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    options.set_max_open_files(MOST_OPEN_FILES)
    options.set_block_based_table_factory(table_options(_BLOCK_CACHE_BYTES))
    return Rdict(str(directory), options)
