"""When labels came, as a reader under `read_committed` sees them."""

import asyncio
import time
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

POLL_MS = 100


class Watch:
    """Reads the labels while they come, and notes the moment for each partition of `reviews`."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._places = [TopicPartition(topic, number) for number in range(partitions)]
        self._moments: defaultdict[int, array[float]] = defaultdict(lambda: array("d"))
        self._any: array[float] = array("d")

    async def __aenter__(self) -> "Watch":
        await self._consumer.start()
        self._consumer.assign(self._places)
        self._task = asyncio.create_task(self._run(), name="watch")
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()

    def check(self) -> None:
        """Raise what ended the watch, if anything did."""
        if self._task.done():
            self._task.result()

    def latest(self, partition: int) -> float:
        """When the last label came of reviews from that partition; 0: none did."""
        return self._moments[partition][-1] if self._moments[partition] else 0.0

    def without_labels(self, since: float, until: float) -> float:
        """The longest time in which none came at all; all of it seconds, by the monotonic clock."""
        return longest_gap(self._any, since, until)

    def without_labels_of(self, partition: int, since: float, until: float) -> float:
        """The longest time in which none came of reviews from that partition."""
        return longest_gap(self._moments[partition], since, until)

    async def _run(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=POLL_MS)
            now = time.monotonic()
            sources = {source for records in found.values() for source in _sources(records)}
            for source in sources:
                self._moments[source].append(now)
            if sources:
                self._any.append(now)


def longest_gap(moments: Sequence[float], since: float, until: float) -> float:
    """The longest time between two neighbours among `since`, the moments between, and `until`.

    >>> longest_gap([1.0, 2.0, 5.0, 6.0], since=1.5, until=5.5)
    3.0
    """
    inside = moments[bisect_left(moments, since) : bisect_right(moments, until)]
    return max(later - earlier for earlier, later in pairwise([since, *inside, until]))


def _sources(records: Iterable[ConsumerRecord]) -> set[int]:
    """The partitions of `reviews` that labels say they come from: `ce_id` is topic-partition-offset."""
    ids = (dict(record.headers)["ce_id"] for record in records)
    return {int(name.rsplit(b"-", 2)[1]) for name in ids}
