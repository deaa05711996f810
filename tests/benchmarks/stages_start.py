"""How long a worker takes from its start until it is ready."""

import asyncio
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import psutil

from stream.kafka.ports import free_ports
from tests.benchmarks.place import PATIENCE_SECONDS, Place

LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Start:
    """Until /readyz says so: broker reached, goldens reproduced, partitions assigned."""

    seconds: float
    cpu_seconds: float


async def measure_start(place: Place, *arguments: str) -> Start:
    """Start a worker, and stop it when it is ready."""
    (port,) = free_ports(1)
    started = time.monotonic()
    worker = place.start(*arguments, PORT=str(port))
    while not await asyncio.to_thread(_is_ready, port):
        worker.check()
        assert time.monotonic() - started < PATIENCE_SECONDS, "the worker does not become ready"
        await asyncio.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - started
    times = psutil.Process(worker.pid).cpu_times()
    worker.stop()
    return Start(seconds, times.user + times.system)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
