"""Which partitions a worker owns: taken over and let go one rebalance at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from stream.health import HealthState
from stream.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Tenure:
    """Puts a role's own steps in order around a rebalance; implements `stream.kafka.transport.Assignment`.

    Args:
        open: start to work on partitions, former owners fenced.
        close: stop, and give up everything that belongs to the partitions owned so far.
        suspend: drop what only waits.
    """

    health: HealthState
    metrics: Metrics
    open: Callable[[frozenset[int]], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    suspend: Callable[[], None]
    # Rebalances may overtake each other; taking over and letting go may not.
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take_over(self, partitions: frozenset[int]) -> None:
        """Own these partitions, and no others."""
        async with self._turn:
            self.health.meet("recovered", False)
            await self.close()
            await self.open(partitions)
            self._assigned(len(partitions))
            self.health.meet("recovered")

    async def release(self, *_args: object, **_kwargs: object) -> None:
        """Own nothing; what was in flight is committed by now, or fenced. Faust signals it with arguments."""
        async with self._turn:
            await self.close()
            self._assigned(0)

    def polled(self) -> None:
        """The consumer asked for records."""
        self.health.polled(time.monotonic())

    def suspended(self) -> None:
        """A rebalance or the end has begun."""
        self.suspend()

    def _assigned(self, partitions: int) -> None:
        self.metrics.assigned_partitions.set(partitions)
        self.health.assigned(partitions, time.monotonic())
