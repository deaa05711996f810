"""The dashboard on the server of the API: NiceGUI's pages, our own files, and the rows of the overview."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Response
from nicegui import ui

from stream.events import WindowName
from stream.web.dashboard.alert import alert_page
from stream.web.dashboard.alerts import alerts_page
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.brand import brand_page
from stream.web.dashboard.frame import body_html, head_html
from stream.web.dashboard.overview import overview_page
from stream.web.dashboard.pipeline import pipeline_page
from stream.web.dashboard.rows import OverviewRows
from stream.web.lookup import PATIENCE_SECONDS as LOOKUP_SECONDS

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"


def mount_dashboard(app: FastAPI, backstage: Backstage) -> None:
    """Add all pages; once in a process, and after the API's own routes."""
    files = {path.name: path.read_bytes() for path in sorted(_STATIC.iterdir())}
    assets = f"/dashboard/assets/{_digest(files)}"

    @app.get(f"{assets}/{{name}}", include_in_schema=False)
    async def _asset(name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        return Response(
            files[name], media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": _FOREVER}
        )

    rows = OverviewRows(backstage.view, secrets.token_hex(4))

    @app.get("/dashboard/rows", include_in_schema=False)
    async def _rows(window: WindowName = "24h", q: str = "", since: str | None = None) -> Response:
        answer = rows.answer(window, q[:200], since, backstage.now_seconds())
        headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store"}
        return Response(answer, media_type="application/json", headers=headers)

    ui.add_head_html(head_html(assets), shared=True)
    ui.add_body_html(body_html(), shared=True)

    @ui.page("/")
    def _overview() -> None:
        overview_page(backstage)

    @ui.page("/brand")
    async def _brand(key: str = "", window: WindowName = "24h") -> None:
        await brand_page(backstage, key, window)

    @ui.page("/alerts")
    def _alerts() -> None:
        alerts_page(backstage)

    # Longer than its reviews are looked for.
    @ui.page("/alert", response_timeout=LOOKUP_SECONDS + 3)
    async def _alert(id: str = "") -> None:
        await alert_page(backstage, id)

    @ui.page("/pipeline")
    def _pipeline() -> None:
        pipeline_page(backstage)

    ui.run_with(
        app,
        title="brandpulse",
        dark=None,
        tailwind=False,
        language="en-US",
        show_welcome_message=False,
        favicon=_STATIC / "favicon.svg",
        binding_refresh_interval=None,
    )


def _digest(files: Mapping[str, bytes]) -> str:
    return hashlib.blake2b(b"".join(files.values()), digest_size=6).hexdigest()
