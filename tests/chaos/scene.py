"""Everything that faults act on: the cluster, the workers, the ways between them, the feed."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from stream.kafka.broker import Broker
from stream.kafka.topics import create
from stream.settings import DEFAULT_BUNDLE, load_settings
from tests.chaos.disk import Disk, disk_at
from tests.chaos.load import FIRST_PARTITIONS
from tests.chaos.network import NODES, Way, properties, ways_for
from tests.chaos.workers import Worker

ROLES = ("score", "brands", "history", "web")
WORKERS_PER_ROLE = 2
FAR = ("score-0", "brands-0")
"""Workers that reach the cluster over a proxy of their own."""
ON_SMALL_DISK = "brands-1"
OTHER_BUNDLE = "another"
CONTROLLER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Topics:
    """Full names; `partitions` has every topic at the beginning, and all but `reviews` for ever."""

    prefix: str
    partitions: int = FIRST_PARTITIONS

    def __call__(self, name: str) -> str:
        return self.prefix + name


@dataclass(frozen=True, slots=True)
class Scene:
    """What is broken, and by what it is broken."""

    broker: Broker
    topics: Topics
    workers: Mapping[str, Worker]
    ways: Mapping[str, Way]
    disk: Disk | None
    """Under the data directory of `ON_SMALL_DISK`; None where no file system can be mounted."""
    bundles: tuple[Path, Path]
    """The one that ships, which the workers begin with, and the same under another name."""
    database_url: str

    def role(self, role: str) -> list[Worker]:
        """The workers of a role."""
        return [worker for name, worker in self.workers.items() if name.startswith(role)]

    def controller(self) -> int:
        """The number of the node that leads the controllers' quorum; blocking."""
        deadline = time.monotonic() + CONTROLLER_SECONDS
        while True:
            try:
                with closing(KafkaAdminClient(bootstrap_servers=self.broker.bootstrap.split(","))) as admin:
                    quorum = admin.describe_metadata_quorum()
                return int(quorum["topics"][0]["partitions"][0]["leader_id"])
            except KafkaError:
                assert time.monotonic() < deadline, "no controller leads"
                time.sleep(0.2)

    def tails(self) -> str:
        """The last log lines of every worker."""
        return "\n".join(worker.tail() for worker in self.workers.values())

    def keep_logs(self, directory: Path) -> None:
        """Copy what the workers logged."""
        directory.mkdir(parents=True, exist_ok=True)
        for worker in self.workers.values():
            shutil.copy(worker.log, directory)

    def logs(self) -> str:
        """Everything that the workers logged."""
        return "\n".join(worker.log.read_text(errors="replace") for worker in self.workers.values())


@contextmanager
def scene_in(directory: Path, prefix: str) -> Iterator[Scene]:
    """Three nodes with their topics, and workers that are not started yet; at the end all are ended."""
    with ExitStack() as opened:
        ways = opened.enter_context(ways_for(FAR))
        broker = opened.enter_context(Broker(nodes=NODES, properties=partial(properties, ways)))
        topics = Topics(prefix)
        settings = load_settings(brokers=broker.bootstrap, topic_prefix=prefix)
        create(settings, partitions=topics.partitions)
        disk = opened.enter_context(disk_at(directory / ON_SMALL_DISK))
        database_url = _database(opened, directory)
        workers = {}
        for name in (f"{role}-{number}" for role in ROLES for number in range(WORKERS_PER_ROLE)):
            told = {
                "BRANDPULSE_BROKERS": ways[name].bootstrap if name in ways else broker.bootstrap,
                "BRANDPULSE_TOPIC_PREFIX": prefix,
                "BRANDPULSE_THREADS": "1",
                "BRANDPULSE_DATABASE_URL": database_url,
            }
            workers[name] = Worker(name, told, directory)
            opened.callback(workers[name].end)
        bundles = (DEFAULT_BUNDLE, _other_bundle(directory / "other-bundle"))
        yield Scene(broker, topics, workers, ways, disk, bundles, database_url)


def _database(opened: ExitStack, directory: Path) -> str:
    """PostgreSQL; where there is none, one file that both workers of `history` share."""
    try:
        pytest.importorskip("psycopg")
        from tests.databases import postgres_server

        return opened.enter_context(postgres_server()).url
    except pytest.skip.Exception:
        return f"sqlite:///{directory / 'history.db'}"


def _other_bundle(directory: Path) -> Path:
    shutil.copytree(DEFAULT_BUNDLE, directory)
    manifest = json.loads((directory / "manifest.json").read_bytes())
    (directory / "manifest.json").write_text(json.dumps(manifest | {"name": OTHER_BUNDLE}))
    return directory
