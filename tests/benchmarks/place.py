"""A place of its own on the embedded broker: topics, worker processes, and what is produced to it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream.kafka.topics import create
from stream.settings import Settings
from tests.chaos.cluster import admin, committed

PARTITIONS = 8
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 240.0
Produced = tuple[bytes | None, bytes]
"""Key and value."""


class Process:
    """One worker process; its log goes to a file."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self.pid = self._process.pid

    def check(self) -> None:
        """It runs, or an AssertionError says what it logged last."""
        if self._process.poll() is not None:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])
            raise AssertionError(f"a worker ended with status {self._process.returncode}:\n{tail}")

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and -9 if it does not end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Place:
    """Topics with a prefix of their own; a context manager that leaves neither process nor directory."""

    def __init__(self, bootstrap: str, directory: Path, partitions: int = PARTITIONS) -> None:
        self.settings = Settings(brokers=bootstrap, topic_prefix=f"bench-{uuid.uuid4().hex[:6]}-")
        self.partitions = partitions
        self._directory = directory
        self._processes: list[Process] = []
        create(self.settings, partitions)

    async def __aenter__(self) -> "Place":
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.brokers, enable_idempotence=True, max_batch_size=1 << 18
        )
        await self._producer.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        for process in self._processes:
            process.stop()
        await self._producer.stop()
        shutil.rmtree(self._directory)

    def start(self, *arguments: str, **extra: str) -> Process:
        """Start a worker, for example `start("stream", "score")`; `extra` are settings by name."""
        number = len(self._processes)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BRANDPULSE_")}
        settings = {
            "BROKERS": self.settings.brokers,
            "TOPIC_PREFIX": self.settings.topic_prefix,
            "PORT": "0",
            "DATA_DIR": str(self._directory / f"{self.settings.topic_prefix}{number}"),
            **extra,
        }
        environment = clean | {f"BRANDPULSE_{name}": value for name, value in settings.items()}
        log = self._directory / f"{self.settings.topic_prefix}{number}.log"
        self._processes.append(Process(arguments, environment, log))
        return self._processes[-1]

    async def produce(self, topic: str, partition: int, records: Iterable[Produced]) -> list[tuple[int, int]]:
        """Append records to a partition; returns (first offset, records) of each batch once confirmed."""
        batch = self._producer.create_batch()
        batches = [batch]
        for key, value in records:
            if batch.append(timestamp=None, key=key, value=value) is None:
                batch = self._producer.create_batch()
                batches.append(batch)
                assert batch.append(timestamp=None, key=key, value=value)
        name = self.settings.topic(topic)
        sent = [await self._producer.send_batch(each, name, partition=partition) for each in batches]
        return [
            ((await future).offset, each.record_count()) for each, future in zip(batches, sent, strict=True)
        ]

    async def until_consumed(self, process: Process, role: str, topic: str, records: int) -> list[float]:
        """Wait until a role's group has committed that many records; seconds (monotonic) and counts seen.

        Returns:
            Times at which the committed records were first seen to pass 10 % and 90 %, and the records seen
            then: [start, records, end, records].
        """
        seen: list[tuple[float, int]] = []
        group = self.settings.topic(f"brandpulse-{role}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with admin(self.settings.brokers) as client:
            while not seen or seen[-1][1] < records:
                process.check()
                assert time.monotonic() < deadline, f"{role} did not get through {records} records"
                offsets = await committed(client, group, self.settings.topic(topic))
                seen.append((time.monotonic(), sum(offsets.values())))
                await asyncio.sleep(POLL_SECONDS)
        start = next(one for one in seen if one[1] >= records / 10)
        end = next(one for one in seen if one[1] >= records * 0.9)
        return [*start, *end]


@asynccontextmanager
async def label_reader(settings: Settings, *, from_end: bool) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of all partitions of `review-sentiment` under read_committed."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.brokers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="latest" if from_end else "earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        tps = [TopicPartition(settings.topic("review-sentiment"), number) for number in range(PARTITIONS)]
        consumer.assign(tps)
        if from_end:
            await consumer.seek_to_end()
        else:
            await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()
