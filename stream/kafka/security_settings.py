"""Which settings of TLS and SASL belong together. Pure: no file is opened here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from stream.settings import Settings

Problem = tuple[str, str]
"""A setting's name and what is wrong with it."""
_USER = ("sasl_username", "sasl_password")
_TOKEN = ("sasl_token_url", "sasl_token_scope")
_SASL = ("sasl_mechanism", *_USER, *_TOKEN)
_TLS = ("ssl_ca_file", "ssl_certificate_file", "ssl_key_file", "ssl_key_password")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def contradictions(settings: "Settings") -> list[Problem]:
    """Every setting of how brokers are reached that lacks another, or that would be silently ignored.

    A password that is set while the protocol is not would otherwise mean a connection without either.
    """
    return [*_ignored(settings), *_sasl(settings), *_certificate(settings)]


def _ignored(settings: "Settings") -> Iterator[Problem]:
    protocol = settings.security_protocol
    for part, names in (("SASL", _SASL), ("SSL", _TLS)):
        if part in protocol:
            continue
        for name in names:
            if getattr(settings, name):
                yield name, f"has no meaning with BRANDPULSE_SECURITY_PROTOCOL={protocol}, which lacks {part}"


def _sasl(settings: "Settings") -> Iterator[Problem]:
    if "SASL" not in settings.security_protocol:
        return
    mechanism, url = settings.sasl_mechanism, settings.sasl_token_url or ""
    if mechanism is None:
        yield "sasl_mechanism", f"{settings.security_protocol} needs one: PLAIN, SCRAM-SHA-512, OAUTHBEARER"
        return
    needed: tuple[str, ...] = _USER
    useless: tuple[str, ...] = _TOKEN
    if mechanism == "OAUTHBEARER":
        needed, useless = ("sasl_token_url", *_USER), ()
        if url.startswith("file:"):
            needed, useless = ("sasl_token_url",), (*_USER, "sasl_token_scope")
    for name in needed:
        if not getattr(settings, name):
            yield name, f"BRANDPULSE_SASL_MECHANISM={mechanism} needs it"
    for name in useless:
        if getattr(settings, name):
            yield name, f"has no meaning with this BRANDPULSE_SASL_MECHANISM={mechanism}"
    if mechanism == "OAUTHBEARER" and url:
        yield from _token_url(url)


def _token_url(url: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(url)
    except ValueError:
        yield "sasl_token_url", "is no URL"
        return
    if "@" in parts.netloc:
        yield "sasl_token_url", "holds credentials: BRANDPULSE_SASL_USERNAME and _PASSWORD are for them"
    elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        yield "sasl_token_url", "http:// would show the client's secret to the network: use https://"
    elif not (parts.netloc if parts.scheme in ("https", "http") else parts.scheme == "file" and parts.path):
        yield "sasl_token_url", "is neither https://... nor file:///..."


def _certificate(settings: "Settings") -> Iterator[Problem]:
    if settings.ssl_certificate_file is None:
        for name in ("ssl_key_file", "ssl_key_password"):
            if getattr(settings, name):
                yield name, "needs BRANDPULSE_SSL_CERTIFICATE_FILE"
