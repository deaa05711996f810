"""The schedule of faults, as data, and how each is done."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stream.kafka.broker import Broker
from tests.chaos.workers import Worker

FROZEN_SECONDS = 12.0
"""Twice the session time-out: the group has given the partitions away when the zombie wakes up."""
NODE_AWAY_SECONDS = 4.0


Kind = Literal["kill", "terminate", "freeze", "kill_node"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, to happen when `share` of the reviews produced since the last one are committed."""

    kind: Kind
    targets: tuple[str, ...]
    share: float

    def __str__(self) -> str:
        return f"{self.kind} {' '.join(self.targets)} at {self.share:.0%}"


_ROUND: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("kill", ("score-0",)),
    ("kill", ("brands-0",)),
    ("terminate", ("score-0", "brands-0")),
    ("freeze", ("score-1", "brands-1")),
    ("kill", ("score-1", "brands-1")),
    ("kill_node", ("2",)),
    ("kill", ("score-0", "score-1")),
    ("kill_node", ("1", "2")),
    ("kill", ("brands-0", "brands-1")),
)
"""Every kind of fault for every role. With two of three nodes away no partition can be written."""


def schedule(rounds: int, seed: int) -> list[Fault]:
    """All faults of some rounds, at moments drawn from the seed."""
    draw = random.Random(seed)
    return [Fault(kind, targets, round(draw.uniform(0.1, 0.5), 2)) for kind, targets in _ROUND * rounds]


def apply(fault: Fault, workers: Mapping[str, Worker], broker: Broker) -> None:
    """Do it, and set going again what it ended."""
    if fault.kind == "kill_node":
        _restart_nodes([int(target) for target in fault.targets], broker)
        return
    targets = [workers[target] for target in fault.targets]
    actions: dict[str, Callable[[Sequence[Worker]], None]] = {
        "kill": _kill,
        "terminate": _terminate,
        "freeze": _freeze,
    }
    actions[fault.kind](targets)


def _kill(targets: Sequence[Worker]) -> None:
    for worker in targets:
        worker.kill()
    for worker in targets:
        worker.start()


def _terminate(targets: Sequence[Worker]) -> None:
    for worker in targets:
        worker.terminate()
    for worker in targets:
        worker.ended_well()
        worker.start()


def _freeze(targets: Sequence[Worker]) -> None:
    for worker in targets:
        worker.freeze()
    time.sleep(FROZEN_SECONDS)
    for worker in targets:
        worker.thaw()


def _restart_nodes(numbers: Sequence[int], broker: Broker) -> None:
    for number in numbers:
        broker.kill(number)
    time.sleep(NODE_AWAY_SECONDS)
    for number in numbers:
        broker.restart(number)
