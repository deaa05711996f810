"""Before the first record: waiting for a broker."""

import asyncio
import time
from collections.abc import Callable

from stream.errors import BrokerUnavailable
from stream.kafka.connection import brokers_answer
from stream.settings import Settings

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0


async def await_broker(settings: Settings, wait_seconds: float, report: Callable[[str], None]) -> None:
    """Return once a broker answers; until then try again with growing pauses, and report each.

    Raises:
        BrokerUnavailable: none answered within `wait_seconds`.
    """
    deadline_seconds = time.monotonic() + wait_seconds
    pause_seconds = FIRST_PAUSE_SECONDS
    while not await brokers_answer(settings):
        left_seconds = deadline_seconds - time.monotonic()
        if left_seconds <= 0:
            raise BrokerUnavailable(
                f"No broker answered at {settings.brokers} within {wait_seconds:.0f} s. "
                "Start one (brandpulse broker) or name yours: --brokers HOST:PORT."
            )
        pause_seconds = min(pause_seconds, left_seconds)
        report(f"no broker at {settings.brokers} yet; next try in {pause_seconds:.1f} s")
        await asyncio.sleep(pause_seconds)
        pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
