"""A TCP proxy between workers and the cluster that can be cut, silenced or slowed while they talk."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

HOST = "127.0.0.1"
Mode = Literal["open", "cut", "silent", "slow"]
SLOW_SECONDS = 0.15
"""One way, for each piece of at most `PIECE_BYTES`: about 400 KB a second."""
PIECE_BYTES = 64 * 1024


class Proxy:
    """Forwards connections to one address. `cut` ends them and each new one; `silent` keeps them and
    passes nothing on, as a firewall that drops packets; `slow` delays every piece. Used by `proxies`.
    """

    def __init__(self, port: int, target_port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port = port
        self._target_port = target_port
        self._loop = loop
        self._mode: Mode = "open"
        self._talking = asyncio.Event()
        self._talking.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    def turn(self, mode: Mode) -> None:
        """Change what happens to all connections; from any thread."""
        asyncio.run_coroutine_threadsafe(self._turn(mode), self._loop).result()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    async def stop(self) -> None:
        """Close everything."""
        if self._server:
            self._server.close()
        self._end()

    async def _turn(self, mode: Mode) -> None:
        self._mode = mode
        if mode == "silent":
            self._talking.clear()
        else:
            self._talking.set()
        if mode == "cut":
            self._end()

    def _end(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "cut":
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection(HOST, self._target_port)
        except OSError:  # the node is away, and its proxy with it
            writer.transport.abort()
            return
        pair = {writer, there_writer}
        self._writers |= pair
        try:
            await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        finally:
            self._writers -= pair
            for each in pair:
                each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await source.read(PIECE_BYTES):
                await self._talking.wait()
                if self._mode == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                sink.write(piece)
                await sink.drain()
        sink.transport.abort()


@contextmanager
def proxies(ports: list[tuple[int, int]]) -> Iterator[list[Proxy]]:
    """One proxy for each (own port, target port), in a thread of their own; closed at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxies", daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result()

    made = [Proxy(own, target, loop) for own, target in ports]
    try:
        for proxy in made:
            run(proxy.start())
        yield made
    finally:
        for proxy in made:
            run(proxy.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
