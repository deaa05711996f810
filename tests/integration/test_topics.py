"""The topics on a real cluster: created, checked, described, and demanded by the workers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.structs import OffsetAndMetadata

from stream.errors import BrokerUnavailable, TopicError
from stream.kafka import topics
from stream.kafka.broker import Broker
from stream.kafka.ports import free_ports
from stream.kafka.topic_specs import REVIEWS_CHANGELOG, SAME_PARTITIONS, TOPICS
from stream.settings import Settings

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    return Settings(brokers=kafka.bootstrap, topic_prefix=topic_prefix)


@contextmanager
def admin_client(settings: Settings) -> Iterator[KafkaAdminClient]:
    with closing(KafkaAdminClient(bootstrap_servers=settings.brokers)) as client:
        yield client


def make_differently(settings: Settings, name: str, partitions: int = 2, **configs: str) -> None:
    wanted = TOPICS[name].configs(1) | {key.replace("_", "."): value for key, value in configs.items()}
    with admin_client(settings) as client:
        client.create_topics(
            {
                settings.topic(name): {
                    "num_partitions": partitions,
                    "replication_factor": 1,
                    "configs": wanted,
                }
            },
            wait_for_metadata=True,
        )


def brandpulse(*arguments: str, settings: Settings) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BRANDPULSE_")}
    return subprocess.run(
        [sys.executable, "-m", "stream", "topics", *arguments, "--topic-prefix", settings.topic_prefix],
        env=clean | {"BRANDPULSE_BROKERS": settings.brokers, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_created_is_as_it_must_be_and_creating_again_does_nothing(settings: Settings) -> None:
    missing = topics.check(settings)
    assert [(found.topic, found.kind) for found in missing] == [
        (settings.topic(name), "missing") for name in TOPICS
    ]
    first = topics.create(settings, partitions=2)
    assert {topic.name for topic in first.created} == set(TOPICS)
    assert first.kept == {}
    assert topics.check(settings, partitions=2) == []
    second = topics.create(settings, partitions=2)
    assert second.created == []
    assert set(second.kept) == set(TOPICS)
    assert second.deviations == []


def test_a_topic_that_differs_is_left_alone_and_the_new_ones_match_it(settings: Settings) -> None:
    make_differently(settings, "review-sentiment", partitions=3, retention_ms="60000")
    done = topics.create(settings)
    assert {topic.partitions for topic in done.created if topic.name in SAME_PARTITIONS} == {3}
    assert [str(found) for found in done.deviations] == [
        f"{settings.topic('review-sentiment')}: has retention.ms=60000, wanted at least 2592000000"
    ]
    assert topics.describe(settings).states["review-sentiment"].configs["retention.ms"] == "60000"


def test_each_deviation_on_the_cluster_is_found(settings: Settings) -> None:
    make_differently(settings, "reviews", retention_ms="1000", max_message_bytes="1000000")
    make_differently(settings, "review-sentiment", partitions=2)
    make_differently(settings, "brand-sentiment", partitions=3)
    make_differently(settings, "brand-hours", cleanup_policy="delete")
    found = [(each.topic.removeprefix(settings.topic_prefix), each.kind) for each in topics.check(settings)]
    assert found == [
        ("reviews", "retention"),
        ("reviews", "message size"),
        ("brand-hours", "cleanup"),
        ("brand-alerts", "missing"),
        ("reviews-dlq", "missing"),
        ("review-corrections", "missing"),
        (topics.CHANGELOG, "missing"),
        (REVIEWS_CHANGELOG, "missing"),
        ("brand-sentiment", "partitions"),
    ]
    copies = topics.check(settings, replication=3)
    assert [each.kind for each in copies].count("replication") == 4


def test_more_copies_than_brokers_are_refused_with_the_reason(settings: Settings) -> None:
    with pytest.raises(TopicError, match=r"refused to create.*replication factor"):
        topics.create(settings, replication=3)


def test_workers_get_partition_counts_by_short_name(settings: Settings) -> None:
    topics.create(settings, partitions=2)
    assert topics.require_topics(settings, SAME_PARTITIONS, same_partitions=SAME_PARTITIONS) == dict.fromkeys(
        SAME_PARTITIONS, 2
    )


def test_workers_are_told_every_problem_at_once(settings: Settings) -> None:
    make_differently(settings, "review-sentiment", partitions=2)
    make_differently(settings, "brand-hours", partitions=3, cleanup_policy="delete")
    with pytest.raises(TopicError) as raised:
        topics.require_topics(settings, SAME_PARTITIONS, same_partitions=SAME_PARTITIONS)
    said = str(raised.value)
    assert f"{settings.topic('brand-sentiment')}: is missing" in said
    assert f"{settings.topic(topics.CHANGELOG)}: is missing" in said
    assert f"{settings.topic('brand-hours')}: has cleanup.policy=delete, wanted compact" in said
    assert f"{settings.topic('brand-hours')}: has 3 partitions, but" in said
    assert f"brandpulse topics create --brokers {settings.brokers} --topic-prefix" in said
    assert "never altered" in said


def test_workers_do_not_mind_what_operators_choose(settings: Settings) -> None:
    make_differently(settings, "reviews", retention_ms="1000")
    assert topics.require_topics(settings, ["reviews"]) == {"reviews": 2}


def test_no_broker_is_an_outage_that_names_the_address() -> None:
    (nobody,) = free_ports(1)
    with pytest.raises(BrokerUnavailable, match=f"no broker answers at 127.0.0.1:{nobody} within 1 s"):
        topics.require_topics(Settings(brokers=f"127.0.0.1:{nobody}"), ["reviews"], timeout_seconds=1)


def test_describe_counts_records_bytes_and_lag(settings: Settings) -> None:
    topics.create(settings, partitions=2)
    reviews, group = settings.topic("reviews"), settings.topic("brandpulse-score")
    with closing(KafkaProducer(bootstrap_servers=settings.brokers, acks="all")) as producer:
        sent = [producer.send(reviews, b"x" * 100, partition=number % 2) for number in range(10)]
        producer.flush()
        assert all(future.get(30) for future in sent)
    with closing(KafkaConsumer(bootstrap_servers=settings.brokers, group_id=group)) as consumer:
        consumer.assign([TopicPartition(reviews, 0), TopicPartition(reviews, 1)])
        consumer.commit(
            {
                TopicPartition(reviews, 0): OffsetAndMetadata(5, "", -1),
                TopicPartition(reviews, 1): OffsetAndMetadata(2, "", -1),
            }
        )
    description = topics.describe(settings)
    assert description.uses["reviews"].records == 10
    assert description.uses["reviews"].size_bytes > 1000
    assert description.uses["reviews-dlq"].records == 0
    assert [(lag.group, lag.topic, lag.partitions, lag.lag) for lag in description.lags] == [
        (group, reviews, 2, 3)
    ]
    shown = json.loads(brandpulse("describe", "--json", settings=settings).stdout)
    assert shown["groups"] == [{"group": group, "topic": reviews, "partitions": 2, "lag": 3}]
    assert shown["topics"][0]["topic"] == reviews
    assert shown["topics"][0]["records"] == 10
    table = brandpulse("describe", settings=settings).stdout
    assert reviews in table
    assert group in table


def test_the_command_creates_checks_and_exits_as_it_says(settings: Settings) -> None:
    before = brandpulse("check", settings=settings)
    assert before.returncode == 1
    assert before.stdout.count("is missing") == len(TOPICS)
    assert "brandpulse topics create" in before.stdout
    made = brandpulse("create", "--partitions", "2", settings=settings)
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("created ") == len(TOPICS)
    again = brandpulse("create", settings=settings)
    assert again.returncode == 0
    assert again.stdout.count("there already: ") == len(TOPICS)
    after = brandpulse("check", settings=settings)
    assert (after.returncode, after.stdout.count("\n")) == (0, 1)
    with admin_client(settings) as client:
        resource = ConfigResource(
            ConfigResourceType.TOPIC, settings.topic("reviews"), {"retention.ms": "60000"}
        )
        client.alter_configs([resource])
    deviating = brandpulse("check", settings=settings)
    assert deviating.returncode == 1
    assert "has retention.ms=60000" in deviating.stdout
    assert "created" not in brandpulse("create", settings=settings).stdout
    assert brandpulse("check", settings=settings).returncode == 1
