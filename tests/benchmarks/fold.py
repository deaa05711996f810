"""How fast labels are folded, with and without each part of it: `python -m tests.benchmarks.fold`.

Labels come in chunks of 1,000 of one partition, in event order with one in twenty up to a day late; one in
fifty is of a review that had one before, one in fifty repeats a text. With 10,000 brands nearly every label
opens a new cell, as in a fast replay: the dearest case. Seconds are those of the CPU, so that neighbours on
the machine count little: of the thread that folds, and of the whole process, in which RocksDB sorts its files
in threads of its own. With `--memory` ten million labels of 100,000 brands are folded, some brands far more
often than others, and the resident memory is printed on the way. They come in 40 days: after 8 windows are
full, after 18 what is known of reviews is as much as it ever is.
"""

import asyncio
import gc
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time, thread_time
from typing import cast

import orjson
from aiokafka import ConsumerRecord

from stream.brands.alerting.desk import Desk
from stream.brands.alerting.rules import Rules
from stream.brands.edition import Topics
from stream.brands.folding import Policy
from stream.brands.memory import ReviewMemory
from stream.brands.partition import BrandPartition
from stream.brands.publisher import Publisher
from stream.brands.reading import from_json
from stream.brands.review_store import KEPT_SECONDS, ReviewStore
from stream.brands.store import BrandStore
from stream.essence import HEADER
from stream.events import LABELS
from stream.kafka.delivery import Lane, Written
from stream.kafka.messages import Outbox
from tests.benchmarks.machine import resident_mib

LABELS_FOLDED = 600_000
FLUSH_SECONDS = 1.0
CHUNK_RECORDS = 1_000
START_MS = 1_790_000_000_000
SPAN_MS = 2 * 3_600_000
MEMORY_LABELS = 10_000_000
MEMORY_BRANDS = 100_000
DAY_MS = 24 * 3_600_000
MEMORY_SPAN_MS = 40 * DAY_MS
_REPEATED = 20_000
_ID = "1" * 36


@dataclass(frozen=True, slots=True)
class Record:
    """As the transport hands it over."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class SilentLane(Lane):
    """Says of everything that it was written."""

    def __init__(self) -> None:
        self._end = 0

    async def transact(self, outboxes: Iterable[Outbox], next_offset: int | None) -> list[Written]:
        written = []
        for outbox in outboxes:
            written += [Written(*where, self._end, len(messages)) for where, messages in outbox.items()]
            self._end += sum(map(len, outbox.values())) + 1
        return written


def label(
    chance: random.Random, offset: int, brands: int, *, digest: bool = True, span_ms: int = SPAN_MS,
    labels: int = LABELS_FOLDED, skewed: bool = False, start_ms: int = START_MS,
) -> Record:  # fmt: skip
    """One label of a random brand; the review, or the text, of an earlier one now and then."""
    of = text_of = offset
    if offset and chance.random() < 0.04:
        earlier = offset - 1 - chance.randrange(min(offset, _REPEATED))
        of, text_of = (earlier, offset) if chance.random() < 0.5 else (offset, earlier)
    drawn = random.Random(min(of, text_of)).random()
    brand = f"Brand {int(brands**drawn if skewed else brands * drawn)}"
    scored_at = start_ms + offset * span_ms // labels
    late_ms = chance.randrange(86_400_000) if chance.random() < 0.05 else chance.randrange(2_000)
    scores, top = _scores(chance)
    value = {
        "event_id": f"reviews-3-{offset}",
        "review_id": f"r{of:09d}",
        "brand": brand,
        "label": LABELS[top],
        "scores": dict(zip(LABELS, scores, strict=True)),
        "confidence": scores[top],
        "model": "reviews-bilstm@0123456789ab",
        "created_at": scored_at - late_ms,
        "created_at_replaced": False,
        "received_at": scored_at,
        "scored_at": scored_at,
        "origin": {"topic": "reviews", "partition": 3, "offset": offset},
        "text_digest": f"{text_of * 0x9E3779B97F4A7C15 & (1 << 64) - 1:016x}" if digest else None,
        "sketch": f"{chance.getrandbits(64):016x}",
        "source": "shop",
        "stars": 4,
    }
    key, packed = brand.lower().encode(), orjson.dumps(value)
    found = from_json(key, packed, "reviews")
    assert found is not None
    return Record(offset, key, packed, ((HEADER, found[0]),))


def _scores(chance: random.Random) -> tuple[list[float], int]:
    """Three scores and the place of the largest: a sixth negative, most of them sure, as the model's are."""
    top = chance.choices(range(3), (16, 8, 76))[0]
    sure = 1 - 0.6 * chance.random() ** 4
    rest = (1 - sure) * chance.random()
    scores = [round(1 - sure - rest, 6), round(rest, 6)]
    scores.insert(top, round(sure, 6))
    return scores, top


