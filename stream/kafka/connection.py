"""How aiokafka's clients reach the cluster: one place for addresses, and later for security."""

import asyncio
import logging
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from stream.settings import Settings

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0

log = logging.getLogger(__name__)


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client gets."""
    return {"bootstrap_servers": settings.brokers, "client_id": f"{settings.topic_prefix}brandpulse"}


async def wait_for_brokers(settings: Settings) -> None:
    """Return once a broker answers; until then try again with growing pauses, and say so."""
    wait_seconds = FIRST_WAIT_SECONDS
    while not await brokers_answer(settings):
        log.warning("no broker answers brokers=%s next_try_seconds=%.1f", settings.brokers, wait_seconds)
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)


async def brokers_answer(settings: Settings, timeout_seconds: float = 5.0) -> bool:
    """Whether the cluster answers a metadata request in time."""
    client = AIOKafkaClient(**client_options(settings), request_timeout_ms=int(timeout_seconds * 1000))
    try:
        await asyncio.wait_for(client.bootstrap(), timeout_seconds)
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        await client.close()
    return True
