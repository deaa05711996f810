"""A real `brandpulse history` on a real Kafka: the tables equal the compacted topics, come what may."""

import json
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from stream.database.engine import open_database
from stream.database.tables import BRAND_ALERTS, BRAND_HOURS, CONSUMER_OFFSETS
from stream.kafka.broker import Broker
from tests.databases import Postgres, settings_for
from tests.integration.processes import (
    PARTITIONS,
    Place,
    Worker,
    assert_refuses,
    place_for,
    shows_no_lag,
    sum_of,
)
from tests.unit.history.samples import HOUR_MS, alert_value, hour_value

pytestmark = pytest.mark.kafka


@pytest.fixture
def place(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Place]:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "history") as here:
        here.create_topics()
        yield here


class Ledger:
    """What was sent, and what the tables hold."""

    def __init__(self, place: Place, url: str | None, seed: int) -> None:
        self._place = place
        self._chance = random.Random(seed)
        self._sent: list[int] = [0] * PARTITIONS
        self.engine: Engine = open_database(settings_for(url, place.directory / "data"))
        self.environment = {} if url is None else {"BRANDPULSE_DATABASE_URL": url}

    def send(self, count: int) -> None:
        """Hours of few brands, so that most are sent again with other counts; now and then a tombstone."""
        for partition in range(PARTITIONS):
            by_key: list[tuple[bytes, bytes | None]] = []
            for _ in range(count):
                brand = f"{self._place.prefix}brand {partition} {self._chance.randrange(20)}"
                number, self._sent[partition] = self._chance.randrange(30), self._sent[partition] + 1
                value = hour_value(brand, number, self._sent[partition])
                gone = self._chance.random() < 0.05
                by_key.append((f"{brand}|{number * HOUR_MS}".encode(), None if gone else value))
            self._place.produce_keyed(by_key, partition, topic="brand-hours")
            states = [self._chance.choice(("opened", "updated", "closed")) for _ in range(20)]
            brand = f"{self._place.prefix}brand {partition} 0"
            alerts = [
                (f"{brand} {n % 5}".encode(), alert_value(brand, f"{brand} {n % 5}", s))
                for n, s in enumerate(states)
            ]
            self._place.produce_keyed(alerts, partition, topic="brand-alerts")

    @contextmanager
    def sending(self, size: int) -> Iterator[None]:
        """Send in the background, a chunk at a time, for as long as the block takes."""
        over = threading.Event()

        def send_on() -> None:
            while not over.is_set():
                self.send(size)

        with ThreadPoolExecutor(1) as thread:
            sent = thread.submit(send_on)
            try:
                yield
            finally:
                over.set()
            sent.result()

    def hours_expected(self) -> dict[tuple[str, int], int]:
        """The topic after compaction."""
        latest = {record.key: record.value for record in self._place.read("brand-hours")}
        events = [json.loads(value) for value in latest.values() if value is not None]
        return {(event["brand_key"], event["hour"]): event["counts"]["positive"] for event in events}

    def alerts_expected(self) -> dict[str, str]:
        events = [json.loads(record.value) for record in self._place.read("brand-alerts")]
        return {event["alert_id"]: event["state"] for event in events}

    def hours(self) -> dict[tuple[str, int], int]:
        mine = BRAND_HOURS.c.brand_key.startswith(self._place.prefix)
        return {
            (row.brand_key, row.hour): row.positive for row in self._rows(select(BRAND_HOURS).where(mine))
        }

    def alerts(self) -> dict[str, str]:
        mine = BRAND_ALERTS.c.alert_id.startswith(self._place.prefix)
        return {row.alert_id: row.state for row in self._rows(select(BRAND_ALERTS).where(mine))}

    def offset_sum(self) -> int:
        """How far the tables are; 0 while the database is away."""
        mine = CONSUMER_OFFSETS.c.topic.startswith(self._place.prefix)
        with suppress(DBAPIError):
            return sum(row.next_offset for row in self._rows(select(CONSUMER_OFFSETS).where(mine)))
        return 0

    def reached(self, records: int) -> bool:
        return self.offset_sum() >= records

    def wait(self, worker: Worker) -> None:
        """Until everything sent is in the tables."""
        total = sum(self._sent) + self._alerts_sent()
        worker.until(lambda: self.offset_sum() == total)

    def check(self) -> None:
        expected = self.hours_expected()
        assert len(expected) > 50
        assert self.hours() == expected
        assert self.alerts() == self.alerts_expected()

    def close(self) -> None:
        self.engine.dispose()

    def _alerts_sent(self) -> int:
        return len(self._place.read("brand-alerts"))

    def _rows(self, query: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(query).all()


@contextmanager
def ledger_for(place: Place, url: str | None) -> Iterator[Ledger]:
    with closing(Ledger(place, url, seed=5)) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, place: Place) -> Iterator[Ledger]:
    url = request.getfixturevalue("postgres").url if request.param == "postgresql" else None
    with ledger_for(place, url) as made:
        yield made


