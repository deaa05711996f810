"""Brands: the list, one of them, its recent reviews."""

from typing import Annotated
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from stream.events import WindowName, brand_key
from stream.web.api.answers import MEDIA_TYPE, answer, answer_bytes, problems, require_view
from stream.web.api.models import BrandList, BrandPage, ReviewList
from stream.web.cursors import MOST_CHARACTERS
from stream.web.orders import Direction, Listing, Sort, read_place, write_place
from stream.web.problems import Problem, not_understood
from stream.web.recent import MOST_OF_A_BRAND
from stream.web.snippets import alert_json, brand_json, review_values
from stream.web.website import Site

BrandName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=6_000,
        description="a brand key or any spelling of the brand, percent-encoded: a slash is %2F",
        examples=["acme"],
    ),
]


class BrandQuery(BaseModel):
    """Which brands, in which order."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=200, description="part of the name; case and width of letters do not count")
    sort: Sort = Field("volume", description="change: of net sentiment, the last 24 h against 7 d before")
    order: Direction = "desc"
    window: WindowName = Field("24h", description="of which volume and net are")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=MOST_CHARACTERS, description="`next` of the page before")


class ReviewQuery(BaseModel):
    """How many reviews."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=MOST_OF_A_BRAND)


def brand_routes(site: Site) -> APIRouter:
    """GET /brands and what lies below, but for the series."""
    routes = APIRouter(tags=["brands"], responses=problems())

    @routes.get("/brands", response_model=BrandList, summary="List brands")
    async def brands(request: Request, query: Annotated[BrandQuery, Query()]) -> Response:
        """Brands in order, a page at a time. A brand that does not move meanwhile is on exactly one page."""
        require_view(site)
        listing = Listing(query.sort, query.order, query.window, brand_key(query.q))
        try:
            after = None if query.cursor is None else read_place(query.cursor, listing)
        except ValueError as error:
            raise not_understood("cursor", str(error)) from None
        version = site.orders.refresh(site.now_seconds())

        def make() -> object:
            page = site.orders.page(listing, after, query.limit)
            rows = [row for key in page.keys if (row := site.view.row(key))]
            return {
                "brands": [orjson.Fragment(brand_json(row, site.view)) for row in rows],
                "next": write_place(listing, page.next) if page.next else None,
                "total": page.total,
            }

        return answer(request, f"{site.view.boot}-{version}", make)

    @routes.get("/brands/{brand}", response_model=BrandPage, summary="One brand", responses=problems(404))
    async def brand(request: Request, brand: BrandName) -> Response:
        """Windows, trend, the last minutes and hours, open alerts."""
        require_view(site)
        key = known_brand(site, brand)
        value = site.view.value(key)
        assert value is not None, "this is a bug: a brand with a row and no value"

        def make() -> object:
            alerts = [
                orjson.Fragment(alert_json(alert, site.history.note(alert.alert_id)))
                for alert in site.view.open_alerts(key)
            ]
            return orjson.loads(value) | {"alerts": alerts}

        return answer(
            request, f"{site.view.boot}-{site.view.changed_at(key)}-{site.history.notes_version}", make
        )

    @routes.get(
        "/brands/{brand}/reviews",
        response_model=ReviewList,
        summary="Recent reviews",
        responses=problems(404),
    )
    async def reviews(request: Request, brand: BrandName, query: Annotated[ReviewQuery, Query()]) -> Response:
        """Reviews that were labelled lately, the newest first; with their text where labels carry it."""
        require_view(site)
        key = known_brand(site, brand)
        found = [review for review, _ in zip(site.view.reviews(key), range(query.limit), strict=False)]
        body = orjson.dumps({"reviews": [review_values(each) for each in found]})
        return answer_bytes(request, body, MEDIA_TYPE)

    return routes


def key_of(brand: str) -> str:
    """The brand key of a brand in a path, which is still percent-encoded."""
    try:
        return brand_key(unquote(brand, errors="strict"))
    except UnicodeDecodeError:
        raise not_understood("brand", "is not UTF-8") from None


def known_brand(site: Site, brand: str) -> str:
    """The same, of a brand that the view has; else a 404 that names brands that are spelled like it."""
    key = key_of(brand)
    if site.view.row(key) is None:
        raise unknown_brand(site, key)
    return key


def unknown_brand(site: Site, key: str) -> Problem:
    """A 404 that names brands that are spelled like the one asked for."""
    near = site.view.near(key)
    hint = f"; near: {', '.join(near)}" if near else ""
    return Problem(404, f"no such brand{hint}", near=near)
