"""The run itself: reviews flow, faults strike one after another, and after each all must be well again."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle

from tests.chaos.faults import Fault, Grow
from tests.chaos.feed import Feed
from tests.chaos.load import Load
from tests.chaos.progress import Progress, progress_of, still_behind
from tests.chaos.scene import Scene
from tests.chaos.shown import Brands, shown_brands
from tests.chaos.stored import stored_offsets
from tests.chaos.watch import Watch
from tests.chaos.workers import Worker

POLL_SECONDS = 0.2
OPEN_SECONDS = 3.0
CALM_SECONDS = 1.0
"""Of ordinary flow before each fault."""
LAG_SECONDS = 4.0
"""Workers have caught up when they are behind by no more than this time's reviews."""
PATIENCE_SECONDS = 15.0
"""With workers that cannot catch up, until fewer reviews are fed."""
WELL_SECONDS = 300.0
"""Longer than any fault may be felt."""


@dataclass(frozen=True, slots=True)
class Episode:
    """What became of one fault. Seconds are those of a reader of labels under `read_committed`."""

    name: str
    without_labels_seconds: float
    """The longest time in which no label came at all."""
    worst_partition_seconds: float
    """The longest in which none came of the reviews of one partition."""
    well_again_seconds: float
    """From the strike until all workers were ready and had caught up."""
    first: Mapping[int, int]
    """Where each partition of `reviews` ended when it struck."""
    last: Mapping[int, int]
    """And when all was well again."""

    @property
    def reviews(self) -> int:
        """How many were fed meanwhile."""
        return sum(self.last.values()) - sum(self.first.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the run went; whether it went well is for the audit."""

    episodes: Sequence[Episode]
    ends: Mapping[int, int]
    """How many reviews each partition of `reviews` got."""
    seconds: float
    shown: Mapping[str, Brands]
    """What each worker of `web` showed when all was stored."""

    @property
    def reviews(self) -> int:
        return sum(self.ends.values())


class Storm:
    """Runs once.

    Args:
        pace: reviews a second, fewer where the machine cannot bear them.
    """

    def __init__(self, scene: Scene, load: Load, pace: float) -> None:
        self._scene = scene
        self._load = load
        self._most_lag = LAG_SECONDS * pace
        self._pace = pace
        self._began = time.monotonic()

    async def rage(self, faults: Sequence[Fault], reviews: int) -> Outcome:
        """Every fault once, then again until so many reviews are fed; and on until all of them are stored."""
        scene, topics = self._scene, self._scene.topics
        bootstrap = scene.broker.bootstrap
        for worker in scene.workers.values():
            worker.start()
        await asyncio.to_thread(self._all_ready)
        async with (
            Feed(bootstrap, topics("reviews"), self._load, self._pace) as self._feed,
            Watch(bootstrap, topics("review-sentiment"), topics.partitions) as self._watch,
            progress_of(scene) as progress,
        ):
            await self._well(progress)
            episodes = []
            again = cycle([fault for fault in faults if not isinstance(fault, Grow)])
            for number, fault in enumerate(chain(faults, again)):
                if number >= len(faults) and self._feed.fed >= reviews:
                    break
                episodes.append(await self._episode(fault, progress))
            await self._feed.stop()
            self._say("all reviews are fed")
            shown = await self._finish(progress)
            return Outcome(episodes, self._feed.ends, time.monotonic() - self._began, shown)

    async def _episode(self, fault: Fault, progress: Progress) -> Episode:
        self._feed.speed_up()
        await asyncio.sleep(CALM_SECONDS)
        self._say(fault.name)
        await self._open_transaction(progress)
        first, since = self._feed.ends, time.monotonic()
        await fault.strike(self._scene, self._feed)
        await self._well(progress)
        until = time.monotonic()
        episode = Episode(
            fault.name,
            self._watch.without_labels(since, until),
            max(self._watch.without_labels_of(each, since, until) for each in self._feed.ends),
            until - since,
            first,
            self._feed.ends,
        )
        self._say(
            f"  well again after {episode.well_again_seconds:.1f} s; without labels "
            f"{episode.without_labels_seconds:.1f} s, one partition {episode.worst_partition_seconds:.1f} s"
        )
        return episode

    async def _open_transaction(self, progress: Progress) -> None:
        """Return while a transaction is open, so that the fault strikes it; after a while also without."""
        until = time.monotonic() + OPEN_SECONDS
        while time.monotonic() < until:
            if await progress.is_transaction_open():
                return

    async def _well(self, progress: Progress) -> None:
        """Return when all workers are ready and labels of every partition come, none of them late."""
        since = time.monotonic()
        deadline, patience = since + WELL_SECONDS, since + PATIENCE_SECONDS
        await asyncio.to_thread(self._all_ready)
        while True:
            lag = await progress.lag(self._feed.ends)
            unseen = [each for each in self._feed.ends if self._watch.latest(each) < since]
            if lag is not None and lag <= self._most_lag and not unseen:
                break
            await self._wait(f"{lag} reviews behind, no label of partitions {unseen}", deadline)
            if lag is not None and lag > self._most_lag and time.monotonic() > patience:
                self._feed.slow_down()
                self._say(f"  too many for this machine, {lag:,} behind: {self._feed.pace:,.0f} a second")
                patience = time.monotonic() + PATIENCE_SECONDS
        await asyncio.to_thread(self._all_ready)

    async def _finish(self, progress: Progress) -> dict[str, Brands]:
        """Return when every review is labelled, folded and stored, and every worker has ended in order.

        Returns: what each worker of `web` shows then.
        """
        deadline = time.monotonic() + WELL_SECONDS
        while behind := await progress.behind("score", "reviews", self._feed.ends):
            await self._wait(f"reviews of partitions {behind} are not labelled", deadline)
        labels = await progress.after_last_records("review-sentiment")
        while behind := await progress.behind("brands", "review-sentiment", labels):
            await self._wait(f"labels of partitions {behind} are not folded", deadline)
        await asyncio.to_thread(self._all_ready)
        await asyncio.to_thread(self._end, "score", "brands")
        for name in ("brand-hours", "brand-alerts"):
            wanted = await progress.after_last_records(name)
            topic = self._scene.topics(name)
            while behind := still_behind(stored_offsets(self._scene.database_url, topic), wanted):
                await self._wait(f"{name} of partitions {behind} is not stored", deadline, "history", "web")
        shown = {worker.name: await asyncio.to_thread(_shown, worker) for worker in self._scene.role("web")}
        await asyncio.to_thread(self._end, "history", "web")
        self._say("everything is labelled, folded, stored and shown")
        return shown

    def _end(self, *roles: str) -> None:
        """SIGTERM; each must exit 0 in time."""
        workers = [worker for role in roles for worker in self._scene.role(role)]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.ended_well()

    def _all_ready(self) -> None:
        for worker in self._scene.workers.values():
            worker.wait_until_ready()

    async def _wait(self, what: str, deadline: float, *roles: str) -> None:
        """A moment, in which workers that ended are started again; `roles`: those that should run."""
        assert time.monotonic() < deadline, f"no time left: {what}"
        self._feed.check()
        self._watch.check()
        for worker in self._scene.workers.values():
            if not roles or worker.role in roles:
                worker.keep_up()
        await asyncio.sleep(POLL_SECONDS)

    def _say(self, what: str) -> None:
        fed = self._feed.fed
        print(f"{time.monotonic() - self._began:6.1f} s, {fed:9,} reviews: {what}", flush=True)


def _shown(worker: Worker) -> Brands:
    worker.wait_until_ready()
    assert worker.address is not None, "what is ready listens"
    return shown_brands(worker.address)
