"""Which partition a key belongs to, the same for every client."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's own clients choose for a key: murmur2, sign bit off, modulo.

    Source: `BuiltInPartitioner.partitionForKey` of Apache Kafka's Java client.
    """
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
