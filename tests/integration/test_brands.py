"""A real `brandpulse brands` on a real Kafka: every brand equals a batch recomputation, come what may."""

import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from stream.brands.state import decode_state
from stream.events import BrandHour, BrandSentiment
from stream.kafka.broker import Broker
from stream.kafka.partitioner import partition_of
from stream.kafka.topic_specs import CHANGELOG, SAME_PARTITIONS
from tests.batch_recomputation import HOUR_MS, MINUTE_MS, NAMES, BatchLabel, Choices, corrections, recompute
from tests.estimated_windows import expected_window
from tests.integration.processes import PARTITIONS, Place, Worker, assert_refuses, place_for, sum_of
from tests.unit.brands.samples import as_batch, label

pytestmark = pytest.mark.kafka
DAY_MS = 24 * HOUR_MS
WALL = Choices()


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "brands") as here:
        yield here


class Labels:
    """Labels as `score` would write them, and which of them count."""

    def __init__(self, place: Place, first_ms: int) -> None:
        self._place = place
        self._first_ms = first_ms
        self._chance = random.Random(place.prefix)
        self._made = 0

    def write(self, count: int, fate: str = "commit") -> None:
        """Some labels in one transaction that is committed or aborted, or `plain`, without any."""
        producer = KafkaProducer(
            bootstrap_servers=self._place.brokers,
            transactional_id=None if fate == "plain" else f"{self._place.prefix}labels",
        )
        if fate != "plain":
            producer.init_transactions()
            producer.begin_transaction()
        for _ in range(count):
            key, fields = self._label()
            partition = partition_of(key, PARTITIONS)
            topic = f"{self._place.prefix}review-sentiment"
            producer.send(topic, orjson.dumps(fields), key=key, partition=partition)
        producer.flush()
        if fate == "commit":
            producer.commit_transaction()
        if fate == "abort":
            producer.abort_transaction()
        producer.close()

    def _label(self) -> tuple[bytes, dict[str, Any]]:
        self._made += 1
        number, chance = self._made, self._chance
        scored_at = self._first_ms + number
        age_ms = chance.choice((0, 0, 20 * MINUTE_MS, 5 * HOUR_MS, 3 * DAY_MS, 20 * DAY_MS))
        split = chance.random()
        scores = {"negative": split / 2, "neutral": 0.5 - split / 2, "positive": 0.5}
        brand = f"Brand {min(chance.randrange(12), chance.randrange(12))}"
        fields = label(scored_at - age_ms, scored_at, label=chance.choice(NAMES), scores=scores, brand=brand)
        # Few ids and texts, so that many labels take another's place or repeat its text.
        fields["review_id"] = f"r{chance.randrange(self._made)}"
        fields["text_digest"] = chance.choice((None, f"{chance.randrange(200):016x}"))
        return brand.casefold().encode(), fields


def visible(place: Place) -> list[BatchLabel]:
    """The labels that a reader of committed records can see."""
    return [
        BatchLabel(record.partition, record.offset, record.key, orjson.loads(record.value))
        for record in place.read("review-sentiment")
        if record.value and record.value.startswith(b'{"label"')
    ]


def latest(records: Sequence[Any]) -> dict[bytes, bytes]:
    """The newest value of each key that is no tombstone."""
    values = {record.key: record.value for record in records}
    return {key: value for key, value in values.items() if value is not None}


def until_read(place: Place) -> None:
    """Wait until the group has committed all labels that are visible."""
    last = {record.partition: record.offset for record in place.read("review-sentiment")}
    ends = {partition: offset + 1 for partition, offset in last.items()}
    place.workers[-1].until(lambda: ends.items() <= place.committed().items())


def folded(worker: Worker) -> float:
    return sum_of(worker.get("/metrics")[1], "labels_folded")


def until_owner_of(worker: Worker, partitions: int) -> None:
    worker.until(lambda: sum_of(worker.get("/metrics")[1], "assigned_partitions") == partitions)


