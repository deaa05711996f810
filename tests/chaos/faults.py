"""The kinds of faults: each does what its name says, and sets going again what it ended."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka.admin import NewPartitions

from tests.chaos.cluster import admin
from tests.chaos.feed import Feed
from tests.chaos.load import Mood
from tests.chaos.proxy import Mode
from tests.chaos.scene import ON_SMALL_DISK, Scene
from tests.chaos.workers import Worker

AWAY_SECONDS = 12.0
"""Twice the session time-out: the group has given the partitions away when the worker is back."""
NODE_AWAY_SECONDS = 8.0
"""Longer than the 6 s after which the cluster gives a silent node up."""
SPELL_SECONDS = 8.0
GROWN_PARTITIONS = 8


class Fault(Protocol):
    """One thing that goes wrong."""

    @property
    def name(self) -> str: ...

    async def strike(self, scene: Scene, feed: Feed) -> None:
        """Do it, and undo it; that everything runs well again is for others to see."""


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9; started again at once."""

    name: str
    workers: tuple[str, ...]

    async def strike(self, scene: Scene, feed: Feed) -> None:
        workers = _all(scene, self.workers)
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.start()


@dataclass(frozen=True, slots=True)
class Restart:
    """SIGTERM, an end in order, and a new start."""

    name: str
    workers: tuple[str, ...]

    async def strike(self, scene: Scene, feed: Feed) -> None:
        workers = _all(scene, self.workers)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            await asyncio.to_thread(worker.ended_well)
            worker.start()


@dataclass(frozen=True, slots=True)
class Freeze:
    """SIGSTOP and SIGCONT."""

    name: str
    workers: tuple[str, ...]

    async def strike(self, scene: Scene, feed: Feed) -> None:
        workers = _all(scene, self.workers)
        for worker in workers:
            worker.freeze()
        await asyncio.sleep(AWAY_SECONDS)
        for worker in workers:
            worker.thaw()


@dataclass(frozen=True, slots=True)
class KillNodes:
    """kill -9 of nodes, of the leader of the controllers or of others; they come back with their data."""

    name: str
    followers: int = 0
    leader: bool = False

    async def strike(self, scene: Scene, feed: Feed) -> None:
        leader = await asyncio.to_thread(scene.controller)
        followers = [number for number in (1, 2, 3) if number != leader][: self.followers]
        numbers = followers + [leader] * self.leader
        for number in numbers:
            scene.broker.kill(number)
        await asyncio.sleep(NODE_AWAY_SECONDS)
        for number in numbers:
            await asyncio.to_thread(scene.broker.restart, number)


@dataclass(frozen=True, slots=True)
class Disturb:
    """What lies between one worker and the whole cluster is cut, silent or slow."""

    name: str
    worker: str
    mode: Mode

    async def strike(self, scene: Scene, feed: Feed) -> None:
        way = scene.ways[self.worker]
        await asyncio.to_thread(way.turn, self.mode)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(way.turn, "open")


@dataclass(frozen=True, slots=True)
class FillDisk:
    """No room under the state of a brands worker, which is started again each time it gives up."""

    name: str

    async def strike(self, scene: Scene, feed: Feed) -> None:
        worker = scene.workers[ON_SMALL_DISK]
        assert scene.disk is not None, "this fault needs a disk of its own"
        starts = worker.starts
        scene.disk.fill()
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            worker.keep_up()
            await asyncio.sleep(0.1)
        assert worker.starts > starts, f"{worker.name} went on as if its disk had room"
        scene.disk.free()


@dataclass(frozen=True, slots=True)
class Turn:
    """For some seconds reviews are of another mood."""

    name: str
    moods: tuple[Mood, ...]

    async def strike(self, scene: Scene, feed: Feed) -> None:
        for mood in self.moods:
            feed.turn(mood)
            await asyncio.sleep(SPELL_SECONDS)
        feed.turn("ordinary")


@dataclass(frozen=True, slots=True)
class Grow:
    """More partitions for `reviews`, fed from the moment on in which they exist; can be done once."""

    name: str

    async def strike(self, scene: Scene, feed: Feed) -> None:
        async with admin(scene.broker.bootstrap) as client:
            await client.create_partitions({scene.topics("reviews"): NewPartitions(GROWN_PARTITIONS)})
        feed.grow(GROWN_PARTITIONS)


@dataclass(frozen=True, slots=True)
class Roll:
    """The score workers end in order, one after the other, and start with the other bundle."""

    name: str

    async def strike(self, scene: Scene, feed: Feed) -> None:
        for worker in scene.role("score"):
            bundle = scene.bundles[worker.settings.get("BRANDPULSE_BUNDLE") != str(scene.bundles[1])]
            worker.change("BRANDPULSE_BUNDLE", str(bundle))
            worker.terminate()
            await asyncio.to_thread(worker.ended_well)
            worker.start()
            await asyncio.to_thread(worker.wait_until_ready)


def _all(scene: Scene, names: Sequence[str]) -> list[Worker]:
    return [scene.workers[name] for name in names]
