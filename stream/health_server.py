"""The small HTTP server of the roles that serve nothing but their health."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from stream.health import HealthPages, HealthState, Page, cannot_listen, log_address, port_of
from stream.metrics import Metrics
from stream.settings import Settings


class HealthServer:
    """Serves the health pages, inside the event loop that they report on."""

    def __init__(self, state: HealthState, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._role = metrics.role
        self._pages = HealthPages(state, metrics, clock)
        self._runner: web.AppRunner | None = None
        self._beating: asyncio.Task[None] | None = None

    async def start(self, settings: Settings) -> int:
        """Listen on the settings' host and port and start the heartbeat; returns the port.

        Raises:
            PortTaken: somebody else listens there.
            SettingsError: the address is not one of this machine.
        """
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, port_of(settings, self._role)).start()
        except OSError as error:
            await runner.cleanup()
            raise cannot_listen(error, settings, self._role) from error
        self._runner = runner
        self._beating = asyncio.create_task(self._pages.beat(), name="heartbeat")
        bound: int = runner.addresses[0][1]
        log_address(settings, bound)
        return bound

    async def stop(self) -> None:
        """Close the port; the heartbeat ends with it."""
        if self._beating:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application()
        for path, page in (
            ("/healthz", self._pages.healthz),
            ("/readyz", self._pages.readyz),
            ("/metrics", self._pages.metrics),
        ):
            app.router.add_get(path, _handler(page))
        return app


def _handler(page: Callable[[], Page]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        made = page()
        return web.Response(body=made.body, status=made.status, headers={"Content-Type": made.content_type})

    return answer