def assert_equal_to_a_batch(place: Place, choices: Choices = WALL) -> None:
    """States, windows, hours and corrections: each cell and each count of every brand."""
    labels = visible(place)
    brands = recompute(labels, choices)
    corrected: dict[bytes, list[dict[str, Any]]] = defaultdict(list)
    for record in place.read("review-corrections"):
        corrected[record.key].append(orjson.loads(record.value))
    assert corrected == corrections(labels, choices)
    assert len(corrected) > 1
    states = {key: decode_state(value) for key, value in latest(place.read(CHANGELOG)).items()}
    assert {key: as_batch(state) for key, state in states.items()} == brands
    sentiment = latest(place.read("brand-sentiment"))
    assert sentiment.keys() == brands.keys()
    for key, brand in brands.items():
        value = BrandSentiment.model_validate_json(sentiment[key])
        assert (value.brand, value.origin.offset) == (brand.name, brand.fence)
        for name, window in value.windows.items():
            expected = expected_window(brand.window(name, value.as_of))
            assert window.model_dump(exclude={"start", "end"}) == expected
    hours = [BrandHour.model_validate_json(value) for value in latest(place.read("brand-hours")).values()]
    published = {
        (hour.brand_key.encode(), hour.hour): (
            *hour.counts.model_dump().values(),
            *hour.score_sums.model_dump().values(),
            hour.late,
            *hour.bins,
        )
        for hour in hours
    }
    # Hours stay published when the brand's own cells of them have aged out.
    kept = {
        key: brand.horizon_ms - brand.horizon_ms % HOUR_MS - 192 * HOUR_MS for key, brand in brands.items()
    }
    assert {(key, start): cell for (key, start), cell in published.items() if start > kept[key]} == {
        (key, start): cell for key, brand in brands.items() for start, cell in brand.hours.items()
    }


def assert_at_most_one_a_second(place: Place) -> None:
    times_ms: dict[bytes, list[int]] = defaultdict(list)
    for record in place.read("brand-sentiment"):
        times_ms[record.key].append(record.timestamp)
    assert max(map(len, times_ms.values())) > 2
    for times in times_ms.values():
        # A message may be late within its second, so that single distances say nothing.
        assert len(times) <= (times[-1] - times[0]) / 1_000 + 2


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_every_brand_equals_a_batch_and_is_published_once_a_second(place: Place) -> None:
    place.create_topics()
    labels = Labels(place, now_ms())
    labels.write(300, "plain")
    labels.write(200, "abort")
    worker = place.start()
    worker.until_ready()
    for _ in range(8):
        labels.write(150)
        labels.write(100, "abort")
        labels.write(50, "plain")
        time.sleep(0.3)
    place.produce([b"xylophone", None, b"{}"], 0, topic="review-sentiment", key=b"brand 1")
    place.produce([b"xylophone"], 1, topic="review-sentiment", key=None)
    labels.write(100)
    until_read(place)
    worker.until(lambda: folded(worker) == 2_000)
    metrics = worker.get("/metrics")[1]
    assert sum_of(metrics, "labels_unreadable") == 4
    assert sum_of(metrics, "labels_fenced") == 0
    assert sum_of(metrics, "assigned_partitions") == PARTITIONS
    assert sum_of(metrics, "brands_held") == 12
    assert worker.get("/healthz")[0] == 200
    assert json.loads(worker.get("/readyz")[1])["unmet"] == []
    assert_at_most_one_a_second(place)
    assert worker.terminate() == 0
    assert "xylophone" not in worker.log + metrics
    assert "Traceback" not in worker.log
    assert_equal_to_a_batch(place)


def test_it_goes_on_exactly_with_its_disk_an_old_disk_or_none_whatever_ended_it(place: Place) -> None:
    place.create_topics()
    labels = Labels(place, now_ms())
    hurried = {"BRANDPULSE_FLUSH_SECONDS": "0.02", "BRANDPULSE_SESSION_TIMEOUT_SECONDS": "3"}
    for data_dir, end in (("one", "kill"), ("one", "kill"), ("two", "terminate"), ("one", "kill")):
        worker = place.start(data_dir=data_dir, **hurried)
        worker.until_ready()
        labels.write(400)
        labels.write(100, "abort")
        worker.until(lambda: folded(place.workers[-1]))
        labels.write(400)
        if end == "kill":
            worker.kill()
        else:
            assert worker.terminate() == 0
    worker = place.start(data_dir="three", **hurried)
    until_read(place)
    assert sum_of(worker.get("/metrics")[1], "labels_fenced") == 0
    assert worker.terminate() == 0
    assert_equal_to_a_batch(place)
    again = place.start(data_dir="three", **hurried)
    again.until_ready()
    read = re.findall(r"changelog_records=(\d+) ", again.log)
    assert len(read) >= PARTITIONS
    assert set(read) == {"0"}
    assert sum_of(again.get("/metrics")[1], "brands_held") == 12
    assert again.terminate() == 0
    assert_equal_to_a_batch(place)


