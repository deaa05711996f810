"""Reading back what was scored, and sending the workers back to an offset or a time: edges of `replay`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from stream.errors import ConfigurationError
from stream.kafka.reading import open_consumer, places_of
from stream.kafka.topics import require_topics
from stream.scoring.classifier import Classifier
from stream.scoring.replay import Place, Verification
from stream.settings import Settings

POLL_MS = 200
POLL_RECORDS = 5_000
# Clocks of producers may run ahead of the brokers'.
SLACK_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin in each partition: at an offset, or at the first review from a time (ms) on."""

    offset: int = 0
    time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Reviews of one partition: from `start` up to before `end`."""

    place: TopicPartition
    start: int
    end: int


def find_ranges(settings: Settings, start: Start) -> list[Range]:
    """What the group has scored since the start, by partition; those with nothing are left out.

    Raises:
        BrokerUnavailable: no broker answered.
        TopicError: there is no topic of reviews.
    """
    require_topics(settings, ("reviews", "review-sentiment", "reviews-dlq"))
    with open_consumer(settings, settings.topic("brandpulse-score")) as consumer:
        places = places_of(consumer, settings.topic("reviews"))
        starts = _starts(consumer, places, start)
        ranges = [Range(place, starts[place], consumer.committed(place) or 0) for place in places]
    return [each for each in ranges if each.start < each.end]


def verify(
    settings: Settings,
    ranges: list[Range],
    classifier: Classifier,
    advance: Callable[[int], None],
) -> Verification:
    """Score the ranges again and match what was published; `advance` hears of reviews read."""
    verification, oldest_ms = Verification(), None
    with open_consumer(settings) as consumer:
        for records in _read(consumer, {each.place: (each.start, each.end) for each in ranges}):
            verification.expect(records, classifier)
            first_ms = min(record.timestamp for record in records)
            oldest_ms = first_ms if oldest_ms is None else min(oldest_ms, first_ms)
            advance(len(records))
        since = Start(time_ms=max(0, (oldest_ms or 0) - SLACK_MS))
        for name, read in (("review-sentiment", _label), ("reviews-dlq", _dead_letter)):
            places = places_of(consumer, settings.topic(name))
            starts, ends = _starts(consumer, places, since), consumer.end_offsets(places)
            for records in _read(consumer, {place: (starts[place], ends[place]) for place in places}):
                for record in records:
                    verification.met(*read(record))
    return verification


def rewind(settings: Settings, ranges: list[Range]) -> None:
    """Make the workers begin at the ranges' starts when they are started again.

    Raises:
        ConfigurationError: workers of the group are running.
    """
    with open_consumer(settings, settings.topic("brandpulse-score")) as consumer:
        consumer.assign([each.place for each in ranges])
        try:
            consumer.commit({each.place: OffsetAndMetadata(each.start, "", -1) for each in ranges})
        except KafkaError as error:
            raise ConfigurationError(
                f"the offsets were not moved ({type(error).__name__}): stop all score workers first, and "
                "wait until the group has forgotten them (session timeout)"
            ) from error


def _label(record: Any) -> tuple[Place, Mapping[str, Any] | None]:
    label = orjson.loads(record.value)
    return (label["origin"]["partition"], label["origin"]["offset"]), label


def _dead_letter(record: Any) -> tuple[Place, None]:
    headers = dict(record.headers)
    return (int(headers["dlq_partition"]), int(headers["dlq_offset"])), None


def _read(consumer: KafkaConsumer, bounds: Mapping[TopicPartition, tuple[int, int]]) -> Iterator[list[Any]]:
    """The records within the bounds, a poll of one partition at a time."""
    consumer.assign(list(bounds))
    for place, (start, _) in bounds.items():
        consumer.seek(place, start)
    # By position, not by record: the last offset of a transaction is a marker that is never delivered.
    while open_places := [place for place, (_, end) in bounds.items() if consumer.position(place) < end]:
        consumer.pause(*(bounds.keys() - open_places))
        for place, records in consumer.poll(timeout_ms=POLL_MS, max_records=POLL_RECORDS).items():
            within = [record for record in records if record.offset < bounds[place][1]]
            if within:
                yield within


def _starts(consumer: KafkaConsumer, places: list[TopicPartition], start: Start) -> dict[TopicPartition, int]:
    first = consumer.beginning_offsets(places)
    if start.time_ms is None:
        return {place: max(first[place], start.offset) for place in places}
    found = consumer.offsets_for_times(dict.fromkeys(places, start.time_ms))
    ends = consumer.end_offsets(places)
    return {place: found[place].offset if found[place] else ends[place] for place in places}
