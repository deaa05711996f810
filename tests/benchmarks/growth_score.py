"""What processes, partitions, words and a backlog do to `score`, and partitions to `brands`."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from stream.settings import Settings
from tests.benchmarks.corpus import Corpus, review_value
from tests.benchmarks.growth_figures import Point
from tests.benchmarks.growth_load import append, labels, place_on, start
from tests.benchmarks.machine import resident_mib
from tests.benchmarks.model import measure_pipeline
from tests.benchmarks.place import PARTITIONS, PATIENCE_SECONDS, Place, Process
from tests.benchmarks.throughput import fill_reviews
from tests.chaos.cluster import admin, committed

REVIEWS = 100_000
LABELS = 200_000
BRANDS = 1_000
WORDS_SCORED = 300_000
LONGEST_TEXTS = 200
DISTINCT = 50_000
LOOKS = 20
SCORED, RESIDENT, ALL_RESIDENT = "score: reviews/s", "resident, MiB", "all processes resident, MiB"
FOLDED = "brands: labels/s"
SCORE_STARTS, BRANDS_STARTS = "score: start → ready, s", "brands: start → ready, s"
WORDS_READ = "words/s"
STAND_IN = "tests.benchmarks.stand_in"


PROCESSES_FIGURES = (SCORED, ALL_RESIDENT)
PARTITIONS_FIGURES = (SCORED, FOLDED, SCORE_STARTS, BRANDS_STARTS)
TEXTS_FIGURES = (SCORED, WORDS_READ)
BACKLOG_FIGURES = (SCORED, RESIDENT)


async def measure_processes(bootstrap: str, amounts: Sequence[int], corpus: Corpus) -> AsyncIterator[Point]:
    """`score --processes N` on the same backlog."""
    for processes in amounts:
        async with place_on(bootstrap, PARTITIONS) as place:
            await fill_reviews(place, corpus, 0, REVIEWS)
            worker = place.start("stream", "score", PROCESSES=str(processes))
            rate = await _rate(place, worker, "score", "reviews", REVIEWS)
            children = psutil.Process(worker.pid).children(recursive=True)
            resident = resident_mib(worker.pid) + sum(resident_mib(child.pid) for child in children)
        yield Point(processes, {SCORED: rate, ALL_RESIDENT: resident})


async def measure_partitions(bootstrap: str, amounts: Sequence[int], corpus: Corpus) -> AsyncIterator[Point]:
    """One `score` and then one `brands` process with so many partitions of each topic."""
    folded = labels(LABELS, BRANDS)
    for partitions in amounts:
        async with place_on(bootstrap, partitions) as place:
            await fill_reviews(place, corpus, 0, REVIEWS)
            score = await start(place, "stream", "score")
            scored = await _rate(place, score.process, "score", "reviews", REVIEWS)
            score.process.stop()
        async with place_on(bootstrap, partitions) as place:
            await append(place, "review-sentiment", folded, partitions)
            brands = await start(place, "stream", "brands", CLOCK="event")
            rate = await _rate(place, brands.process, "brands", "review-sentiment", LABELS)
        yield Point(
            partitions,
            {SCORED: scored, FOLDED: rate, SCORE_STARTS: score.seconds, BRANDS_STARTS: brands.seconds},
        )


async def measure_texts(amounts: Sequence[int], corpus: Corpus) -> AsyncIterator[Point]:
    """The pipeline on texts of so many words, one thread, no Kafka."""
    words = " ".join(corpus.texts[: WORDS_SCORED // 10]).split()
    for length in amounts:
        reviews = max(LONGEST_TEXTS, min(20_000, WORDS_SCORED // length))
        found = await asyncio.to_thread(
            measure_pipeline, Settings(), cut(corpus, words, length), reviews, stand_in=False
        )
        yield Point(length, {SCORED: found.reviews_per_second, WORDS_READ: found.reviews_per_second * length})


def cut(corpus: Corpus, words: Sequence[str], length: int) -> Corpus:
    """Texts of `length` words, the two that tell them apart included."""
    most = max(length - 2, 1)
    starts = range(0, len(words) - most, max(most, 11))
    return replace(corpus, texts=[" ".join(words[start : start + most]) for start in starts])


async def measure_backlog(bootstrap: str, reviews: int, corpus: Corpus) -> AsyncIterator[Point]:
    """A worker with a stand-in for the model drains a backlog."""
    async with place_on(bootstrap, PARTITIONS) as place:
        block = [(None, review_value(corpus, number)) for number in range(DISTINCT)]
        for at in range(0, reviews, DISTINCT):
            await place.produce("reviews", at // DISTINCT % PARTITIONS, block[: reviews - at])
        worker = place.start(STAND_IN)
        deadline = time.monotonic() + PATIENCE_SECONDS + reviews / 1_000
        last, last_seconds = 0, time.monotonic()
        async with admin(place.settings.brokers) as client:
            for look in range(1, LOOKS + 1):
                while (done := await _done(place, client)) < reviews * look // LOOKS:
                    worker.check()
                    assert time.monotonic() < deadline, f"{reviews - done:,} reviews are left"
                    await asyncio.sleep(0.1)
                now = time.monotonic()
                if last:  # before that it started
                    rate = (done - last) / (now - last_seconds)
                    yield Point(done, {SCORED: rate, RESIDENT: resident_mib(worker.pid)})
                last, last_seconds = done, now


async def _rate(place: Place, worker: Process, role: str, topic: str, records: int) -> float:
    """Records a second between 10 % and 90 % of a backlog."""
    start, low, end, high = await place.until_consumed(worker, role, topic, records)
    return (high - low) / (end - start)


async def _done(place: Place, client: AIOKafkaAdminClient) -> int:
    group, topic = place.settings.topic("brandpulse-score"), place.settings.topic("reviews")
    return sum((await committed(client, group, topic)).values())
