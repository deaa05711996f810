"""The store of brand states against a real changelog: what is restored is exactly what was committed."""

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from kafka import TopicPartition as KafkaTopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from stream.brands.cells import HOUR_MS, MINUTE_MS
from stream.brands.edition import Topics
from stream.brands.folding import Policy
from stream.brands.memory import NewEntries, ReviewMemory
from stream.brands.partition import BrandPartition
from stream.brands.publisher import Publisher
from stream.brands.restoring import Store, lock_data_dir, restore
from stream.brands.review_store import ReviewStore, pack
from stream.brands.state import BrandState, encode_state
from stream.brands.store import STALE_MS, BrandStore
from stream.errors import DataDirTaken, SettingsError
from stream.kafka.broker import Broker
from stream.kafka.delivery import Delivery
from stream.kafka.topic_specs import CHANGELOG, REVIEWS_CHANGELOG
from stream.kafka.topics import create, topic_id
from stream.settings import Settings
from tests.batch_recomputation import BatchBrand, BatchLabel, corrections, recompute
from tests.reading import until_settled
from tests.unit.brands.samples import NOW_MS, Record, as_batch, label

pytestmark = pytest.mark.kafka
PATIENCE_SECONDS = 60.0
Changes = Mapping[bytes, bytes | None]
ACME = encode_state(BrandState("Acme", "m@1", fence=7))
BOLT = encode_state(BrandState("Bolt", "m@1", fence=8))


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    made = Settings(brokers=kafka.bootstrap, topic_prefix=topic_prefix)
    create(made, partitions=1)
    return made


@pytest.fixture
def changelog_id(settings: Settings) -> str:
    return topic_id(settings, CHANGELOG)


@pytest.fixture
def store(tmp_path: Path, changelog_id: str) -> Iterator[BrandStore]:
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as made:
        yield made


@pytest.fixture
def reviews(tmp_path: Path, settings: Settings) -> Iterator[ReviewStore]:
    with closing(ReviewStore(tmp_path / "reviews", topic_id(settings, REVIEWS_CHANGELOG))) as made:
        yield made


def write(settings: Settings, *transactions: tuple[str, Changes], name: str = CHANGELOG) -> None:
    """Transactions on a changelog, each with its fate."""

    async def produce() -> None:
        topic = settings.topic(name)
        producer = AIOKafkaProducer(bootstrap_servers=settings.brokers, transactional_id=f"{topic}-test")
        await producer.start()
        for fate, changes in transactions:
            await producer.begin_transaction()
            for key, value in changes.items():
                await producer.send_and_wait(topic, value, key=key or None)
            await (producer.commit_transaction() if fate == "commit" else producer.abort_transaction())
        await producer.stop()

    asyncio.run(produce())
    until_settled(settings.brokers, settings.topic(name), 1)


def restored(settings: Settings, store: Store, name: str = CHANGELOG) -> int:
    """Restore; the number of records read."""
    return asyncio.run(restore(settings, store, TopicPartition(settings.topic(name), 0), NOW_MS))


def names(store: BrandStore) -> dict[bytes, str]:
    return {key: state.name for key, state in store.states()}


def test_an_empty_changelog_restores_nothing(settings: Settings, store: BrandStore) -> None:
    assert restored(settings, store) == 0
    assert names(store) == {}


def test_only_what_was_committed_is_restored_and_only_what_is_new_is_read(
    settings: Settings, store: BrandStore
) -> None:
    write(settings, ("commit", {b"acme": ACME, b"bolt": BOLT}), ("abort", {b"acme": BOLT, b"c": ACME}))
    assert restored(settings, store) == 2
    assert names(store) == {b"acme": "Acme", b"bolt": "Bolt"}
    position = store.next_offset
    assert restored(settings, store) == 0
    assert store.next_offset == position
    write(settings, ("abort", {b"acme": None}), ("commit", {b"bolt": None}), ("abort", {b"c": ACME}))
    assert restored(settings, store) == 1
    assert names(store) == {b"acme": "Acme"}
    assert store.load(b"bolt") is None


def test_a_store_goes_on_after_it_was_closed(settings: Settings, tmp_path: Path, changelog_id: str) -> None:
    write(settings, ("commit", {b"acme": ACME}))
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as first:
        restored(settings, first)
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS + STALE_MS)) as again:
        assert names(again) == {b"acme": "Acme"}
        assert restored(settings, again) == 0


def test_a_stale_store_starts_over(settings: Settings, tmp_path: Path, changelog_id: str) -> None:
    """It may have missed a tombstone that compaction has dropped since."""
    write(settings, ("commit", {b"acme": ACME}))
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as first:
        first.write({b"ghost": BOLT}, 1, NOW_MS)
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS + STALE_MS + 1)) as again:
        assert names(again) == {}
        assert restored(settings, again) == 1
        assert names(again) == {b"acme": "Acme"}


