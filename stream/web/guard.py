"""What stands before every page: quota, tokens, headers. Plain ASGI, so that streams pass through."""

import math
from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stream.web.access import Access, Gate, token_of
from stream.web.problems import Problem, problem_response
from stream.web.quota import Quota

API = "/api/"
MOST_BODY_BYTES = 64 * 1024
_HEALTH = ("/healthz", "/readyz", "/metrics")
# Neither these nor the assets of the dashboard hold anything of a brand.
_OPEN = (*_HEALTH, "/openapi.json", "/login", "/favicon.ico")
_ASSETS = "/_nicegui/"
_COMMON = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Vue compiles its templates in the browser, hence unsafe-eval; NiceGUI starts pages by inline scripts.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

Observe = Callable[[str, int, float], None]
"""Told of each answer of the API: route, status, seconds."""


class Guard:
    """Lets requests through to the application that may pass, and adds headers to every answer."""

    def __init__(
        self, app: ASGIApp, gate: Gate, quota: Quota, clock: Callable[[], float], observe: Observe
    ) -> None:
        self.app = app
        self._gate = gate
        self._quota = quota
        self._clock = clock
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        path: str = scope["path"]
        if path.startswith(API):
            # Percent signs stay until a route has found its parts: a brand may have a slash in its name.
            scope["path"] = scope.get("raw_path", path.encode()).decode("ascii", "replace")
        answer = self._refusal(connection, path)
        if scope["type"] == "websocket":
            if answer is not None:
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, receive, send)
            return
        await (answer or self.app)(scope, receive, self._sending(scope, path, send))

    def _sending(self, scope: Scope, path: str, send: Send) -> Send:
        """Adds headers to the head of an answer, and says how long it took."""
        started = self._clock()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), path)
                if path.startswith(API):
                    route = getattr(scope.get("route"), "path", "none")
                    self._observe(route, message["status"], self._clock() - started)
            await send(message)

        return sending

    def _refusal(self, connection: HTTPConnection, path: str) -> Response | None:
        """None: it may pass."""
        access = self._gate.authorise(connection)
        if path.startswith((API, "/login")) and (wait := self._wait_seconds(connection, access)):
            after = {"retry-after": str(math.ceil(wait))}
            return problem_response(Problem(429, "this client asks too often", after))
        if connection.scope["type"] == "http" and (problem := _body_problem(connection)):
            return problem_response(problem)
        if path in _OPEN or path.startswith(_ASSETS):
            return None
        # A browser opens a socket for the page of any site, with our cookies.
        if not access.read or (
            connection.scope["type"] == "websocket" and not self._gate.is_ours(connection)
        ):
            return _ask_for_token(connection, path)
        if path.startswith(API) and connection.scope.get("method") not in ("GET", "HEAD", "OPTIONS"):
            return None if access.write else _no_writing(self._gate)
        return None

    def _wait_seconds(self, connection: HTTPConnection, access: Access) -> float:
        """Each token has its quota; who has none that is known, shares that of the address."""
        known = self._gate.has_tokens and access.read
        address = connection.client.host if connection.client else ""
        return self._quota.take(f"token {token_of(connection)}" if known else address, self._clock())


def _ask_for_token(connection: HTTPConnection, path: str) -> Response:
    if not path.startswith(API) and connection.scope["type"] == "http":
        asked = Request(connection.scope).url
        here = asked.path + (f"?{asked.query}" if asked.query else "")
        return RedirectResponse(f"/login?next={quote(here, safe='')}", 303)
    challenge = 'Bearer realm="brandpulse"'
    if token_of(connection):
        challenge += ', error="invalid_token"'
    detail = "send a token of the tokens file: Authorization: Bearer TOKEN"
    return problem_response(Problem(401, detail, {"www-authenticate": challenge}))


def _no_writing(gate: Gate) -> Response:
    detail = "a token that may write is needed, from a page of this server or an origin in CORS_ORIGINS"
    if not gate.has_tokens:
        detail = "without BRANDPULSE_TOKENS_FILE only this machine may write, by a name of its own"
    return problem_response(Problem(403, detail))


def _body_problem(connection: HTTPConnection) -> Problem | None:
    if "transfer-encoding" in connection.headers:
        return Problem(411, "say how long the body is: content-length")
    length = connection.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > MOST_BODY_BYTES:
        return Problem(413, f"a body has at most {MOST_BODY_BYTES} bytes")
    return None


def _add_headers(headers: MutableHeaders, path: str) -> None:
    for name, value in _COMMON.items():
        headers.setdefault(name, value)
    policy = _API_POLICY if path.startswith((API, *_HEALTH, "/openapi.json")) else _PAGE_POLICY
    headers.setdefault("content-security-policy", policy)
    if path.startswith(API):
        headers.setdefault("cache-control", "private, no-cache")
