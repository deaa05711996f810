"""A real Apache Kafka for one machine: one or three KRaft nodes on loopback, from Python packages alone.

For the demo, for the tests and for trying things out; a production cluster has machines of its own.
"""

import base64
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Self

from stream.errors import BrokerUnavailable, ConfigurationError, PortTaken
from stream.kafka.broker_directory import claim_directory, node_directory
from stream.kafka.jars import Progress, java_executable, kafka_jars
from stream.kafka.node import Node, NodeSpec, node_properties
from stream.kafka.ports import HOST, free_ports, is_free

_HEAP_MB = {1: 512, 3: 384}
_POLL_SECONDS = 0.05


def _nothing_else(_node: NodeSpec) -> Mapping[str, str]:
    return {}


class Broker:
    """A Kafka cluster of `nodes` (1 or 3), numbered from 1, as a context manager.

    >>> with Broker() as broker:                                        # doctest: +SKIP
    ...     print(broker.bootstrap)
    127.0.0.1:21734

    Node 1 listens on `port`, the others on the ports after it; 0 takes free ones. Data lives in `data_dir`
    (default: a temporary directory) and is removed at the end unless `keep`; what was kept is found again
    by a start with the same directory, the same `nodes` and `keep`. `properties` tells what else belongs in
    the `server.properties` of a node, such as listeners of its own: see `stream.kafka.node.node_properties`.
    """

    def __init__(
        self,
        *,
        nodes: int = 1,
        port: int = 0,
        data_dir: Path | None = None,
        keep: bool = False,
        properties: Callable[[NodeSpec], Mapping[str, str]] = _nothing_else,
        start_seconds: float = 120.0,
        progress: Progress | None = None,
    ) -> None:
        if nodes not in _HEAP_MB:
            raise ConfigurationError(f"--nodes {nodes}: an embedded cluster has 1 or 3 nodes")
        if keep and data_dir is None:
            raise ConfigurationError(
                "--keep needs --data-dir DIR: data in a temporary place is never found again"
            )
        self._count = nodes
        self._port = port
        self._data_dir = data_dir
        self._keep = keep
        self._properties = properties
        self._start_seconds = start_seconds
        self._progress = progress
        self._nodes: list[Node] = []
        self._resources = ExitStack()

    @property
    def bootstrap(self) -> str:
        """The bootstrap servers, `host:port` comma-separated; known after `start`."""
        return ",".join(node.spec.address for node in self._nodes)

    @property
    def pids(self) -> list[int]:
        """Process ids of the nodes that run."""
        return [node.pid for node in self._nodes if node.pid is not None]

    def start(self) -> None:
        """Fetches Kafka if need be, starts every node, and returns when all of them answer.

        Raises:
            MissingExtra: the extra `broker` is not installed.
            PortTaken: somebody else listens on a port that was asked for.
            DataDirTaken: another broker uses the data directory.
            BrokerUnavailable: the jars cannot be fetched, or a node did not answer in time.
        """
        java, jars = java_executable(), kafka_jars(self._progress)
        try:
            directory = claim_directory(self._resources, self._data_dir, self._count, keep=self._keep)
            self._nodes = [Node(spec, java, jars) for spec in self._specs(directory)]
            self._format()
            for node in self._nodes:
                node.start()
            self._wait_until_complete()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends every node and frees directory and ports; in order where data is kept. May be called twice."""
        for node in self._nodes:
            if self._keep:
                node.terminate()
            else:
                node.kill()
        for node in self._nodes:
            node.wait(timeout_seconds=15)
        self._resources.close()

    def kill(self, number: int) -> None:
        """kill -9 of one node, numbered from 1."""
        self._nodes[number - 1].kill()

    def restart(self, number: int) -> None:
        """Starts a killed node again, on its ports and its data; returns when all nodes answer.

        Raises:
            BrokerUnavailable: it did not answer in time.
        """
        node = self._nodes[number - 1]
        node.kill()
        node.start()
        self._wait_until_complete()

    def check(self) -> None:
        """Tells whether all started nodes still run.

        Raises:
            BrokerUnavailable: a node ended by itself; the message carries its last log lines.
        """
        for node in self._nodes:
            status = node.exited()
            if status is not None:
                raise BrokerUnavailable(
                    f"node {node.spec.number} of the embedded Kafka ended with status {status}:\n{node.why()}"
                )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _specs(self, directory: Path) -> list[NodeSpec]:
        wanted = range(self._port, self._port + self._count) if self._port else range(0)
        for port in wanted:
            if not is_free(port):
                raise PortTaken(
                    f"port {port} on {HOST} is taken: stop whoever listens there, or choose another by --port"
                )
        free = free_ports(2 * self._count, avoid=wanted)
        ports = list(wanted) or free[self._count :]
        return [
            NodeSpec(
                index + 1,
                ports[index],
                free[index],
                node_directory(directory, index + 1),
                _HEAP_MB[self._count],
            )
            for index in range(self._count)
        ]

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        voters = [node.spec.voter for node in self._nodes]
        try:
            with ThreadPoolExecutor(self._count) as pool:
                list(
                    pool.map(
                        lambda node: node.format(
                            cluster_id, node_properties(node.spec, voters, self._properties(node.spec))
                        ),
                        self._nodes,
                    )
                )
        except subprocess.CalledProcessError as error:
            said = error.stdout.decode(errors="replace").strip()
            raise BrokerUnavailable(f"Kafka could not format its storage:\n{said}") from error

    def _wait_until_complete(self) -> None:
        deadline = time.monotonic() + self._start_seconds
        running = [node for node in self._nodes if node.pid is not None]
        for node in running:
            while is_free(node.spec.port):
                self._pause(deadline)
        for node in running:
            while _brokers_alive(node.spec.address) < len(running):
                self._pause(deadline)

    def _pause(self, deadline: float) -> None:
        self.check()
        if time.monotonic() > deadline:
            said = "\n".join(node.why() for node in self._nodes)
            raise BrokerUnavailable(
                f"the embedded Kafka did not answer in {self._start_seconds:.0f} s:\n{said}"
            )
        time.sleep(_POLL_SECONDS)


def _brokers_alive(bootstrap: str) -> int:
    """How many brokers the cluster's metadata names; 0 while nobody answers."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        with closing(
            KafkaAdminClient(bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=5000)
        ) as admin:
            return len(admin.describe_cluster()["brokers"])
    except KafkaError:
        return 0