@contextmanager
def partition(
    policy: Policy, wall_ms: Callable[[], int] = lambda: START_MS + SPAN_MS
) -> Iterator[BrandPartition]:
    """A partition on stores of its own, whose time ends with the labels."""
    with tempfile.TemporaryDirectory(prefix="brandpulse-fold-") as directory:
        store = BrandStore(Path(directory, "states"), _ID, START_MS)
        memory = ReviewMemory(ReviewStore(Path(directory, "reviews"), _ID), KEPT_SECONDS * 1000, START_MS)
        topics = Topics("sentiment", "hours", "corrections", "alerts", "changelog", "reviews")
        desk = Desk(3, Rules()) if policy.alerts else None
        made = BrandPartition(
            SilentLane(),
            Publisher(3, store, desk),
            memory,
            topics,
            policy=policy,
            wall_ms=wall_ms,
            observe=lambda _: None,
        )
        yield made
        made.close()


def chunks(records: Iterable[Record]) -> Iterator[list[ConsumerRecord]]:
    """As the transport cuts them."""
    chunk = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK_RECORDS:
            yield cast(list[ConsumerRecord], chunk)
            chunk = []


async def fold_all(folding: BrandPartition, records: Iterable[Record]) -> tuple[float, float]:
    """CPU-seconds of the thread and of the process; brands are published as often as by a worker."""
    thread, process = thread_time(), process_time()
    flushed_at, pause_seconds = thread, FLUSH_SECONDS
    for chunk in chunks(records):
        folding.take(chunk, lambda: None)
        if folding.is_due or thread_time() - flushed_at > pause_seconds:
            began = thread_time()
            await folding.flush()
            flushed_at = thread_time()
            pause_seconds = max(FLUSH_SECONDS, flushed_at - began)
    await folding.flush()
    return thread_time() - thread, process_time() - process


VARIANTS = (
    ("cells, windows published", Policy(correction_ms=0, alerts=False), False),
    ("+ corrections", Policy(alerts=False), False),
    ("+ repeated texts", Policy(alerts=False), True),
    ("+ alerts", Policy(), True),
)


def fold_per_second(
    brands: int, policy: Policy, digest: bool, count: int = LABELS_FOLDED
) -> tuple[float, float]:
    """Labels a CPU-second of the thread and of the process, everything but Kafka included."""
    chance = random.Random(7)
    records = [label(chance, offset, brands, digest=digest, labels=count) for offset in range(count)]
    gc.collect()
    gc.freeze()  # a worker has one chunk in memory, not all these records
    with partition(policy) as folding:
        thread_seconds, process_seconds = asyncio.run(fold_all(folding, records))
    gc.unfreeze()
    return count / thread_seconds, count / process_seconds


def speed() -> None:
    """Print the table."""
    print("| brands | what | labels a CPU-second of the thread | of the process |\n|---:|---|---:|---:|")
    for brands in (200, 10_000):
        for what, policy, digest in VARIANTS:
            of_thread, of_process = fold_per_second(brands, policy, digest)
            print(f"| {brands:,} | {what} | {of_thread:,.0f} | {of_process:,.0f} |", flush=True)


async def memory(count: int) -> None:
    """Print the resident memory while labels are folded that are made one by one."""
    chance = random.Random(7)
    last = [0]

    def made(offsets: range) -> Iterator[Record]:
        for last[0] in offsets:
            yield label(chance, last[0], MEMORY_BRANDS, span_ms=MEMORY_SPAN_MS, labels=count, skewed=True)

    print("| labels | brands held | resident memory, MiB |\n|---:|---:|---:|")
    with partition(Policy(), lambda: START_MS + last[0] * MEMORY_SPAN_MS // count) as folding:
        for start in range(0, count, count // 10):
            await fold_all(folding, made(range(start, start + count // 10)))
            print(
                f"| {start + count // 10:,} | {len(folding):,} | {resident_mib(os.getpid()):,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        asyncio.run(memory(int(sys.argv[2]) if sys.argv[2:] else MEMORY_LABELS))
    else:
        speed()
