"""The server in the process: one port for everything, taken in order and given back in order."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from stream.errors import PortTaken, SettingsError
from stream.health import HealthState
from stream.metrics import create_metrics
from stream.settings import Settings
from stream.web.server import WebServer
from tests.unit.web.samples import Stage, stage, take_brand


def served(made: Stage, use: Callable[[str], Awaitable[None]], **settings: object) -> None:
    """Run `use` with the address of a server that shows the site."""

    async def run() -> None:
        server = WebServer(made.site, None, HealthState(60.0, 0.0), create_metrics("web"), lambda: 0.0)
        port = await server.start(Settings(port=0, **settings))  # type: ignore[arg-type]
        try:
            await use(f"http://127.0.0.1:{port}")
        finally:
            await asyncio.wait_for(server.stop(), 30)
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(f"http://127.0.0.1:{port}/healthz")

    asyncio.run(run())


async def get(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


def test_pages_and_health_are_on_one_port(site: Stage) -> None:
    async def use(url: str) -> None:
        assert await get(url + "/healthz") == 200
        assert await get(url + "/readyz") == 503
        assert await get(url + "/api/v1/brands") == 200

    served(site, use)


def test_a_brand_with_a_slash_comes_through_the_wire(site: Stage) -> None:
    take_brand(site.view, "AC/DC")

    async def use(url: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET /api/v1/brands/AC%2FDC HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b'"brand":"AC/DC"' in await reader.read()
        writer.close()

    served(site, use)


def test_a_stop_ends_live_streams(site: Stage) -> None:
    ended: list[bytes] = []

    async def use(url: str) -> None:
        async def read() -> None:
            async with aiohttp.ClientSession() as session, session.get(url + "/api/v1/live") as answer:
                started.set()
                ended.append(await answer.read())

        started = asyncio.Event()
        reading.append(asyncio.create_task(read()))
        await started.wait()

    reading: list[asyncio.Task[None]] = []
    served(site, use)
    assert ended == [b"retry: 2000\n\n"]
    assert len(site.site.feed) == 0


def test_a_taken_port_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = WebServer(
            stage(tmp_path).site, None, HealthState(60.0, 0.0), create_metrics("web"), lambda: 0.0
        )
        with pytest.raises(PortTaken, match="BRANDPULSE_PORT"):
            asyncio.run(server.start(Settings(port=other.getsockname()[1])))


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_names_the_setting(tmp_path: Path, host: str) -> None:
    server = WebServer(stage(tmp_path).site, None, HealthState(60.0, 0.0), create_metrics("web"), lambda: 0.0)
    with pytest.raises(SettingsError, match="BRANDPULSE_HOST"):
        asyncio.run(server.start(Settings(port=0, host=host)))
