"""Health: a worker's state as a pure object, and the small HTTP server that shows it.

`/healthz` says whether the process should live on, `/readyz` whether it does its work, `/metrics` is
Prometheus text. Liveness depends on this process alone: a broker that is away makes a worker unready,
never dead, because a restart would not bring the broker back.
"""

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import Literal

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from stream.errors import PortTaken, SettingsError
from stream.metrics import Metrics
from stream.settings import PREFIX, Settings

Condition = Literal[
    "brokers_answer",
    "partitions_assigned",
    "recovered",
    "goldens_reproduced",
    "database_answers",
    "running",
]
CONDITIONS: tuple[Condition, ...] = (
    "brokers_answer",
    "partitions_assigned",
    "recovered",
    "goldens_reproduced",
    "database_answers",
    "running",
)
DEFAULT_PORTS = {"score": 9101, "brands": 9102, "history": 9103}
BEAT_SECONDS = 1.0

log = logging.getLogger(__name__)


class HealthState:
    """What a worker knows of its own progress; times are seconds of one monotonic clock.

    Call `beat` from the event loop, `polled` at every fetch (also an empty one), `taken` when a piece of
    work enters and `consumed` when it is committed. Any thread may read.
    """

    def __init__(self, stall_seconds: float, now: float) -> None:
        self._stall_seconds = stall_seconds
        self._beaten_at = self._polled_at = self._progressed_at = now
        self._pending = 0
        self._unmet = set(CONDITIONS)
        # A role with a database says itself when it is away.
        self._unmet -= {"running", "database_answers"}

    def beat(self, now: float) -> None:
        """The event loop runs."""
        self._beaten_at = now

    def polled(self, now: float) -> None:
        """The consumer asked for records."""
        self._polled_at = now

    def taken(self, now: float) -> None:
        """A piece of work entered; it counts as in flight until `consumed`."""
        if not self._pending:
            self._progressed_at = now
        self._pending += 1

    def consumed(self, now: float) -> None:
        """A piece of work that was in flight is finished."""
        self._pending -= 1
        self._progressed_at = now

    def assigned(self, partitions: int, now: float) -> None:
        """The group gave this worker so many partitions; whatever was in flight before is settled."""
        self._pending = 0
        self._polled_at = self._progressed_at = now
        self.meet("partitions_assigned", partitions > 0)

    def meet(self, condition: Condition, met: bool = True) -> None:
        """Say whether a condition of readiness holds; `running` turns false when shutdown begins."""
        if met:
            self._unmet.discard(condition)
        else:
            self._unmet.add(condition)

    def alive(self, now: float) -> str | None:
        """None, or why the process should be ended.

        >>> HealthState(stall_seconds=60, now=0).alive(now=61.5)
        'the event loop has not run for 61.5 seconds'
        """
        for silent_since, what in self._duties():
            if now - silent_since > self._stall_seconds:
                return f"{what} for {now - silent_since:.1f} seconds"
        return None

    def ready(self) -> list[Condition]:
        """The conditions of readiness that are not met; none: ready."""
        return [condition for condition in CONDITIONS if condition in self._unmet]

    def _duties(self) -> list[tuple[float, str]]:
        duties = [(self._beaten_at, "the event loop has not run")]
        # Without partitions there is nothing to poll for: perhaps no broker answers yet.
        if "partitions_assigned" not in self._unmet and "running" not in self._unmet:
            duties.append((max(self._polled_at, self._progressed_at), "the consumer has not polled"))
        if self._pending:
            duties.append((self._progressed_at, "work in flight has not been finished"))
        return duties


class HealthServer:
    """Serves one `HealthState` and one registry, inside the event loop that it reports on."""

    def __init__(self, state: HealthState, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._state = state
        self._metrics = metrics
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self._beating: asyncio.Task[None] | None = None

    async def start(self, settings: Settings) -> int:
        """Listen on the settings' host and port and start the heartbeat; returns the port.

        Raises:
            PortTaken: somebody else listens there.
            SettingsError: the address is not one of this machine.
        """
        port = DEFAULT_PORTS[self._metrics.role] if settings.port is None else settings.port
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise _translate(error, settings.host, port) from error
        self._runner = runner
        self._beating = asyncio.create_task(self._beat(), name="heartbeat")
        bound: int = runner.addresses[0][1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        log.info("listening on http://%s:%d", host, bound)
        return bound

    async def stop(self) -> None:
        """Close the port; the heartbeat ends with it."""
        if self._beating:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._export)
        return app

    async def _beat(self) -> None:
        while True:
            self._state.beat(self._clock())
            await asyncio.sleep(BEAT_SECONDS)

    async def _healthz(self, _request: web.Request) -> web.Response:
        reason = self._state.alive(self._clock())
        return _answer({"alive": reason is None, "reason": reason}, ok=reason is None)

    async def _readyz(self, _request: web.Request) -> web.Response:
        unmet = self._state.ready()
        return _answer({"ready": not unmet, "unmet": unmet}, ok=not unmet)

    async def _export(self, _request: web.Request) -> web.Response:
        self._metrics.ready.set(not self._state.ready())
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answer(body: dict[str, object], *, ok: bool) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=200 if ok else 503, content_type="application/json")


def _translate(error: OSError, host: str, port: int) -> PortTaken | SettingsError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"port {port} on {host} is taken; set {PREFIX}PORT or --port to another one (0: any free one)"
        )
    return SettingsError(
        f"cannot listen on {host}:{port} ({error.strerror}); see {PREFIX}HOST and {PREFIX}PORT"
    )
