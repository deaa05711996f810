"""Kafka into the intake, without a consumer group: each copy of the role reads all partitions for itself.

The compacted topics are read from their beginning, and nothing of them is left out. Of the tail topics only
the newest records are read: where more come in than anyone could look at, the reader jumps ahead rather than
fall behind, so that what is shown is now, not complete.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.kafka.connection import client_options
from stream.settings import Settings
from stream.web.intake import STATE_TOPICS, TAIL_TOPICS, Intake
from stream.web.view import LiveView

# One turn of the event loop takes at most so many records, about 2 ms; requests are answered in between.
TURN_RECORDS = 80
TAIL_RECORDS = 2_000
"""Records of a partition that are read again at the start, and after a jump."""
MOST_BEHIND = 5_000
POLL_MS = 500
TAIL_PAUSE_SECONDS = 0.05
_TAIL_FETCH_BYTES = 256 * 1024


def consumer(settings: Settings, **options: Any) -> AIOKafkaConsumer:
    """A consumer that belongs to no group and sees what is committed. One that is cut off raises."""
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        **options,
    )


class Follower:
    """Follows the topics into an intake; one for a process."""

    def __init__(
        self,
        settings: Settings,
        partitions: Mapping[str, int],
        view: LiveView,
        intake: Intake,
        on_turn: Callable[[], None],
    ) -> None:
        """`partitions`: of each topic, by short name. `on_turn` is called after each poll for the state."""
        self._settings = settings
        self._partitions = partitions
        self._view = view
        self._intake = intake
        self._on_turn = on_turn
        self._answered_ms = 0

    async def follow_state(self) -> None:
        """Read brands and alerts; sets `caught_up` of the view. Never returns.

        Raises:
            aiokafka.errors.KafkaError: the topics were cut off or made again.
        """
        reader = consumer(self._settings)
        await reader.start()
        try:
            places = self._places(STATE_TOPICS)
            reader.assign(places)
            for place, offset in (await reader.beginning_offsets(places)).items():
                reader.seek(place, offset)
            ends = await reader.end_offsets(places)
            while True:
                await self._turn(reader)
                self._on_turn()
                self._note_answer(max(reader.last_poll_timestamp(place) or 0 for place in places))
                if not self._view.caught_up:
                    self._view.caught_up = await _has_reached(reader, ends)
        finally:
            await reader.stop()

    async def follow_tail(self) -> None:
        """Read the newest labels, corrections and dead letters. Never returns."""
        reader = consumer(self._settings, max_partition_fetch_bytes=_TAIL_FETCH_BYTES)
        await reader.start()
        try:
            places = self._places(TAIL_TOPICS)
            reader.assign(places)
            first = await reader.beginning_offsets(places)
            for place, end in (await reader.end_offsets(places)).items():
                reader.seek(place, max(first[place], end - TAIL_RECORDS))
            while True:
                await self._turn(reader)
                await self._jump(reader, places)
                await asyncio.sleep(TAIL_PAUSE_SECONDS)
        finally:
            await reader.stop()

    async def _turn(self, reader: AIOKafkaConsumer) -> None:
        found = await reader.getmany(timeout_ms=POLL_MS, max_records=TURN_RECORDS)
        now_ms = int(time.time() * 1_000)
        for place, records in found.items():
            self._intake.take(self._short(place.topic), records, now_ms)
        await asyncio.sleep(0)

    async def _jump(self, reader: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> None:
        for place in places:
            end, position = reader.last_stable_offset(place), await reader.position(place)
            if end is not None and end - position > MOST_BEHIND:
                reader.seek(place, end - TAIL_RECORDS)
                passed = end - TAIL_RECORDS - position
                self._intake.passed(self._short(place.topic), passed, int(time.time() * 1_000))

    def _note_answer(self, at_ms: int) -> None:
        """Kafka answers a fetch in any case, also with nothing new."""
        if at_ms != self._answered_ms:
            self._answered_ms = at_ms
            self._view.read_at = time.monotonic()

    def _places(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [
            TopicPartition(self._settings.topic(topic), partition)
            for topic in topics
            for partition in range(self._partitions[topic])
        ]

    def _short(self, topic: str) -> str:
        return topic.removeprefix(self._settings.topic_prefix)


async def _has_reached(reader: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    for place, end in ends.items():
        if await reader.position(place) < end:
            return False
    return True
