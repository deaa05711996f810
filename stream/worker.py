"""A role that consumes by Faust: brokers, topics and the app; ended by a signal.

The order at the end is: not ready, finish what is in flight, commit, leave the group, exit 0.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any, Protocol

from faust.types import TP

from stream.errors import Stalled
from stream.kafka.app import create_app
from stream.kafka.transport import ChunkApp, check_group
from stream.metrics import Role as RoleName
from stream.process import Process, probe_brokers, run_process
from stream.settings import Settings
from stream.tenure import Tenure

DRAIN_SECONDS = 13.0

log = logging.getLogger(__name__)


class Role(Protocol):
    """What makes a worker a `score` or a `brands`."""

    group: str
    source_topic: str
    tenure: Tenure

    def prepare(self) -> None:
        """Check and load what the role depends on; blocking. Raises ConfigurationError."""

    def attach(self, app: ChunkApp) -> None:
        """Add the agent to the app."""

    def read_offsets(self) -> dict[int, int]:
        """For each source partition, the offset after the last record read."""


def run_worker(settings: Settings, name: RoleName, create_role: Callable[[Process], Role]) -> None:
    """Run until SIGTERM or SIGINT; after an outage start over in place, waiting for the broker.

    Raises:
        ConfigurationError: at the start, what the user must change.
    """

    async def work(process: Process, stop: asyncio.Event) -> BaseException | None:
        role = create_role(process)
        await asyncio.to_thread(role.prepare)
        return await _run_app(process, role, stop)

    run_process(settings, name, work)


async def _run_app(process: Process, role: Role, stop: asyncio.Event) -> BaseException | None:
    app = create_app(process.settings, role.group, role.source_topic, role.tenure)
    role.attach(app)

    def look() -> None:
        check_group(app)
        _measure_lag(process, role, app)

    probe = process.watch(probe_brokers(process, look), "probe")
    # A start takes as long as it takes the group to let us in; we may have to stop before.
    running = asyncio.create_task(_run(app))
    stopping = asyncio.create_task(stop.wait())
    waits: list[asyncio.Future[Any]] = [running, stopping, process.failure]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    process.health.meet("running", False)
    probe.cancel()
    if process.failure.done():
        return process.failure.result()
    if not stop.is_set():
        return app.crash_reason or running.exception() or Stalled("the consumer stopped by itself")
    log.info("stopping: finishing what is in flight")
    draining = asyncio.create_task(_drain(app, role))
    # Not a time-out around it: Faust swallows the cancellation that a time-out works with.
    await asyncio.wait({draining}, timeout=DRAIN_SECONDS)
    if not draining.done():
        log.warning("gave up draining seconds=%.0f; what is left will be read again", DRAIN_SECONDS)
        os._exit(0)
    draining.result()
    return process.failure.result() if process.failure.done() else None


async def _run(app: ChunkApp) -> None:
    await app.start()
    await app.wait_until_stopped()


async def _drain(app: ChunkApp, role: Role) -> None:
    await app.stop()
    await role.tenure.release()


def _measure_lag(process: Process, role: Role, app: ChunkApp) -> None:
    for partition, offset in role.read_offsets().items():
        end = app.consumer.highwater(TP(role.source_topic, partition))
        process.metrics.note_lag(role.source_topic, partition, offset, end)
