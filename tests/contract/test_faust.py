"""What `stream/kafka/transport.py` assumes of faust-streaming and aiokafka, one assumption a test."""

import asyncio
import importlib.metadata
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment
from aiokafka.structs import OffsetAndMetadata
from faust.tables.manager import TableManager
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message

from stream.kafka.app import METADATA_SECONDS, chunk_topic, create_app
from stream.kafka.security import aiokafka_security
from stream.kafka.tables import PromptTableManager
from stream.kafka.transport import ChunkApp, ChunkConsumer, ChunkTransport, _as_message, check_group
from stream.settings import Settings

TOPIC = "reviews"
P0, P1 = TP(TOPIC, 0), TP(TOPIC, 1)


class Heard:
    """A role that notes what it is told."""

    def __init__(self) -> None:
        self.events: list[object] = []

    async def take_over(self, partitions: frozenset[int]) -> None:
        self.events.append(partitions)

    def polled(self) -> None:
        self.events.append("polled")

    def suspended(self) -> None:
        self.events.append("suspended")


def record(tp: TP, offset: int) -> ConsumerRecord:
    return ConsumerRecord(tp.topic, tp.partition, offset, 1000, 0, None, b"v", None, 0, 1, ())


class ScriptedConsumer(ChunkConsumer):
    """The real consumer, but for the fetch from a broker and the seek on it."""

    fetches: list[Mapping[TP, list[ConsumerRecord]]]
    during_fetch: Callable[[], None] | None = None
    active: set[TP] | None = None
    seeks: int = 0

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - Faust's signature
    ) -> Mapping[TP, list[ConsumerRecord]]:
        if self.during_fetch:
            self.during_fetch()
        return self.fetches.pop(0) if self.fetches else {}

    def _get_active_partitions(self) -> set[TP]:
        return {P0, P1} if self.active is None else self.active

    async def seek_to_committed(self) -> Mapping[TP, int]:
        self.app.assignment.events.append("seek")  # type: ignore[attr-defined]
        self.seeks += 1
        return {P0: 5, P1: 0}

    def assignment(self) -> set[TP]:
        return {P0, P1, TP("another", 7)}


async def unexpected(*_arguments: object) -> None:
    raise AssertionError("only a running consumer calls back")


@asynccontextmanager
async def consumer(
    tmp_path: Path, *fetches: Mapping[TP, list[ConsumerRecord]]
) -> AsyncIterator[tuple[ScriptedConsumer, Heard]]:
    heard = Heard()
    app = create_app(Settings(data_dir=tmp_path, chunk_records=2), "group", TOPIC, heard)
    made = ScriptedConsumer(
        ChunkTransport(app.conf.broker, app, loop=app.loop),
        callback=unexpected,
        on_partitions_revoked=unexpected,
        on_partitions_assigned=unexpected,
        loop=app.loop,
    )
    made.fetches = list(fetches)
    made.resume_flow()
    try:
        yield made, heard
    finally:
        # The thread was never started, so nobody else closes its loop.
        made._thread.thread_loop.close()


async def chunks(of: ChunkConsumer) -> list[tuple[TP, list[int]]]:
    return [
        (tp, [each.offset for each in message.value])  # type: ignore[union-attr]
        async for tp, message in of.getmany(0.1)
    ]


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_the_versions_are_those_that_were_read() -> None:
    assert importlib.metadata.version("faust-streaming") == "0.15.3"
    assert importlib.metadata.version("aiokafka") == "0.14.0"


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (Consumer.getmany, ["self", "timeout"]),
        (Consumer.perform_seek, ["self"]),
        (Consumer.seek_to_committed, ["self"]),
        (Consumer.ack, ["self", "message"]),
        (Consumer.force_commit, ["self", "topics", "start_new_transaction"]),
        (Consumer._add_gap, ["self", "tp", "offset_from", "offset_to"]),
        (Consumer.verify_event_path, ["self", "now", "tp"]),
        (Consumer._wait_next_records, ["self", "timeout"]),
        (driver.Consumer._new_consumer_thread, ["self"]),
        (driver.AIOKafkaConsumerThread._create_worker_consumer, ["self", "transport"]),
    ],
)
def test_what_is_overridden_takes_the_same_arguments(
    method: Callable[..., Any], parameters: list[str]
) -> None:
    assert list(inspect.signature(method).parameters) == parameters


@pytest.mark.parametrize(
    "name",
    [
        *(
            "getmany",
            "perform_seek",
            "seek_to_committed",
            "ack",
            "force_commit",
            "_add_gap",
            "verify_event_path",
        ),
        "_new_consumer_thread",
    ],
)
def test_our_overrides_take_the_arguments_of_the_original(name: str) -> None:
    ours, theirs = getattr(ChunkConsumer, name), getattr(driver.Consumer, name)
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_chunks_are_cut_and_taken_in_turn(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, n) for n in range(5)], P1: [record(P1, 9)]}
        async with consumer(tmp_path, fetch) as (made, heard):
            assert await chunks(made) == [(P0, [0, 1]), (P1, [9]), (P0, [2, 3]), (P0, [4])]
            assert heard.events == ["polled"]

    run(test)


