"""Several workers of a role on one machine, started by one command and ended by one signal.

Python runs on one core at a time in a process, so that a machine with more of them wants as many workers.
Each is a worker like any other: the group shares the partitions out among them, and whoever dies is missed
by nobody but its partitions, until it is there again.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stream.errors import ConfigurationError
from stream.lifeline import on_lifeline, release
from stream.settings import PREFIX, Settings

PORT_STEP = 100
RESTART_SECONDS = 1.0
STOP_SECONDS = 20.0
"""Longer than a worker takes to finish what is in flight."""
_LOOK_SECONDS = 0.2

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sibling:
    number: int
    process: subprocess.Popen[bytes]
    ended_at: float | None = None
    """Monotonic seconds; None: it runs."""


def environments(settings: Settings, flags: Mapping[str, object], port: int) -> list[dict[str, str]]:
    """What each of `settings.processes` workers finds in its environment, beside what is in ours.

    They share the cores out among them. Each has its own directory, and a port of its own, `PORT_STEP` apart;
    of these the first has `port`, and all have a free one where that is 0.
    """
    count = settings.processes or os.cpu_count() or 1
    threads = settings.threads or -(-(os.cpu_count() or 1) // count)
    shared = {name: str(value) for name, value in flags.items() if value is not None}
    return [
        {
            PREFIX + name.upper(): value
            for name, value in (
                shared
                | {
                    "processes": "1",
                    "threads": str(threads),
                    "port": str(port + number * PORT_STEP if port else 0),
                    "data_dir": str(settings.data_dir / str(number)),
                }
            ).items()
        }
        for number in range(count)
    ]


def run_siblings(command: Sequence[str], each: Sequence[Mapping[str, str]]) -> int:
    """Run the command once with each environment until SIGTERM or SIGINT; returns the status to exit with.

    One that dies is started again, but for one that says that the user must change something: then all end.
    """
    # No Event: the thread that a signal interrupts may be the one that holds its lock.
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: signals.append(number))
    siblings: list[_Sibling] = []
    try:
        siblings += [_Sibling(number, _start(command, one)) for number, one in enumerate(each)]
        while not signals:
            time.sleep(_LOOK_SECONDS)
            for sibling in siblings:
                status = _look(sibling, time.monotonic())
                if status == ConfigurationError.exit_code:
                    return status
                if sibling.ended_at is not None and time.monotonic() - sibling.ended_at >= RESTART_SECONDS:
                    sibling.process, sibling.ended_at = _start(command, each[sibling.number]), None
        return 0
    finally:
        _end(siblings)


def _look(sibling: _Sibling, now: float) -> int | None:
    """The status of one that has ended since the last look."""
    if sibling.ended_at is not None or (status := sibling.process.poll()) is None:
        return None
    release(sibling.process)
    sibling.ended_at = now
    log.error(
        "worker %d (process %d) ended with status %d, starting it again",
        sibling.number,
        sibling.process.pid,
        status,
    )
    return status


def _start(command: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # What a file says would contradict what a worker is told.
    ours = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in variables}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        on_lifeline(command), env={**ours, **variables}, stdin=subprocess.PIPE
    )


def _end(siblings: Sequence[_Sibling]) -> None:
    """Let all finish what is in flight; kill -9 whoever does not in time."""
    running = [sibling.process for sibling in siblings if sibling.ended_at is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        release(process)


def itself(name: str) -> list[str]:
    """The command of a role's worker, in this interpreter."""
    return [sys.executable, "-m", "stream", name]
