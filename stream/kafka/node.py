"""One node of the embedded Apache Kafka: its properties, and the Java process that runs them."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.kafka.ports import HOST
from stream.lifeline import on_lifeline, release

MAX_MESSAGE_BYTES = 4 * 1024 * 1024

_LOG4J = """\
appenders=file
appender.file.type=File
appender.file.name=file
appender.file.fileName=${sys:brandpulse.log}
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
"""

_LISTENERS = ("listeners", "advertised.listeners", "listener.security.protocol.map")
_SMALL_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m")


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What one node is: its number from 1, its two loopback ports, its directory and its heap."""

    number: int
    port: int
    controller_port: int
    directory: Path
    heap_mb: int

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def voter(self) -> str:
        return f"{self.number}@{HOST}:{self.controller_port}"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"


def node_properties(spec: NodeSpec, voters: Sequence[str], more: Mapping[str, str]) -> dict[str, str]:
    """The KRaft `server.properties` of a node, broker and controller in one process.

    Replication follows the number of voters: 3 copies with 2 in sync, or as many as there are. What `more`
    says of listeners comes to ours, which we and the nodes themselves use; all else of it wins.
    """
    replication, in_sync = str(min(3, len(voters))), str(min(2, len(voters)))
    ours = {
        "process.roles": "broker,controller",
        "node.id": str(spec.number),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"PLAINTEXT://{spec.address},CONTROLLER://{HOST}:{spec.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{spec.address}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(spec.directory / "data"),
        "auto.create.topics.enable": "false",
        "default.replication.factor": replication,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replication,
        "transaction.state.log.replication.factor": replication,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replication,
        "share.coordinator.state.topic.min.isr": in_sync,
        # 50 partitions each are meant for large clusters and cost seconds at the first use.
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.num.partitions": "8",
        "message.max.bytes": str(MAX_MESSAGE_BYTES),
        "replica.fetch.max.bytes": str(MAX_MESSAGE_BYTES),
        # Members start one after the other here; waiting for more of them helps nobody.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # A killed node loses its partitions after this, the default being 9 s.
        "broker.session.timeout.ms": "6000",
        "broker.heartbeat.interval.ms": "1000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        # The default of 128 MB would be a quarter of the whole heap.
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    }
    joined = {name: f"{ours[name]},{more[name]}" for name in _LISTENERS if name in more}
    return {**ours, **more, **joined}


class Node:
    """The Java process of one node: formatted once, then started, stopped or killed any number of times."""

    def __init__(self, spec: NodeSpec, java: Path, jars: Path) -> None:
        self.spec = spec
        self._java = java
        self._jars = jars
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running Java, or None."""
        return self._process.pid if self._process is not None else None

    @property
    def formatted(self) -> bool:
        return (self.spec.directory / "data" / "meta.properties").exists()

    def format(self, cluster_id: str, properties: Mapping[str, str]) -> None:
        """Writes the configuration, and formats the storage unless a former run did.

        Raises:
            subprocess.CalledProcessError: Kafka refused; its output is in `stdout`.
        """
        for name in ("data", "tmp"):
            (self.spec.directory / name).mkdir(parents=True, exist_ok=True)
        (self.spec.directory / "log4j2.properties").write_text(_LOG4J)
        config = self.spec.directory / "server.properties"
        config.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
        if self.formatted:
            return
        arguments = ["format", f"--cluster-id={cluster_id}", "--config", str(config)]  # it may begin with "-"
        subprocess.run(  # noqa: S603 - our own Java with our own arguments
            self._command(_SMALL_JVM, "kafka.tools.StorageTool", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )

    def start(self) -> None:
        """Starts Java; it does not wait for the node to answer."""
        heap = ("-XX:+UseSerialGC", "-Xms64m", f"-Xmx{self.spec.heap_mb}m")
        java = self._command(heap, "kafka.Kafka", str(self.spec.directory / "server.properties"))
        with (self.spec.directory / "console.log").open("ab") as console:
            self._process = subprocess.Popen(  # noqa: S603
                on_lifeline(java),
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal must reach us alone: we stop the nodes in order.
                start_new_session=True,
            )

    def exited(self) -> int | None:
        """The exit status of a process that ended by itself, or None."""
        return self._process.poll() if self._process is not None else None

    def terminate(self) -> None:
        """Asks Java to shut down in order; `wait` tells when it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout_seconds: float) -> None:
        """Waits for the end of Java, and kills it when the time is over."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def why(self) -> str:
        """The last lines of what the node logged, for an error message."""
        lines: list[str] = []
        for file in (self.spec.log, self.spec.directory / "console.log"):
            if file.exists():
                lines += file.read_text(errors="replace").strip().splitlines()[-8:]
        return "\n".join(lines) or "it logged nothing"

    def _command(self, jvm: Sequence[str], main: str, *arguments: str) -> list[str]:
        directory = self.spec.directory
        return [
            str(self._java),
            *jvm,
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={directory / 'tmp'}",
            f"-Dlog4j2.configurationFile={directory / 'log4j2.properties'}",
            f"-Dbrandpulse.log={self.spec.log}",
            "-cp",
            f"{self._jars}/*",
            main,
            *arguments,
        ]

    def _reap(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        process.wait()
        release(process)
