"""Reading the topics under `read_committed` with kafka-python, a client that no worker reads with."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from stream.demo.ledger import BRANDS_TOPIC, CORRECTIONS_TOPIC, DEAD_TOPIC, LABELS_TOPIC, Ledger, Message
from stream.kafka.reading import open_consumer, places_of
from stream.settings import Settings

POLL_MS = 200

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where the demo began: what was there before is not its own."""

    reviews: Mapping[int, int]
    """End offsets of the topic of reviews by partition."""
    outputs: Offsets
    """From where to read each output."""
    in_brands: int
    """Reviews that were in the brands' 7d windows already."""

    def ledger(self) -> Ledger:
        """An empty ledger that counts from here."""
        return Ledger(self.reviews)


def note_beginning(settings: Settings) -> Beginning:
    """Take down the offsets of all topics, before any worker of the demo runs.

    Labels are read from where the brands stand, because what they have not folded yet will be added to
    their windows during the demo; states of brands are read from the start of their compacted topic.
    """
    with open_consumer(settings, group=settings.topic("brandpulse-brands")) as consumer:
        labels = places_of(consumer, settings.topic(LABELS_TOPIC))
        dead = places_of(consumer, settings.topic(DEAD_TOPIC))
        corrections = places_of(consumer, settings.topic(CORRECTIONS_TOPIC))
        states = places_of(consumer, settings.topic(BRANDS_TOPIC))
        reviews = consumer.end_offsets(places_of(consumer, settings.topic("reviews")))
        firsts = consumer.beginning_offsets(labels + states)
        outputs = {place: consumer.committed(place) or firsts[place] for place in labels}
        outputs |= consumer.end_offsets(dead + corrections)
    before = Ledger({})
    states_from = {place: firsts[place] for place in states}
    read_to_end(settings, states_from, before)
    first_reviews = {place.partition: offset for place, offset in reviews.items()}
    return Beginning(first_reviews, outputs | states_from, before.in_brands)


def read_to_end(settings: Settings, offsets: Offsets, ledger: Ledger) -> Ledger:
    """Enter everything from the offsets to the last committed record into the ledger."""
    with open_consumer(settings) as consumer:
        _start_at(consumer, offsets)
        ends = consumer.end_offsets(list(offsets))
        while any(consumer.position(place) < end for place, end in ends.items()):
            _enter(consumer, settings, ledger)
    return ledger


def follow(settings: Settings, offsets: Offsets, ledger: Ledger, stop: threading.Event) -> None:
    """Enter what arrives into the ledger until told to stop; blocking, for a thread of its own."""
    with open_consumer(settings) as consumer:
        _start_at(consumer, offsets)
        while not stop.is_set():
            _enter(consumer, settings, ledger)


def _enter(consumer: KafkaConsumer, settings: Settings, ledger: Ledger) -> None:
    for place, records in consumer.poll(timeout_ms=POLL_MS, max_records=5000).items():
        topic = place.topic.removeprefix(settings.topic_prefix)
        for record in records:
            ledger.add(Message(topic, record.key, record.value, dict(record.headers)))


def _start_at(consumer: KafkaConsumer, offsets: Offsets) -> None:
    consumer.assign(list(offsets))
    for place, offset in offsets.items():
        consumer.seek(place, offset)
