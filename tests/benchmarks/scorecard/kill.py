"""kill -9 in the middle of a backlog, started again at once: what is lost, doubled, and how long it takes."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from tests.benchmarks.scorecard.arena import Entry
from tests.benchmarks.scorecard.counting import Damage, damage
from tests.benchmarks.scorecard.labels import Labels, labels_of, until_readable
from tests.benchmarks.scorecard.worker import Worker

KILL_AT = 0.4
LOOK_SECONDS = 0.2
COMPLETE_SECONDS = 3.0
"""Without a new label for so long, after the last review has one, nothing more is expected."""
LOST_SECONDS = 80.0
"""The same while reviews have none: a transaction that a dead producer leaves open hides what follows it for
60 s, where nobody takes its id over, and brokers look for such every 10 s."""
IN_FLIGHT_SECONDS = 0.3
"""What was on its way when it was killed has arrived by then."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What it cost."""

    damage: Damage
    again_seconds: float | None
    """From the kill until the broker took the first label after it; None: there was none."""
    labels: Mapping[str, str]
    """Review id to label."""


@dataclass(slots=True)
class Seen:
    """The labels so far: review ids in their order, when the broker took them, and the label of each."""

    reviews: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    async def look(self, labels: Labels) -> int:
        """Read on; how many are new."""
        records = await labels.read()
        for record in records:
            value = orjson.loads(record.value)
            self.reviews.append(value["review_id"])
            self.times.append(record.timestamp / 1000)
            self.labels[value["review_id"]] = value["label"]
        return len(records)


async def kill(entry: Entry, reviews: Sequence[str]) -> Killed:
    """Over a filled topic with those review ids."""
    seen = Seen()
    async with labels_of(entry) as labels:
        worker = entry.start()
        try:
            await until_readable(labels, int(len(reviews) * KILL_AT), worker)
            worker.kill()
            killed = time.time()
            worker = entry.start()
            await _until_complete(seen, labels, len(reviews), worker)
        finally:
            worker.stop()
    after = [at - killed for at in seen.times if at > killed + IN_FLIGHT_SECONDS]
    return Killed(damage(reviews, seen.reviews), min(after, default=None), seen.labels)


async def _until_complete(seen: Seen, labels: Labels, reviews: int, worker: Worker) -> None:
    """Until every review has a label, or none comes any more."""
    since = time.monotonic()
    while True:
        worker.check()
        if await seen.look(labels):
            since = time.monotonic()
        patience = COMPLETE_SECONDS if len(seen.labels) >= reviews else LOST_SECONDS
        if time.monotonic() - since > patience:
            return
        await asyncio.sleep(LOOK_SECONDS)
