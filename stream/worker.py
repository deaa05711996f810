"""One worker process of any role: health first, then brokers, topics and the Faust app; ended by a signal.

The order at the start lets an orchestrator see a waiting worker as alive but not ready. The order at
the end is: not ready, finish what is in flight, commit, leave the group, exit 0.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvloop
from aiokafka.errors import KafkaError
from faust.types import TP

from stream.errors import BrandpulseError, OutageError, Stalled
from stream.health import HealthServer, HealthState
from stream.kafka.app import create_app
from stream.kafka.connection import brokers_answer, wait_for_brokers
from stream.kafka.transport import ChunkApp
from stream.metrics import Metrics, create_metrics
from stream.metrics import Role as RoleName
from stream.settings import Settings
from stream.tenure import Tenure
from stream.watchdog import Watchdog

DRAIN_SECONDS = 13.0
PROBE_SECONDS = 3.0
RESTART_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Process:
    """What a role gets from the process it runs in."""

    settings: Settings
    health: HealthState
    metrics: Metrics
    failure: asyncio.Future[BaseException] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def fail(self, error: BaseException) -> None:
        """End the process; what is not committed yet will be read again."""
        if not self.failure.done():
            self.failure.set_result(error)

    def watch(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run work in the background; an exception in it ends the process."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._watched)
        return task

    def _watched(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.fail(error)


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
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    try:
        failure = runner.run(_serve(settings, name, create_role))
    except (OutageError, KafkaError) as error:
        failure = error
    if failure is None:
        runner.close()
        return
    # From here on no cleanup runs: nothing may survive that could go on behind a hole.
    if isinstance(failure, KafkaError) or getattr(failure, "restarts_in_place", False):
        log.error("starting over seconds=%.0f because: %r", RESTART_SECONDS, failure)
        time.sleep(RESTART_SECONDS)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    known = isinstance(failure, BrandpulseError)
    log.critical("ending: %s", failure if known else repr(failure), exc_info=None if known else failure)
    os._exit(failure.exit_code if isinstance(failure, BrandpulseError) else 1)


async def _serve(
    settings: Settings, name: RoleName, create_role: Callable[[Process], Role]
) -> BaseException | None:
    metrics = create_metrics(name)
    health = HealthState(settings.stall_seconds, time.monotonic())
    process = Process(settings, health, metrics)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = HealthServer(health, metrics, time.monotonic)
    await server.start(settings)
    watchdog = Watchdog(health, time.monotonic)
    watchdog.start()
    try:
        if not await _first(stop, wait_for_brokers(settings)):
            return None
        health.meet("brokers_answer")
        role = create_role(process)
        await asyncio.to_thread(role.prepare)
        return await _run_app(process, role, stop)
    finally:
        watchdog.stop()
        await server.stop()


async def _run_app(process: Process, role: Role, stop: asyncio.Event) -> BaseException | None:
    app = create_app(process.settings, role.group, role.source_topic, role.tenure)
    role.attach(app)
    await app.start()
    probe = process.watch(_probe(process, role, app), "probe")
    crashed = asyncio.create_task(app.wait_until_stopped())
    stopping = asyncio.create_task(stop.wait())
    waits: list[asyncio.Future[Any]] = [crashed, stopping, process.failure]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    process.health.meet("running", False)
    probe.cancel()
    if process.failure.done():
        return process.failure.result()
    if not stop.is_set():
        return app.crash_reason or Stalled("the consumer stopped by itself")
    log.info("stopping: finishing what is in flight")
    draining = asyncio.create_task(_drain(app, role))
    # Not a time-out around it: Faust swallows the cancellation that a time-out works with.
    await asyncio.wait({draining}, timeout=DRAIN_SECONDS)
    if not draining.done():
        log.warning("gave up draining seconds=%.0f; what is left will be read again", DRAIN_SECONDS)
        os._exit(0)
    draining.result()
    return process.failure.result() if process.failure.done() else None


async def _drain(app: ChunkApp, role: Role) -> None:
    await app.stop()
    await role.tenure.release()


async def _probe(process: Process, role: Role, app: ChunkApp) -> None:
    """Keep readiness and consumer lag up to date."""
    gauge = process.metrics.consumer_lag
    while True:
        answer = await brokers_answer(process.settings)
        process.health.meet("brokers_answer", answer)
        for partition, offset in role.read_offsets().items():
            end = app.consumer.highwater(TP(role.source_topic, partition))
            gauge.labels(role.source_topic, str(partition)).set(max(0, (end or offset) - offset))
        await asyncio.sleep(PROBE_SECONDS)


async def _first(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work finished before the process was told to stop."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    return False
