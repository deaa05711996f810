"""Posts what waits, one after the other; after a failure it pauses, the longer the more often it fails."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from stream.events import BrandAlert
from stream.metrics import Metrics
from stream.notify.waiting import Notice, Waiting
from stream.notify.webhook import NotTaken, Outcome, Posted, Refused, Unknown
from stream.notify.wording import message

FIRST_PAUSE_SECONDS, MOST_DOUBLINGS = 1.0, 6

log = logging.getLogger(__name__)


class Poster:
    """Runs until it is told to finish. It tries again only what was certainly not taken.

    Args:
        post: one attempt.
        public_url: for links to the dashboard; empty: none.
    """

    def __init__(
        self,
        waiting: Waiting,
        post: Callable[[Mapping[str, str]], Awaitable[Outcome]],
        public_url: str,
        metrics: Metrics,
    ) -> None:
        self._waiting = waiting
        self._post = post
        self._public_url = public_url
        self._metrics = metrics
        self._changed = asyncio.Event()
        self._finishing = asyncio.Event()
        self._failures = 0

    def add(self, alert: BrandAlert) -> None:
        """Have an alert posted; returns at once."""
        if self._waiting.add(alert, time.monotonic()):
            self._metrics.not_notified.labels("superseded").inc()
        self._changed.set()

    def finish(self) -> None:
        """Make `run` return once nothing is due, or at the first failure."""
        self._finishing.set()
        self._changed.set()

    async def run(self) -> None:
        """Post until `finish`."""
        while not (self._finishing.is_set() and self._failures):
            now = time.monotonic()
            for expired in self._waiting.drop_expired(now):
                self._fail("gave_up", expired, "no success in time")
            notice = self._waiting.take(now)
            self._metrics.notices_waiting.set(len(self._waiting) + (notice is not None))
            if notice is not None:
                await self._deliver(notice)
            elif self._finishing.is_set():
                break
            else:
                await self._until_due()
        if self._waiting:
            log.warning("ending: messages that waited will not be posted count=%d", len(self._waiting))

    async def _deliver(self, notice: Notice) -> None:
        outcome = await self._post(message(notice.alert, self._public_url))
        if not isinstance(outcome, NotTaken):
            self._failures = 0
        match outcome:
            case Posted():
                self._waiting.posted(notice, time.monotonic())
                self._metrics.notified.labels(notice.alert.state).inc()
                log.info("posted alert_id=%r update=%d", notice.alert.alert_id, notice.alert.update)
            case Refused(why):
                self._fail("refused", notice, why)
            case Unknown(why):
                self._fail("unknown", notice, why)
            case NotTaken(why, after_seconds):
                await self._pause(notice, why, after_seconds)

    async def _pause(self, notice: Notice, why: str, after_seconds: float | None) -> None:
        if not self._waiting.give_back(notice):
            self._metrics.not_notified.labels("superseded").inc()
        # The jitter keeps several senders from coming back all at once.
        backoff = FIRST_PAUSE_SECONDS * 2 ** min(self._failures, MOST_DOUBLINGS)
        seconds = max(backoff * random.uniform(0.5, 1.0), after_seconds or 0.0)  # noqa: S311
        self._failures += 1
        log.warning("the webhook did not take a message (%s) next_try_seconds=%.1f", why, seconds)
        await _wait(self._finishing, seconds)

    async def _until_due(self) -> None:
        self._changed.clear()
        due_at = self._waiting.next_at()
        await _wait(self._changed, None if due_at is None else max(0.0, due_at - time.monotonic()))

    def _fail(self, reason: str, notice: Notice, why: str) -> None:
        self._metrics.not_posted.labels(reason).inc()
        alert = notice.alert
        log.error("not posted (%s) alert_id=%r update=%d", why, alert.alert_id, alert.update)


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Until the event is set, or so many seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
