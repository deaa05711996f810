"""The parts of the run: each measures something and says it in rows of the table."""

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from stream.kafka.broker import Broker
from stream.settings import Settings
from tests.benchmarks.brands import fold_per_second, measure_brands
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.forms import mebibytes, milliseconds, rate, ratio, seconds, whole
from tests.benchmarks.latency import measure_latency, measure_recovery
from tests.benchmarks.model import BareModel, measure_pipeline
from tests.benchmarks.place import Place
from tests.benchmarks.stages import find_stages
from tests.benchmarks.table import Row, at_least, at_most
from tests.benchmarks.throughput import measure_score

BARE_REVIEWS = 8_000
PIPELINE_REVIEWS = 20_000
LABELS_PER_REVIEW = 10
LOAD_SHARE = 0.7
OVERLOAD = 1.2


@dataclass
class Run:
    """One run over all or some parts, and what it found."""

    broker: Broker
    corpus: Corpus
    reviews: int
    settings: Settings = field(default_factory=Settings)
    rows: list[Row] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)
    """Of the page, as Markdown."""
    score_per_second: float = 0.0

    async def bare(self) -> None:
        """Session runs only."""
        measured = self._bare_rates()
        self.rows.append(
            Row("bare model, all cores", f"{rate(statistics.mean(measured))} ({spread(measured)})")
        )

    async def pipeline(self) -> None:
        """`Pipeline.run` without Kafka."""
        note("pipeline without Kafka")
        real = measure_pipeline(self.settings, self.corpus, self.reviews_of(PIPELINE_REVIEWS), stand_in=False)
        bare = measure_pipeline(self.settings, self.corpus, self.reviews_of(PIPELINE_REVIEWS), stand_in=True)
        self.stages |= real.microseconds
        self.rows += [
            Row("pipeline without Kafka, one thread", rate(real.reviews_per_second)),
            Row("the same with a stand-in for the model", rate(bare.reviews_per_second)),
            Row("time outside the model, one thread", f"{bare.without_model:.1f} µs a review"),
        ]

    async def stand_in(self) -> None:
        """Through Kafka with a model that costs nothing."""
        note("through Kafka with a stand-in model")
        async with self._place() as place:
            measured = await measure_score(place, self.corpus, 3 * self.reviews, "tests.benchmarks.stand_in")
        self.rows.append(
            at_least("through Kafka with a stand-in model, one process", measured.per_second, 150_000, rate)
        )

    async def where(self) -> None:
        """Where the CPU time goes; how fast texts become tokens; how soon a worker is ready."""
        note("stages")
        found = await find_stages(self.broker, self.settings, self.corpus)
        self.rows += [
            at_least("tokenisation, all cores", found.tokenised_per_second, 150_000, rate),
            at_most("score: start → ready", found.start_seconds, 3, seconds),
        ]
        self.sections.append(found.section)

    async def full(self) -> None:
        """`score` as shipped, between two measurements of the bare model."""
        measured = self._bare_rates()
        note("through Kafka with the model")
        async with self._place() as place:
            score = await measure_score(place, self.corpus, self.reviews, "stream", "score")
        async with self._place() as place:
            each = await measure_score(place, self.corpus, self.reviews, "stream", "score", PROCESSES="0")
        measured += self._bare_rates()
        bare = statistics.mean(measured)
        self.score_per_second = score.per_second
        self.rows += [
            Row("bare model, all cores", f"{rate(bare)} ({spread(measured)})"),
            Row("score end to end, one process", rate(score.per_second)),
            Row("score end to end, a process on each core", rate(each.per_second)),
            at_least("a process on each core / bare model", each.per_second / bare, 0.95, ratio),
            at_most("score: peak resident memory", score.peak_mib, 500, mebibytes),
        ]

    async def latency(self) -> None:
        """Produced to readable at `LOAD_SHARE` of what is reached beside the load and its reader."""
        await self._need_rate()
        note("latency")
        async with self._place() as place:
            found = await measure_latency(place, self.corpus, LOAD_SHARE, OVERLOAD * self.score_per_second)
        what = f"produced → label readable at {LOAD_SHARE:.0%} load ({rate(found.per_second)})"
        self.rows += [
            at_most(f"{what}, p50", found.p50_ms, 300, milliseconds),
            Row("the same, p95", milliseconds(found.p95_ms)),
            at_most("the same, p99", found.p99_ms, 500, milliseconds),
        ]

    async def brands(self) -> None:
        """Labels folded."""
        note("brands")
        # It runs a loop of its own.
        folded = await asyncio.to_thread(fold_per_second)
        async with self._place() as place:
            found = await measure_brands(place, LABELS_PER_REVIEW * self.reviews)
        self.rows += [
            at_least("brands: labels decoded and folded a CPU-second", folded, 200_000, whole),
            at_least("brands through Kafka, one process", found.per_second, 150_000, rate),
            at_most("brands: peak resident memory", found.peak_mib, 500, mebibytes),
        ]

    async def recovery(self) -> None:
        """kill -9 under half of the load that one worker carries."""
        await self._need_rate()
        note("recovery")
        async with self._place() as place:
            found = await measure_recovery(place, self.corpus, self.score_per_second / 2)
        self.rows += [
            at_most(
                "kill -9 of the only worker, started again at once → first new label",
                found.alone_seconds,
                10,
                seconds,
            ),
            at_most(
                "kill -9 of one of two → every partition yields labels", found.taken_over_seconds, 10, seconds
            ),
        ]

    def reviews_of(self, most: int) -> int:
        """Not more than were asked for."""
        return min(most, self.reviews)

    async def _need_rate(self) -> None:
        if not self.score_per_second:
            await self.full()

    def _bare_rates(self) -> list[float]:
        note("bare model")
        model = BareModel(self.settings, self.corpus, self.reviews_of(BARE_REVIEWS))
        model.reviews_per_second()
        return [model.reviews_per_second() for _ in range(3)]

    def _place(self) -> Place:
        return Place(self.broker.bootstrap, Path(tempfile.mkdtemp(prefix="brandpulse-bench-")))


PARTS = ("bare", "pipeline", "stand_in", "where", "full", "latency", "brands", "recovery")
ALL_PARTS = tuple(part for part in PARTS if part != "bare")
"""The part `full` measures the bare model as well."""


def spread(rates: list[float]) -> str:
    """How far the least and the greatest lie from each other.

    >>> spread([90.0, 100.0, 110.0])
    'spread 20 %'
    """
    return f"spread {(max(rates) - min(rates)) / statistics.mean(rates):.0%}".replace("%", " %")


def note(what: str) -> None:
    """Progress, on stderr."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
