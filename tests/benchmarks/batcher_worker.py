"""The worker `score` with batches cut by a learned cost: `python -m tests.benchmarks.batcher_worker`.

Everything else is the real thing. `latency_target_ms` is what it promises.
"""

import asyncio
import time
from collections.abc import Sequence
from threading import Lock
from typing import cast

from stream.kafka.messages import ReceivedRecord
from stream.kafka.transport import Chunk, ChunkEvent
from stream.logs import configure
from stream.process import Process
from stream.scoring.agent import ScoreRole
from stream.scoring.committer import Committed
from stream.scoring.pipeline import Pipeline, Scored
from stream.settings import load_settings
from stream.worker import run_worker
from tests.benchmarks.batcher_cost import CostModel, hold_seconds, is_enough

AIM = 0.7
"""Share of the target that is aimed at; the rest is for what varies."""


class TimedPipeline:
    """A pipeline that teaches the cost of its passes."""

    def __init__(self, pipeline: Pipeline, cost: CostModel) -> None:
        self._pipeline = pipeline
        self._cost = cost
        self._lock = Lock()

    def run(self, chunks: Sequence[Sequence[ReceivedRecord]]) -> list[Scored]:
        """As `Pipeline.run`."""
        started = time.monotonic()
        scored = self._pipeline.run(chunks)
        seconds = time.monotonic() - started
        with self._lock:
            self._cost.learn(*size_of(chunks), seconds)
        return scored


class LearnedRole(ScoreRole):
    """A `score` worker that cuts each pass so that its reviews come in time."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._settings = process.settings
        self._cost = CostModel()
        self._commit_seconds = self._commit_deviation = 0.05

    def prepare(self) -> None:
        """As `ScoreRole.prepare`."""
        super().prepare()
        self._rollout.pipeline = cast(Pipeline, TimedPipeline(self._rollout.pipeline, self._cost))

    async def _collect(self) -> list[ChunkEvent]:
        events = [await self._intake.get()]
        chunks = [cast(Chunk, events[0].value)]
        while not is_enough(self._cost, *size_of(chunks)):
            age = time.time() - min(chunk[0].timestamp for chunk in chunks) / 1000
            after, aim = self._after_seconds(), self._aim_seconds()
            try:
                async with asyncio.timeout(hold_seconds(self._cost, *size_of(chunks), age, after, aim)):
                    events.append(await self._intake.get())
            except TimeoutError:
                break
            chunks.append(cast(Chunk, events[-1].value))
        return events

    def _committed(self, committed: Committed) -> None:
        super()._committed(committed)
        # Mean and deviation as TCP estimates its round trips (Jacobson 1988).
        error = committed.seconds - self._commit_seconds
        self._commit_seconds += error / 8
        self._commit_deviation += (abs(error) - self._commit_deviation) / 4

    def _after_seconds(self) -> float:
        waiting = self._settings.commit_interval_ms / 1000
        return waiting + self._commit_seconds + 4 * self._commit_deviation

    def _aim_seconds(self) -> float:
        return AIM * self._settings.latency_target_ms / 1000


def size_of(chunks: Sequence[Sequence[ReceivedRecord]]) -> tuple[int, int]:
    """Records, and bytes of their values."""
    values = [record.value or b"" for chunk in chunks for record in chunk]
    return len(values), sum(map(len, values))


if __name__ == "__main__":
    settings = load_settings()
    configure(settings)
    run_worker(settings, "score", LearnedRole)