def test_repetitions_are_left_out_and_nothing_is_replaced_where_that_is_asked_for(place: Place) -> None:
    place.create_topics()
    labels = Labels(place, now_ms())
    labels.write(300)
    worker = place.start("--duplicates", "skip", "--correction-days", "0")
    labels.write(300)
    until_read(place)
    metrics = worker.get("/metrics")[1]
    assert sum_of(metrics, "labels_replaced") == 0
    assert sum_of(metrics, "labels_duplicate") == len(place.read("review-corrections"))
    assert worker.terminate() == 0
    assert_equal_to_a_batch(place, Choices(correction_ms=0, skip_duplicates=True))


def test_topics_made_again_find_nothing_of_the_former_ones_on_the_disk(place: Place) -> None:
    place.create_topics()
    labels = Labels(place, now_ms())
    labels.write(500)
    worker = place.start()
    until_read(place)
    assert worker.terminate() == 0
    names = [place.settings.topic(name) for name in SAME_PARTITIONS]
    with closing(KafkaAdminClient(bootstrap_servers=place.brokers)) as admin:
        admin.delete_topics(names)
        while set(names) & set(admin.list_topics()):
            time.sleep(0.1)
    place.create_topics()
    labels.write(300)
    worker = place.start()
    until_read(place)
    assert worker.terminate() == 0
    assert_equal_to_a_batch(place)


def test_two_share_the_partitions_and_one_takes_over_but_never_on_one_disk(place: Place) -> None:
    place.create_topics()
    labels = Labels(place, now_ms())
    labels.write(300)
    one = place.start(data_dir="one")
    one.until_ready()
    assert_refuses(place.start(data_dir="one"), "another worker uses", "--data-dir")
    two = place.start(data_dir="two")
    until_owner_of(one, 1)
    until_owner_of(two, 1)
    labels.write(300)
    until_read(place)
    labels.write(300)
    assert one.terminate() == 0
    labels.write(300)
    until_owner_of(two, PARTITIONS)
    until_read(place)
    assert two.terminate() == 0
    assert_equal_to_a_batch(place)


def test_with_the_event_clock_windows_end_at_stream_time(place: Place) -> None:
    place.create_topics()
    Labels(place, now_ms() - 365 * DAY_MS).write(600)
    worker = place.start("--clock", "event")
    until_read(place)
    assert worker.terminate() == 0
    assert_equal_to_a_batch(place, Choices("event"))
    brands = recompute(visible(place), Choices("event"))
    stream_ms: dict[int, int] = defaultdict(int)
    for key, brand in brands.items():
        partition = partition_of(key, PARTITIONS)
        stream_ms[partition] = max(stream_ms[partition], brand.horizon_ms)
    for key, sent in latest(place.read("brand-sentiment")).items():
        value = BrandSentiment.model_validate_json(sent)
        for name, window in value.windows.items():
            cell = brands[key].window(name, stream_ms[partition_of(key, PARTITIONS)])
            assert tuple(window.counts.model_dump().values()) == cell[:3]


def test_missing_topics_are_refused(place: Place) -> None:
    assert_refuses(place.start(), f"{place.prefix}{CHANGELOG}: is missing", "brandpulse topics create")


def test_unequal_partitions_are_refused(place: Place) -> None:
    wanted = {
        place.settings.topic(CHANGELOG): {"num_partitions": 3, "configs": {"cleanup.policy": "compact"}}
    }
    with closing(KafkaAdminClient(bootstrap_servers=place.brokers)) as admin:
        admin.create_topics(wanted)
    place.create_topics()
    assert_refuses(place.start(), "has 3 partitions", "must be equal", "brandpulse topics create")
