"""One connection to one broker, and when it fails: is it away, or must a person change something?"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from stream.errors import AccessRefused, BrokerUnavailable
from stream.kafka.refusals import refusal
from stream.kafka.security import aiokafka_security, token_source
from stream.settings import PREFIX, Settings

CLOSE_SECONDS = 1.0
# These come before anything was said, so that there is nothing to find out about what is spoken there.
_UNREACHED = (ConnectionRefusedError, TimeoutError, socket.gaierror)


async def ask_broker(
    settings: Settings, host: str, port: int, timeout_seconds: float
) -> AccessRefused | BrokerUnavailable | None:
    """None: it answers a metadata request."""
    security = aiokafka_security(settings)
    try:
        async with asyncio.timeout(timeout_seconds):
            await _ask_metadata(host, port, security)
    except (KafkaError, OSError) as error:
        if refused := refusal(error):
            return AccessRefused(f"{host}:{port}: {refused}")
        if isinstance(error, _UNREACHED):
            return BrokerUnavailable(f"{host}:{port}: {_why(error)}")
        mismatch = await _find_mismatch(settings, host, port, security, timeout_seconds)
        if mismatch:
            return AccessRefused(f"{host}:{port} {mismatch}")
        return BrokerUnavailable(f"{host}:{port}: {_why(error)}")
    return None


async def _ask_metadata(host: str, port: int, security: dict[str, Any]) -> None:
    async with _connection(host, port, security) as connection:
        answer = await connection.send(MetadataRequest([]))
    if not answer.brokers:
        # So a broker answers somebody whose token it did not believe.
        raise KafkaConnectionError("it names no brokers")


@asynccontextmanager
async def _connection(host: str, port: int, security: dict[str, Any]) -> AsyncIterator[AIOKafkaConnection]:
    closed: set[asyncio.Future[None]] = set()
    try:
        connection = await create_conn(
            host, port, on_close=lambda each, _reason: closed.add(each.close()), **security
        )
        try:
            yield connection
        finally:
            connection.close()
    finally:
        # TLS says goodbye, also where it was aiokafka that gave up, unless the broker takes too long.
        if closed:
            await asyncio.wait(closed, timeout=CLOSE_SECONDS)


async def _find_mismatch(
    settings: Settings, host: str, port: int, security: dict[str, Any], timeout_seconds: float
) -> str | None:
    """What the broker speaks there, where that is not what we speak."""
    protocol = settings.security_protocol
    try:
        async with asyncio.timeout(timeout_seconds):
            if "SSL" in protocol and await _speaks_plain(host, port):
                return f"speaks no TLS: {PREFIX}SECURITY_PROTOCOL={protocol} is for another port"
            if "SSL" not in protocol and await _speaks_tls(host, port):
                return f"speaks TLS: {PREFIX}SECURITY_PROTOCOL must be SSL or SASL_SSL there"
            if "SASL" not in protocol:
                return await _wants_sasl(host, port, security)
            if settings.sasl_mechanism == "OAUTHBEARER":
                return await _refuses_token(settings, host, port, security)
    except (KafkaError, OSError):
        return None
    return None


async def _speaks_plain(host: str, port: int) -> bool:
    try:
        async with _connection(host, port, {}):
            return True
    except (KafkaError, OSError):
        return False


async def _speaks_tls(host: str, port: int) -> bool:
    # Nothing is sent over it: whose certificate it is does not matter.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    except OSError:
        return False
    writer.transport.abort()
    return True


async def _wants_sasl(host: str, port: int, security: dict[str, Any]) -> str | None:
    async with _connection(host, port, security) as connection:
        mechanisms = (await connection.send(SaslHandShakeRequest("?"))).enabled_mechanisms
    if not mechanisms:
        return None
    protocol = f"SASL_{security['security_protocol']}"
    return (
        f"wants to know who we are: {PREFIX}SECURITY_PROTOCOL must be {protocol} there, and "
        f"{PREFIX}SASL_MECHANISM one of {', '.join(sorted(mechanisms))}"
    )


async def _refuses_token(settings: Settings, host: str, port: int, security: dict[str, Any]) -> str | None:
    """Whether the broker disliked the token, which aiokafka does not look at (RFC 7628, 3.2.2)."""
    protocol = settings.security_protocol.removeprefix("SASL_")
    token = await asyncio.to_thread(token_source(settings).token)
    anonymous = {"security_protocol": protocol, "ssl_context": security.get("ssl_context")}
    async with _connection(host, port, anonymous) as connection:
        await connection.send(SaslHandShakeRequest("OAUTHBEARER"))
        payload = f"n,,\x01auth=Bearer {token}\x01\x01".encode()
        complaint = (await connection.send(SaslAuthenticateRequest(payload))).sasl_auth_bytes
    if not complaint:
        return None
    return f"does not believe the token of {PREFIX}SASL_TOKEN_URL: is it for this cluster, and still valid?"


def _why(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()