def test_a_chunk_is_a_message_at_its_last_offset(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path, {P0: [record(P0, 3), record(P0, 8)]}) as (made, _):
            (message,) = [message async for _, message in made.getmany(0.1)]
            assert (message.tp, message.offset, message.timestamp) == (P0, 8, 1.0)
            assert message.generation_id == made.app.consumer_generation_id

    run(test)


def test_an_empty_fetch_counts_as_a_poll(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path, {}) as (made, heard):
            assert await chunks(made) == []
            assert heard.events == ["polled"]

    run(test)


def test_partitions_that_are_paused_are_left_out_unless_buffered(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, 0)], P1: [record(P1, 0)]}
        async with consumer(tmp_path, fetch, fetch) as (made, _):
            made.active = {P1}
            assert await chunks(made) == [(P1, [0])]
            made._buffered_partitions = {P0}
            assert await chunks(made) == [(P0, [0]), (P1, [0])]

    run(test)


def test_a_fetch_that_a_rebalance_overtook_is_dropped_and_read_again(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, 0)]}
        async with consumer(tmp_path, fetch, fetch) as (made, heard):
            made.during_fetch = made.stop_flow
            assert await chunks(made) == []
            assert made.seeks == 0
            made.during_fetch = None
            made.resume_flow()
            assert await chunks(made) == [(P0, [0])]
            assert made.seeks == 1
            assert heard.events == ["suspended", "polled", "seek", "polled"]

    run(test)


def test_a_fetch_that_began_in_a_rebalance_is_dropped_too_where_a_seek_is_due(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, 0)]}
        async with consumer(tmp_path, fetch, fetch, fetch) as (made, _):
            made.during_fetch = made.stop_flow
            assert await chunks(made) == []
            made.during_fetch = None
            waiting = asyncio.create_task(chunks(made))
            await asyncio.sleep(0)
            made.resume_flow()
            # Handed out now, it would be handed out once more after the seek.
            assert await waiting == []
            assert await chunks(made) == [(P0, [0])]
            assert made.seeks == 1

    run(test)


def test_a_fetch_that_slept_through_a_rebalance_is_dropped_and_read_again(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, 0)]}
        async with consumer(tmp_path, fetch, fetch) as (made, _):

            def rebalance() -> None:
                made.stop_flow()
                made.app.consumer_generation_id += 1
                made.resume_flow()

            made.during_fetch = rebalance
            assert await chunks(made) == []
            made.during_fetch = None
            assert await chunks(made) == [(P0, [0])]
            assert made.seeks == 1

    run(test)


def test_chunks_of_an_older_generation_are_not_handed_out(tmp_path: Path) -> None:
    async def test() -> None:
        fetch = {P0: [record(P0, n) for n in range(6)]}
        async with consumer(tmp_path, fetch) as (made, _):
            seen = []
            async for _, message in made.getmany(0.1):
                seen.append(message.offset)
                made.app.consumer_generation_id += 1
            assert seen == [1]

    run(test)


def test_former_owners_are_fenced_before_committed_offsets_are_read(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, heard):
            await made.perform_seek()
            assert heard.events == [frozenset({0, 1}), "seek", "seek"]

    run(test)


class FakeThread:
    """A consumer's thread that knows committed offsets, None where there is none."""

    def __init__(self, offsets: Mapping[TP, int | None]) -> None:
        self._offsets = offsets
        self.begun: list[TP] = []

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        return self._offsets

    async def seek_to_beginning(self, *partitions: TP) -> None:
        self.begun += partitions


@pytest.mark.parametrize("none_yet", [None, 0])
def test_a_partition_without_a_committed_offset_is_read_from_its_beginning_again(
    tmp_path: Path, none_yet: int | None
) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            real, fake = made._thread, FakeThread({P0: 5, P1: none_yet, TP("another", 7): None})
            made._thread = fake  # type: ignore[assignment]
            await ChunkConsumer.seek_to_committed(made)
            made._thread = real
            assert fake.begun == [P1]

    run(test)


def test_aiokafka_does_not_move_the_position_where_nothing_is_committed() -> None:
    # If it ever does, ours need not.
    assert "if offset and offset > 0:" in inspect.getsource(AIOKafkaConsumer.seek_to_committed)
    assert inspect.iscoroutinefunction(driver.AIOKafkaConsumerThread.seek_to_beginning)


def test_whoever_asks_for_committed_offsets_may_get_the_answer_to_an_older_question() -> None:
    async def test() -> None:
        place = TopicPartition("reviews", 0)
        state = Assignment([place]).state_value(place)
        asked_before_the_fence = state.fetch_committed()
        asked_after_it = state.fetch_committed()
        state.update_committed(OffsetAndMetadata(8_500, ""))
        assert asked_before_the_fence.result().offset == asked_after_it.result().offset == 8_500
        asked_again = state.fetch_committed()
        assert not asked_again.done()

    run(test)


