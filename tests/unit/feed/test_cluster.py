"""Partitions are chosen as Kafka's own clients choose them."""

import asyncio

import pytest
from kafka.partitioner.default import murmur2

from stream.errors import BrokerUnavailable
from stream.feed.cluster import await_broker
from stream.kafka.partitioner import partition_of
from stream.settings import Settings


@pytest.mark.parametrize(
    ("key", "hashed"),
    # Values of Apache Kafka's UtilsTest.testMurmur2, as unsigned numbers.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_partitions_match_the_java_client(key: bytes, hashed: int) -> None:
    assert partition_of(key, 7) == (hashed & 0x7FFFFFFF) % 7
    assert partition_of(key, 7) == (murmur2(key) & 0x7FFFFFFF) % 7


def test_waiting_for_a_broker_says_so_and_ends() -> None:
    said: list[str] = []
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1 within 1 s"):
        asyncio.run(await_broker(Settings(brokers="127.0.0.1:1"), 1.0, said.append))
    assert said
    assert said[0].startswith("no broker at 127.0.0.1:1 yet")
