"""Real worker processes on topics of a test's own, and what a test asks of them and of Kafka."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from stream.kafka.topics import create
from stream.settings import Settings
from tests.reading import read_committed

PARTITIONS = 2
PATIENCE_SECONDS = 60.0


@dataclass
class Worker:
    """A worker process; its log goes to a file."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def until(self, what: Callable[[], Any]) -> Any:
        """Wait for a truthy answer while the process lives."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log
            if answer := what():
                return answer
            time.sleep(0.1)
        raise AssertionError(f"waited in vain; the worker said:\n{self.log}")

    @property
    def address(self) -> str:
        """Where its server listens; elsewhere after it started over in place."""
        return str(self.until(lambda: re.findall(r"listening on (http://\S+)", self.log))[-1])

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page of its server, as soon as that answers."""
        answer: tuple[int, str] = self.until(lambda: self._ask(path))
        return answer

    def _ask(self, path: str) -> tuple[int, str] | None:
        try:
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return None  # it starts over

    def until_ready(self) -> None:
        self.until(lambda: self.get("/readyz")[0] == 200)

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """kill -9, unless it has ended already."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@dataclass
class Place:
    """Topics of a test's own, and the workers of one role that it started on them."""

    brokers: str
    prefix: str
    directory: Path
    role: str
    options: Sequence[str] = ()
    workers: list[Worker] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(brokers=self.brokers, topic_prefix=self.prefix)

    def create_topics(self) -> None:
        create(self.settings, PARTITIONS)

    def start(self, *options: str, data_dir: str = "data", **environment: str) -> Worker:
        log_file = self.directory / f"worker-{len(self.workers)}.log"
        command = [sys.executable, "-m", "stream", self.role, "--port", "0", "--brokers", self.brokers]
        command += ["--topic-prefix", self.prefix]
        environment = {"BRANDPULSE_DATA_DIR": str(self.directory / data_dir), **environment}
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [*command, *self.options, *options], stderr=log, stdout=log, env={**os.environ, **environment}
            )
        self.workers.append(Worker(process, log_file))
        return self.workers[-1]

    def produce(
        self,
        values: Sequence[bytes | None],
        partition: int,
        *,
        topic: str = "reviews",
        compressed: bool = False,
        **more: Any,
    ) -> None:
        producer = KafkaProducer(
            bootstrap_servers=self.brokers,
            max_request_size=20_000_000,
            compression_type="gzip" if compressed else None,
        )
        sent = [producer.send(self.prefix + topic, value, partition=partition, **more) for value in values]
        producer.flush()
        assert all(future.succeeded() for future in sent)
        producer.close()

    def produce_keyed(
        self, messages: Sequence[tuple[bytes, bytes | None]], partition: int, *, topic: str
    ) -> None:
        """Keys and values; no value: a tombstone."""
        producer = KafkaProducer(bootstrap_servers=self.brokers)
        sent = [
            producer.send(self.prefix + topic, value, partition=partition, key=key) for key, value in messages
        ]
        producer.flush()
        assert all(future.succeeded() for future in sent)
        producer.close()

    def read(self, topic: str) -> list[Any]:
        """All records that the topic holds now and a transaction made visible, by partition and offset."""
        return read_committed(self.brokers, self.prefix + topic, PARTITIONS)

    def committed(self) -> dict[int, int]:
        """Committed offsets of the role's group by partition of its source."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        group = f"{self.prefix}brandpulse-{self.role}"
        offsets: Mapping[TopicPartition, Any] = admin.list_group_offsets(group)[group]
        admin.close()
        return {place.partition: int(found.offset) for place, found in offsets.items() if found.offset >= 0}


@contextmanager
def place_for(
    brokers: str, prefix: str, directory: Path, role: str, options: Sequence[str] = ()
) -> Iterator[Place]:
    """A place whose workers are gone at the end, whatever happened."""
    here = Place(brokers, prefix, directory, role, options)
    try:
        yield here
    finally:
        for worker in here.workers:
            worker.kill()


def assert_refuses(worker: Worker, *words: str) -> None:
    """It ends with exit code 2 and one message that holds the words."""
    assert worker.exit_code() == 2
    assert "Traceback" not in worker.log
    message = worker.log[worker.log.index("brandpulse: ") :]
    for word in words:
        assert word in message


def sum_of(metrics: str, name: str) -> float:
    """The sum of a metric over its labels."""
    lines = re.findall(rf"^brandpulse_{name}(?:_total)?(?:{{[^}}]*}})? (\S+)$", metrics, re.MULTILINE)
    assert lines, f"no metric {name} in\n{metrics}"
    return sum(map(float, lines))


def shows_no_lag(metrics: str) -> bool:
    """Whether the last measurement, one of every few seconds, found nothing unread."""
    return "brandpulse_consumer_lag{" in metrics and sum_of(metrics, "consumer_lag") == 0