def test_a_store_of_a_changelog_that_was_made_again_starts_over(
    settings: Settings, tmp_path: Path, changelog_id: str
) -> None:
    """Else its fences, offsets of a topic that is gone, would swallow new labels."""
    write(settings, ("commit", {b"acme": ACME}))
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as first:
        restored(settings, first)
    topic = settings.topic(CHANGELOG)
    with closing(KafkaAdminClient(bootstrap_servers=settings.brokers)) as admin:
        admin.delete_topics([topic])
        wait_until(lambda: topic not in admin.list_topics())
    create(settings)
    wait_until(lambda: topic_id(settings, CHANGELOG) != changelog_id)
    write(settings, *(("commit", {b"bolt": BOLT}) for _ in range(3)))
    with closing(BrandStore(tmp_path / "store", topic_id(settings, CHANGELOG), NOW_MS)) as again:
        assert names(again) == {}
        assert restored(settings, again) == 3
        assert names(again) == {b"bolt": "Bolt"}


@pytest.mark.parametrize("damaged", ["CURRENT", "MANIFEST-*"])
def test_a_damaged_store_starts_over(
    settings: Settings, tmp_path: Path, changelog_id: str, damaged: str
) -> None:
    write(settings, ("commit", {b"acme": ACME}))
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as first:
        restored(settings, first)
    (file,) = (tmp_path / "store").glob(damaged)
    file.write_bytes(b"damaged")
    with closing(BrandStore(tmp_path / "store", changelog_id, NOW_MS)) as again:
        assert names(again) == {}
        assert restored(settings, again) == 1


def test_a_position_past_the_end_starts_over(settings: Settings, store: BrandStore) -> None:
    write(settings, ("commit", {b"acme": ACME}))
    store.write({b"ghost": BOLT}, 1_000, NOW_MS)
    assert restored(settings, store) == 1
    assert names(store) == {b"acme": "Acme"}
    assert store.next_offset == 2


def test_a_compacted_changelog_restores_the_same(
    settings: Settings, store: BrandStore, tmp_path: Path, changelog_id: str
) -> None:
    write(settings, ("commit", {b"acme": BOLT, b"bolt": BOLT}))
    restored(settings, store)
    compact(settings)
    write(settings, *(("commit", {b"acme": BOLT}) for _ in range(20)))
    write(settings, ("commit", {b"acme": ACME, b"bolt": None}))
    # The cleaner leaves the newest segment alone, so write to another one.
    time.sleep(0.2)
    write(settings, ("commit", {b"corvus": ACME}))
    wait_until(lambda: fresh_read(settings, tmp_path, changelog_id) < 22)
    expected = {b"acme": "Acme", b"corvus": "Acme"}
    assert restored(settings, store) < 22
    assert names(store) == expected


def compact(settings: Settings) -> None:
    """Have the broker compact the changelog as soon and as often as it can."""
    resources = [
        ConfigResource(
            ConfigResourceType.TOPIC,
            settings.topic(CHANGELOG),
            {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.001"},
        ),
        ConfigResource(ConfigResourceType.BROKER, "1", {"log.cleaner.backoff.ms": "200"}),
    ]
    with closing(KafkaAdminClient(bootstrap_servers=settings.brokers)) as admin:
        admin.alter_configs(resources)


def fresh_read(settings: Settings, tmp_path: Path, changelog_id: str) -> int:
    """How many records a restore from nothing reads."""
    with closing(BrandStore(tmp_path / f"fresh-{time.monotonic_ns()}", changelog_id, NOW_MS)) as fresh:
        return restored(settings, fresh)


def wait_until(what: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def test_a_data_directory_has_one_owner(tmp_path: Path) -> None:
    lock_data_dir(tmp_path)
    with pytest.raises(DataDirTaken, match="--data-dir"):
        lock_data_dir(tmp_path)


def test_a_data_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="--data-dir"):
        lock_data_dir(tmp_path / "file" / "brands")


def some_labels(count: int) -> list[BatchLabel]:
    chance = random.Random(8)
    made = []
    for offset in range(count):
        scored_at = NOW_MS + offset * 2_000
        age_ms = chance.choice((0, 3 * MINUTE_MS, HOUR_MS, 30 * HOUR_MS, 300 * HOUR_MS))
        split = chance.random() / 2
        scores = {"negative": split, "neutral": 0.5 - split, "positive": 0.5}
        brand = chance.randrange(40)
        fields = label(scored_at - age_ms, scored_at, brand=f"Brand {brand}", scores=scores)
        fields["review_id"] = f"r{chance.randrange(200)}"
        made.append(BatchLabel(0, offset, b"brand %d" % brand, fields))
    return made


def batches(store: BrandStore) -> dict[bytes, BatchBrand]:
    return {key: as_batch(state) for key, state in store.states()}


async def fold(settings: Settings, store: BrandStore, reviews: ReviewStore, labels: list[BatchLabel]) -> None:
    """Own the partition for a while: fence, restore, fold and flush chunk by chunk."""
    names = (
        "brand-sentiment",
        "brand-hours",
        "review-corrections",
        "brand-alerts",
        CHANGELOG,
        REVIEWS_CHANGELOG,
    )
    topics = Topics(*map(settings.topic, names))
    delivery = Delivery(settings, settings.topic("group"), settings.topic("review-sentiment"))
    await delivery.take_over(frozenset({0}))
    await restore(settings, store, TopicPartition(topics.changelog, 0), NOW_MS)
    await restore(settings, reviews, TopicPartition(topics.reviews_changelog, 0), NOW_MS)
    partition = BrandPartition(
        delivery.lanes[0],
        Publisher(0, store),
        ReviewMemory(reviews, 9 * 24 * HOUR_MS, NOW_MS),
        topics,
        policy=Policy(),
        wall_ms=lambda: NOW_MS + 2 * HOUR_MS,
        observe=lambda _: None,
    )
    for chunk in chunks(labels, 150):
        records = [Record(one.offset, one.key, orjson.dumps(one.fields)) for one in chunk]
        partition.take(cast(list[ConsumerRecord], records), lambda: None)
        await partition.flush()
    await delivery.release()


def chunks(labels: list[BatchLabel], size: int) -> Iterable[list[BatchLabel]]:
    return (labels[start : start + size] for start in range(0, len(labels), size))


def test_owners_that_take_turns_end_in_a_batch_recomputation(
    settings: Settings, store: BrandStore, reviews: ReviewStore, tmp_path: Path, changelog_id: str
) -> None:
    labels = some_labels(3_000)
    assert len(corrections(labels)) == 40
    with (
        closing(BrandStore(tmp_path / "other", changelog_id, NOW_MS)) as other,
        closing(ReviewStore(tmp_path / "other-reviews", topic_id(settings, REVIEWS_CHANGELOG))) as others,
    ):
        asyncio.run(fold(settings, store, reviews, labels[:1_000]))
        assert batches(store) == recompute(labels[:1_000])
        asyncio.run(fold(settings, other, others, labels[900:2_000]))
        asyncio.run(fold(settings, store, reviews, labels[1_950:]))
        assert batches(store) == recompute(labels)
        restored(settings, other)
        assert batches(other) == batches(store)


ENTRIES = {b"r%d" % number: b"entry %d" % number for number in range(10_000)}


def remember(settings: Settings, entries: dict[bytes, bytes], fate: str = "commit") -> None:
    for packed in pack(NewEntries(single=entries)):
        write(settings, (fate, {b"": packed}), name=REVIEWS_CHANGELOG)


def everything(store: ReviewStore) -> dict[bytes, bytes]:
    return store.find([key for keys in store.all_keys() for key in keys])


def test_who_was_counted_is_restored_by_whole_records_and_goes_on_from_there(
    settings: Settings, reviews: ReviewStore
) -> None:
    remember(settings, ENTRIES)
    remember(settings, {b"r1": b"never"}, "abort")
    assert restored(settings, reviews, REVIEWS_CHANGELOG) == 3
    assert everything(reviews) == ENTRIES
    assert reviews.find([b"r7", b"unknown", b"r7"]) == {b"r7": b"entry 7"}
    remember(settings, {b"r1": b"newer", b"s": b"new"})
    assert restored(settings, reviews, REVIEWS_CHANGELOG) == 1
    assert everything(reviews) == ENTRIES | {b"r1": b"newer", b"s": b"new"}
    assert restored(settings, reviews, REVIEWS_CHANGELOG) == 0


def test_a_changelog_that_forgot_its_beginning_is_read_from_where_it_starts(
    settings: Settings, reviews: ReviewStore
) -> None:
    remember(settings, ENTRIES)
    topic = TopicPartition(settings.topic(REVIEWS_CHANGELOG), 0)
    with closing(KafkaAdminClient(bootstrap_servers=settings.brokers)) as admin:
        admin.delete_records({KafkaTopicPartition(*topic): 4})
    assert restored(settings, reviews, REVIEWS_CHANGELOG) == 1
    assert everything(reviews) == dict(list(ENTRIES.items())[8_000:])
