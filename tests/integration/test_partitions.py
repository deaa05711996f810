"""Workers that expect other partition counts than there are end before they write anything."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewPartitions

from stream.kafka.broker import Broker
from stream.kafka.partitioner import partition_of
from stream.kafka.topic_specs import SAME_PARTITIONS, TOPICS
from stream.kafka.topics import describe
from stream.settings import PREFIX
from tests.integration.processes import PARTITIONS, Place, place_for
from tests.unit.brands.samples import label
from tests.unit.scoring.fakes import review_json

pytestmark = pytest.mark.kafka

OTHER = PARTITIONS + 1
KEYED_BY_BRAND = {
    "score": {"review-sentiment"},
    "brands": set(SAME_PARTITIONS),
    "history": {"brand-hours", "brand-alerts"},
    "notify": {"brand-alerts"},
    "web": {"brand-sentiment", "brand-alerts", "review-sentiment", "review-corrections"},
}


@contextmanager
def place_of(role: str, kafka: Broker, prefix: str, directory: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, prefix, directory, role) as place:
        place.create_topics()
        yield place


def ends(place: Place) -> dict[str, int]:
    """How much was ever written, by topic."""
    with closing(KafkaConsumer(bootstrap_servers=place.brokers)) as consumer:
        wanted = {
            name: [TopicPartition(place.prefix + name, p) for p in range(PARTITIONS)] for name in TOPICS
        }
        return {name: sum(consumer.end_offsets(places).values()) for name, places in wanted.items()}


@pytest.mark.parametrize("role", sorted(KEYED_BY_BRAND))
def test_a_count_that_the_topics_do_not_have_is_refused(
    role: str, kafka: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    with place_of(role, kafka, topic_prefix, tmp_path) as place:
        place.produce([review_json()], 0)
        worker = place.start(
            BRANDPULSE_PARTITIONS=str(OTHER), BRANDPULSE_WEBHOOK_URL="http://127.0.0.1:9/hook"
        )
        assert worker.exit_code() == 2
        (said,) = (line for line in worker.log.splitlines() if "PARTITIONS" in line)
        assert f"{PREFIX}PARTITIONS is {OTHER}, but at {kafka.bootstrap}" in said
        for name in TOPICS:
            named = f"{topic_prefix}{name} has {PARTITIONS}" in said
            assert named == (name in KEYED_BY_BRAND[role]), said
        assert f"Set {PREFIX}PARTITIONS" in said
        assert ends(place) == {name: int(name == "reviews") for name in TOPICS}


def test_reviews_may_have_more_partitions_than_brands(
    kafka: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    with place_of("score", kafka, topic_prefix, tmp_path) as place:
        with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
            admin.create_partitions({topic_prefix + "reviews": NewPartitions(2 * PARTITIONS)})
        worker = place.start(BRANDPULSE_PARTITIONS=str(PARTITIONS))
        worker.until(lambda: describe(place.settings).states["reviews"].partitions == 2 * PARTITIONS)
        worker.until_ready()
        place.produce([review_json()], 2 * PARTITIONS - 1)
        assert worker.until(lambda: place.read("review-sentiment"))


def test_brands_whose_topics_were_all_grown_are_refused(
    kafka: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    """Else their new labels would meet another state than their past."""
    with place_of("brands", kafka, topic_prefix, tmp_path) as place:
        keys = [b"brand %d" % number for number in range(20)]
        for key in keys:
            place.produce(
                [orjson.dumps(label())], partition_of(key, PARTITIONS), topic="review-sentiment", key=key
            )
        worker = place.start()
        worker.until(lambda: len(place.read("brand-sentiment")) == len(keys))
        worker.kill()
        with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
            admin.create_partitions({topic_prefix + name: NewPartitions(OTHER) for name in SAME_PARTITIONS})
        worker = place.start()
        assert worker.exit_code() == 2
        assert f"has {OTHER} partitions now" in worker.log
        assert "docs/recovery.md" in worker.log
