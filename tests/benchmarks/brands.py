"""Labels a second that `brands` folds: the function alone, and the worker through Kafka."""

import random
import time
from dataclasses import dataclass

import orjson

from tests.benchmarks import fold as samples
from tests.benchmarks.growth_load import append
from tests.benchmarks.machine import peak_mib
from tests.benchmarks.place import PARTITIONS, Place
from tests.chaos.cluster import reader

BRANDS = 200
FOLDED = 100_000


@dataclass(frozen=True, slots=True)
class Brands:
    """Labels a second between 10 % and 90 % of the backlog, and the worker's memory."""

    per_second: float
    peak_mib: float


def fold_per_second() -> float:
    """Labels a CPU-second that one thread folds with everything on, without Kafka."""
    _, policy, digest = samples.VARIANTS[-1]
    return samples.fold_per_second(BRANDS, policy, digest, FOLDED)[0]


def labels(count: int, now_ms: int) -> list[samples.Record]:
    """Labels that end at `now_ms`."""
    chance = random.Random(7)
    start_ms = now_ms - count * samples.SPAN_MS // samples.LABELS_FOLDED
    return [samples.label(chance, offset, BRANDS, start_ms=start_ms) for offset in range(count)]


async def measure_brands(place: Place, count: int) -> Brands:
    """The rate of a `brands` worker over a backlog; asserts that the published counts add up."""
    records = labels(count, time.time_ns() // 1_000_000)
    reviews = {(record.key, orjson.loads(record.value)["review_id"]) for record in records}
    await append(place, "review-sentiment", records, PARTITIONS)
    worker = place.start("stream", "brands")
    start, low, end, high = await place.until_consumed(worker, "brands", "review-sentiment", count)
    published = await _published(place)
    assert published == len(reviews), f"the windows hold {published} of {len(reviews)} reviews"
    return Brands((high - low) / (end - start), peak_mib(worker.pid))


async def _published(place: Place) -> int:
    """The labels in the week of all brands."""
    topic, total = place.settings.topic("brand-sentiment"), 0
    async with reader(place.settings.brokers) as everything:
        for partition in range(PARTITIONS):
            for value in (await everything.latest(topic, partition)).values():
                total += sum(orjson.loads(value)["windows"]["7d"]["counts"].values())
    return total
