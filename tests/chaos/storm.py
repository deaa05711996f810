"""The run itself: load, workers and faults until every review is through."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from stream.kafka.broker import Broker
from tests.chaos.audit import Topics
from tests.chaos.cluster import Filler, Reader, admin, committed, reader
from tests.chaos.faults import Fault, apply
from tests.chaos.load import given
from tests.chaos.workers import Worker

POLL_SECONDS = 0.05
OPEN_SECONDS = 3.0
ROLES = ("score", "brands")
WORKERS_PER_ROLE = 2


class Storm:
    """Feeds a share of the load before each fault, so that every fault strikes workers that are busy."""

    def __init__(self, broker: Broker, topics: Topics, directory: Path, base_ms: int) -> None:
        settings = {
            "BRANDPULSE_BROKERS": broker.bootstrap,
            "BRANDPULSE_TOPIC_PREFIX": topics.prefix,
            "BRANDPULSE_THREADS": "1",
        }
        names = [(role, number) for role in ROLES for number in range(WORKERS_PER_ROLE)]
        workers = [Worker(role, number, settings, directory) for role, number in names]
        self.workers = {worker.name: worker for worker in workers}
        self._broker = broker
        self._topics = topics
        self._base_ms = base_ms

    async def rage(self, reviews: int, faults: Sequence[Fault], deadline: float) -> None:
        """Feed everything, do every fault, and return when all labels are folded and committed."""
        for worker in self.workers.values():
            worker.start()
        edges = [reviews * number // (len(faults) + 1) for number in range(len(faults) + 2)]
        started = time.monotonic()
        async with (
            Filler(self._broker.bootstrap, self._topics("reviews"), self._topics.partitions) as filler,
            admin(self._broker.bootstrap) as client,
        ):
            for fault, start, end in zip([*faults, None], edges, edges[1:], strict=False):
                await asyncio.to_thread(self._all_ready)
                await filler.fill(given(number, self._base_ms) for number in range(start, end))
                if fault:
                    await self._scored(client, start + int((end - start) * fault.share), deadline)
                    await self._open_transaction()
                    print(f"{time.monotonic() - started:6.1f} s, {end:,} reviews fed: {fault}", flush=True)
                    await asyncio.to_thread(apply, fault, self.workers, self._broker)
            await self._scored(client, reviews, deadline)
            await self._folded(client, deadline)
        print(f"{time.monotonic() - started:6.1f} s: everything is committed", flush=True)

    def stop(self) -> None:
        """SIGTERM to all; each must exit 0 in time."""
        self._all_ready()
        for worker in self.workers.values():
            worker.terminate()
        for worker in self.workers.values():
            worker.ended_well()

    def end(self) -> None:
        """Leave no process behind, whatever happened."""
        for worker in self.workers.values():
            worker.end()

    def tails(self) -> str:
        """The last log lines of every worker."""
        return "\n".join(worker.tail() for worker in self.workers.values())

    def logs(self) -> str:
        """Everything that the workers logged."""
        return "\n".join(worker.log.read_text(errors="replace") for worker in self.workers.values())

    def _all_ready(self) -> None:
        for worker in self.workers.values():
            worker.wait_until_ready()

    async def _scored(self, client: AIOKafkaAdminClient, reviews: int, deadline: float) -> None:
        group, topic = self._topics("brandpulse-score"), self._topics("reviews")
        while (done := sum((await committed(client, group, topic)).values())) < reviews:
            await self._wait(f"{done:,} of {reviews:,} reviews are committed", deadline)

    async def _folded(self, client: AIOKafkaAdminClient, deadline: float) -> None:
        """Return when the group has passed the last label of every partition.

        A transaction ends with a marker, which takes an offset too but is never delivered.
        """
        group, topic = self._topics("brandpulse-brands"), self._topics("review-sentiment")
        async with reader(self._broker.bootstrap) as source:
            wanted = await _after_last_records(source, topic, self._topics.partitions)
        while behind := _behind(await committed(client, group, topic), wanted):
            await self._wait(f"labels of partitions {behind} are not folded", deadline)

    async def _open_transaction(self) -> None:
        """Return while a transaction is open that has written labels, so that the fault strikes it."""
        topic, partitions = self._topics("review-sentiment"), self._topics.partitions
        until = time.monotonic() + OPEN_SECONDS
        async with (
            reader(self._broker.bootstrap, "read_committed") as stable,
            reader(self._broker.bootstrap, "read_uncommitted") as written,
        ):
            while time.monotonic() < until:
                stable_ends = await stable.ends(topic, partitions)
                if any(
                    end > stable_ends[part] for part, end in (await written.ends(topic, partitions)).items()
                ):
                    return

    async def _wait(self, what: str, deadline: float) -> None:
        assert time.monotonic() < deadline, f"no time left: {what}"
        for worker in self.workers.values():
            worker.keep_up()
        await asyncio.sleep(POLL_SECONDS)


def _behind(offsets: Mapping[int, int], wanted: Mapping[int, int]) -> list[int]:
    return [partition for partition, offset in wanted.items() if offsets.get(partition, 0) < offset]


async def _after_last_records(source: Reader, topic: str, partitions: int) -> dict[int, int]:
    ends = {}
    for partition in range(partitions):
        async for record in source.read(topic, partition):
            ends[partition] = record.offset + 1
    return ends
