"""Feeding a real Kafka: every record once, in order within its brand, and honest words when it cannot."""

import asyncio
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic

from stream.errors import BrokerUnavailable, TopicError
from stream.feed.producer import Feeder
from stream.feed.records import Record
from stream.kafka.broker import Broker
from stream.kafka.partitioner import partition_of
from stream.settings import Settings

PARTITIONS = 4
# aiokafka logs each failed connection; a failing test shows better things.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
pytestmark = pytest.mark.kafka


def create_topic(bootstrap: str, name: str) -> str:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics([NewTopic(name, num_partitions=PARTITIONS, replication_factor=1)])
    finally:
        admin.close()
    return name


@pytest.fixture
def topic(kafka: Broker, topic_prefix: str) -> str:
    return create_topic(kafka.bootstrap, f"{topic_prefix}reviews")


def stored(bootstrap: str, topic: str) -> dict[int, list[tuple[bytes, bytes]]]:
    """Every record of the topic by partition, in order, read by an independent client."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    found: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    while any(consumer.position(place) < ends[place] for place in places):
        for place, records in consumer.poll(timeout_ms=500).items():
            found[place.partition] += [(record.key, record.value) for record in records]
    consumer.close()
    return found


def numbered(records: int) -> Iterator[Record]:
    for number in range(records):
        yield Record(b"brand %d" % (number % 37), orjson.dumps({"number": number}))


def check_exact(bootstrap: str, topic: str, records: int) -> None:
    """Every number once, each key in one partition and ascending there."""
    found = stored(bootstrap, topic)
    numbers = [orjson.loads(value)["number"] for part in found.values() for _, value in part]
    assert sorted(numbers) == list(range(records))
    for partition, part in found.items():
        last: dict[bytes, int] = {}
        for key, value in part:
            number = orjson.loads(value)["number"]
            assert partition == partition_of(key, PARTITIONS)
            assert last.get(key, -1) < number
            last[key] = number


async def send(
    brokers: str, topic: str, records: Iterator[Record], said: list[str], wait: float = 60.0
) -> int:
    settings = Settings(brokers=brokers)
    async with Feeder(settings, topic, report=said.append, wait_seconds=wait) as feeder:
        return await feeder.feed(records, stop=asyncio.Event())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "stream", "feed", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, check=False)


def test_every_record_arrives_once_and_in_order(kafka: Broker, topic: str) -> None:
    assert asyncio.run(send(kafka.bootstrap, topic, numbered(30_000), [])) == 30_000
    check_exact(kafka.bootstrap, topic, 30_000)


def test_records_larger_than_a_batch_arrive(kafka: Broker, topic: str) -> None:
    large = Record(b"a", b"x" * 900_000)
    assert asyncio.run(send(kafka.bootstrap, topic, iter([large, Record(b"a", b"y"), large]), [])) == 3
    (part,) = stored(kafka.bootstrap, topic).values()
    assert [len(value) for _, value in part] == [900_000, 1, 900_000]


def test_a_broker_that_dies_and_returns_costs_nothing(embedded_kafka: None) -> None:
    with Broker() as broker:
        topic = create_topic(broker.bootstrap, "reviews")
        killed = threading.Event()
        said: list[str] = []

        def records() -> Iterator[Record]:
            for record in numbered(60_000):
                if record.value == b'{"number":20000}':
                    broker.kill(1)
                    killed.set()
                yield record

        def revive() -> None:
            killed.wait(60)
            deadline = time.monotonic() + 60
            while not said and time.monotonic() < deadline:
                time.sleep(0.1)
            broker.restart(1)

        reviver = threading.Thread(target=revive)
        reviver.start()
        assert asyncio.run(send(broker.bootstrap, topic, records(), said)) == 60_000
        reviver.join()
        check_exact(broker.bootstrap, topic, 60_000)
        assert said[0].startswith("waiting for the broker")
        assert "the broker is back" in said


def test_a_broker_that_stays_away_ends_the_feed(embedded_kafka: None) -> None:
    with Broker() as broker:
        topic = create_topic(broker.bootstrap, "reviews")

        def records() -> Iterator[Record]:
            yield from numbered(2000)
            broker.kill(1)
            yield from numbered(50_000)

        with pytest.raises(BrokerUnavailable, match=r"the fate of .* is unknown"):
            asyncio.run(send(broker.bootstrap, topic, records(), [], wait=3.0))


def test_a_missing_topic_is_an_error_that_names_the_remedy(kafka: Broker) -> None:
    with pytest.raises(TopicError, match=r"no topic nowhere, .*Make it with: brandpulse topics create"):
        asyncio.run(send(kafka.bootstrap, "nowhere", numbered(1), []))


def test_the_command_sends_good_rows_and_names_bad_ones(kafka: Broker, topic: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(
        "brand,reviewText,overall\n"
        "Acme,warm and cosy,5\n"
        "ACME,it squeaks,2\n"
        ",who made this,3\n"
        "Bolt,dim,seven\n"
        "Bolt,bright,4\n"
    )
    done = run(str(path), "--topic", topic, "--brokers", kafka.bootstrap)
    assert done.returncode == 1
    assert "3 reviews delivered" in done.stdout
    assert "2 bad rows" in done.stdout
    assert "bad row shop.csv:4: brand: missing" in done.stderr
    assert "bad row shop.csv:5: stars: Input should be a valid number" in done.stderr
    records = [record for part in stored(kafka.bootstrap, topic).values() for record in part]
    acme = [orjson.loads(value) for key, value in records if key == b"acme"]
    assert [(review["brand"], review["text"], review["stars"]) for review in acme] == [
        ("Acme", "warm and cosy", 5),
        ("ACME", "it squeaks", 2),
    ]
    assert len(records) == 3


def test_the_command_plays_the_story(kafka: Broker, topic: str) -> None:
    done = run("--story", "--rate", "0", "--limit", "3000", "--topic", topic, "--brokers", kafka.bootstrap)
    assert done.returncode == 0, done.stderr
    assert "3,000 reviews delivered" in done.stdout
    assert sum(len(part) for part in stored(kafka.bootstrap, topic).values()) == 3000


def test_an_interrupt_ends_the_feed_with_a_true_count(kafka: Broker, topic: str) -> None:
    arguments = command("--story", "--rate", "500", "--topic", topic, "--brokers", kafka.bootstrap)
    feeding = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in count():
        if stored(kafka.bootstrap, topic):
            break
        assert feeding.poll() is None
    feeding.send_signal(signal.SIGINT)
    out, err = feeding.communicate(timeout=60)
    assert feeding.returncode == 0, err
    told = re.match(r"interrupted: ([\d,]+) reviews delivered", out)
    assert told, out
    assert int(told[1].replace(",", "")) == sum(len(part) for part in stored(kafka.bootstrap, topic).values())


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "Say which files to feed, or --story"),
        (["--story", "--brokers", "127.0.0.1:1", "--wait-seconds", "0"], 1, "No broker answered"),
        (["--story", "--brokers", "nonsense"], 2, "is not host:port"),
    ],
)
def test_what_cannot_work_ends_with_one_message(arguments: list[str], status: int, message: str) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr
