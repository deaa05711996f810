"""Errors of the API as problem details (RFC 9457): `{type, title, status, detail}` and what a case adds."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_TITLES: Mapping[int, str] = {
    400: "Bad request",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not to be had in this form",
    411: "Length required",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not understood",
    429: "Too many requests",
    500: "This is a bug",
    501: "Not installed",
    503: "Not available now",
}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="name of the parameter, or path within the body")
    message: str


class ProblemModel(BaseModel):
    """Problem details; `errors` comes with 422, `near` with the 404 of a brand."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    near: list[str] | None = Field(None, description="names that are like the one asked for")


class Problem(Exception):
    """Ends a request with a problem as its answer.

    >>> Problem(404, "no such alert").status
    404
    """

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.more = more


def not_understood(field: str, message: str) -> Problem:
    """A 422 that names the field."""
    return Problem(422, f"{field}: {message}", errors=[{"field": field, "message": message}])


def problem_response(problem: Problem) -> Response:
    """The answer."""
    body = {
        "type": "about:blank",
        "title": _TITLES.get(problem.status, "Problem"),
        "status": problem.status,
        "detail": problem.detail,
        **problem.more,
    }
    return Response(orjson.dumps(body), problem.status, problem.headers, MEDIA_TYPE)


async def answer_problem(_request: Request, error: Exception) -> Response:
    """The handler of `Problem`."""
    assert isinstance(error, Problem)
    return problem_response(error)


async def answer_invalid(_request: Request, error: Exception) -> Response:
    """The handler of what FastAPI refuses: names the fields, never repeats what was in them."""
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(each["loc"]), "message": _message(each)} for each in error.errors()]
    detail = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
    return problem_response(Problem(422, detail, errors=errors))


async def answer_http(_request: Request, error: Exception) -> Response:
    """The handler of what the framework says: unknown paths, wrong methods."""
    assert isinstance(error, HTTPException)
    return problem_response(Problem(error.status_code, str(error.detail), error.headers))


async def answer_bug(_request: Request, _error: Exception) -> Response:
    """The handler of everything else; the log has the stack."""
    return problem_response(Problem(500, "the server failed; its log says more"))


def _message(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def _field(location: Sequence[int | str]) -> str:
    """Name of a parameter, or path within the body.

    >>> _field(("query", "limit")), _field(("body", "note"))
    ('limit', 'note')
    """
    names = location[1:] if len(location) > 1 else location
    return ".".join(str(name) for name in names)