def test_a_rebalance_waits_until_every_chunk_is_acknowledged(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            message = _as_message(P0, [record(P0, 0)], 0)
            made.track_message(message)
            assert list(made.unacked) == [message]
            assert made.ack(message)
            assert not made.ack(message)
            assert not made.unacked
            await asyncio.wait_for(made.wait_empty(), 10)
            assert made._committed_offset == {}

    run(test)


def test_faust_commits_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            message = _as_message(P0, [record(P0, 0)], 0)
            made.track_message(message)
            made.ack(message)
            # `commit` is what the background loop and the rebalance call.
            assert await made.commit() is False
            assert await made.force_commit({P0}) is False
            await made._add_gap(P0, 0, 10)
            assert made._committed_offset == {}
            # Nor does it ask its thread, which has no consumer yet, why.
            made.verify_event_path(1e9, P0)

    run(test)


def test_the_consumer_of_the_worker_reads_committed_only(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            thread: Any = made._thread
            client = thread._create_worker_consumer(made.transport)
            assert client._isolation_level == "read_committed"
            assert client._enable_auto_commit is False
            await client.stop()

    run(test)


def test_partitions_that_are_added_are_soon_looked_for(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            thread: Any = made._thread
            client = thread._create_worker_consumer(made.transport)
            assert client._client._metadata_max_age_ms == METADATA_SECONDS * 1000
            await client.stop()

    run(test)


def test_the_value_of_an_event_is_the_chunk_itself(tmp_path: Path) -> None:
    async def test() -> None:
        app: ChunkApp = create_app(Settings(data_dir=tmp_path), "group", TOPIC, Heard())
        topic: Any = chunk_topic(app)
        decode = topic.schema.compile(app, on_key_decode_error=None, on_value_decode_error=None)
        chunk = [record(P0, 0), record(P0, 1)]
        message: Message = _as_message(P0, chunk, 0)
        event = await decode(message)
        assert event.value is chunk
        assert event.message is message
        assert event.message.offset == 1

    run(test)


def test_the_transport_is_found_by_its_scheme(tmp_path: Path) -> None:
    async def test() -> None:
        app = create_app(Settings(data_dir=tmp_path, brokers="a:1,b:2"), "group", TOPIC, Heard())
        assert isinstance(app.transport, ChunkTransport)
        assert [(url.host, url.port) for url in app.conf.broker] == [("a", 1), ("b", 2)]
        assert app.conf.stream_wait_empty
        assert app.conf.id == "group"

    run(test)


def test_a_role_hears_that_the_flow_stops(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, heard):
            made.stop_flow()
            assert heard.events == ["suspended"]
            assert not made.flow_active

    run(test)


class Rejected(Exception):
    """What the group's coordinator has to say."""


class Coordinator(GroupCoordinator):  # type: ignore[misc]
    """The real answer to a question about errors, without a coordination that goes on."""

    def __init__(self, pending: Exception | None) -> None:
        self._coordination_task = asyncio.get_running_loop().create_future()
        self._error_consumed_fut = None
        self._pending_exception = pending

    def __del__(self) -> None:
        """There is nothing to warn of."""


def test_what_keeps_a_worker_out_of_its_group_is_heard_without_a_poll(tmp_path: Path) -> None:
    async def test() -> None:
        async with consumer(tmp_path) as (made, _):
            made.app.consumer = made
            check_group(made.app)  # not started yet
            started = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:9")
            made._thread._consumer = started
            check_group(made.app)  # not in a group yet
            for pending in (None, Rejected()):
                started._coordinator = Coordinator(pending)
                with pytest.raises(Rejected) if pending else nullcontext():
                    check_group(made.app)
            started._closed = True

    run(test)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"security_protocol": "SSL"},
        {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"},
        {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"},
        {"security_protocol": "SASL_SSL", "sasl_mechanism": "OAUTHBEARER", "sasl_token_url": "file:///token"},
    ],
)
def test_its_consumer_is_as_secure_as_our_own_clients(tmp_path: Path, given: dict[str, Any]) -> None:
    async def test() -> None:
        settings = Settings(data_dir=tmp_path, sasl_username="user", sasl_password="secret", **given)
        app = create_app(settings, "group", TOPIC, Heard())
        theirs = dict(driver.credentials_to_aiokafka_auth(app.conf.broker_credentials))
        ours = aiokafka_security(settings)
        token_sources = [options.pop("sasl_oauth_token_provider", None) for options in (theirs, ours)]
        assert {name: value for name, value in theirs.items() if value is not None} == ours
        assert len({type(each) for each in token_sources}) == 1

    run(test)


def test_the_start_of_the_tables_is_a_wait_and_the_two_calls_that_ours_makes(tmp_path: Path) -> None:
    assert TableManager.on_start.__code__.co_names == (
        "sleep",
        "should_stop",
        "_update_channels",
        "recovery",
        "start",
    )

    async def tables() -> object:
        return create_app(Settings(data_dir=tmp_path), "group", TOPIC, Heard()).tables

    assert isinstance(asyncio.run(tables()), PromptTableManager)
