"""Kafka into the writer: a plain consumer in one thread, which the database tells where to read on.

Partitions are paused from the moment they are assigned until the database has said where they stand, and
again after every failure of it. A paused partition is held but not read, so that a database that is away
costs no membership in the group and no record.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from stream.errors import BrokerUnavailable, DatabaseAway
from stream.health import HealthState
from stream.history.writer import Batch, Extent, HistoryWriter, Source, Written
from stream.metrics import Metrics

POLL_MS = 500
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0
COMMIT_SECONDS = 1.0

log = logging.getLogger(__name__)


class HistoryConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads topics into a writer until it is told to stop.

    Args:
        options: of `kafka.KafkaConsumer`; the group among them.
        topics: full name to short name.
        topic_ids: full name to the identity of the topic.
        open_writer: connects and brings the tables up to date; raises DatabaseAway.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        topics: Mapping[str, str],
        topic_ids: Mapping[str, str],
        open_writer: Callable[[], HistoryWriter],
        health: HealthState,
        metrics: Metrics,
    ) -> None:
        self._options = options
        self._topics = topics
        self._topic_ids = topic_ids
        self._open_writer = open_writer
        self._health = health
        self._metrics = metrics
        self._stopping = threading.Event()
        self._writer: HistoryWriter | None = None
        self._read_to: dict[TopicPartition, int] = {}
        self._lost: set[TopicPartition] = set()
        self._try_at = self._commit_at = 0.0
        self._wait_seconds = FIRST_WAIT_SECONDS

    def stop(self) -> None:
        """Make `run` return after what it is doing; from any thread."""
        self._stopping.set()

    def run(self) -> None:
        """Consume; blocking.

        Raises:
            BrokerUnavailable: the cluster failed in a way that the client does not wait out.
            DatabaseUnusable: the database will not have us.
        """
        with _translated():
            self._consumer = KafkaConsumer(
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                **self._options,
            )
            try:
                self._consumer.subscribe(list(self._topics), listener=self)
                while not self._stopping.is_set():
                    self._step()
            finally:
                self._consumer.close(autocommit=False)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing of them is in flight: each batch is written before the next poll."""
        for place in revoked:
            self._read_to.pop(place, None)
            self._lost.discard(place)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Read nothing of them before the database has said from where."""
        self._lose(assigned)
        partitions = len(self._consumer.assignment())
        self._health.assigned(partitions, time.monotonic())
        self._metrics.assigned_partitions.set(partitions)
        self._metrics.consumer_lag.clear()

    def _step(self) -> None:
        if self._lost and time.monotonic() >= self._try_at:
            with self._database():
                self._find_positions()
        found = self._consumer.poll(timeout_ms=POLL_MS)
        self._health.polled(time.monotonic())
        batches = list(self._batches(found))
        if batches:
            self._write(batches)
        self._commit()

    def _find_positions(self) -> None:
        if self._writer is None:
            self._writer = self._open_writer()
        lost = list(self._lost)
        ends = self._consumer.end_offsets(lost)
        extents = {Source(*place): Extent(self._topic_ids[place.topic], ends[place]) for place in lost}
        for source, offset in self._writer.positions(extents).items():
            place = TopicPartition(*source)
            self._consumer.seek(place, offset)
            self._read_to[place] = offset
            self._lost.discard(place)
            log.info("reading on topic=%s partition=%d offset=%d", *source, offset)
        self._consumer.resume(*lost)
        self._health.meet("recovered")

    def _batches(self, found: Mapping[TopicPartition, list[Any]]) -> Iterator[Batch]:
        for place, records in found.items():
            if place in self._lost:
                continue
            start = self._read_to[place]
            if records[0].offset < start:
                # What follows would look like a replay and be skipped.
                raise BrokerUnavailable(f"{place.topic}-{place.partition} was cut off or made again")
            # What lies behind the last record, such as a marker, is found again at no cost.
            end = records[-1].offset + 1
            yield Batch(Source(*place), self._topics[place.topic], start, end, records)

    def _write(self, batches: list[Batch]) -> None:
        started = time.monotonic()
        self._health.taken(started)
        try:
            with self._database():
                assert self._writer is not None, "this is a bug: read before the database was there"
                written = self._writer.write(batches)
                self._settle(batches, written)
                self._metrics.database_seconds.observe(time.monotonic() - started)
        finally:
            self._health.consumed(time.monotonic())

    def _settle(self, batches: list[Batch], written: Written) -> None:
        self._read_to |= {TopicPartition(*batch.source): batch.end for batch in batches}
        for table, rows in written.rows.items():
            self._metrics.written.labels(table).inc(rows)
        self._metrics.replayed.inc(written.replayed)
        for source, offsets in written.unreadable.items():
            self._metrics.not_history.labels(self._topics[source.topic]).inc(len(offsets))
            log.warning("no events: skipped topic=%s partition=%d offsets=%s", *source, offsets[:10])
        if written.moved:
            log.warning("another worker wrote meanwhile: reading on where it stopped %s", written.moved)
            self._lose(TopicPartition(*source) for source in written.moved)

    @contextmanager
    def _database(self) -> Iterator[None]:
        """Work on the database; where it is away, everything is read again from where it will say."""
        try:
            yield
        except DatabaseAway as error:
            self._metrics.database_failures.inc()
            self._writer = None  # what comes back may be an empty database
            self._health.meet("database_answers", False)
            self._try_at = time.monotonic() + self._wait_seconds
            log.warning("%s next_try_seconds=%.1f", error, self._wait_seconds)
            self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)
            self._lose(self._consumer.assignment())
        else:
            self._health.meet("database_answers")
            self._wait_seconds = FIRST_WAIT_SECONDS

    def _lose(self, places: Iterable[TopicPartition]) -> None:
        lost = list(places)
        self._lost.update(lost)
        self._consumer.pause(*lost)
        for place in lost:
            self._read_to.pop(place, None)
        self._health.meet("recovered", not self._lost)

    def _commit(self) -> None:
        """Tell Kafka how far we are, for those who watch the lag; nobody reads on from there."""
        if time.monotonic() < self._commit_at or not self._read_to:
            return
        self._commit_at = time.monotonic() + COMMIT_SECONDS
        self._consumer.commit_async(
            {place: OffsetAndMetadata(at, "", -1) for place, at in self._read_to.items()}
        )
        for place, at in self._read_to.items():
            self._metrics.note_lag(place.topic, place.partition, at, self._consumer.highwater(place))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"the cluster failed: {type(error).__name__}: {error}") from error
