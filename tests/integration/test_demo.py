"""The demo as people run it: it counts itself, ends cleanly however it is ended, and leaves nothing."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer

from stream.demo.workers import ROLES
from stream.kafka.broker import Broker
from stream.settings import PREFIX
from tests.reading import read_committed

pytestmark = pytest.mark.kafka
SUMMARY = re.compile(r"fed ([\d,]+), labelled ([\d,]+), dead letters ([\d,]+).*, brands (\d+)")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """The directory for temporary files of a demo; nothing may be left in it."""
    path = tmp_path / "tmp"
    path.mkdir()
    yield path
    assert list(path.iterdir()) == []


@contextmanager
def started(place: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A demo whose temporary files go to `place`; a test that fails takes it along."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with subprocess.Popen(
        [sys.executable, "-m", "stream", "demo", *arguments],
        env={**inherited, **environment, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            yield demo
        finally:
            demo.terminate()


def family(demo: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(demo.pid).children(recursive=True)


def roles(processes: list[psutil.Process]) -> dict[str, psutil.Process]:
    found: dict[str, psutil.Process] = {}
    for process in processes:
        try:
            words = process.cmdline()
        except psutil.Error:  # it ended meanwhile
            continue
        found |= {role: process for role in ROLES if words[2:4] == ["stream", role]}
    return found


def wait_for_workers(demo: subprocess.Popen[str]) -> list[psutil.Process]:
    """All processes of the demo once all workers run."""
    while True:
        assert demo.poll() is None, demo.communicate()
        processes = family(demo)
        if len(roles(processes)) == len(ROLES):
            return processes
        time.sleep(0.1)


def until_it_answers(demo: subprocess.Popen[str], address: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert demo.poll() is None
        with suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:
            assert b"brandpulse" in answer.read()
            return
        time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")


def check_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert alive == []


def check_summary(out: str) -> list[int]:
    told = SUMMARY.search(out)
    assert told, out
    fed, labelled, dead, brands = (int(number.replace(",", "")) for number in told.groups())
    assert fed == labelled + dead
    assert "every review has one outcome" in out
    return [fed, labelled, dead, brands]


def test_a_short_demo_counts_itself_and_leaves_nothing(embedded_kafka: None, place: Path) -> None:
    with started(place, "--seconds", "15", "--rate", "100", "--no-past") as demo:
        processes = wait_for_workers(demo)
        out, err = demo.communicate(timeout=300)
        assert demo.returncode == 0, out + err
    fed, _, _, brands = check_summary(out)
    assert fed > 300
    assert brands == 12
    check_gone(processes)


def test_ctrl_c_ends_the_demo_with_a_summary(embedded_kafka: None, place: Path) -> None:
    with started(place, "--rate", "50", "--no-past") as demo:
        processes = wait_for_workers(demo)
        assert demo.stderr is not None
        while "feeding" not in demo.stderr.readline():
            assert demo.poll() is None
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=300)
        assert demo.returncode == 0, out + err
    check_summary(out)
    check_gone(processes)


def test_sigterm_ends_everything_at_once(embedded_kafka: None, place: Path) -> None:
    with started(place) as demo:
        processes = wait_for_workers(demo)
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=120)
        assert demo.returncode == 128 + signal.SIGTERM
    check_gone(processes)


def test_nothing_outlives_a_demo_that_is_killed(embedded_kafka: None, tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        processes = wait_for_workers(demo)
        demo.kill()
        demo.communicate(timeout=120)
    check_gone(processes)


def test_the_days_before_come_first_and_count_as_well(embedded_kafka: None, place: Path) -> None:
    with started(place, "--seconds", "20", "--rate", "0.1") as demo:
        processes = wait_for_workers(demo)
        assert demo.stderr is not None
        lines = [demo.stderr.readline()]
        while "feeding for" not in lines[-1]:
            assert demo.poll() is None
            lines.append(demo.stderr.readline())
        out, err = demo.communicate(timeout=300)
        assert demo.returncode == 0, out + err
    assert any("labelling the past" in line for line in lines)
    assert check_summary(out)[0] > 3_000
    check_gone(processes)


def test_the_address_of_the_dashboard_is_told_and_answers(embedded_kafka: None, place: Path) -> None:
    with started(place, "--rate", "5", "--no-past") as demo:
        assert demo.stderr is not None
        while not (told := re.match(r"dashboard: (http://\S+)", demo.stderr.readline())):
            assert demo.poll() is None
        until_it_answers(demo, told[1])
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=300)
        assert demo.returncode == 0, out + err
    check_summary(out)


def test_a_worker_that_dies_ends_the_demo_with_its_log(embedded_kafka: None, tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        processes = wait_for_workers(demo)
        roles(processes)["brands"].kill()
        _, err = demo.communicate(timeout=120)
        assert demo.returncode == 1
    assert "The worker brands ended with status -9" in err
    assert "Traceback" not in err
    logs = re.search(r"The logs of the workers are in (\S+)", err)
    assert logs, err
    assert sorted(path.name for path in Path(logs[1]).iterdir()) == [
        "brands.log",
        "history.log",
        "score.log",
        "web.log",
    ]
    check_gone(processes)


def test_on_an_existing_cluster_it_counts_only_its_own(kafka: Broker, topic_prefix: str, place: Path) -> None:
    where = {"BRANDPULSE_BROKERS": kafka.bootstrap, "BRANDPULSE_TOPIC_PREFIX": topic_prefix}
    counts = []
    for _ in range(2):
        with started(place, "--seconds", "5", "--rate", "60", "--no-past", **where) as demo:
            out, err = demo.communicate(timeout=300)
            assert demo.returncode == 0, out + err
        counts.append(check_summary(out)[0])
    topic = f"{topic_prefix}reviews"
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap)) as consumer:
        partitions = len(consumer.partitions_for_topic(topic))
    assert all(counts)
    assert sum(counts) == len(read_committed(kafka.bootstrap, topic, partitions))
