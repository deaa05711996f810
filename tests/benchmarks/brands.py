"""Labels a second that `brands` folds: the function alone, and the worker through Kafka."""

import gc
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time

import orjson
from aiokafka.partitioner import murmur2

from stream.brands.folding import fold
from stream.brands.state import BrandState
from tests.benchmarks import fold as samples
from tests.benchmarks.machine import peak_mib
from tests.benchmarks.place import PARTITIONS, Place, Produced
from tests.chaos.cluster import reader

BRANDS = 200
FOLDED = 100_000
CHUNK_RECORDS = 1_000
BLOCK_RECORDS = 20_000


@dataclass(frozen=True, slots=True)
class Brands:
    """Labels a second between 10 % and 90 % of the backlog, and the worker's memory."""

    per_second: float
    peak_mib: float


def fold_per_second() -> float:
    """Labels a CPU-second decoded and folded, without Kafka."""
    chance = random.Random(7)
    records = [samples.label(chance, offset, BRANDS) for offset in range(FOLDED)]
    chunks = [records[at : at + CHUNK_RECORDS] for at in range(0, FOLDED, CHUNK_RECORDS)]
    states: dict[bytes, BrandState] = {}
    gc.collect()
    gc.freeze()
    started = process_time()
    for chunk in chunks:
        fold(states, chunk, "wall", lambda key: None)
    seconds = process_time() - started
    gc.unfreeze()
    return FOLDED / seconds


def labels(count: int, now_ms: int) -> Iterator[tuple[int, Produced]]:
    """Partition, key and value of labels that end now; their keys decide the partition."""
    chance = random.Random(7)
    span_ms = count * samples.SPAN_MS // samples.LABELS_FOLDED
    shift_ms = now_ms - samples.START_MS - span_ms
    for offset in range(count):
        record = samples.label(chance, offset, BRANDS)
        fields = orjson.loads(record.value)
        fields["created_at"] += shift_ms
        fields["scored_at"] += shift_ms
        partition = (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS
        yield partition, (record.key, orjson.dumps(fields))


async def measure_brands(place: Place, count: int) -> Brands:
    """The rate of a `brands` worker over a backlog; asserts that the published counts add up."""
    blocks: list[list[Produced]] = [[] for _ in range(PARTITIONS)]
    for partition, message in labels(count, time.time_ns() // 1_000_000):
        blocks[partition].append(message)
        if len(blocks[partition]) >= BLOCK_RECORDS:
            await place.produce("review-sentiment", partition, blocks[partition])
            blocks[partition].clear()
    for partition, block in enumerate(blocks):
        await place.produce("review-sentiment", partition, block)
    worker = place.start("stream", "brands")
    start, low, end, high = await place.until_consumed(worker, "brands", "review-sentiment", count)
    published = await _published(place)
    assert published == count, f"the windows hold {published} of {count} labels"
    return Brands((high - low) / (end - start), peak_mib(worker.pid))


async def _published(place: Place) -> int:
    """The labels in the week of all brands."""
    topic, total = place.settings.topic("brand-sentiment"), 0
    async with reader(place.settings.brokers) as everything:
        for partition in range(PARTITIONS):
            for value in (await everything.latest(topic, partition)).values():
                total += sum(orjson.loads(value)["windows"]["7d"]["counts"].values())
    return total
