"""The HTTP server of the role `web`: uvicorn in the process, on the port where other roles show health."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from stream.health import HealthPages, HealthState, cannot_listen, log_address, port_of
from stream.metrics import Metrics
from stream.settings import Settings
from stream.web.app import MountPages, create_app
from stream.web.website import Site

DRAIN_SECONDS = 5
_BACKLOG = 1_024


class WebServer:
    """A `stream.process.Server`: serves a site, from before its view is read until the process ends."""

    def __init__(
        self,
        site: Site,
        mount_pages: MountPages | None,
        health: HealthState,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._site = site
        self._pages = HealthPages(health, metrics, clock)
        self._app = create_app(site, self._pages, metrics, mount_pages)
        self._tasks: list[asyncio.Task[None]] = []
        self._server: _Server | None = None

    async def start(self, settings: Settings) -> int:
        """Listen and start the heartbeat; returns the port.

        Raises:
            PortTaken: somebody else listens there.
            SettingsError: the address is not one of this machine.
        """
        try:
            listener = _listener(settings.host, port_of(settings, "web"))
        except OSError as error:
            raise cannot_listen(error, settings, "web") from error
        config = uvicorn.Config(
            self._app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        self._server = _Server(config)
        serving = asyncio.create_task(self._server.serve([listener]), name="http")
        while not self._server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.01)
        self._tasks = [asyncio.create_task(self._pages.beat(), name="heartbeat"), serving]
        port: int = listener.getsockname()[1]
        log_address(settings, port)
        return port

    async def stop(self) -> None:
        """End the streams, answer what was asked, close the port."""
        self._site.feed.close()
        if self._server is not None:
            beating, serving = self._tasks
            self._server.should_exit = True
            await serving
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        self._site.history.close()


class _Server(uvicorn.Server):
    """Leaves signals to the process around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listener(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
