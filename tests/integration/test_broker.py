"""The embedded Kafka itself: it answers, it stops, it leaves nothing behind, and it survives what it must."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient

from stream.errors import BrokerUnavailable, DataDirTaken, PortTaken
from stream.kafka.broker import Broker
from stream.kafka.ports import free_ports, is_free

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("embedded_kafka")]

PATIENCE_SECONDS = 60


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def java_of(port: int) -> list[psutil.Process]:
    """The processes of the broker whose data directory or listener names this port: Java and its guard."""
    found = []
    for process in psutil.process_iter():
        try:
            config = next((part for part in process.cmdline() if part.endswith("server.properties")), "")
            if config and f":{port}," in Path(config).read_text():
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
            continue
    return found


def make_topic(bootstrap: str, name: str, replication: int = 1) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap.split(","))) as admin:
        admin.create_topics(
            {name: {"num_partitions": 1, "replication_factor": replication}}, wait_for_metadata=True
        )


def write(bootstrap: str, topic: str, values: list[bytes]) -> None:
    with closing(KafkaProducer(bootstrap_servers=bootstrap.split(","), acks="all")) as producer:
        sent = [producer.send(topic, value) for value in values]
        producer.flush()
        for future in sent:
            future.get(PATIENCE_SECONDS)


def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    found: list[bytes] = []
    with closing(
        KafkaConsumer(topic, bootstrap_servers=bootstrap.split(","), auto_offset_reset="earliest")
    ) as consumer:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=500).values():
                found += [record.value for record in records]
    return found


def test_it_answers_then_stops_and_leaves_no_process_port_or_directory() -> None:
    broker = Broker()
    with broker:
        port = int(broker.bootstrap.rpartition(":")[2])
        (java,) = broker.pids
        make_topic(broker.bootstrap, "records")
        write(broker.bootstrap, "records", [b"one", b"two"])
        assert read(broker.bootstrap, "records", 2) == [b"one", b"two"]
        processes = java_of(port)
        assert java in [process.pid for process in processes]
        directory = Path(next(p for p in processes[0].cmdline() if p.endswith("server.properties"))).parents[
            1
        ]
        assert directory.is_dir()
    assert is_free(port)
    assert not directory.exists()
    assert not psutil.pid_exists(java)
    psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    assert not any(process.is_running() for process in processes)
    broker.stop()


def test_it_listens_on_loopback_only(kafka: Broker) -> None:
    (java,) = kafka.pids
    listening = [c.laddr.ip for c in psutil.Process(java).net_connections("inet") if c.status == "LISTEN"]
    assert len(listening) >= 2
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_a_message_of_almost_4_mb_passes(kafka: Broker, topic_prefix: str) -> None:
    large = bytes(4 * 1024 * 1024 - 1024)
    make_topic(kafka.bootstrap, topic_prefix + "large")
    with closing(
        KafkaProducer(bootstrap_servers=kafka.bootstrap, max_request_size=2 * len(large))
    ) as producer:
        producer.send(topic_prefix + "large", large).get(PATIENCE_SECONDS)
    assert read(kafka.bootstrap, topic_prefix + "large", 1) == [large]


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} on 127.0.0.1 is taken.*--port"):
            Broker(port=port).start()


def test_kept_records_survive_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "kafka"
    with Broker(data_dir=data, keep=True) as broker:
        make_topic(broker.bootstrap, "records")
        write(broker.bootstrap, "records", [b"kept"])
        with pytest.raises(DataDirTaken, match="another broker uses"):
            Broker(data_dir=data, keep=True).start()
    with pytest.raises(DataDirTaken, match="earlier broker: go on with it by --keep"):
        Broker(data_dir=data).start()
    with pytest.raises(DataDirTaken, match="use --nodes 1"):
        Broker(data_dir=data, nodes=3, keep=True).start()
    with Broker(data_dir=data, keep=True) as broker:
        assert read(broker.bootstrap, "records", 1) == [b"kept"]


def test_unkept_data_goes_and_foreign_files_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with Broker(data_dir=tmp_path):
        assert (tmp_path / "node-1").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_node_that_dies_by_itself_is_reported() -> None:
    with Broker() as broker:
        (java,) = broker.pids
        broker.check()
        os.kill(java, signal.SIGKILL)
        psutil.Process(java).wait(PATIENCE_SECONDS)
        with pytest.raises(BrokerUnavailable, match="node 1 of the embedded Kafka ended with status"):
            broker.check()


def test_records_stay_readable_while_one_of_three_nodes_is_dead(three_nodes: Broker) -> None:
    assert len(three_nodes.bootstrap.split(",")) == len(three_nodes.pids) == 3
    make_topic(three_nodes.bootstrap, "records", replication=3)
    write(three_nodes.bootstrap, "records", [b"before"])
    three_nodes.kill(1)
    assert len(three_nodes.pids) == 2
    write(three_nodes.bootstrap, "records", [b"meanwhile"])
    assert read(three_nodes.bootstrap, "records", 2) == [b"before", b"meanwhile"]
    three_nodes.restart(1)
    assert len(three_nodes.pids) == 3
    write(three_nodes.bootstrap, "records", [b"after"])
    assert read(three_nodes.bootstrap, "records", 3) == [b"before", b"meanwhile", b"after"]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A running `brandpulse broker` that has said that it answers, and its port."""
    (port,) = free_ports(1)
    with (tmp_path / "errors").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "stream", "broker", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
    assert ready, (tmp_path / "errors").read_text()
    assert f"answers at 127.0.0.1:{port}" in process.stdout.readline(), (tmp_path / "errors").read_text()
    yield process, port
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_command_frees_everything(
    command: tuple["subprocess.Popen[str]", int], number: signal.Signals
) -> None:
    process, port = command
    processes = java_of(port)
    assert processes
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert is_free(port)
    psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    assert not any(each.is_running() for each in processes)


def test_no_java_outlives_a_killed_command(command: tuple["subprocess.Popen[str]", int]) -> None:
    process, port = command
    processes = java_of(port)
    assert processes
    process.kill()
    process.wait(PATIENCE_SECONDS)
    wait_until(lambda: is_free(port))
    psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    assert not any(each.is_running() for each in processes)


def test_a_second_command_on_the_same_port_says_what_to_do(
    command: tuple["subprocess.Popen[str]", int],
) -> None:
    _, port = command
    done = subprocess.run(
        [sys.executable, "-m", "stream", "broker", "--port", str(port)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"brandpulse: port {port} on 127.0.0.1 is taken")
