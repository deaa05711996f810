"""Single records of Kafka, asked for when somebody looks: the labels that an alert names, by offset."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from stream.settings import Settings
from stream.web.following import consumer

PATIENCE_SECONDS = 5.0
_FETCH_BYTES = 64 * 1024
_MOST_KEPT = 2_000


class LabelSource(Protocol):
    """Where single labels come from."""

    async def labels(self, partition: int, offsets: Iterable[int]) -> Mapping[int, bytes]:
        """Those of `review-sentiment` that are still there, by offset; fewer while Kafka is away."""
        ...


class Lookup:
    """A consumer that reads single records; one request at a time, the newest answers are kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    async def start(self) -> None:
        """Connect."""
        self._consumer = consumer(self._settings, max_partition_fetch_bytes=_FETCH_BYTES)
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def end(self, topic: str, partitions: int) -> int:
        """The end offsets of a topic (short name), added up.

        Raises:
            KafkaError: the cluster does not say.
        """
        assert self._consumer is not None, "this is a bug: asked before the start"
        places = [TopicPartition(self._settings.topic(topic), number) for number in range(partitions)]
        return sum((await self._consumer.end_offsets(places)).values())

    async def labels(self, partition: int, offsets: Iterable[int]) -> Mapping[int, bytes]:
        """Implements `LabelSource`."""
        wanted = list(dict.fromkeys(offsets))
        missing = [offset for offset in wanted if (partition, offset) not in self._kept]
        if missing and self._consumer is not None:
            async with self._lock:
                try:
                    await asyncio.wait_for(self._read(self._consumer, partition, missing), PATIENCE_SECONDS)
                except (KafkaError, TimeoutError):
                    pass  # what came until then is what there is
                finally:
                    self._consumer.unsubscribe()
        return {
            offset: self._kept[partition, offset] for offset in wanted if (partition, offset) in self._kept
        }

    async def _read(self, reader: AIOKafkaConsumer, partition: int, offsets: list[int]) -> None:
        place = TopicPartition(self._settings.topic("review-sentiment"), partition)
        reader.assign([place])
        for offset in sorted(offsets):
            reader.seek(place, offset)
            try:
                found = await reader.getmany(place, timeout_ms=2_000, max_records=1)
            except OffsetOutOfRangeError:
                continue  # retention took it
            for record in found.get(place, []):
                if record.offset == offset and record.value is not None:
                    self._keep((partition, offset), record.value)

    def _keep(self, place: tuple[int, int], value: bytes) -> None:
        self._kept[place] = value
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
