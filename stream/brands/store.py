"""What one partition knows of its brands: RocksDB on this machine, a compacted topic as the truth.

A flush is one Kafka transaction that holds the changed states and the offset up to which labels are in
them; only then is it written here. So the local store can be behind the changelog, never ahead of it,
and what it lacks is read from where it stopped. Faust's own tables were not used for two reasons: a
worker that was only asleep could overwrite newer states in the changelog, since Faust writes it outside
of any transaction; and Faust's recovery never ends on a topic whose last offset is a commit marker.
"""

import fcntl
import logging
import os
import shutil
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import rocksdict
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.brands.state import BrandState, decode_state
from stream.errors import DataDirTaken, SettingsError
from stream.kafka.connection import client_options
from stream.settings import Settings

STALE_MS = 12 * 3_600_000
"""Half of Kafka's delete.retention.ms: an older store may have missed that a brand was deleted."""
_POSITION = struct.Struct("<qq36s")
# No brand is stored under it, since it is no UTF-8.
_POSITION_KEY = b"\xffposition"
_BLOCK_CACHE_BYTES = 16 * 1024 * 1024
_WRITE_BUFFER_BYTES = 16 * 1024 * 1024
_READ_RECORDS = 20_000
_READ_WAIT_MS = 100

log = logging.getLogger(__name__)


class BrandStore:
    """The stored states of one partition. Not for several threads or processes at once.

    It starts empty when what lies in the directory is damaged, too old, or not of the changelog
    `changelog_id` (see `stream.kafka.topics.topic_id`): offsets of a topic made again mean something else.
    """

    def __init__(self, directory: Path, changelog_id: str, now_ms: int) -> None:
        self._changelog_id = changelog_id.encode()
        self._database = _open_or_start_over(directory)
        _, written_ms, written_for = self._position()
        self._directory = directory
        if written_for != self._changelog_id or now_ms - written_ms > STALE_MS:
            self.clear()

    @property
    def next_offset(self) -> int:
        """The first offset of the changelog that is not in here."""
        return self._position()[0]

    def load(self, key: bytes) -> BrandState | None:
        """The state of a brand, as of the last flush."""
        stored = None if key == _POSITION_KEY else self._database.get(key)
        return None if stored is None else decode_state(stored)

    def write(self, changes: Mapping[bytes, bytes | None], next_offset: int, now_ms: int) -> None:
        """Take over what the changelog holds before `next_offset`; None deletes a brand. Atomic."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, stored in changes.items():
            if stored is None:
                batch.delete(key)
            else:
                batch.put(key, stored)
        batch.put(_POSITION_KEY, _POSITION.pack(next_offset, now_ms, self._changelog_id))
        self._database.write(batch)

    def clear(self) -> None:
        """Start over with nothing."""
        self._database.close()
        shutil.rmtree(self._directory)
        self._database = _open(self._directory)

    def states(self) -> Iterator[tuple[bytes, BrandState]]:
        """Every brand with its state."""
        for key, stored in self._database.items():
            if key != _POSITION_KEY:
                yield cast(bytes, key), decode_state(stored)

    def close(self) -> None:
        """Close the files; the store can be opened again."""
        self._database.close()

    def _position(self) -> tuple[int, int, bytes]:
        stored = self._database.get(_POSITION_KEY)
        return (0, 0, b"") if stored is None else _POSITION.unpack(stored)


async def restore(settings: Settings, store: BrandStore, changelog: TopicPartition, now_ms: int) -> int:
    """Bring a store up to the end of its changelog partition; returns how many records were read.

    Call it after the partition's former owner was fenced, so that the end stands still.
    """
    consumer = AIOKafkaConsumer(
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=_READ_WAIT_MS,
        **client_options(settings),
    )
    await consumer.start()
    try:
        consumer.assign([changelog])
        end = (await consumer.end_offsets([changelog]))[changelog]
        start = (await consumer.beginning_offsets([changelog]))[changelog]
        if store.next_offset > end:
            log.warning("the changelog was cut off: starting over topic=%s partition=%d", *changelog)
            store.clear()
        consumer.seek(changelog, max(start, store.next_offset))
        records_read = 0
        # By position, not by record: the last offset of a transaction is a marker that is never delivered.
        while (position := await consumer.position(changelog)) < end:
            batch = await consumer.getmany(changelog, timeout_ms=_READ_WAIT_MS, max_records=_READ_RECORDS)
            records = batch.get(changelog, [])
            records_read += len(records)
            reached = await consumer.position(changelog)
            if reached > position:
                store.write({record.key: record.value for record in records}, reached, now_ms)
        return records_read
    finally:
        await consumer.stop()


def lock_data_dir(directory: Path) -> int:
    """Own the directory until this process ends; returns the lock's file descriptor.

    Raises:
        DataDirTaken: another worker owns it.
        SettingsError: it cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SettingsError(
            f"cannot write to {directory}: {error.strerror}; name another directory "
            "with BRANDPULSE_DATA_DIR or --data-dir"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DataDirTaken(
            f"another worker uses {directory}: give each its own, with BRANDPULSE_DATA_DIR or --data-dir"
        ) from error
    return descriptor


def _open_or_start_over(directory: Path) -> rocksdict.Rdict:
    try:
        return _open(directory)
    except Exception as error:  # rocksdict raises nothing narrower
        if not str(error).startswith("Corruption"):
            raise
        log.warning("the local store is damaged: starting over directory=%s because: %s", directory, error)
        shutil.rmtree(directory)
        return _open(directory)


def _open(directory: Path) -> rocksdict.Rdict:
    directory.mkdir(parents=True, exist_ok=True)
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    table = rocksdict.BlockBasedOptions()
    table.set_block_cache(rocksdict.Cache(_BLOCK_CACHE_BYTES))
    table.set_bloom_filter(10, False)
    options.set_block_based_table_factory(table)
    return rocksdict.Rdict(str(directory), options)
