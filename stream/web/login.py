"""A page that takes a token and keeps it in a cookie: what browsers need where there are tokens."""

from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from stream.web.access import COOKIE, Gate
from stream.web.guard import MOST_BODY_BYTES

_DAYS = 30
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>brandpulse: log in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark; font: 16px system-ui, sans-serif }}
body {{ margin: 20vh auto 0; max-width: 22rem; padding: 0 1rem }}
input, button {{ font: inherit; padding: .6rem; width: 100%; box-sizing: border-box; margin-top: .6rem }}
</style></head>
<body><main><h1>brandpulse</h1><form method="post" action="/login">
<label for="token">Token</label><p role="alert">{message}</p>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{next}">
<button type="submit">Log in</button></form></main></body></html>"""


def login_routes(gate: Gate) -> APIRouter:
    """GET and POST of /login, POST of /logout."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/login")
    async def show(request: Request) -> Response:
        return _page(request.query_params.get("next", "/"))

    @routes.post("/login")
    async def log_in(request: Request) -> Response:
        form = parse_qs((await request.body())[:MOST_BODY_BYTES].decode("ascii", "replace"))
        token, after = form.get("token", [""])[0].strip(), form.get("next", ["/"])[0]
        if not gate.allows(token).read:
            return _page(after, "This token is not known.", 403)
        response = RedirectResponse(_inside(after), 303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, token, max_age=_DAYS * 86_400, httponly=True, samesite="lax", secure=secure
        )
        return response

    @routes.post("/logout")
    async def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return routes


def _page(after: str, message: str = "", status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(message=message, next=escape(_inside(after))), status)


def _inside(path: str) -> str:
    """A path of this server and of no other.

    >>> _inside("/brand?b=acme"), _inside("//elsewhere"), _inside("https://elsewhere")
    ('/brand?b=acme', '/', '/')
    """
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else "/"
