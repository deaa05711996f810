"""Alerts: the list, one of them with its reviews, and what people say of it."""

from collections.abc import Awaitable
from heapq import nlargest
from typing import Annotated, Literal
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from stream.errors import DatabaseAway
from stream.events import BrandAlert, brand_key
from stream.web.api.answers import MEDIA_TYPE, answer, answer_bytes, history_away, problems, require_view
from stream.web.api.examples import NOTE
from stream.web.api.models import AlertList, AlertPage, NoteItem
from stream.web.cursors import MOST_CHARACTERS, NO_CURSOR, read_cursor, write_cursor
from stream.web.drivers import driver_reviews
from stream.web.problems import Problem, not_understood
from stream.web.snippets import alert_json, alert_values, review_values
from stream.web.values import Note
from stream.web.website import Site

AlertId = Annotated[str, Path(min_length=1, max_length=6_000, examples=[NOTE["alert_id"]])]
_Place = tuple[int, str]


class AlertQuery(BaseModel):
    """Which alerts."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "closed"] | None = None
    severity: Literal["notice", "warning", "critical"] | None = None
    brand: str | None = Field(None, max_length=2_000, description="any spelling of a brand")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=MOST_CHARACTERS, description="`next` of the page before")


class Acknowledgement(BaseModel):
    """Who has seen an alert."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"by": "Kim"}]})

    by: str | None = Field(None, max_length=100)


class NoteText(BaseModel):
    """What is to be known of an alert; takes the place of what was there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": NOTE["note"]}]})

    note: str = Field(max_length=2_000)


def alert_routes(site: Site) -> APIRouter:
    """GET /alerts and what lies below."""
    routes = APIRouter(tags=["alerts"], responses=problems())

    @routes.get("/alerts", response_model=AlertList, summary="List alerts")
    async def alerts(request: Request, query: Annotated[AlertQuery, Query()]) -> Response:
        """Those opened last first."""
        require_view(site)
        key = None if query.brand is None else brand_key(query.brand)
        after = _read_place(query.cursor)

        def make() -> object:
            matching = [
                alert
                for alert in site.view.alerts()
                if _matches(alert, query, key) and (after is None or _place(alert) < after)
            ]
            found = nlargest(query.limit + 1, matching, key=_place)
            page = found[: query.limit]
            notes = (site.history.note(alert.alert_id) for alert in page)
            return {
                "alerts": [orjson.Fragment(alert_json(*each)) for each in zip(page, notes, strict=True)],
                "next": write_cursor(_place(page[-1])) if len(found) > query.limit else None,
            }

        return answer(request, f"{site.view.boot}-{site.view.version}-{site.history.notes_version}", make)

    @routes.get("/alerts/{alert_id}", response_model=AlertPage, summary="One alert", responses=problems(404))
    async def alert(request: Request, alert_id: AlertId) -> Response:
        """With the reviews that drove it, as far as their labels are still there."""
        require_view(site)
        found = _known(site, alert_id)
        reviews = await driver_reviews(found, site.view.recent, site.labels)
        drivers = [
            {
                "event_id": driver.event_id,
                "copies": driver.copies,
                "review": review_values(reviews[driver.event_id]) if driver.event_id in reviews else None,
            }
            for driver in found.drivers
        ]
        values = alert_values(found, site.history.note(found.alert_id)) | {"driver_reviews": drivers}
        return answer_bytes(request, orjson.dumps(values), MEDIA_TYPE)

    @routes.post(
        "/alerts/{alert_id}/acknowledge",
        response_model=NoteItem,
        summary="Somebody has seen it",
        responses=problems(403, 404, 411, 413),
    )
    async def acknowledge(
        alert_id: AlertId, body: Annotated[Acknowledgement | None, Body()] = None
    ) -> Response:
        """Who says so first stays."""
        require_view(site)
        found = _known(site, alert_id)
        return await _said(site.history.acknowledge(found.alert_id, body.by if body else None))

    @routes.post(
        "/alerts/{alert_id}/note",
        response_model=NoteItem,
        summary="Write a note",
        responses=problems(403, 404, 411, 413),
    )
    async def note(alert_id: AlertId, body: NoteText) -> Response:
        """In the place of the former one."""
        require_view(site)
        return await _said(site.history.write_note(_known(site, alert_id).alert_id, body.note))

    return routes


async def _said(saying: Awaitable[Note]) -> Response:
    try:
        return Response(orjson.dumps(await saying), media_type=MEDIA_TYPE)
    except DatabaseAway:
        raise history_away("nothing can be said of alerts now") from None


def _known(site: Site, alert_id: str) -> BrandAlert:
    try:
        found = site.view.alert(unquote(alert_id, errors="strict"))
    except UnicodeDecodeError:
        raise not_understood("alert_id", "is not UTF-8") from None
    if found is None:
        raise Problem(404, "no such alert")
    return found


def _matches(alert: BrandAlert, query: AlertQuery, key: str | None) -> bool:
    return (
        (query.state is None or (alert.state == "closed") == (query.state == "closed"))
        and (query.severity is None or alert.severity == query.severity)
        and (key is None or alert.brand_key == key)
    )


def _place(alert: BrandAlert) -> _Place:
    return alert.opened_at, alert.alert_id


def _read_place(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    try:
        opened_at, alert_id = read_cursor(cursor, 2)
    except ValueError as error:
        raise not_understood("cursor", str(error)) from None
    if type(opened_at) is not int or not isinstance(alert_id, str):
        raise not_understood("cursor", NO_CURSOR)
    return opened_at, alert_id
