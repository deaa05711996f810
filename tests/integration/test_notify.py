"""A real `brandpulse notify` between a real Kafka and a real server: each update is posted at most once."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from stream.kafka.broker import Broker
from stream.kafka.ports import free_ports
from tests.integration.processes import PARTITIONS, Place, Worker, assert_refuses, place_for, sum_of
from tests.unit.notify.samples import Answer, Receiver, alert_fields, receiving

pytestmark = pytest.mark.kafka


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "notify") as here:
        here.create_topics()
        yield here


@contextmanager
def server(*script: Answer) -> Iterator[Receiver]:
    """A receiver in a thread of its own."""
    started: list[Receiver] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with receiving(*script) as receiver:
            started.append(receiver)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield started[0]
    finally:
        over.set()
        thread.join()


def start(place: Place, receiver: Receiver) -> Worker:
    return place.start(BRANDPULSE_WEBHOOK_URL=receiver.url)


def send(place: Place, numbers: range) -> None:
    """One alert for each number, which is its count of reviews; their partitions alternate."""
    for partition in range(PARTITIONS):
        alerts = [
            (b"a%d" % number, orjson.dumps(alert_fields(f"a{number}", reviews=number)))
            for number in numbers
            if number % PARTITIONS == partition
        ]
        place.produce_keyed(alerts, partition, topic="brand-alerts")


def posted(receiver: Receiver) -> set[int]:
    """The numbers of the alerts that the server took."""
    return {int(text.partition("% of ")[2].partition(" ")[0].replace(",", "")) for text in receiver.taken}


def test_a_new_group_begins_with_what_comes_and_a_later_start_where_it_stopped(place: Place) -> None:
    with server() as receiver:
        send(place, range(4))
        worker = start(place, receiver)
        worker.until_ready()
        assert worker.get("/healthz")[0] == 200
        send(place, range(4, 8))
        worker.until(lambda: posted(receiver) == {4, 5, 6, 7})
        worker.until(lambda: sum_of(worker.get("/metrics")[1], "notices_posted") == 4)
        assert worker.terminate() == 0
        send(place, range(8, 12))
        again = start(place, receiver)
        again.until(lambda: posted(receiver) == set(range(4, 12)))
        assert set(receiver.taken.values()) == {1}
    assert "planted" not in worker.log + again.log
    assert "Acme" not in worker.log + again.log


def test_no_update_is_posted_twice_whatever_fails_and_whoever_is_killed(place: Place) -> None:
    script = [Answer(after_seconds=0.02), Answer(503), Answer(), Answer(429, headers={"Retry-After": "1"})]
    with server(*script * 3, Answer(after_seconds=0.02)) as receiver:
        start(place, receiver).until_ready()
        for round_ in range(3):
            send(place, range(100 * round_, 100 * round_ + 100))
            (worker, seen) = place.workers[-1], len(receiver.taken)
            worker.until(lambda: len(receiver.taken) > seen + 5)  # noqa: B023 - called within this round
            worker.kill()
            start(place, receiver).until_ready()
        send(place, range(300, 400))
        last = place.workers[-1]
        last.until(lambda: posted(receiver) >= set(range(300, 400)))
        assert set(receiver.taken.values()) == {1}
        assert last.terminate() == 0


def test_the_worker_that_is_left_takes_over(place: Place) -> None:
    with server() as receiver:
        first, second = start(place, receiver), start(place, receiver)
        for worker in (first, second):
            worker.until_ready()
        send(place, range(50))
        first.until(lambda: len(receiver.taken) == 50)
        first.kill()
        send(place, range(50, 100))
        second.until(lambda: posted(receiver) == set(range(100)))
        assert set(receiver.taken.values()) == {1}


def test_what_is_no_alert_is_skipped_and_not_told(place: Place) -> None:
    with server() as receiver:
        worker = start(place, receiver)
        worker.until_ready()
        place.produce([b"xylophone", None], 0, topic="brand-alerts", key=b"a")
        send(place, range(2))
        worker.until(lambda: posted(receiver) == {0, 1})
        assert sum_of(worker.get("/metrics")[1], "notices_skipped") == 2
        assert "no alert: skipped" in worker.log
        assert "xylophone" not in worker.log


def test_a_server_that_is_away_keeps_nothing_up(place: Place) -> None:
    (port,) = free_ports(1)
    worker = place.start(BRANDPULSE_WEBHOOK_URL=f"http://127.0.0.1:{port}/planted")
    worker.until_ready()
    send(place, range(10))
    worker.until(lambda: "next_try_seconds" in worker.log)
    worker.until(lambda: sum(place.committed().values()) == 10)
    assert worker.get("/readyz")[0] == 200
    assert worker.terminate() == 0
    assert "will not be posted count=10" in worker.log
    assert "planted" not in worker.log


def test_a_broker_that_is_away_costs_nothing(embedded_kafka: None, tmp_path: Path) -> None:
    with (
        Broker() as broker,
        place_for(broker.bootstrap, "away-", tmp_path, "notify") as place,
        server() as receiver,
    ):
        place.create_topics()
        worker = start(place, receiver)
        worker.until_ready()
        send(place, range(10))
        worker.until(lambda: len(receiver.taken) == 10)
        broker.kill(1)
        worker.until(lambda: '"brokers_answer"' in worker.get("/readyz")[1])
        assert worker.get("/healthz")[0] == 200
        broker.restart(1)
        send(place, range(10, 20))
        worker.until(lambda: posted(receiver) == set(range(20)))
        assert set(receiver.taken.values()) == {1}
        assert worker.terminate() == 0


def test_a_server_that_hangs_does_not_keep_it_from_ending(place: Place) -> None:
    with server(Answer(after_seconds=60)) as receiver:
        worker = start(place, receiver)
        worker.until_ready()
        send(place, range(1))
        worker.until(lambda: receiver.attempts == 1)
        assert worker.terminate() == 0
        assert "gave up the message under way" in worker.log
        assert receiver.attempts == 1


def test_without_a_url_it_says_what_to_set(place: Place) -> None:
    assert_refuses(place.start(), "BRANDPULSE_WEBHOOK_URL: is not set", "BRANDPULSE_WEBHOOK_URL_FILE")


def test_without_topics_it_says_how_to_make_them(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "notify") as nowhere, server() as receiver:
        assert_refuses(start(nowhere, receiver), "brand-alerts", "brandpulse topics create")
