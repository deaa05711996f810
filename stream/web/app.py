"""The application: API, health and login behind one guard; the dashboard is mounted behind them."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from stream.health import HealthPages, Page
from stream.metrics import Metrics
from stream.web.access import origins
from stream.web.api.alerts import alert_routes
from stream.web.api.brands import brand_routes
from stream.web.api.live import live_routes
from stream.web.api.series import series_routes
from stream.web.guard import Guard
from stream.web.login import login_routes
from stream.web.problems import Problem, answer_bug, answer_http, answer_invalid, answer_problem
from stream.web.quota import Quota
from stream.web.website import Site

ROOT = "/api/v1"
MountPages = Callable[[FastAPI, Site], None]
_ABOUT = """Sentiment of brands, live and over time.

Times are ms since 1970 UTC. Shares are estimated, and every estimate has a 95 % interval; `enough` is false
where there are too few reviews to judge by. Errors are problem details (RFC 9457)."""


def create_app(
    site: Site, pages: HealthPages, metrics: Metrics, mount_pages: MountPages | None = None
) -> FastAPI:
    """Everything that is served; `mount_pages` adds the dashboard."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    api = create_api(site)
    app.mount(ROOT, api)
    app.include_router(login_routes(site.gate))
    for path, page in (
        ("/healthz", pages.healthz),
        ("/readyz", lambda: pages.readyz(history=site.history.state)),
        ("/metrics", pages.metrics),
    ):
        app.add_route(path, _page_route(page))

    @app.get("/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        return Response(orjson.dumps(api.openapi()), media_type="application/json")

    if mount_pages is not None:
        mount_pages(app, site)
    _measure(site, metrics)
    _protect(app, site, metrics)
    return app


def create_api(site: Site) -> FastAPI:
    """The API alone; its addresses begin where it is mounted."""
    api = FastAPI(
        title="brandpulse",
        version="1",
        description=_ABOUT,
        servers=[{"url": ROOT}],
        root_path_in_servers=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    for routes in (brand_routes(site), series_routes(site), alert_routes(site), live_routes(site)):
        api.include_router(routes)
    api.add_exception_handler(Problem, answer_problem)
    api.add_exception_handler(RequestValidationError, answer_invalid)
    api.add_exception_handler(HTTPException, answer_http)
    api.add_exception_handler(Exception, answer_bug)
    return api


def _measure(site: Site, metrics: Metrics) -> None:
    metrics.brands_shown.set_function(lambda: len(site.view.rows()))
    metrics.not_shown.set_function(lambda: site.view.unreadable)
    metrics.live_clients.set_function(lambda: len(site.feed))


def _protect(app: FastAPI, site: Site, metrics: Metrics) -> None:
    def observe(route: str, status: int, seconds: float) -> None:
        metrics.answered.labels(route, str(status)).inc()
        metrics.answer_seconds.labels(route).observe(seconds)

    quota = Quota(site.settings.api_requests_per_second)
    app.add_middleware(Guard, gate=site.gate, quota=quota, clock=site.now_seconds, observe=observe)
    if allowed := origins(site.settings.cors_origins):
        # Outermost: the question of a browser whether it may ask carries no token.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=allowed,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "if-none-match", "last-event-id"],
            expose_headers=["etag", "retry-after", "content-disposition"],
        )


def _page_route(page: Callable[[], Page]) -> Callable[[Request], Awaitable[Response]]:
    async def respond(_request: Request) -> Response:
        made = page()
        return Response(made.body, made.status, {"content-type": made.content_type})

    return respond
