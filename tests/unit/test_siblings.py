"""Several workers by one command: what each is told, and what becomes of them when one dies or all end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stream.settings import Settings
from stream.siblings import environments

PATIENCE_SECONDS = 20
WORKER = """
import os, pathlib, signal, sys, time
here = pathlib.Path(os.environ["HERE"], os.environ["BRANDPULSE_PORT"])
signal.signal(signal.SIGTERM, lambda *_: (here.with_suffix(".ended").touch(), sys.exit(0)))
if pathlib.Path(os.environ["HERE"], "refuse").exists(): sys.exit(2)
written = here.with_suffix(".next")
written.write_text(f"{os.getpid()} {here.read_text() if here.exists() else ''}")
written.rename(here)
while True: time.sleep(0.05)
"""
PARENT = """
import sys
from stream.siblings import run_siblings
each = [{"BRANDPULSE_PORT": name} for name in ("1", "2")]
sys.exit(run_siblings([sys.executable, "-c", sys.argv[1]], each))
"""


@contextmanager
def parent(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Two workers that note their process ids, and their end, in files."""
    environment = {**os.environ, "HERE": str(directory)}
    process = subprocess.Popen([sys.executable, "-c", PARENT, WORKER], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def pids(directory: Path, worker: str) -> list[int]:
    """Of one worker, the newest first."""
    file = directory / worker
    return list(map(int, file.read_text().split())) if file.exists() else []


def until(directory: Path, worker: str, starts: int) -> int:
    """Wait until a worker has started so often; the process id of the last one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := pids(directory, worker)) < starts:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found[0]


def test_each_has_its_share_of_the_cores_a_port_and_a_directory() -> None:
    settings = Settings(processes=3, threads=2, data_dir=Path("/data"))
    flags = {"brokers": "kafka:9092", "processes": 3, "port": None, "bundle": None}
    first, _, third = environments(settings, flags, 9101)
    assert first == {
        "BRANDPULSE_BROKERS": "kafka:9092",
        "BRANDPULSE_PROCESSES": "1",
        "BRANDPULSE_THREADS": "2",
        "BRANDPULSE_PORT": "9101",
        "BRANDPULSE_DATA_DIR": "/data/0",
    }
    assert (third["BRANDPULSE_PORT"], third["BRANDPULSE_DATA_DIR"]) == ("9301", "/data/2")


def test_as_many_as_cores_have_a_thread_each_and_free_ports_where_one_was_asked_for() -> None:
    found = environments(Settings(processes=0, data_dir=Path("/data")), {}, 0)
    assert len(found) == os.cpu_count()
    assert {(each["BRANDPULSE_THREADS"], each["BRANDPULSE_PORT"]) for each in found} == {("1", "0")}


def test_who_dies_is_started_again_and_a_signal_lets_all_finish(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        other = until(tmp_path, "2", 1)
        os.kill(until(tmp_path, "1", 1), signal.SIGKILL)
        until(tmp_path, "1", 2)
        assert pids(tmp_path, "2") == [other]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert {path.name for path in tmp_path.glob("*.ended")} == {"1.ended", "2.ended"}


def test_what_the_user_must_change_ends_all_of_them(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        one, _ = until(tmp_path, "1", 1), until(tmp_path, "2", 1)
        (tmp_path / "refuse").touch()
        os.kill(one, signal.SIGKILL)
        assert process.wait(PATIENCE_SECONDS) == 2
        assert (tmp_path / "2.ended").exists()


def test_none_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        workers = [psutil.Process(until(tmp_path, name, 1)) for name in ("1", "2")]
        process.kill()
        _, alive = psutil.wait_procs(workers, PATIENCE_SECONDS)
        assert not alive


def test_a_value_in_a_file_gives_way_to_what_a_worker_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRANDPULSE_PORT_FILE", str(tmp_path / "port"))
    with parent(tmp_path):
        variables = psutil.Process(until(tmp_path, "1", 1)).environ()
        assert "BRANDPULSE_PORT_FILE" not in variables
