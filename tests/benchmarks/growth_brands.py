"""What 100 to 1,000,000 brands cost one `brands` worker with one partition."""

import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

from aiokafka import ConsumerRecord

from stream.brands.folding import Policy, fold
from stream.brands.memory import ReviewMemory
from stream.brands.review_store import KEPT_SECONDS, ReviewStore
from stream.brands.state import BrandState, encode_state
from stream.kafka.topic_specs import CHANGELOG
from tests.benchmarks import fold as samples
from tests.benchmarks.growth_figures import Point
from tests.benchmarks.growth_load import append, labels, place_on, start
from tests.benchmarks.machine import peak_mib, resident_mib
from tests.chaos.cluster import reader

LABELS_FOLDED = 100_000
MODELS = 500
LABELS_A_BRAND = 4
RECOVERED = "kill -9 → ready on a fresh disk, s"
RESIDENT, PEAK = "resident when ready, MiB", "peak while folding, MiB"
FOLDED = "labels folded a CPU-second"
FLUSHED = "changelog, bytes a flush"
FIGURES = (RECOVERED, RESIDENT, PEAK, FOLDED, FLUSHED)
_CHANGELOG_ID = "1" * 36


def states() -> list[bytes]:
    """Stored forms of brands with a few labels each in one day; their fences are before all labels."""
    chance, count = random.Random(7), MODELS * LABELS_A_BRAND
    records = [
        samples.label(chance, offset, MODELS, span_ms=samples.DAY_MS, labels=count) for offset in range(count)
    ]
    made: dict[bytes, BrandState] = {}
    with tempfile.TemporaryDirectory(prefix="brandpulse-growth-") as directory:
        store = ReviewStore(Path(directory), _CHANGELOG_ID)
        memory = ReviewMemory(store, KEPT_SECONDS * 1000, samples.START_MS)
        fold(made, cast(list[ConsumerRecord], records), Policy(), lambda _: None, memory)
        memory.close()
    for state in made.values():
        state.fence = -1
    return list(map(encode_state, made.values()))


def changelog(brands: int) -> Iterator[samples.Record]:
    """As compaction leaves it: one state of each brand."""
    stored = states()
    for number in range(brands):
        yield samples.Record(number, f"brand {number}".encode(), stored[number % len(stored)])


async def measure_brands(bootstrap: str, amounts: list[int]) -> AsyncIterator[Point]:
    """A point for each number of brands."""
    for brands in amounts:
        yield Point(brands, await _measure(bootstrap, brands))


async def _measure(bootstrap: str, brands: int) -> dict[str, float]:
    async with place_on(bootstrap, 1) as place:
        await append(place, CHANGELOG, changelog(brands), 1)
        worker = await start(place, "stream", "brands", CLOCK="event")
        pid, resident = worker.process.pid, resident_mib(worker.process.pid)
        cpu_seconds, flushes = worker.cpu_seconds(), await worker.metric("brandpulse_flush_seconds_count")
        await append(place, "review-sentiment", labels(LABELS_FOLDED, brands), 1)
        await place.until_consumed(worker.process, "brands", "review-sentiment", LABELS_FOLDED)
        cpu_seconds = worker.cpu_seconds() - cpu_seconds
        flushes = await worker.metric("brandpulse_flush_seconds_count") - flushes
        peak = peak_mib(pid)
        worker.process.kill()
        async with reader(place.settings.brokers) as everything:
            topic = place.settings.topic(CHANGELOG)
            sizes = [len(one.key) + len(one.value or b"") async for one in everything.read(topic, 0)]
        again = await start(place, "stream", "brands", CLOCK="event")
        return {
            RECOVERED: again.seconds,
            RESIDENT: resident,
            PEAK: peak,
            FOLDED: LABELS_FOLDED / cpu_seconds,
            FLUSHED: sum(sizes[brands:]) / flushes,
        }
