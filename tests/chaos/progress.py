"""How far the workers have come, by what their groups have committed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.chaos.cluster import Reader, admin, committed, reader
from tests.chaos.scene import Scene, Topics


class Progress:
    """Asks the cluster; made by `progress_of`."""

    def __init__(
        self, topics: Topics, client: AIOKafkaAdminClient, committed_only: Reader, everything: Reader
    ) -> None:
        self._topics = topics
        self._client = client
        self._committed_only = committed_only
        self._everything = everything

    async def lag(self, fed: Mapping[int, int]) -> int | None:
        """Reviews that are not labelled yet, and labels that are not folded; None: the cluster cannot say."""
        try:
            scored = await self._passed("score", "reviews")
            folded = await self._passed("brands", "review-sentiment")
            labels = await self._committed_only.ends(
                self._topics("review-sentiment"), self._topics.partitions
            )
        except KafkaError:
            return None
        behind = sum(end - scored.get(partition, 0) for partition, end in fed.items())
        return behind + sum(end - folded.get(partition, 0) for partition, end in labels.items())

    async def behind(self, role: str, topic: str, wanted: Mapping[int, int]) -> list[int]:
        """Partitions in which the role's group has not passed these offsets."""
        return still_behind(await self._passed(role, topic), wanted)

    async def after_last_records(self, topic: str) -> dict[int, int]:
        """By partition, the offset after the last record.

        A transaction ends with a marker, which takes an offset too but is never delivered.
        """
        ends = {}
        for partition in range(self._topics.partitions):
            async for record in self._committed_only.read(self._topics(topic), partition):
                ends[partition] = record.offset + 1
        return ends

    async def is_transaction_open(self) -> bool:
        """Whether one that has written labels is open."""
        topic, partitions = self._topics("review-sentiment"), self._topics.partitions
        # In this order: what was written first and is not stable afterwards is in an open transaction.
        ends = await self._everything.ends(topic, partitions)
        stable_ends = await self._committed_only.ends(topic, partitions)
        return any(end > stable_ends[partition] for partition, end in ends.items())

    async def _passed(self, role: str, topic: str) -> Mapping[int, int]:
        return await committed(self._client, self._topics(f"brandpulse-{role}"), self._topics(topic))


def still_behind(offsets: Mapping[int, int], wanted: Mapping[int, int]) -> list[int]:
    """Partitions that have not reached the offset that is wanted of them.

    >>> still_behind({0: 5, 1: 3}, wanted={0: 5, 1: 4, 2: 1})
    [1, 2]
    """
    return [partition for partition, offset in wanted.items() if offsets.get(partition, 0) < offset]


@asynccontextmanager
async def progress_of(scene: Scene) -> AsyncIterator[Progress]:
    """A `Progress` with connections of its own, past every proxy."""
    bootstrap = scene.broker.bootstrap
    async with (
        admin(bootstrap) as client,
        reader(bootstrap) as committed_only,
        reader(bootstrap, "read_uncommitted") as everything,
    ):
        yield Progress(scene.topics, client, committed_only, everything)
