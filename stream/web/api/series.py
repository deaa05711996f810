"""A brand over time, from the history: as JSON, CSV or parquet."""

import asyncio
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from stream.errors import DatabaseAway, MissingExtra
from stream.events import milliseconds
from stream.web.api.answers import MEDIA_TYPE, answer_bytes, history_away, problems
from stream.web.api.brands import BrandName, key_of, unknown_brand
from stream.web.api.models import SeriesPage
from stream.web.downloads import csv_table, disposition, parquet_table
from stream.web.problems import Problem, not_understood
from stream.web.series import HOUR_MS, MOST_POINTS, Point, Span, Step, points, span
from stream.web.website import Site

Form = Literal["json", "csv", "parquet"]
_MEDIA_TYPES: dict[Form, str] = {
    "json": MEDIA_TYPE,
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
_DEFAULT_MS = 7 * 24 * HOUR_MS
# From here on, making them would hold up other answers for more than 10 ms.
_MANY_POINTS = 800


def _time(value: object) -> int:
    """A time in an address, where a plus sign that nobody encoded has become a space."""
    text = str(value)
    if text.isascii() and text.isdigit():
        return milliseconds(int(text[:20]))
    return milliseconds(text[:-6] + text[-6:].replace(" ", "+"))


Time = Annotated[
    int,
    BeforeValidator(_time),
    Field(description="RFC 3339 with an offset, or ms since 1970", examples=["2026-01-01T00:00:00Z"]),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0}]}),
]


class SeriesQuery(BaseModel):
    """From when to when, in which steps."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    from_: Time | None = Field(None, alias="from", description="default: 7 days before `to`")
    to: Time | None = Field(None, description="default: now")
    step: Step = "1h"
    format: Form | None = Field(None, description="default: as the header Accept says")


def series_routes(site: Site) -> APIRouter:
    """GET /brands/{brand}/series."""
    routes = APIRouter(tags=["brands"], responses=problems(404, 406, 501))
    tables: dict[int | str, dict[str, object]] = {
        200: {"content": {each: {} for each in _MEDIA_TYPES.values()}}
    }

    @routes.get(
        "/brands/{brand}/series", response_model=SeriesPage, responses=tables, summary="A brand over time"
    )
    async def series(request: Request, brand: BrandName, query: Annotated[SeriesQuery, Query()]) -> Response:
        """Shares are estimated on the sums of each step. Steps begin at multiples of their length, in UTC."""
        key, over = key_of(brand), _span(query, site.now_ms())
        form = query.format or _accepted(request.headers.get("accept", "*/*"))
        try:
            hours = await site.history.hours(key, over.start, over.end)
        except DatabaseAway:
            raise history_away("no series now, live windows go on") from None
        row = site.view.row(key)
        if row is None and not hours:
            raise unknown_brand(site, key)
        brand_name = row.brand if row else key

        def make() -> bytes:
            return _body(form, key, brand_name, over, points(hours, over))

        body = make() if over.points < _MANY_POINTS else await asyncio.to_thread(make)
        more = {} if form == "json" else {"content_disposition": disposition(key, form)}
        return answer_bytes(request, body, _MEDIA_TYPES[form], vary="Accept", **more)

    return routes


def _body(form: Form, key: str, brand: str, over: Span, found: list[Point]) -> bytes:
    if form == "csv":
        return csv_table(brand, found)
    if form == "parquet":
        try:
            return parquet_table(brand, found)
        except MissingExtra as error:
            raise Problem(501, str(error)) from None
    asked = {"from": over.start, "to": over.end, "step": over.step}
    return orjson.dumps({"brand": brand, "brand_key": key, **asked, "points": found})


def _span(query: SeriesQuery, now_ms: int) -> Span:
    to_ms = now_ms if query.to is None else query.to
    from_ms = max(0, to_ms - _DEFAULT_MS) if query.from_ is None else query.from_
    if from_ms >= to_ms:
        raise not_understood("from", "is not before `to`")
    over = span(from_ms, to_ms, query.step)
    if over.points > MOST_POINTS:
        raise not_understood("step", f"makes {over.points} points of this time, {MOST_POINTS} are allowed")
    return over


def _accepted(accept: str) -> Form:
    """The form that a header Accept likes best; of those that it likes equally, the first of ours."""
    liked = {}
    for each in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in each.split(";"))
        liked[media_range] = next((_quality(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
    qualities = {form: _liking(liked, media_type) for form, media_type in _MEDIA_TYPES.items()}
    best = max(qualities, key=lambda form: qualities[form])
    if not qualities[best]:
        raise Problem(406, f"there are {', '.join(_MEDIA_TYPES.values())}")
    return best


def _liking(liked: dict[str, float], media_type: str) -> float:
    """By the most specific range that fits."""
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if media_range in liked:
            return liked[media_range]
    return 0.0


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
