"""What a topic holds, its transactions over.

Kafka answers a commit before its markers are in the partitions. Whoever asks at once where the committed
records end may be told where they ended before.
"""

import time
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition

PATIENCE_SECONDS = 60.0


def until_settled(brokers: str, topic: str, partitions: int) -> None:
    """Wait until every transaction on what the topic holds now is committed or aborted."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    ends = _ends(brokers, places)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with closing(_committed(brokers)) as consumer:
        while any(stable < ends[place] for place, stable in consumer.end_offsets(places).items()):
            assert time.monotonic() < deadline, f"a transaction on {topic} stays open"
            time.sleep(0.01)


def read_committed(brokers: str, topic: str, partitions: int) -> list[Any]:
    """All that transactions made visible of what the topic holds now, by partition and offset.

    Waits for transactions that are open.
    """
    places = [TopicPartition(topic, number) for number in range(partitions)]
    ends = _ends(brokers, places)
    deadline = time.monotonic() + PATIENCE_SECONDS
    records: list[Any] = []
    with closing(_committed(brokers)) as consumer:
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        while any(consumer.position(place) < ends[place] for place in places):
            assert time.monotonic() < deadline, f"a transaction on {topic} stays open"
            for part in consumer.poll(timeout_ms=300).values():
                records += part
    return sorted(records, key=lambda record: (record.partition, record.offset))


def _ends(brokers: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    with closing(KafkaConsumer(bootstrap_servers=brokers)) as consumer:
        ends: dict[TopicPartition, int] = consumer.end_offsets(places)
        return ends


def _committed(brokers: str) -> KafkaConsumer:
    return KafkaConsumer(bootstrap_servers=brokers, isolation_level="read_committed")
