"""What was promised and came late is counted, record by record."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from stream.kafka.delivery import Lane
from stream.kafka.messages import Outbox
from stream.kafka.transport import ChunkEvent
from stream.scoring.committer import Committed, Committer
from stream.scoring.deadline import count_late
from stream.scoring.pipeline import Scored
from stream.settings import Settings
from tests.unit.scoring.fakes import FakeRecord

TARGET_MS = 500


def records(*timestamps_ms: int) -> list[FakeRecord]:
    return [FakeRecord(b"{}", timestamp=timestamp) for timestamp in timestamps_ms]


@pytest.mark.parametrize(
    ("age_ms", "late"), [(0, 0), (TARGET_MS, 0), (TARGET_MS + 1, 1), (10 * TARGET_MS, 1), (-3_000, 0)]
)
def test_a_record_is_late_past_the_target_and_never_for_a_clock_ahead(age_ms: int, late: int) -> None:
    now_ms = 1_750_000_000_000
    assert count_late([records(now_ms - age_ms)], now_ms, TARGET_MS) == late


def test_a_record_without_a_timestamp_has_no_deadline() -> None:
    assert count_late([records(-1, 0)], 1_750_000_000_000, TARGET_MS) == 1


def test_every_chunk_counts() -> None:
    assert count_late([records(1, 2, 900), [], records(3)], 1_000, TARGET_MS) == 3


@dataclass
class FakeLane:
    """Publishes everything at once."""

    offsets: list[int | None] = field(default_factory=list)

    async def transact(self, _outboxes: Iterable[Outbox], next_offset: int | None) -> list[object]:
        self.offsets.append(next_offset)
        return []


@dataclass
class FakeEvent:
    """An event of the transport, which only has its chunk."""

    value: Sequence[FakeRecord]

    def ack(self) -> None:
        """Nobody asks."""


def test_a_transaction_tells_how_many_of_its_reviews_were_late() -> None:
    async def test() -> Committed:
        committed: asyncio.Queue[Committed] = asyncio.Queue()
        lane, settings = FakeLane(), Settings(commit_interval_ms=0, latency_target_ms=60_000)
        committer = Committer(cast(Lane, lane), settings, lambda _: 0, committed.put_nowait)
        now_ms = int(time.time() * 1000)
        for at, chunk in enumerate((records(1, now_ms), records(2, 3, now_ms))):
            event: Any = FakeEvent(chunk)
            await committer.put(cast(ChunkEvent, event), Scored({}, at + 1, {}, {}, len(chunk), 1))
        running = asyncio.create_task(committer.run())
        found = await committed.get()
        running.cancel()
        assert lane.offsets == [2]
        return found

    found = asyncio.run(test())
    assert (found.late, found.chunks) == (3, 2)
