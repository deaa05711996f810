"""Who may read and who may write: bearer tokens from a file, or open where only this machine can reach us.

A line of the file is `read TOKEN` or `write TOKEN`; who may write may read. Empty lines and lines that begin
with # count for nothing. Tokens never appear in a message; a line that is refused is named by its number.
"""

import hmac
import ipaddress
import logging
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from stream.errors import SettingsError
from stream.settings import PREFIX, Settings

COOKIE = "brandpulse_token"
LEAST_CHARACTERS = 16

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do."""

    read: bool
    write: bool


NOTHING, READ, WRITE = Access(False, False), Access(True, False), Access(True, True)


class Tokens:
    """The tokens of one file, read again when it changes.

    Raises:
        SettingsError: the file cannot be read or has a line that is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_as: tuple[int, ...] | None = None
        self._known: tuple[tuple[bytes, Access], ...] = ()
        self._load()

    def access(self, token: str) -> Access:
        """What a token allows; every known one is compared, in constant time."""
        self._refresh()
        digest, allowed = _digest(token), NOTHING
        for known, access in self._known:
            if hmac.compare_digest(known, digest) and not allowed.write:
                allowed = access
        return allowed

    def _refresh(self) -> None:
        if self._state() == self._read_as:
            return
        try:
            self._load()
            log.info("tokens read again tokens=%d", len(self._known))
        except SettingsError as error:
            self._read_as = self._state()
            log.error("the former tokens stay: %s", error)

    def _load(self) -> None:
        state = self._state()
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{PREFIX}TOKENS_FILE: cannot read {self._path} ({type(error).__name__})"
            ) from None
        self._known, self._read_as = _parse(lines), state

    def _state(self) -> tuple[int, ...] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


class Gate:
    """Decides what a request may do: by its token, or where there are no tokens by where we listen."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where the tokens file is none."""
        self._tokens = None if settings.tokens_file is None else Tokens(settings.tokens_file)
        self._origins = {*origins(settings.cors_origins), *origins(settings.public_url)}
        self._loopback = is_loopback(settings.host)
        if self._tokens is None and not self._loopback:
            log.warning(
                "anyone who reaches %s may read, and nobody may write: no %sTOKENS_FILE",
                settings.host,
                PREFIX,
            )

    @property
    def has_tokens(self) -> bool:
        return self._tokens is not None

    def authorise(self, request: HTTPConnection) -> Access:
        """What the request may do. A page of another site never writes, whatever its browser sends along."""
        allowed = self._allowed(request)
        return allowed if allowed.write and self.is_ours(request) else Access(allowed.read, False)

    def is_ours(self, request: HTTPConnection) -> bool:
        """Whether it comes from a page of ours or of an origin that may call us, or from no page at all."""
        origin = request.headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        return urlsplit(origin).netloc == request.headers.get("host")

    def allows(self, token: str) -> Access:
        """What a token allows; nothing where there are none."""
        return NOTHING if self._tokens is None else self._tokens.access(token)

    def _allowed(self, request: HTTPConnection) -> Access:
        if self._tokens is not None:
            token = token_of(request)
            return NOTHING if token is None else self._tokens.access(token)
        # A name that a foreign server gave to this machine is how DNS rebinding gets in.
        here = self._loopback and is_loopback(urlsplit(f"//{request.headers.get('host', '')}").hostname or "")
        return WRITE if here else READ


def token_of(request: HTTPConnection) -> str | None:
    """The bearer token of a request, or that of its cookie: browsers cannot send the header everywhere."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return token.strip() if scheme.lower() == "bearer" else None
    return request.cookies.get(COOKIE)


def origins(urls: str) -> list[str]:
    """The origins of comma-separated URLs, as browsers write them.

    >>> origins("https://Ours.example/, http://more.example:80/page")
    ['https://ours.example', 'http://more.example:80']
    """
    parts = (urlsplit(url.strip()) for url in urls.split(",") if url.strip())
    return [f"{part.scheme}://{part.netloc.lower()}" for part in parts]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host.

    >>> is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _parse(lines: list[str]) -> tuple[tuple[bytes, Access], ...]:
    known: list[tuple[bytes, Access]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, _, token = line.strip().partition(" ")
        token = token.strip()
        if kind not in ("read", "write") or not token or any(c.isspace() for c in token):
            raise SettingsError(
                f"{PREFIX}TOKENS_FILE: line {number} is neither 'read TOKEN' nor 'write TOKEN'"
            )
        if len(token) < LEAST_CHARACTERS or not token.isascii():
            raise SettingsError(
                f"{PREFIX}TOKENS_FILE: the token of line {number} has less than {LEAST_CHARACTERS} "
                "characters, or some that are not ASCII; make one: openssl rand -hex 32"
            )
        known.append((_digest(token), WRITE if kind == "write" else READ))
    if not known:
        raise SettingsError(f"{PREFIX}TOKENS_FILE: holds no token")
    return tuple(known)


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()
