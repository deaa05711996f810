"""Plain consumers of committed records, by kafka-python: for commands that look at topics and leave again."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from stream.errors import BrokerUnavailable
from stream.kafka.admin import client_options
from stream.settings import Settings

REQUEST_SECONDS = 30.0


@contextmanager
def open_consumer(settings: Settings, group: str | None = None) -> Iterator[KafkaConsumer]:
    """A consumer without any partition yet; `group` is whose committed offsets it knows. It commits nothing.

    Raises:
        BrokerUnavailable: no broker answered.
    """
    try:
        consumer = KafkaConsumer(
            **client_options(settings, REQUEST_SECONDS),
            group_id=group,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"no broker answers at {settings.brokers}: {type(error).__name__}") from error
    try:
        yield consumer
    finally:
        consumer.close()


def places_of(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """All partitions of a topic, by its full name."""
    return [TopicPartition(topic, partition) for partition in sorted(consumer.partitions_for_topic(topic))]
