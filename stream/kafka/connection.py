"""How aiokafka's clients reach the cluster: addresses and security, and whether anybody answers there."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiokafka.conn import collect_hosts

from stream.errors import AccessRefused, BrokerUnavailable
from stream.kafka.probe import ask_broker
from stream.kafka.security import aiokafka_security
from stream.settings import Settings

ANSWER_SECONDS = 5.0
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0

log = logging.getLogger(__name__)


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client gets.

    Raises:
        SettingsError: a file of certificates or keys cannot be used.
    """
    return {
        "bootstrap_servers": settings.brokers,
        "client_id": f"{settings.topic_prefix}brandpulse",
        **aiokafka_security(settings),
    }


async def wait_for_brokers(settings: Settings) -> None:
    """Return once a broker answers; until then try again with growing pauses, and say so.

    Raises:
        AccessRefused: there is one that does not let us in; waiting would not help.
    """
    if settings.security_protocol == "SASL_PLAINTEXT" and settings.sasl_mechanism in ("PLAIN", "OAUTHBEARER"):
        log.warning("whoever listens on the network can read our password: SASL_SSL would encrypt it")
    wait_seconds = FIRST_WAIT_SECONDS
    while failure := await _reach(settings, ANSWER_SECONDS):
        log.warning("no broker answers next_try_seconds=%.1f because: %s", wait_seconds, failure)
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)


async def brokers_answer(settings: Settings, timeout_seconds: float = ANSWER_SECONDS) -> bool:
    """Whether one of the brokers answers a metadata request, each within the time given.

    Raises:
        AccessRefused: none answers, and at least one does not let us in.
    """
    return await _reach(settings, timeout_seconds) is None


async def _reach(settings: Settings, timeout_seconds: float) -> BrokerUnavailable | None:
    refused: AccessRefused | None = None
    away: list[str] = []
    for host, port, _ in collect_hosts(settings.brokers):
        match await ask_broker(settings, host, port, timeout_seconds):
            case None:
                return None
            case AccessRefused() as error:
                refused = error
            case error:
                away.append(str(error))
    if refused is not None:
        raise refused
    return BrokerUnavailable(", ".join(away))


def require_access(settings: Settings, timeout_seconds: float = ANSWER_SECONDS) -> None:
    """Blocking, for clients that would try a wrong password until their time is up; no answer is no error.

    Raises:
        AccessRefused: as `brokers_answer`.
    """
    # In a thread of its own, since the caller may be inside an event loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, brokers_answer(settings, timeout_seconds)).result()
