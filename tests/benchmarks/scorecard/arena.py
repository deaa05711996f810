"""Topics, reviews on them, and who is started on them."""

import asyncio
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError

from stream.kafka.topics import create
from stream.settings import Settings
from tests.benchmarks.place import PATIENCE_SECONDS
from tests.benchmarks.scorecard.contestants import Contestant, clean_environment
from tests.benchmarks.scorecard.worker import Worker

PARTITIONS = 8
# The broker's clock stamps labels when it takes them: producers differ in when they stamp.
STAMPED_BY_BROKER = {"message.timestamp.type": "LogAppendTime"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One contestant in one run: where it reads and writes."""

    contestant: Contestant
    source: str
    target: str
    settings: Settings
    """Of ours; names the brokers for all."""
    directory: Path
    bundle: Path

    def start(self) -> Worker:
        """Start its process, from the state that an earlier one left."""
        if not self.contestant.module:
            return Worker(*self._ours(), self.directory / "log")
        command = [
            *(str(self.contestant.python), "-m", f"tests.benchmarks.peers.{self.contestant.module}"),
            *("--brokers", self.settings.brokers, "--source", self.source, "--target", self.target),
            *("--group", f"{self.target}-group", "--bundle", str(self.bundle)),
            *("--state", str(self.directory / "state"), *self.contestant.arguments),
        ]
        return Worker(command, clean_environment(), self.directory / "log")

    def _ours(self) -> tuple[list[str], dict[str, str]]:
        settings = {
            "BROKERS": self.settings.brokers,
            "TOPIC_PREFIX": self.settings.topic_prefix,
            "BUNDLE": str(self.bundle),
            "PORT": "0",
            "DATA_DIR": str(self.directory / "state"),
        }
        environment = clean_environment() | {f"BRANDPULSE_{name}": value for name, value in settings.items()}
        command = [str(self.contestant.python), "-m", "stream", "score", *self.contestant.arguments]
        return command, environment


class Arena:
    """The broker's side of a run, a context manager; workers keep state and logs in `directory`."""

    def __init__(self, brokers: str, directory: Path) -> None:
        self.brokers = brokers
        self._directory = directory

    async def __aenter__(self) -> "Arena":
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.brokers, enable_idempotence=True, max_batch_size=1 << 18
        )
        await self._producer.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._producer.stop()

    async def entry(self, contestant: Contestant, bundle: Path, source: str | None = None) -> Entry:
        """Topics for one run; `source` names one that is filled already, else a new one is made.

        Ours finds its topics by a prefix: a filled one is given as `<prefix>reviews`.
        """
        prefix = source.removesuffix("reviews") if source else f"card-{uuid.uuid4().hex[:6]}-"
        settings = Settings(brokers=self.brokers, topic_prefix=prefix)
        if not contestant.module:
            target = f"{prefix}review-sentiment"
        else:
            target = f"{prefix}{contestant.name}-{uuid.uuid4().hex[:6]}"
        await self._make(f"{prefix}reviews", {})
        await self._make(target, STAMPED_BY_BROKER)
        if not contestant.module:
            create(settings, PARTITIONS)
            await self._rewind(f"{prefix}brandpulse-score", f"{prefix}reviews")
        directory = self._directory / uuid.uuid4().hex[:8]
        directory.mkdir(parents=True)
        return Entry(contestant, f"{prefix}reviews", target, settings, directory, bundle)

    async def append(self, topic: str, partition: int, values: Iterable[bytes]) -> None:
        """Append records to a partition and wait until they are confirmed."""
        batches = [self._producer.create_batch()]
        for value in values:
            if batches[-1].append(timestamp=None, key=None, value=value) is None:
                batches.append(self._producer.create_batch())
                assert batches[-1].append(timestamp=None, key=None, value=value)
        sent = [await self._producer.send_batch(each, topic, partition=partition) for each in batches]
        await asyncio.gather(*sent)

    async def fill(self, topic: str, values: Sequence[bytes], block: int = 500) -> None:
        """Append records round robin over the partitions, a block at a time."""
        for number, at in enumerate(range(0, len(values), block)):
            await self.append(topic, number % PARTITIONS, values[at : at + block])

    async def _make(self, topic: str, configs: dict[str, str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.brokers)
        await admin.start()
        try:
            if topic not in await admin.list_topics():
                await admin.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=configs)])
        finally:
            await admin.close()

    async def _rewind(self, group: str, topic: str) -> None:
        """Let a group begin anew, as soon as it has forgotten members that were killed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        consumer = AIOKafkaConsumer(bootstrap_servers=self.brokers, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(tps)
            while True:
                try:
                    await consumer.commit(dict.fromkeys(tps, 0))
                    return
                except CommitFailedError:
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.2)
        finally:
            await consumer.stop()
