"""Bearer tokens for OAUTHBEARER: fetched by client credentials, or read from a file that somebody renews."""

import base64
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from ssl import SSLContext
from typing import IO
from urllib.parse import quote_plus, unquote, urlencode, urlsplit

FETCH_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 256 * 1024
# A token is used for this share of its life, so that none expires on its way.
_USED_SHARE = 0.8
_DEFAULT_LIFE_SECONDS = 60.0
# Our mistake; other codes may mean that the endpoint is away or busy.
_REFUSALS = (400, 401, 403)


class TokenRefused(OSError):
    """The token endpoint refuses the client; an `OSError`, so that Kafka's clients try again later."""


class TokenSource:
    """Where the clients of a process get their tokens; for any thread.

    Args:
        url: the token endpoint, or `file:///path`, which is read at each use.
        client: id and secret of the client, for the endpoint.
        scope: what to ask the endpoint for.
        context: trusts the endpoint's certificate.
        clock: monotonic seconds.

    Source: RFC 6749, sections 4.4 and 2.3.1.
    """

    def __init__(
        self,
        url: str,
        client: tuple[str, str],
        scope: str | None,
        context: SSLContext,
        clock: Callable[[], float],
    ) -> None:
        self._url = url
        self._client = client
        self._scope = scope
        self._clock = clock
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context))
        self._lock = threading.Lock()
        self._token, self._fresh_until = "", float("-inf")

    def token(self) -> str:
        """A token that is valid for a while; blocking.

        Raises:
            TokenRefused: the endpoint refuses the client.
            OSError: there is no token now.
        """
        with self._lock:
            if self._clock() >= self._fresh_until:
                fetch = self._read if self._url.startswith("file:") else self._fetch
                self._token, life_seconds = fetch()
                self._fresh_until = self._clock() + _USED_SHARE * life_seconds
            return self._token

    def _read(self) -> tuple[str, float]:
        try:
            return Path(unquote(urlsplit(self._url).path)).read_text("ascii").strip(), 0.0
        except ValueError:
            raise OSError("the token's file holds no token") from None

    def _fetch(self) -> tuple[str, float]:
        """A token and for how many seconds it is valid."""
        fields = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        request = urllib.request.Request(self._url, urlencode(fields).encode())  # noqa: S310 (settings check it)
        client = ":".join(map(quote_plus, self._client))
        request.add_header("Authorization", f"Basic {base64.b64encode(client.encode()).decode()}")
        try:
            with self._opener.open(request, timeout=FETCH_SECONDS) as answer:
                fetched = json.loads(answer.read(LARGEST_ANSWER_BYTES))
            return str(fetched["access_token"]), float(fetched.get("expires_in", _DEFAULT_LIFE_SECONDS))
        except urllib.error.HTTPError as error:
            error.close()
            kind = TokenRefused if error.code in _REFUSALS else OSError
            raise kind(f"the token endpoint answers with HTTP status {error.code}") from None
        except (ValueError, TypeError, KeyError, AttributeError, HTTPException) as error:
            raise OSError(f"the token endpoint's answer holds no token ({type(error).__name__})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The secret goes where the settings say and nowhere else."""

    def redirect_request(
        self,
        _request: urllib.request.Request,
        _body: IO[bytes],
        _code: int,
        _reason: str,
        _headers: HTTPMessage,
        _url: str,
    ) -> None:
        return None
