"""A contestant's processes: started, measured, stopped and killed as one."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from stream.lifeline import on_lifeline, release
from tests.benchmarks.machine import peak_mib

STOP_SECONDS = 15


class Worker:
    """A command in a process group of its own that ends with this process; what it says goes to a file."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        self.started = time.time()
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                on_lifeline(command),
                env=environment,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def check(self) -> None:
        """It runs, or an AssertionError says what it said last."""
        if self._process.poll() is not None:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
            raise AssertionError(f"it ended with status {self._process.returncode}:\n{tail}")

    def cpu_seconds(self) -> float:
        """User and system time of all its processes, those that ended among them."""
        total = 0.0
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def peak_mib(self) -> float:
        """The sum over its processes of the most that each ever had resident."""
        return sum(peak_mib(process.pid) for process in self._tree())

    def kill(self) -> None:
        """kill -9 of all its processes at once; may be called again."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None and not self._process.stdin.closed:
            release(self._process)

    def stop(self) -> None:
        """SIGTERM to the first, and -9 to what is left."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def _tree(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]
