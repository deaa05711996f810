"""What the role takes round a rebalance."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, cast

from stream.brands.agent import BrandsRole
from stream.brands.partition import BrandPartition
from stream.health import HealthState
from stream.kafka.transport import ChunkEvent
from stream.metrics import create_metrics
from stream.process import Process
from stream.settings import Settings

GENERATION = 3


@dataclass
class FakeMessage:
    """Of partition 0."""

    value: list[int]
    partition: int = 0
    generation_id: int = GENERATION


@dataclass
class FakeEvent:
    """A chunk of one label."""

    value: list[int]
    acked: bool = False

    @property
    def message(self) -> FakeMessage:
        return FakeMessage(self.value)

    def ack(self) -> None:
        self.acked = True


@dataclass
class FakePartition:
    """Notes what it is given, and always has room."""

    taken: list[int] = field(default_factory=list)

    def take(self, records: list[int], _done: object) -> None:
        self.taken += records

    async def room(self) -> None:
        """At once."""


@dataclass
class FakeApp:
    """Knows the group's generation."""

    consumer_generation_id: int = GENERATION


def test_after_a_suspension_nothing_is_taken_since_what_waited_before_it_was_dropped() -> None:
    partition = FakePartition()
    first, _dropped, last = (FakeEvent([offset]) for offset in range(3))

    async def take() -> None:
        role = BrandsRole(Process(Settings(), HealthState(60, time.monotonic()), create_metrics("brands")))
        role._partitions = {0: cast(BrandPartition, partition)}
        role._app = cast(Any, FakeApp())
        await role._take(cast(ChunkEvent, first))
        role.tenure.suspended()
        # Faust drops what waits in its queue then, but not what waits for room in it.
        await role._take(cast(ChunkEvent, last))

    asyncio.run(take())
    assert partition.taken == [0]
    assert last.acked
