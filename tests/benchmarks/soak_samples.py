"""What is looked at while the soak runs: workers, their files, the groups, and everybody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 1 << 20
SOURCES = {"score": "reviews", "brands": "review-sentiment", "history": "brand-hours"}
"""What each group reads; `web` belongs to none."""
ROLES = (*SOURCES, "web")


@dataclass(frozen=True, slots=True)
class Vitals:
    """One process at one moment."""

    resident_mib: float
    descriptors: int
    threads: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at everything, `seconds` after the beginning."""

    seconds: float
    labels: int
    """Readable since the beginning."""
    p50_ms: float
    """Of the labels that became readable since the last sample."""
    p99_ms: float
    workers: Mapping[str, Vitals]
    rocksdb_mib: float
    lags: Mapping[str, int]
    """Offsets that a role's group is behind."""
    others_cores: float
    """Cores that were busy since the last sample with what is none of ours."""


Figure = Callable[[Sample], float]
"""One figure of a sample."""


def of_worker(role: str, name: str) -> Figure:
    """One of the `Vitals` of a role, by name."""

    def figure(sample: Sample) -> float:
        return float(getattr(sample.workers[role], name))

    return figure


def lag_of(role: str) -> Figure:
    """The consumer lag of a role."""

    def figure(sample: Sample) -> float:
        return sample.lags[role]

    return figure


def vitals(pid: int) -> Vitals:
    """Of a process that runs."""
    process = psutil.Process(pid)
    with process.oneshot():
        times = process.cpu_times()
        return Vitals(
            process.memory_info().rss / MIB,
            process.num_fds(),
            process.num_threads(),
            times.user + times.system,
        )


def directory_mib(directory: Path) -> float:
    """The bytes of all files below; one that is deleted meanwhile has none."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total / MIB


class OtherWork:
    """How busy the machine is with what neither we nor our children do."""

    def __init__(self) -> None:
        self._last = self._others_seconds()

    def cores(self, elapsed_seconds: float) -> float:
        """Cores since the last call, which is so long ago."""
        last, self._last = self._last, self._others_seconds()
        return max(0.0, (self._last - last) / elapsed_seconds)

    def _others_seconds(self) -> float:
        machine = psutil.cpu_times()
        busy = sum(machine) - machine.idle - machine.iowait - machine.guest - machine.guest_nice
        me = psutil.Process()
        ours = [me.cpu_times(), *(child.cpu_times() for child in me.children(recursive=True))]
        return float(busy - sum(each.user + each.system for each in ours))
