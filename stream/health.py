"""Health: a worker's state as a pure object, and the pages that show it.

`/healthz` says whether the process should live on, `/readyz` whether it does its work, `/metrics` is
Prometheus text. Liveness depends on this process alone: a broker that is away makes a worker unready,
never dead, because a restart would not bring the broker back.
"""

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from stream.errors import PortTaken, SettingsError
from stream.metrics import Metrics, Role
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
DEFAULT_PORTS = {"score": 9101, "brands": 9102, "history": 9103, "notify": 9104, "web": 8080}
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


@dataclass(frozen=True, slots=True)
class Page:
    """One answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class HealthPages:
    """The pages of one `HealthState` and one registry, by path, for whichever server a role has."""

    def __init__(self, state: HealthState, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._state = state
        self._metrics = metrics
        self._clock = clock

    def healthz(self) -> Page:
        """Whether the process should live on."""
        reason = self._state.alive(self._clock())
        return _json_page({"alive": reason is None, "reason": reason}, ok=reason is None)

    def readyz(self, **more: object) -> Page:
        """Whether it does its work, and what else a role has to say."""
        unmet = self._state.ready()
        return _json_page({"ready": not unmet, "unmet": unmet, **more}, ok=not unmet)

    def metrics(self) -> Page:
        """Prometheus text."""
        self._metrics.ready.set(not self._state.ready())
        return Page(200, CONTENT_TYPE_LATEST, generate_latest(self._metrics.registry))

    async def beat(self) -> None:
        """Tell the state that the event loop runs; never returns."""
        while True:
            self._state.beat(self._clock())
            await asyncio.sleep(BEAT_SECONDS)


def port_of(settings: Settings, role: Role) -> int:
    """The port that the settings say, or the role's own."""
    return DEFAULT_PORTS[role] if settings.port is None else settings.port


def log_address(settings: Settings, port: int) -> None:
    """The line by which whoever started a worker finds it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("listening on http://%s:%d", host, port)


def cannot_listen(error: OSError, settings: Settings, role: Role) -> PortTaken | SettingsError:
    """Why nobody can be served, in words that say what to do."""
    host, port = settings.host, port_of(settings, role)
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"port {port} on {host} is taken; set {PREFIX}PORT or --port to another one (0: any free one)"
        )
    return SettingsError(
        f"cannot listen on {host}:{port} ({error.strerror}); see {PREFIX}HOST and {PREFIX}PORT"
    )


def _json_page(body: dict[str, object], *, ok: bool) -> Page:
    return Page(200 if ok else 503, "application/json", orjson.dumps(body))
