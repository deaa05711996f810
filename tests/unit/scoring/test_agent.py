"""What a rebalance may drop: everything from the first dropped chunk on, or there would be a hole."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from faust.types import TP
from faust.types.tuples import ConsumerMessage

from stream.health import HealthState
from stream.kafka.transport import ChunkEvent
from stream.metrics import create_metrics
from stream.process import Process
from stream.scoring.agent import MOST_WAITING_CHUNKS, ScoreRole
from stream.scoring.pipeline import Scored
from stream.scoring.rollout import Rollout
from stream.settings import Settings
from tests.unit.scoring.fakes import FakeRecord

SOURCE = TP("reviews", 0)
GENERATION = 7


@dataclass
class FakeEvent:
    """An event of the transport, which only says whether it was acknowledged."""

    offset: int
    acked: bool = False

    @property
    def value(self) -> list[FakeRecord]:
        return [FakeRecord(b"{}", offset=self.offset)]

    @property
    def message(self) -> ConsumerMessage:
        made = ConsumerMessage("reviews", 0, self.offset, 0.0, 0, [], None, None, None, 0, 0, SOURCE)
        made.generation_id = GENERATION
        return made

    def ack(self) -> None:
        self.acked = True


@dataclass
class FakePipeline:
    """Scores a chunk once it is allowed to."""

    allowed: asyncio.Event
    loop: asyncio.AbstractEventLoop

    def run(self, chunks: Sequence[Sequence[FakeRecord]]) -> list[Scored]:
        asyncio.run_coroutine_threadsafe(self.allowed.wait(), self.loop).result()
        return [Scored({}, chunk[-1].offset + 1, {}, {}, len(chunk), 0) for chunk in chunks]


@dataclass
class FakeRollout:
    """Has one pipeline for ever."""

    pipeline: FakePipeline

    def offer(self, chunks: Sequence[Sequence[FakeRecord]]) -> None:
        """No other bundle is being tried."""


@dataclass
class FakeCommitter:
    """Notes what it was handed."""

    offsets: list[int] = field(default_factory=list)

    async def put(self, event: FakeEvent, scored: Scored) -> None:
        self.offsets.append(scored.next_offset - 1)


@dataclass
class FakeApp:
    """Knows the group's generation."""

    consumer_generation_id: int = GENERATION


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is awaited has no event to wait for
        await asyncio.sleep(0.001)


def role_of(allowed: asyncio.Event) -> tuple[ScoreRole, FakeCommitter]:
    settings = Settings(threads=1, batch_rows=1, batch_wait_ms=1)
    process = Process(settings, HealthState(60, time.monotonic()), create_metrics("score"))
    role, committer = ScoreRole(process), FakeCommitter()
    role._rollout = cast(Rollout, FakeRollout(FakePipeline(allowed, asyncio.get_running_loop())))
    role._committers = cast(Any, {0: committer})
    role._app = cast(Any, FakeApp())
    return role, committer


def test_after_a_suspension_nothing_newer_than_what_was_dropped_is_committed() -> None:
    async def test() -> None:
        allowed = asyncio.Event()
        role, committer = role_of(allowed)
        loops = [asyncio.create_task(role._score_forever()), asyncio.create_task(role._hand_over_forever())]
        events = [FakeEvent(offset) for offset in range(MOST_WAITING_CHUNKS + 8)]

        async def feed() -> None:
            for event in events:
                await role._intake.put(cast(ChunkEvent, event))

        feeding = asyncio.create_task(feed())
        await until(role._intake.full)
        role.tenure.suspended()
        allowed.set()
        await feeding
        await until(lambda: all(event.acked or event.offset in committer.offsets for event in events))
        assert committer.offsets == list(range(len(committer.offsets))), "a hole"
        assert 0 < len(committer.offsets) < len(events) - 8
        for task in loops:
            task.cancel()

    run(test)
