"""Transactions become fewer while a backlog is worked off, and only then."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from faust.types import TP

from stream.kafka.delivery import Lane
from stream.kafka.messages import Outbox
from stream.kafka.transport import ChunkEvent, unread
from stream.scoring.committer import LONGEST_INTERVAL_SECONDS, Committed, Committer, interval_seconds
from stream.scoring.pipeline import Scored
from stream.settings import Settings

TP_7 = TP("reviews", 7)


@pytest.mark.parametrize("least", [0.0, 0.15, 5.0])
def test_without_a_backlog_the_interval_is_the_one_that_was_set(least: float) -> None:
    assert interval_seconds(least, 0.0) == least


def test_a_backlog_makes_it_longer_up_to_a_limit_and_never_shorter_than_it_was_set() -> None:
    intervals = [interval_seconds(0.15, backlog_seconds) for backlog_seconds in (1, 2, 4, 10, 20, 1e9)]
    assert intervals == sorted(intervals)
    assert intervals[:2] == [0.15, 0.15]
    assert intervals[-1] == LONGEST_INTERVAL_SECONDS
    assert interval_seconds(5.0, 1e9) == 5.0


class FakeLane:
    """Publishes everything at once."""

    async def transact(self, _outboxes: Iterable[Outbox], _next_offset: int | None) -> list[object]:
        return []


@dataclass
class FakeChunk:
    """A chunk that nobody looks into."""

    value: tuple[()] = ()

    def ack(self) -> None:
        """Nobody asks."""


@pytest.mark.parametrize("was_waiting", [True, False])
def test_the_backlog_is_asked_for_when_work_was_waiting_already_and_not_after_a_pause(
    was_waiting: bool,
) -> None:
    async def test() -> None:
        asked: list[ChunkEvent] = []
        committed: asyncio.Queue[Committed] = asyncio.Queue()

        def unread(event: ChunkEvent) -> int:
            asked.append(event)
            return 0

        settings = Settings(commit_interval_ms=0)
        committer = Committer(cast(Lane, FakeLane()), settings, unread, committed.put_nowait)
        chunk: Any = FakeChunk()
        work = Scored({}, 1, {}, {}, 1, 1)
        if was_waiting:
            await committer.put(chunk, work)
        running = asyncio.create_task(committer.run())
        await asyncio.sleep(0)
        if not was_waiting:
            await committer.put(chunk, work)
        await committed.get()
        await asyncio.sleep(0)
        running.cancel()
        assert asked == ([chunk] if was_waiting else [])

    asyncio.run(test())


@dataclass
class FakeEvent:
    """A chunk whose last record has an offset, in a partition that ends somewhere."""

    offset: int
    end: int | None

    tp = TP_7

    @property
    def app(self) -> Any:
        return self

    consumer = message = app

    def highwater(self, tp: TP) -> int | None:
        assert tp == TP_7
        return self.end


@pytest.mark.parametrize(("end", "records"), [(10, 0), (11, 1), (500, 490), (None, 0), (3, 0)])
def test_what_comes_after_a_chunk_is_unread(end: int | None, records: int) -> None:
    event: Any = FakeEvent(9, end)
    assert unread(cast(ChunkEvent, event)) == records
