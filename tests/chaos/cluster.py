"""What the harness itself does with Kafka, by aiokafka alone: none of the product's code takes part."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.chaos.load import Given, place_of

MOST_RECORDS = 20_000


class Filler:
    """Produces the load in order, so that every record lies where `place_of` says."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, enable_idempotence=True, max_batch_size=1 << 18
        )
        self._topic = topic
        self._partitions = partitions

    async def __aenter__(self) -> "Filler":
        await self._producer.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._producer.stop()

    async def fill(self, records: Iterable[Given]) -> None:
        """Produce records and wait until all are confirmed."""
        parts: dict[int, list[Given]] = {}
        for record in records:
            parts.setdefault(place_of(record.number, self._partitions)[0], []).append(record)
        sent = [future for part in sorted(parts) for future in await self._send(part, parts[part])]
        for future in sent:
            await future

    async def _send(self, partition: int, records: Sequence[Given]) -> list[Awaitable[object]]:
        batches = [self._producer.create_batch()]
        for record in records:
            fields = {"key": record.key, "value": record.value, "headers": list(record.headers)}
            if batches[-1].append(timestamp=None, **fields) is None:
                batches.append(self._producer.create_batch())
                assert batches[-1].append(timestamp=None, **fields)
        return [await self._producer.send_batch(batch, self._topic, partition=partition) for batch in batches]


class Reader:
    """Reads topics from their beginning to their end, under one isolation level."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """The end of each partition: under read_committed where the first open transaction begins."""
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        return {tp.partition: end for tp, end in (await self._consumer.end_offsets(wanted)).items()}

    async def read(self, topic: str, partition: int) -> AsyncIterator[ConsumerRecord]:
        """Every record of a partition up to its present end."""
        tp = TopicPartition(topic, partition)
        self._consumer.assign([tp])
        end = (await self._consumer.end_offsets([tp]))[tp]
        await self._consumer.seek_to_beginning(tp)
        # By position: the last offset of a transaction is a marker that is never delivered.
        while await self._consumer.position(tp) < end:
            batch = await self._consumer.getmany(tp, timeout_ms=1000, max_records=MOST_RECORDS)
            for record in batch.get(tp, ()):
                yield record

    async def latest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The last value of each key of a compacted topic, without those that were deleted."""
        values = {record.key: record.value async for record in self.read(topic, partition)}
        return {key: value for key, value in values.items() if value is not None}


@asynccontextmanager
async def reader(bootstrap: str, isolation: str = "read_committed") -> AsyncIterator[Reader]:
    """A `Reader`, closed at the end."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )
    await consumer.start()
    try:
        yield Reader(consumer)
    finally:
        await consumer.stop()


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client, closed at the end."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def committed(client: AIOKafkaAdminClient, group: str, topic: str) -> Mapping[int, int]:
    """The committed offsets of a group, by partition; a partition without one is left out."""
    offsets = await client.list_consumer_group_offsets(group)
    return {
        tp.partition: meta.offset for tp, meta in offsets.items() if tp.topic == topic and meta.offset >= 0
    }
