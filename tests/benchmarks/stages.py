"""Where the CPU time of a review goes in a real `score`: `python -m tests.benchmarks.stages`."""

import asyncio
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import typer

from export.bundle import read_bundle
from stream.kafka.broker import Broker
from stream.scoring.tokenizer import load_tokenizer
from stream.settings import Settings
from tests.benchmarks.corpus import Corpus, load_corpus
from tests.benchmarks.place import PATIENCE_SECONDS, Place
from tests.benchmarks.stages_operations import operations_table
from tests.benchmarks.stages_sampling import STAGES, by_stage, draw, watch
from tests.benchmarks.stages_start import measure_start
from tests.benchmarks.table import markdown_table
from tests.benchmarks.throughput import fill_reviews
from tests.chaos.cluster import admin, committed

FLAME = Path(__file__).resolve().parents[2] / "docs" / "images" / "flame.svg"
WATCHED_SECONDS = 8.0
WARM_REVIEWS = 20_000
REAL_REVIEWS = 200_000
STAND_IN_REVIEWS = 700_000
MODEL_REVIEWS = 8_000
TOKENISED_REVIEWS = 40_000
STARTS = 3
STAND_IN = "tests.benchmarks.stand_in"
NOTE = """\
CPU time of a review in one `score` process at work on a backlog, by stages that add up to it: py-spy looks at
its stacks 200 times a second from outside. The stand-in takes nothing but the model away. A broker compiles
itself in its first minutes, which no longer run pays."""
FIGURE = """\
![Flame graph of a worker without the model](images/flame.svg)

The flame graph shows the run with the stand-in: the width of a box is the share of time in it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Microseconds of CPU for each review while a backlog was worked off."""

    by_stage: Mapping[str, float]
    broker: float
    compiler: float
    """Of the broker's Java, beside what the broker itself takes."""
    per_second: float

    @property
    def worker(self) -> float:
        """All that the worker's process took."""
        return sum(self.by_stage.values())


async def measure_stages(
    place: Place, corpus: Corpus, reviews: int, arguments: Sequence[str], flame: Path | None = None
) -> Spent:
    """Watch a worker while it works off a backlog that lasts for longer; then as long for a flame graph."""
    await fill_reviews(place, corpus, 0, reviews)
    worker = place.start(*arguments)
    async with admin(place.settings.brokers) as client:

        async def done() -> int:
            worker.check()
            group, topic = place.settings.topic("brandpulse-score"), place.settings.topic("reviews")
            return sum((await committed(client, group, topic)).values())

        deadline = time.monotonic() + PATIENCE_SECONDS
        while await done() < WARM_REVIEWS:
            assert time.monotonic() < deadline, "the worker did not get going"
            await asyncio.sleep(0.2)
        spent = await _watched(worker.pid, done)
        if flame is not None:
            await asyncio.to_thread(draw, worker.pid, WATCHED_SECONDS, flame)
        assert await done() < reviews, "the backlog was too short to be watched"
    worker.stop()
    return spent


async def _watched(worker: int, done: Callable[[], Awaitable[int]]) -> Spent:
    broker = _broker()
    started, first, before = time.monotonic(), await done(), _cpu_seconds(worker, broker)
    stacks = by_stage(await asyncio.to_thread(watch, worker, WATCHED_SECONDS))
    seconds, last, after = time.monotonic() - started, await done(), _cpu_seconds(worker, broker)
    own, whole_broker, compiler = (
        (end - begin) / (last - first) * 1e6 for begin, end in zip(before, after, strict=True)
    )
    return Spent(
        {stage: stacks[stage] / stacks.total() * own for stage in STAGES},
        whole_broker - compiler,
        compiler,
        (last - first) / seconds,
    )


def _broker() -> psutil.Process:
    return next(one for one in psutil.Process().children(recursive=True) if one.name() == "java")


