"""The process around a role: health first, then the brokers, then the role's work; ended by a signal.

The order at the start lets an orchestrator see a waiting worker as alive but not ready.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiokafka.errors import KafkaError

from stream.errors import AccessRefused, BrandpulseError, OutageError
from stream.health import HealthState
from stream.health_server import HealthServer
from stream.kafka.connection import brokers_answer, wait_for_brokers
from stream.kafka.refusals import refusal
from stream.loop import new_event_loop
from stream.metrics import Metrics, create_metrics
from stream.metrics import Role as RoleName
from stream.settings import Settings
from stream.watchdog import Watchdog

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


Work = Callable[[Process, asyncio.Event], Awaitable[BaseException | None]]
"""Works until the event is set, then ends in order; returns what ended it, None: the event."""


class Server(Protocol):
    """Shows the health of the process, and whatever else its role serves, on the port of the settings."""

    async def start(self, settings: Settings) -> int: ...
    async def stop(self) -> None: ...


MakeServer = Callable[[HealthState, Metrics, Callable[[], float]], Server]


def run_process(
    settings: Settings, name: RoleName, work: Work, make_server: MakeServer = HealthServer
) -> None:
    """Run until SIGTERM or SIGINT; after an outage start over in place, waiting for the broker.

    Raises:
        ConfigurationError: at the start, what the user must change.
    """
    runner = asyncio.Runner(loop_factory=new_event_loop)
    try:
        failure = runner.run(_serve(settings, name, work, make_server))
    except (OutageError, KafkaError) as error:
        failure = error
    if failure is None:
        runner.close()
        return
    failure = refusal(failure) or failure
    # From here on no cleanup runs: nothing may survive that could go on behind a hole.
    if isinstance(failure, KafkaError) or getattr(failure, "restarts_in_place", False):
        log.error("starting over seconds=%.0f because: %r", RESTART_SECONDS, failure)
        for number in (signal.SIGTERM, signal.SIGINT):
            # The loop, which would hear of it, runs no more.
            signal.signal(number, lambda *_: os._exit(0))
        time.sleep(RESTART_SECONDS)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    known = isinstance(failure, BrandpulseError)
    log.critical("ending: %s", failure if known else repr(failure), exc_info=None if known else failure)
    os._exit(failure.exit_code if isinstance(failure, BrandpulseError) else 1)


async def _serve(
    settings: Settings, name: RoleName, work: Work, make_server: MakeServer
) -> BaseException | None:
    metrics = create_metrics(name)
    health = HealthState(settings.stall_seconds, time.monotonic())
    process = Process(settings, health, metrics)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = make_server(health, metrics, time.monotonic)
    await server.start(settings)
    watchdog = Watchdog(health, time.monotonic)
    watchdog.start()
    try:
        if not await _first(stop, wait_for_brokers(settings)):
            return None
        health.meet("brokers_answer")
        return await work(process, stop)
    finally:
        watchdog.stop()
        await server.stop()


async def probe_brokers(process: Process, also: Callable[[], None]) -> None:
    """Keep readiness up to date, and do the other thing each time; never returns."""
    while True:
        try:
            answered = await brokers_answer(process.settings)
        except AccessRefused as error:
            # What is connected goes on: a person has time to mend it, and a restart would not.
            log.warning("new connections are refused: %s", error)
            answered = False
        process.health.meet("brokers_answer", answered)
        also()
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