@pytest.fixture
def killable(postgres: Postgres) -> Iterator[Postgres]:
    """Runs again afterwards, whatever happened."""
    yield postgres
    postgres.start()


def test_the_tables_equal_the_compacted_topics_after_kill_9(place: Place, ledger: Ledger) -> None:
    with ledger.sending(150):
        for records in (1, 500, 1_500):
            worker = place.start(**ledger.environment)
            worker.until(partial(ledger.reached, records))
            worker.kill()
    worker = place.start(**ledger.environment)
    ledger.wait(worker)
    ledger.check()
    worker.until_ready()
    worker.until(lambda: shows_no_lag(worker.get("/metrics")[1]))
    assert sum_of(worker.get("/metrics")[1], "history_replayed") == 0
    assert worker.terminate() == 0


def test_partitions_go_to_the_worker_that_is_left(place: Place, ledger: Ledger) -> None:
    first, second = (place.start(**ledger.environment) for _ in range(2))
    first.until_ready()
    second.until_ready()
    ledger.send(300)
    ledger.wait(first)
    first.process.send_signal(signal.SIGSTOP)
    ledger.send(300)
    ledger.wait(second)
    first.process.send_signal(signal.SIGCONT)  # it may believe that it still owns its partitions
    ledger.send(300)
    ledger.wait(first)
    second.kill()
    ledger.send(300)
    ledger.wait(first)
    ledger.check()


def test_bad_records_are_skipped_and_counted(place: Place, ledger: Ledger) -> None:
    place.produce([b"no json", None], 0, topic="brand-hours", key=b"no hour")
    ledger.send(200)
    worker = place.start(**ledger.environment)
    worker.until(lambda: ledger.offset_sum() == 2 + 2 * 200 + 2 * 20)
    # Counted once the database has them.
    worker.until(lambda: "history_unreadable_total{" in worker.get("/metrics")[1])
    worker.until(lambda: sum_of(worker.get("/metrics")[1], "history_unreadable") == 2)
    assert "no events: skipped" in worker.log
    assert "no json" not in worker.log


def test_topics_that_were_made_again_are_read_from_their_beginning(place: Place, ledger: Ledger) -> None:
    """Their offsets, smaller than the stored ones, would else pass for a replay."""
    ledger.send(300)
    worker = place.start(**ledger.environment)
    ledger.wait(worker)
    assert worker.terminate() == 0
    before = ledger.hours()
    topic = place.prefix + "brand-hours"
    with closing(KafkaAdminClient(bootstrap_servers=place.brokers)) as admin:
        admin.delete_topics([topic])
        while topic in admin.list_topics():
            time.sleep(0.1)
    place.create_topics()
    brand = f"{place.prefix}new"
    place.produce_keyed([(f"{brand}|{HOUR_MS}".encode(), hour_value(brand, 1, 5))], 0, topic="brand-hours")
    worker = place.start(**ledger.environment)
    worker.until(lambda: ledger.hours() == before | {(brand, HOUR_MS): 5})


def test_a_postgresql_that_is_killed_loses_nothing(place: Place, killable: Postgres) -> None:
    with ledger_for(place, killable.url) as ledger:
        worker = place.start(**ledger.environment)
        with ledger.sending(150):
            for records in (1, 1_000):
                worker.until(partial(ledger.reached, records))
                worker.until(lambda: '"database_answers"' not in worker.get("/readyz")[1])
                killable.kill()
                worker.until(lambda: '"database_answers"' in worker.get("/readyz")[1])
                assert worker.get("/healthz")[0] == 200
                killable.start()
        ledger.wait(worker)
        ledger.check()
        worker.until_ready()
    assert sum_of(worker.get("/metrics")[1], "database_failures") >= 2
    assert "not-told" not in worker.log


def test_a_worker_waits_for_a_database_that_is_not_there_yet(place: Place, killable: Postgres) -> None:
    with ledger_for(place, killable.url) as ledger:
        killable.kill()
        ledger.send(200)
        worker = place.start(**ledger.environment)
        worker.until(lambda: "next_try_seconds" in worker.log)
        assert worker.get("/readyz")[0] == 503
        killable.start()
        ledger.wait(worker)
        ledger.check()


def test_without_topics_it_says_how_to_make_them(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    with place_for(kafka.bootstrap, topic_prefix, tmp_path, "history") as place:
        assert_refuses(place.start(), "brand-hours", "brandpulse topics create")


def test_a_url_that_is_none_is_refused_and_not_told(place: Place) -> None:
    worker = place.start(BRANDPULSE_DATABASE_URL="mysql://u:hush@h/d")
    assert_refuses(worker, "BRANDPULSE_DATABASE_URL")
    assert "hush" not in worker.log
