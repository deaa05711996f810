"""Server-sent events: once a second, what changed. No clock is read here but that of the sleeping loop.

Every client has a short queue. One that does not keep up is told to load everything again, and costs nobody
else anything.
"""

import asyncio
from collections.abc import AsyncIterator, Collection

import orjson

from stream.web.snippets import alert_json, brand_json
from stream.web.values import Changes
from stream.web.view import LiveView

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
MOST_CLIENTS = 500
MOST_BRANDS = 1_000
_QUEUE = 16
_RELOAD = b"event: reload\ndata: {}\n\n"
_HEARTBEAT = b": still here\n\n"
_HELLO = b"retry: 2000\n\n"


class Client:
    """One connection; `brands` are keys, None: all of them."""

    def __init__(self, brands: frozenset[str] | None) -> None:
        self.brands = brands
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE)

    def send(self, frame: bytes | None) -> None:
        """Queue a frame, None: the end; who is too slow loses all waiting ones for one `reload`."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            if frame is not None:
                frame = _RELOAD
        self._queue.put_nowait(frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """What is to be written, until the end; a heartbeat where nothing happens."""
        yield _HELLO
        while True:
            try:
                frame = await asyncio.wait_for(self._queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                frame = _HEARTBEAT
            if frame is None:
                return
            yield frame


class LiveFeed:
    """Tells all clients what changed in a view."""

    def __init__(self, view: LiveView) -> None:
        self._view = view
        self._clients: set[Client] = set()
        self._told = view.version

    def __len__(self) -> int:
        return len(self._clients)

    def join(self, brands: frozenset[str] | None, last_event_id: str | None) -> Client | None:
        """A new client, which first gets what it missed since its last event; None: there are too many."""
        if len(self._clients) >= MOST_CLIENTS:
            return None
        client = Client(brands)
        if last_event_id is not None:
            missed = self._missed(last_event_id)
            if frame := _RELOAD if missed is None else self._frame(missed, brands):
                client.send(frame)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """The connection is gone."""
        self._clients.discard(client)

    async def run(self) -> None:
        """Tell the clients every second; never returns."""
        while True:
            self.tick()
            await asyncio.sleep(TICK_SECONDS)

    def tick(self) -> None:
        """Tell the clients what changed since the last time."""
        since, self._told = self._told, self._view.version
        if since == self._told or not self._clients:
            return
        changes = self._view.changes_since(since)
        for_all = _RELOAD if changes is None else self._frame(changes, None)
        for client in self._clients:
            if client.brands is None or changes is None:
                client.send(for_all)
            elif frame := self._frame(changes, client.brands):
                client.send(frame)

    def close(self) -> None:
        """End every connection."""
        for client in self._clients:
            client.send(None)

    def _missed(self, last_event_id: str) -> Changes | None:
        boot, _, version = last_event_id.rpartition("-")
        known = boot == self._view.boot and version.isascii() and version.isdigit() and len(version) < 19
        return self._view.changes_since(int(version)) if known else None

    def _frame(self, changes: Changes, brands: Collection[str] | None) -> bytes:
        """One event; empty where nothing of the brands changed."""
        rows = [row for row in changes.rows if brands is None or row.brand_key in brands]
        gone = [key for key in changes.gone if brands is None or key in brands]
        alerts = [alert for alert in changes.alerts if brands is None or alert.brand_key in brands]
        if brands is not None and not (rows or gone or alerts):
            return b""
        data = {
            "brands": [orjson.Fragment(brand_json(row, self._view)) for row in rows[:MOST_BRANDS]],
            "gone": gone,
            "alerts": [orjson.Fragment(alert_json(alert, None)) for alert in alerts],
            "complete": len(rows) <= MOST_BRANDS,
        }
        return b"event: changes\nid: %b-%d\ndata: %b\n\n" % (
            self._view.boot.encode(),
            changes.version,
            orjson.dumps(data),
        )
