"""Tuned by hand on confluent-kafka: length-sorted batches, one run of the model a core. At least once."""

import signal
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import orjson
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import CORES, Model, label_value

PADDED_TOKENS = 4096


class Scorer:
    """Batches by length, scored side by side."""

    def __init__(self, given: Options) -> None:
        self._model = Model(given.bundle, threads=1)
        self._pool = ThreadPoolExecutor(CORES)

    def start(self, messages: Sequence[Message]) -> Future[list[bytes]]:
        """The labels of a fetch, in its order."""
        return self._pool.submit(self._labels, [message.value() for message in messages])

    def _labels(self, values: Sequence[bytes]) -> list[bytes]:
        reviews = [orjson.loads(value) for value in values]
        rows = self._model.encode([review["text"] for review in reviews])
        order = np.argsort([len(row) for row in rows], kind="stable").tolist()
        probabilities = np.empty((len(rows), 3))
        for batch in batches(order, rows):
            probabilities[batch] = self._model.probabilities([rows[i] for i in batch])
        scored = self._model.labels(probabilities)
        return [label_value(review, *each) for review, each in zip(reviews, scored, strict=True)]


def batches(order: Sequence[int], rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Indices of rows, shortest first, cut at `PADDED_TOKENS`."""
    found: list[list[int]] = [[]]
    for i in order:
        if found[-1] and (len(found[-1]) + 1) * len(rows[i]) > PADDED_TOKENS:
            found.append([])
        found[-1].append(i)
    return found


def main(given: Options) -> None:
    running = [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    consumer = Consumer(
        {
            "bootstrap.servers": given.brokers,
            "group.id": given.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "fetch.wait.max.ms": 50,
            "queued.min.messages": 20000,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": given.brokers,
            "enable.idempotence": True,
            "linger.ms": 5,
            "batch.num.messages": 10000,
            "queue.buffering.max.messages": 500000,
        }
    )
    scorer = Scorer(given)
    consumer.subscribe([given.source])
    # A fetch for each core is in work while the next one comes in.
    waiting: deque[tuple[list[Message], Future[list[bytes]]]] = deque()
    while running:
        fetched = consumer.consume(given.batch, timeout=0.02)
        messages = [message for message in fetched if message.error() is None]
        if messages:
            waiting.append((messages, scorer.start(messages)))
        while waiting and (waiting[0][1].done() or len(waiting) > CORES):
            done, labels = waiting.popleft()
            publish(producer, given.target, labels.result())
            commit(consumer, done)
    consumer.close()


def publish(producer: Producer, topic: str, labels: Sequence[bytes]) -> None:
    """Until the broker has them all."""
    failed: list[KafkaError] = []

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failed.append(error)

    for label in labels:
        producer.produce(topic, label, on_delivery=delivered)
    producer.flush()
    if failed:
        raise RuntimeError(f"{len(failed)} labels were not delivered: {failed[0]}")


def commit(consumer: Consumer, messages: Sequence[Message]) -> None:
    """Behind the last message of each partition."""
    ends = {message.partition(): message.offset() + 1 for message in messages}
    topic = messages[0].topic()
    consumer.commit(offsets=[TopicPartition(topic, *end) for end in ends.items()], asynchronous=True)


if __name__ == "__main__":
    main(options())
