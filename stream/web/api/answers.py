"""Answers that clients may keep: an ETag says of which state, If-None-Match asks whether that still holds."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import Request, Response

from stream.web.problems import Problem, ProblemModel
from stream.web.website import Site

MEDIA_TYPE = "application/json"


def answer(request: Request, state: str, make: Callable[[], Any]) -> Response:
    """What `make` makes, as JSON; 304 and nothing made where the client has that state already."""
    etag = f'W/"{state}"'
    if _is_known(request, etag):
        return Response(status_code=304, headers={"etag": etag})
    return Response(orjson.dumps(make()), media_type=MEDIA_TYPE, headers={"etag": etag})


def answer_bytes(request: Request, body: bytes, media_type: str, **headers: str) -> Response:
    """A body of which nobody knows the state beforehand: its digest is the ETag."""
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    if _is_known(request, etag):
        return Response(status_code=304, headers={"etag": etag})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, media_type=media_type, headers={"etag": etag, **named})


def require_view(site: Site) -> None:
    """Raises a 503 as long as the topics have not been read: half a list would look like a whole one."""
    if not site.view.caught_up:
        raise Problem(503, "starting: the topics are being read", {"retry-after": "1"})


def history_away(what: str) -> Problem:
    """A 503 that says what cannot be had."""
    return Problem(503, f"history is away: {what}", {"retry-after": "5"})


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of answers that are problems."""
    content = {"application/problem+json": {"schema": ProblemModel.model_json_schema()}}
    usual = (401, 422, 429, 503)
    return {status: {"description": "a problem", "content": content} for status in (*usual, *statuses)}


def _is_known(request: Request, etag: str) -> bool:
    """By weak comparison (RFC 9110, 8.8.3.2)."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return False
    known = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return "*" in known or etag.removeprefix("W/") in known
