"""The soak itself: a worker of each role, what they can bear, and a share of it for as long as is asked."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from tests.benchmarks.place import Place
from tests.benchmarks.soak_load import Load, load_on
from tests.benchmarks.soak_reviews import Reviews
from tests.benchmarks.soak_samples import ROLES, Sample
from tests.benchmarks.soak_watch import Watch, Worker, watching

SETTLE_SECONDS = 5.0
KEPT_BYTES = 256 << 20
"""Of each partition of reviews and labels, so that an hour does not fill the disk."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and how much of what the workers can bear."""

    seconds: float
    share: float = 0.5
    burst_seconds: float = 20.0
    every_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak found."""

    capacity_per_second: float
    per_second: float
    samples: list[Sample]
    past: int
    """Reviews of the past before the others."""
    reviews: int
    """All of them."""
    labels: int
    """Reviews with a label."""
    doubled: int
    """Labels of reviews that had one already."""
    started_over: int
    """Times that a worker met an outage and began anew, which would hide what it had gathered."""
    unanswered: int
    """Requests for pages that the workers did not answer, of one for each worker and sample."""


async def soak(bootstrap: str, reviews: Reviews, plan: Plan, seen: Callable[[Sample], None]) -> Soaked:
    """Run it; `seen` gets each sample as it is taken. Asserts that all workers live on."""
    directory = Path(tempfile.mkdtemp(prefix="brandpulse-soak-"))
    async with Place(bootstrap, directory) as place:
        _bound_topics(place)
        workers = {role: Worker(place, role, directory / _home(role)) for role in ROLES}
        async with load_on(place, reviews) as load, watching(place, load, workers, directory) as watch:
            for worker in workers.values():
                await worker.until_ready()
            await _fill(load, reviews.past, watch.check)
            capacity = await _capacity(load, plan, watch.check)
            await _steady(load, watch, plan, capacity * plan.share, seen)
            await load.settled(watch.check)
            await asyncio.sleep(SETTLE_SECONDS)  # what is doubled comes late
        over = await asyncio.to_thread(_count_outages, directory)
        return Soaked(
            capacity_per_second=capacity,
            per_second=capacity * plan.share,
            samples=watch.samples,
            past=reviews.past,
            reviews=load.produced,
            labels=load.labels,
            doubled=load.doubled,
            started_over=over,
            unanswered=watch.unanswered,
        )


async def _fill(load: Load, reviews: int, check: Callable[[], None]) -> None:
    """Let what is kept become as large as it ever is."""
    async with load.producing(None):
        while load.produced < reviews:
            check()
            await asyncio.sleep(0.1)
    await load.settled(check)


async def _capacity(load: Load, plan: Plan, check: Callable[[], None]) -> float:
    """Labels readable a second while there is always something to score, everybody at work."""
    async with load.producing(None):
        await asyncio.sleep(plan.burst_seconds / 2)
        before, began = load.labels, time.monotonic()
        await asyncio.sleep(plan.burst_seconds)
        capacity = (load.labels - before) / (time.monotonic() - began)
    await load.settled(check)
    return capacity


async def _steady(
    load: Load, watch: Watch, plan: Plan, per_second: float, seen: Callable[[Sample], None]
) -> None:
    async with load.producing(per_second):
        await asyncio.sleep(SETTLE_SECONDS)
        watch.begin()
        began = time.monotonic()
        for number in range(1, int(plan.seconds / plan.every_seconds) + 1):
            await asyncio.sleep(max(0.0, began + number * plan.every_seconds - time.monotonic()))
            seen(await watch.look())


def _count_outages(logs: Path) -> int:
    return sum(log.read_text(errors="replace").count("starting over") for log in logs.glob("*.log"))


def _home(role: str) -> str:
    """`web` reads the database that `history` writes."""
    return "history" if role == "web" else role


def _bound_topics(place: Place) -> None:
    resources = [
        ConfigResource(
            ConfigResourceType.TOPIC,
            place.settings.topic(name),
            {"retention.bytes": str(KEPT_BYTES), "segment.bytes": str(KEPT_BYTES // 4)},
        )
        for name in ("reviews", "review-sentiment")
    ]
    client = KafkaAdminClient(bootstrap_servers=place.settings.brokers)
    client.alter_configs(resources)
    client.close()
