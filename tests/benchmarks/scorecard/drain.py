"""A backlog is worked off: reviews a second, CPU, memory, and how long the first label takes."""

import asyncio
import time
from dataclasses import dataclass

from tests.benchmarks.scorecard.arena import Entry
from tests.benchmarks.scorecard.labels import labels_of, until_readable

WARM_SECONDS = 2.0
MEASURED_SECONDS = 8.0
COMMIT_SECONDS = 1.5
"""After which what was published is readable, where it is committed in intervals."""


@dataclass(frozen=True, slots=True)
class Drained:
    """One round."""

    per_second: float
    cpu_seconds_per_million: float
    peak_mib: float
    first_label_seconds: float
    """From the start of the process until its first label is readable."""


async def drain(entry: Entry, backlog: int) -> Drained:
    """One round over a backlog that is longer than anybody gets in that time."""
    async with labels_of(entry) as labels:
        worker = entry.start()
        try:
            first = await until_readable(labels, 1, worker)
            await asyncio.sleep(WARM_SECONDS)
            begin, cpu = time.time(), worker.cpu_seconds()
            await asyncio.sleep(MEASURED_SECONDS)
            end, cpu = time.time(), worker.cpu_seconds() - cpu
            worker.check()
            peak = worker.peak_mib()
            await asyncio.sleep(COMMIT_SECONDS)
        finally:
            worker.stop()
        times = [record.timestamp / 1000 for record in await labels.read()]
    inside = sum(begin <= at < end for at in times)
    assert len(times) < backlog, f"{backlog} reviews were labelled before the end of the round: take more"
    assert inside, f"no labels in {MEASURED_SECONDS:.0f} s"
    return Drained(inside / (end - begin), cpu / inside * 1e6, peak, first - worker.started)
