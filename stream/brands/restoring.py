"""Bringing a local store up to its changelog, and owning the directory it lies in."""

import fcntl
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from stream.errors import DataDirTaken, TopicError
from stream.kafka.connection import client_options
from stream.kafka.partitioner import partition_of
from stream.settings import Settings, cannot_write

_READ_RECORDS = 20_000
_READ_WAIT_MS = 100

log = logging.getLogger(__name__)


class Store(Protocol):
    """What follows a changelog."""

    @property
    def next_offset(self) -> int:
        """The first offset of the changelog that is not in here."""

    def restore(self, records: Sequence[ConsumerRecord], next_offset: int, now_ms: int) -> None:
        """Take over records of the changelog; all before `next_offset` are in then."""

    def clear(self) -> None:
        """Start over with nothing."""


async def restore(settings: Settings, store: Store, changelog: TopicPartition, now_ms: int) -> int:
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
                store.restore(records, reached, now_ms)
        return records_read
    finally:
        await consumer.stop()


def require_home(keys: Sequence[bytes], partition: int, partitions: int, topic: str) -> None:
    """See that brands whose past is in a partition still belong there.

    Raises:
        TopicError: of these keys at least a quarter do not, so that their new labels are elsewhere; fewer may
            come from a foreign producer with a partitioner of its own.
    """
    strangers = sum(partition_of(key, partitions) != partition for key in keys)
    if strangers * 4 >= max(len(keys), 1):
        raise TopicError(
            f"{topic} has {partitions} partitions now, and {strangers} of {len(keys)} brands stored for "
            f"partition {partition} belong to others: the topics that are keyed by brand were grown. Name "
            "new ones by BRANDPULSE_TOPIC_PREFIX and replay, or begin anew as docs/recovery.md says"
        )


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
        raise cannot_write(directory, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DataDirTaken(
            f"another worker uses {directory}: give each its own, with BRANDPULSE_DATA_DIR or --data-dir"
        ) from error
    return descriptor
