"""Records into Kafka: idempotent, in batches, in order within a brand, every delivery confirmed."""

import asyncio
import time
from collections.abc import Callable, Iterable
from itertools import islice
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from stream.errors import BrokerUnavailable, DeliveryFailed, TopicError
from stream.feed.cluster import await_broker
from stream.feed.pace import Pace
from stream.feed.records import Record
from stream.kafka.connection import client_options
from stream.kafka.partitioner import partition_of
from stream.settings import Settings

CHUNK_RECORDS = 2000
BATCH_BYTES = 256 * 1024
QUIET_SECONDS = 5.0
METADATA_TRIES = 10


class Feeder:
    """Sends records to one topic; an async context manager.

    The producer is idempotent and retries for as long as the broker is away, so that an outage neither
    drops nor doubles a record; after `wait_seconds` without any answer it gives up and says what is
    confirmed.

    Args:
        settings: names the brokers.
        topic: full name of the topic.
        report: told, in words, when the broker is awaited and when it is back.
        wait_seconds: longest silence of the broker, at start and later.

    Raises:
        BrokerUnavailable: no broker answered in time.
        TopicError: the topic does not exist.
        DeliveryFailed: the broker refused records for good.
    """

    def __init__(
        self, settings: Settings, topic: str, *, report: Callable[[str], None], wait_seconds: float = 60.0
    ) -> None:
        self.delivered = 0
        self._settings = settings
        self._topic = topic
        self._report = report
        self._wait_seconds = wait_seconds
        self._partitions = 0
        self._builders: dict[int, BatchBuilder] = {}
        self._pending: dict[asyncio.Future[object], int] = {}
        self._failure: BaseException | None = None
        self._answered_seconds = time.monotonic()
        self._waiting = False

    async def __aenter__(self) -> Self:
        await await_broker(self._settings, self._wait_seconds, self._report)
        self._producer = AIOKafkaProducer(
            **client_options(self._settings),
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            # The feeder itself watches for silence and must be the first to give up.
            request_timeout_ms=int((self._wait_seconds + 30) * 1000),
        )
        try:
            await self._producer.start()
            self._partitions = await self._count_partitions()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._pending:
            await self._producer.stop()
            return
        # Unconfirmed batches would keep a regular stop waiting for the broker for ever.
        try:
            await asyncio.wait_for(self._producer.stop(), 1.0)
        except TimeoutError:
            await self._producer.client.close()

    async def feed(
        self, records: Iterable[Record], *, per_second: float | None = None, stop: asyncio.Event
    ) -> int:
        """Send records until there are no more or `stop` is set; return how many are confirmed in all.

        Reading pauses while the broker does not keep up. All that was read has been confirmed when this
        returns, also after `stop`.
        """
        self._answered_seconds = time.monotonic()
        tasks = {
            asyncio.create_task(self._pump(records, per_second, stop)),
            asyncio.create_task(self._watch()),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except KafkaError as error:
            raise self._failed(error) from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.delivered

    async def _pump(self, records: Iterable[Record], per_second: float | None, stop: asyncio.Event) -> None:
        source = iter(records)
        pace = Pace(per_second, time.monotonic())
        while not stop.is_set():
            due = pace.take(time.monotonic(), CHUNK_RECORDS)
            chunk = list(islice(source, due))
            for record in chunk:
                await self._add(record)
            await self._flush()
            if len(chunk) < due:
                break
            await _pause(pace.pause_seconds(time.monotonic()), stop)
        while self._pending:
            await asyncio.wait(list(self._pending))
        if self._failure is not None:
            raise self._failure

    async def _add(self, record: Record) -> None:
        partition = partition_of(record.key, self._partitions)
        builder = self._builders.get(partition)
        if builder is None:
            builder = self._builders[partition] = self._producer.create_batch()
        if builder.append(timestamp=None, key=record.key, value=record.value) is None:
            await self._send(partition)
            builder = self._builders[partition] = self._producer.create_batch()
            builder.append(timestamp=None, key=record.key, value=record.value)

    async def _flush(self) -> None:
        for partition in list(self._builders):
            await self._send(partition)
        if self._failure is not None:
            raise self._failure

    async def _send(self, partition: int) -> None:
        builder = self._builders.pop(partition)
        if not self._pending:
            self._answered_seconds = time.monotonic()  # silence starts with the first question
        future = await self._producer.send_batch(builder, self._topic, partition=partition)
        self._pending[future] = builder.record_count()
        future.add_done_callback(self._confirm)

    def _confirm(self, future: asyncio.Future[object]) -> None:
        records = self._pending.pop(future)
        self._answered_seconds = time.monotonic()
        if future.cancelled():
            self._failure = self._failure or DeliveryFailed(f"{records} records were cancelled unsent.")
        elif (error := future.exception()) is not None:
            self._failure = self._failure or error
        else:
            self.delivered += records
            if self._waiting:
                self._waiting = False
                self._report("the broker is back")

    async def _watch(self) -> None:
        """Say so when batches are under way and nothing comes back; give up after `wait_seconds`."""
        while True:
            await asyncio.sleep(1.0)
            silent_seconds = time.monotonic() - self._answered_seconds if self._pending else 0.0
            if silent_seconds > self._wait_seconds:
                unconfirmed = sum(self._pending.values())
                raise BrokerUnavailable(
                    f"{self._settings.brokers} has been silent for {silent_seconds:.0f} s: "
                    f"{self.delivered:,} records are delivered, the fate of {unconfirmed:,} more is unknown."
                )
            if silent_seconds > QUIET_SECONDS and not self._waiting:
                self._waiting = True
                self._report(f"waiting for the broker at {self._settings.brokers}; nothing is lost")

    async def _count_partitions(self) -> int:
        # A topic made a moment ago may be unknown to the node that is asked first.
        for _ in range(METADATA_TRIES):
            metadata = await self._producer.client.fetch_all_metadata()
            partitions = metadata.partitions_for_topic(self._topic)
            if partitions:
                return len(partitions)
            await asyncio.sleep(0.2)
        raise TopicError(
            f"There is no topic {self._topic}, or this user may not see it. "
            "Make it with: brandpulse topics create"
        )

    def _failed(self, error: KafkaError) -> DeliveryFailed:
        return DeliveryFailed(
            f"{self._topic} refused records ({type(error).__name__}: {error}); "
            f"{self.delivered:,} are delivered."
        )


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
