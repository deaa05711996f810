"""What the harness itself does with Kafka, by aiokafka alone: none of the product's code takes part."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

MOST_RECORDS = 20_000


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
    try:
        offsets = await client.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:
        return {}  # the cluster is still making the topic where groups are kept
    return {
        tp.partition: meta.offset for tp, meta in offsets.items() if tp.topic == topic and meta.offset >= 0
    }
