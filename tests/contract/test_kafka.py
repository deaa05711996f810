"""What `stream/kafka` assumes of Faust and aiokafka together with a real broker."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, TopicPartition

from stream.errors import DeliveryFailed
from stream.kafka.app import BUFFERED_CHUNKS, chunk_topic, create_app
from stream.kafka.broker import Broker
from stream.kafka.delivery import Delivery
from stream.kafka.messages import Outbox
from stream.kafka.topics import create
from stream.settings import Settings
from tests.reading import read_committed

pytestmark = pytest.mark.kafka
PATIENCE_SECONDS = 60.0


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Settings:
    made = Settings(brokers=kafka.bootstrap, topic_prefix=topic_prefix, data_dir=tmp_path)
    create(made, partitions=1)
    return made


class Quiet:
    """A role that does nothing about its partitions."""

    async def take_over(self, partitions: frozenset[int]) -> None:
        self.partitions = partitions

    def polled(self) -> None:
        self.has_polled = True

    def suspended(self) -> None:
        self.has_polled = False


def committed(settings: Settings, group: str) -> dict[int, int]:
    admin = KafkaAdminClient(bootstrap_servers=settings.brokers)
    offsets: dict[TopicPartition, Any] = admin.list_group_offsets(group)[group]
    admin.close()
    return {place.partition: int(found.offset) for place, found in offsets.items() if found.offset >= 0}


def until_committed(settings: Settings, group: str, offset: int) -> None:
    """As with records, the answer to a commit may come before its offset can be read."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := committed(settings, group)) != {0: offset}:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def visible(settings: Settings, topic: str) -> list[Any]:
    return read_committed(settings.brokers, settings.topic(topic), 1)


def test_an_agent_gets_chunks_of_committed_records_and_commits_no_offset(settings: Settings) -> None:
    group, topic = settings.topic("group"), settings.topic("reviews")

    async def produce() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=settings.brokers, transactional_id=group)
        await producer.start()
        for number, fate in enumerate(("commit", "abort", "commit")):
            await producer.begin_transaction()
            for _ in range(3):
                await producer.send_and_wait(topic, b"%d" % number)
            await (producer.commit_transaction() if fate == "commit" else producer.abort_transaction())
        await producer.stop()

    async def consume() -> tuple[list[bytes], frozenset[int]]:
        seen: list[bytes] = []
        role, done = Quiet(), asyncio.Event()
        app = create_app(settings, group, topic, role)

        async def agent(stream: Any) -> None:
            async for event in stream.noack().events():
                seen.extend(record.value for record in event.value)
                event.ack()
                if len(seen) >= 6:
                    done.set()

        app.agent(chunk_topic(app), name="agent")(agent)
        await app.start()
        await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)
        await app.stop()
        return seen, role.partitions

    asyncio.run(produce())
    seen, partitions = asyncio.run(consume())
    assert seen == [b"0"] * 3 + [b"2"] * 3
    assert partitions == frozenset({0})
    assert committed(settings, group) == {}


def test_no_more_is_read_ahead_than_a_few_chunks_and_all_of_it_arrives(settings: Settings) -> None:
    topic = settings.topic("reviews")
    sent = [b"%d" % number for number in range(300)]

    async def produce() -> None:
        async with AIOKafkaProducer(bootstrap_servers=settings.brokers) as producer:
            await asyncio.gather(*[await producer.send(topic, value) for value in sent])

    async def consume() -> tuple[list[bytes], int]:
        seen: list[bytes] = []
        waiting: list[int] = []
        done = asyncio.Event()
        app = create_app(
            settings.model_copy(update={"chunk_records": 1}), settings.topic("group"), topic, Quiet()
        )

        async def agent(stream: Any) -> None:
            async for event in stream.noack().events():
                waiting.append(stream.channel.queue.qsize())
                seen.extend(record.value for record in event.value)
                event.ack()
                await asyncio.sleep(0.005)
                if len(seen) >= len(sent):
                    done.set()

        app.agent(chunk_topic(app), name="agent")(agent)
        await app.start()
        await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)
        await app.stop()
        return seen, max(waiting)

    asyncio.run(produce())
    seen, most = asyncio.run(consume())
    assert seen == sent
    assert BUFFERED_CHUNKS / 2 < most <= BUFFERED_CHUNKS


def test_outputs_and_offset_become_visible_together_whatever_their_size(settings: Settings) -> None:
    group = settings.topic("group")
    dead = settings.topic("reviews-dlq")
    headers = [("a", b"1"), ("none", None)]
    messages: list[Any] = [(b"k", b"%d" % n, []) for n in range(5_000)]
    messages += [(None, None, headers), (b"k", b"x" * 3_800_000, []), (b"", b"", [])]

    async def deliver() -> int:
        delivery = Delivery(settings, group, settings.topic("reviews"))
        await delivery.take_over(frozenset({0}))
        some, more = {(dead, 0): messages[:2_000]}, {(dead, 0): messages[2_000:]}
        written = await delivery.lanes[0].transact([some, more], 41)
        await delivery.release()
        return sum(batch.messages for batch in written)

    assert asyncio.run(deliver()) == len(messages)
    records = visible(settings, "reviews-dlq")
    assert [record.value for record in records] == [value for _, value, _ in messages]
    assert list(records[5_000].headers) == headers
    until_committed(settings, group, 41)


def test_a_failure_between_two_outboxes_leaves_nothing_that_is_visible(settings: Settings) -> None:
    group, dead = settings.topic("group"), settings.topic("reviews-dlq")

    def half() -> Iterator[Outbox]:
        yield {(dead, 0): [(b"k", b"half", [])]}
        raise LookupError

    async def fail_and_go_on() -> None:
        delivery = Delivery(settings, group, settings.topic("reviews"))
        await delivery.take_over(frozenset({0}))
        with pytest.raises(LookupError):
            await delivery.lanes[0].transact(half(), 1)
        await delivery.take_over(frozenset({0}))
        await delivery.lanes[0].transact([{(dead, 0): [(b"k", b"whole", [])]}], 2)
        await delivery.release()

    asyncio.run(fail_and_go_on())
    assert [record.value for record in visible(settings, "reviews-dlq")] == [b"whole"]
    until_committed(settings, group, 2)


def test_a_new_owner_fences_the_former_one_and_aborts_what_it_left_open(settings: Settings) -> None:
    group, dead = settings.topic("group"), settings.topic("reviews-dlq")

    async def take_turns() -> None:
        former = Delivery(settings, group, settings.topic("reviews"))
        await former.take_over(frozenset({0}))
        await former.lanes[0].transact([{(dead, 0): [(b"k", b"former", [])]}], 1)
        heir = Delivery(settings, group, settings.topic("reviews"))
        await heir.take_over(frozenset({0}))
        with pytest.raises(DeliveryFailed):
            await former.lanes[0].transact([{(dead, 0): [(b"k", b"zombie", [])]}], 2)
        await heir.lanes[0].transact([{(dead, 0): [(b"k", b"heir", [])]}], 3)
        await heir.release()
        await former.release()

    asyncio.run(take_turns())
    assert [record.value for record in visible(settings, "reviews-dlq")] == [b"former", b"heir"]
    until_committed(settings, group, 3)
