"""Live updates as server-sent events, and the figures of the pipeline."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from stream.events import brand_key
from stream.web.api.answers import MEDIA_TYPE, answer_bytes, problems, require_view
from stream.web.api.models import PipelinePage
from stream.web.live import Client
from stream.web.problems import Problem
from stream.web.website import Site

_STREAM = "text/event-stream"
_EXAMPLE = 'event: changes\nid: 5f1c09aa-812\ndata: {"brands":[],"gone":[],"alerts":[],"complete":true}\n\n'


class LiveQuery(BaseModel):
    """Of which brands."""

    model_config = ConfigDict(extra="forbid")

    brand: list[str] = Field(
        default_factory=list, max_length=100, description="any spelling, several times; none: of all brands"
    )


def live_routes(site: Site) -> APIRouter:
    """GET /live and GET /pipeline."""
    routes = APIRouter(responses=problems())

    @routes.get(
        "/live",
        response_class=StreamingResponse,
        responses={200: {"content": {_STREAM: {"example": _EXAMPLE}}, "description": "never ends"}},
        summary="Live updates",
    )
    async def live(
        query: Annotated[LiveQuery, Query()], last_event_id: Annotated[str | None, Header()] = None
    ) -> Response:
        """Once a second at most: `changes` with brands as in their list, the keys of those that are gone, and
        alerts. `reload`: too much happened to tell it, load everything again."""
        require_view(site)
        brands = frozenset(map(brand_key, query.brand)) or None
        client = site.feed.join(brands, last_event_id)
        if client is None:
            raise Problem(503, "too many live connections", {"retry-after": "30"})
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(_frames(site, client), media_type=_STREAM, headers=headers)

    @routes.get("/pipeline", response_model=PipelinePage, summary="How the pipeline does")
    async def pipeline(request: Request) -> Response:
        """Throughput, consumer lag, label latency, dead letters."""
        view, read_at = site.view, site.view.read_at
        figures = asdict(site.pipeline.figures(site.now_ms())) | {
            "brands": len(view.rows()),
            "open_alerts": view.open_total(),
            "history": site.history.state,
            "silent_seconds": None if read_at is None else round(site.now_seconds() - read_at, 1),
            "unreadable": view.unreadable,
        }
        return answer_bytes(request, orjson.dumps(figures), MEDIA_TYPE)

    return routes


async def _frames(site: Site, client: Client) -> AsyncIterator[bytes]:
    try:
        async for frame in client.frames():
            yield frame
    finally:
        site.feed.leave(client)