def _cpu_seconds(worker: int, broker: psutil.Process) -> tuple[float, float, float]:
    """Of the worker, of the broker, and of the threads in it that compile."""
    compiling = [thread for thread in broker.threads() if "Compiler" in _name(broker.pid, thread.id)]
    return (
        _sum(psutil.Process(worker).cpu_times()),
        _sum(broker.cpu_times()),
        sum(thread.user_time + thread.system_time for thread in compiling),
    )


def _name(process: int, thread: int) -> str:
    try:
        return Path(f"/proc/{process}/task/{thread}/comm").read_text()
    except FileNotFoundError:
        return ""  # it ended meanwhile


def _sum(times: Any) -> float:
    return float(times.user + times.system)


def stages_table(real: Spent, stand_in: Spent) -> str:
    """Both runs side by side: the stages, what they add up to, and what ran beside."""
    rows = [
        (stage, f"{real.by_stage[stage]:.1f}", f"{stand_in.by_stage[stage]:.1f}")
        for stage in STAGES
        if max(real.by_stage[stage], stand_in.by_stage[stage]) >= 0.05
    ]
    rows += [
        ("**the worker's process**", f"**{real.worker:.1f}**", f"**{stand_in.worker:.1f}**"),
        ("the broker, beside it", f"{real.broker:.1f}", f"{stand_in.broker:.1f}"),
        ("its compiler", f"{real.compiler:.1f}", f"{stand_in.compiler:.1f}"),
        ("reviews a second while py-spy looked on", f"{real.per_second:,.0f}", f"{stand_in.per_second:,.0f}"),
    ]
    return markdown_table(("µs of CPU a review", "`score`", "stand-in for the model"), rows)


@dataclass(frozen=True, slots=True)
class Found:
    """What is measured here."""

    tokenised_per_second: float
    start_seconds: float
    section: str


async def find_stages(broker: Broker, settings: Settings, corpus: Corpus) -> Found:
    """Everything; draws the flame graph of what is not the model."""
    async with _place(broker) as place:
        starts = [await measure_start(place, "stream", "score") for _ in range(STARTS)]
        real = await measure_stages(place, corpus, REAL_REVIEWS, ("stream", "score"))
    async with _place(broker) as place:
        rest = await measure_stages(place, corpus, STAND_IN_REVIEWS, (STAND_IN,), FLAME)
    model = operations_table(settings, corpus, MODEL_REVIEWS)
    section = f"## Where the time goes\n\n{NOTE}\n\n{stages_table(real, rest)}\n\n{FIGURE}\n\n{model}"
    start_seconds = statistics.median(start.seconds for start in starts)
    return Found(tokenised_per_second(settings, corpus), start_seconds, section)


def tokenised_per_second(settings: Settings, corpus: Corpus) -> float:
    """Texts that all cores tokenise in a second, by the CPU time of one once it knows the common words."""
    bundle = read_bundle(settings.bundle)
    manifest = bundle.manifest
    tokenizer = load_tokenizer(bundle.tokenizer_file, manifest.max_tokens, manifest.max_chars)
    texts = [corpus.text(number) for number in range(2 * TOKENISED_REVIEWS)]
    for text in texts[:TOKENISED_REVIEWS]:
        tokenizer.encode(text)
    started = time.thread_time()
    for text in texts[TOKENISED_REVIEWS:]:
        tokenizer.encode(text)
    return (os.cpu_count() or 1) * TOKENISED_REVIEWS / (time.thread_time() - started)


def _place(broker: Broker) -> Place:
    return Place(broker.bootstrap, Path(tempfile.mkdtemp(prefix="brandpulse-stages-")))


def main() -> None:
    """Measure on an embedded broker and print the section with its figure drawn anew."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with Broker() as broker:
        found = asyncio.run(find_stages(broker, Settings(), load_corpus()))
    print(found.section)
    print(f"{found.tokenised_per_second:,.0f} texts tokenised a second, ready in {found.start_seconds:.1f} s")


if __name__ == "__main__":
    typer.run(main)
