"""TLS and SASL of every client, from the settings: both client families get theirs here and nowhere else."""

import asyncio
import ssl
import time
from functools import lru_cache
from typing import Any

from aiokafka.abc import AbstractTokenProvider as AsyncTokenProvider
from kafka.net.sasl.oauth import AbstractTokenProvider as BlockingTokenProvider

from stream.kafka.certificates import certificates
from stream.kafka.tokens import TokenSource
from stream.settings import Settings


def aiokafka_security(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of aiokafka's clients.

    Raises:
        SettingsError: a file of certificates or keys cannot be used.
    """
    options = _security(settings)
    if settings.sasl_mechanism == "OAUTHBEARER":
        options["sasl_oauth_token_provider"] = _AsyncTokens(token_source(settings))
    return options


def kafka_python_security(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of kafka-python's clients.

    Raises:
        SettingsError: a file of certificates or keys cannot be used.
    """
    options = _security(settings)
    if settings.sasl_mechanism == "OAUTHBEARER":
        options["sasl_oauth_token_provider"] = _BlockingTokens(token_source(settings))
    elif settings.sasl_username and "SCRAM" in (settings.sasl_mechanism or ""):
        # It sends the name as it is, where RFC 5802 (5.1) has these two characters written otherwise.
        options["sasl_plain_username"] = settings.sasl_username.replace("=", "=3D").replace(",", "=2C")
    return options


@lru_cache
def token_source(settings: Settings) -> TokenSource:
    """Where all clients of this process get their tokens."""
    context = ssl.create_default_context()
    if settings.ssl_ca_file is not None:
        context.load_verify_locations(settings.ssl_ca_file)
    return TokenSource(
        settings.sasl_token_url or "",
        (settings.sasl_username or "", _password(settings)),
        settings.sasl_token_scope,
        context,
        time.monotonic,
    )


def _security(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if "SSL" in settings.security_protocol:
        options["ssl_context"] = certificates(settings).context()
    if "SASL" in settings.security_protocol:
        options["sasl_mechanism"] = settings.sasl_mechanism
        if settings.sasl_mechanism != "OAUTHBEARER":
            options["sasl_plain_username"] = settings.sasl_username
            options["sasl_plain_password"] = _password(settings)
    return options


def _password(settings: Settings) -> str:
    return settings.sasl_password.get_secret_value() if settings.sasl_password else ""


class _AsyncTokens(AsyncTokenProvider):  # type: ignore[misc]
    def __init__(self, source: TokenSource) -> None:
        self._source = source

    async def token(self) -> str:
        return await asyncio.to_thread(self._source.token)


class _BlockingTokens(BlockingTokenProvider):  # type: ignore[misc]
    def __init__(self, source: TokenSource) -> None:
        super().__init__()
        self._source = source

    def token(self) -> str:
        return self._source.token()
