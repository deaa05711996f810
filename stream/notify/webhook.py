"""One post to the webhook, and what is known of it afterwards. Its URL is a secret and in no message."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, TCPConnector
from aiohttp import ConnectionTimeoutError as NotConnectedInTime

from stream.errors import SettingsError
from stream.settings import PREFIX, Settings

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 10.0
LONGEST_PAUSE_SECONDS = 3_600.0
# With these the server itself says that it did not take the message. A gateway (502, 504) cannot know.
_NOT_TAKEN = (429, 500, 503)


@dataclass(frozen=True, slots=True)
class Posted:
    """The server took it."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Certainly not taken: it may be posted again, not before so many seconds if the server said so."""

    why: str
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will never take it."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Perhaps taken: posting it again might post it twice."""

    why: str


Outcome = Posted | NotTaken | Refused | Unknown


class Webhook:
    """Posts JSON to one URL; made by `open_webhook`."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def post(self, body: Mapping[str, str]) -> Outcome:
        """Post once, and wait for the answer for a bounded time."""
        try:
            # A redirect would carry the message, and the secret in the URL, who knows where.
            async with self._session.post(self._url, json=body, allow_redirects=False) as answer:
                return _outcome(answer.status, answer.headers.get("Retry-After"))
        except (ClientConnectorError, NotConnectedInTime) as error:
            return NotTaken(type(error).__name__)
        except (ClientError, TimeoutError) as error:
            return Unknown(type(error).__name__)


@asynccontextmanager
async def open_webhook(url: str) -> AsyncIterator[Webhook]:
    """A webhook with a connection of its own for each post: one that was kept might be half closed."""
    timeout = ClientTimeout(total=CONNECT_SECONDS + ANSWER_SECONDS, connect=CONNECT_SECONDS)
    async with ClientSession(timeout=timeout, connector=TCPConnector(force_close=True)) as session:
        yield Webhook(session, url)


def webhook_url(settings: Settings) -> str:
    """The URL of the settings.

    Raises:
        SettingsError: there is none, or it is no URL.
    """
    name = f"{PREFIX}WEBHOOK_URL"
    if settings.webhook_url is None:
        raise SettingsError(f"{name}: is not set; set it, or {name}_FILE, to where alerts are to be posted")
    url = settings.webhook_url.get_secret_value()
    if not _is_http(url):
        raise SettingsError(f"{name}: is not an http:// or https:// URL")
    return url


def dashboard_url(settings: Settings) -> str:
    """Where people reach the dashboard, empty: unknown.

    Raises:
        SettingsError: it is no URL that can stand in a message.
    """
    url = settings.public_url
    if url and not (_is_http(url) and url.isprintable() and not set("<>|\" '") & set(url)):
        raise SettingsError(f"{PREFIX}PUBLIC_URL: is not an http:// or https:// URL")
    return url


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _outcome(status: int, retry_after: str | None) -> Outcome:
    if 200 <= status < 300:
        return Posted()
    if status in _NOT_TAKEN:
        return NotTaken(f"status {status}", _pause_seconds(retry_after, datetime.now(UTC)))
    if status in (502, 504):
        return Unknown(f"status {status}")
    return Refused(f"status {status}")


def _pause_seconds(retry_after: str | None, now: datetime) -> float | None:
    """The header `Retry-After` (RFC 9110, 10.2.3), seconds or a date; None: there is none to be read."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_PAUSE_SECONDS)
    try:
        seconds = (parsedate_to_datetime(retry_after) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)
