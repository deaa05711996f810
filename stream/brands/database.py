"""RocksDB on this machine behind a changelog topic: what it holds, and up to which offset.

A flush is one Kafka transaction that holds the changes and the offset up to which labels are in them; only
then is it written here. So a database can be behind its changelog, never ahead of it, and what it lacks is
read from where it stopped. Faust's own tables were not used for two reasons: a worker that was only asleep
could overwrite newer states in the changelog, since Faust writes it outside of any transaction; and Faust's
recovery never ends on a topic whose last offset is a commit marker.
"""

import logging
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import rocksdict

from stream.errors import DiskFailed

MOST_OPEN_FILES = 48
"""Of one database: each takes a descriptor, and memory for its index. Others are opened when asked."""
_POSITION = struct.Struct("<qq36s")
POSITION_KEY = b"\xffposition"
"""Nothing else is stored under it."""

log = logging.getLogger(__name__)
Open = Callable[[Path], rocksdict.Rdict]


class Position(NamedTuple):
    """Up to where a database follows which changelog."""

    next_offset: int
    """The first offset of the changelog that is not in here."""
    written_ms: int
    changelog_id: bytes


class Database:
    """One database of one partition. Not for several threads or processes at once.

    Damaged files are thrown away: the changelog has everything.
    """

    def __init__(self, directory: Path, changelog_id: str, opener: Open) -> None:
        self._directory = directory
        self._changelog_id = changelog_id.encode()
        self._opener = opener
        self.files = self._open_or_start_over()

    @property
    def position(self) -> Position:
        """Zeros when nothing was written yet."""
        stored = self.files.get(POSITION_KEY)
        return Position(0, 0, b"") if stored is None else Position._make(_POSITION.unpack(stored))

    @property
    def is_of_its_changelog(self) -> bool:
        """Whether it was written for this changelog: offsets of a topic made again mean something else."""
        return self.position.changelog_id == self._changelog_id

    def write(self, batch: rocksdict.WriteBatch, next_offset: int, now_ms: int) -> None:
        """Take over what the changelog holds before `next_offset`. Atomic.

        Raises:
            DiskFailed: the disk is full, or broken.
        """
        batch.put(POSITION_KEY, _POSITION.pack(next_offset, now_ms, self._changelog_id))
        with _disk(self._directory):
            self.files.write(batch)

    def clear(self) -> None:
        """Start over with nothing."""
        self.files.close()
        shutil.rmtree(self._directory)
        self.files = self._open()

    def close(self) -> None:
        """Close the files; the database can be opened again.

        Raises:
            DiskFailed: what was not written yet cannot be.
        """
        with _disk(self._directory):
            self.files.close()

    def _open(self) -> rocksdict.Rdict:
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._opener(self._directory)

    def _open_or_start_over(self) -> rocksdict.Rdict:
        try:
            return self._open()
        except Exception as error:  # rocksdict raises nothing narrower
            if not str(error).startswith("Corruption"):
                raise
            where = self._directory
            log.warning("the local store is damaged: starting over directory=%s because: %s", where, error)
            shutil.rmtree(where)
            return self._open()


@contextmanager
def _disk(directory: Path) -> Iterator[None]:
    """Raises DiskFailed in place of what the database raises when the disk is full or broken."""
    try:
        yield
    except Exception as error:  # rocksdict raises nothing narrower
        if not str(error).startswith("IO error"):
            raise
        raise DiskFailed(
            f"cannot write to {directory}: {error}; make room there or name another directory with "
            "BRANDPULSE_DATA_DIR, then start again: nothing is lost"
        ) from None


def table_options(block_cache_bytes: int) -> rocksdict.BlockBasedOptions:
    """How files are laid out: a bounded cache, and filters that spare reading for what is not there."""
    table = rocksdict.BlockBasedOptions()
    table.set_block_cache(rocksdict.Cache(block_cache_bytes))
    table.set_bloom_filter(10, False)
    return table
