"""Delivery: outputs and consumed offsets become visible together, or not at all.

One transactional producer serves one source partition, under an id made of group, topic and partition.
Whoever takes the partition over initialises the same id, which aborts what the former owner left open
and fences it for good, also when it is only asleep (KIP-98). So no label can be lost, doubled or
written by a zombie, and a reader under `read_committed` sees each source offset's outputs once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from stream.errors import BrokerUnavailable, DeliveryFailed
from stream.kafka.connection import client_options
from stream.kafka.messages import Message, Outbox
from stream.settings import Settings

BATCH_BYTES = 256 * 1024
TRANSACTION_TIMEOUT_MS = 30_000
INIT_TIMEOUT_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a batch of messages ended up."""

    topic: str
    partition: int
    first_offset: int
    messages: int


class Lane:
    """The transactions of one source partition."""

    def __init__(self, producer: AIOKafkaProducer, group: str, source: TopicPartition) -> None:
        self._producer = producer
        self._group = group
        self._source = source

    async def transact(self, outboxes: Iterable[Outbox], next_offset: int | None) -> list[Written]:
        """Publish outboxes and commit `next_offset` for the source, atomically; None leaves that as it is.

        Each outbox is made when the former one is on its way, so that not all need to be in memory at once;
        between two of them others get their turn.

        Raises:
            DeliveryFailed: nothing of it became visible; the process must end, or it would leave a hole.
        """
        producer = self._producer
        try:
            await producer.begin_transaction()
            pending = []
            for outbox in outboxes:
                pending += [
                    (key, batch.record_count(), await producer.send_batch(batch, key[0], partition=key[1]))
                    for key, messages in outbox.items()
                    for batch in _batches(producer.create_batch, messages)
                ]
                await asyncio.sleep(0)
            # All are asked, so that of several errors none is left for asyncio to complain about.
            found = await asyncio.gather(*(future for _, _, future in pending))
            written = [
                _written(key, count, metadata)
                for (key, count, _), metadata in zip(pending, found, strict=True)
            ]
            if next_offset is not None:
                await producer.send_offsets_to_transaction({self._source: next_offset}, self._group)
            await producer.commit_transaction()
        except KafkaError as error:
            where = f"{self._source.topic}-{self._source.partition}"
            raise DeliveryFailed(f"a transaction on {where} failed: {error!r}") from error
        return written

    async def close(self) -> None:
        """Close the connections; an open transaction is aborted by the next owner."""
        await self._producer.stop()


class Delivery:
    """The lanes of all source partitions that this worker owns."""

    def __init__(
        self,
        settings: Settings,
        group: str,
        source_topic: str,
        transaction_timeout_ms: int = TRANSACTION_TIMEOUT_MS,
    ) -> None:
        self._settings = settings
        self._timeout_ms = transaction_timeout_ms
        self._group = group
        self._topic = source_topic
        self.lanes: dict[int, Lane] = {}

    async def take_over(self, partitions: frozenset[int]) -> None:
        """Open a lane for each partition, fencing its former owner.

        Raises:
            BrokerUnavailable: a transactional id could not be initialised in time.
        """
        started = time.monotonic()
        await self.release()
        try:
            await asyncio.gather(*map(self._open, sorted(partitions)))
        except BaseException:
            await self.release()
            raise
        log.info("took over partitions=%s seconds=%.2f", sorted(partitions), time.monotonic() - started)

    async def release(self) -> None:
        """Close all lanes."""
        lanes, self.lanes = self.lanes, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))

    async def _open(self, partition: int) -> None:
        producer = AIOKafkaProducer(
            transactional_id=f"{self._group}|{self._topic}|{partition}",
            transaction_timeout_ms=self._timeout_ms,
            max_batch_size=BATCH_BYTES,
            linger_ms=0,
            **client_options(self._settings),
        )
        try:
            await asyncio.wait_for(producer.start(), INIT_TIMEOUT_SECONDS)
        except BaseException as error:
            await producer.stop()
            if isinstance(error, KafkaError | TimeoutError):
                raise BrokerUnavailable(
                    f"cannot open transactions for partition {partition}: {error!r}"
                ) from error
            raise
        self.lanes[partition] = Lane(producer, self._group, TopicPartition(self._topic, partition))


def _batches(create: Callable[[], BatchBuilder], messages: Sequence[Message]) -> list[BatchBuilder]:
    """Fill as many batches as the messages need."""
    batches: list[BatchBuilder] = []
    batch = None
    for key, value, headers in messages:
        if batch is None or batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            batch = create()
            batches.append(batch)
            batch.append(timestamp=None, key=key, value=value, headers=headers)
    return batches


def _written(key: tuple[str, int], count: int, metadata: object) -> Written:
    # None: the broker keeps no record of it (acks=0), which a transactional producer never asks for.
    assert metadata is not None
    return Written(key[0], key[1], metadata.offset, count)  # type: ignore[attr-defined]
