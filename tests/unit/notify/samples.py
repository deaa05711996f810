"""Alerts, and a real server that answers as a test tells it to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from stream.events import BrandAlert

HOUR_MS = 3_600_000
OPENED_MS = 1_790_000_000_000
SECRET_PATH = "/services/planted"


def alert_fields(
    alert_id: str = "a1", state: str = "opened", update: int = 0, **fields: Any
) -> dict[str, Any]:
    """A good event of an alert."""
    return {
        "alert_id": alert_id,
        "brand": "Acme Audio",
        "brand_key": "acme audio",
        "state": state,
        "kind": "negative_share",
        "severity": "critical",
        "update": update,
        "window": "1h",
        "start": OPENED_MS - HOUR_MS,
        "end": OPENED_MS,
        "opened_at": OPENED_MS,
        "as_of": OPENED_MS,
        "reviews": 1_200,
        "observed": 0.425,
        "expected": 0.1,
        "interval": {"low": 0.4, "high": 0.45},
        "q_value": 0.00123,
        "drivers": [
            {
                "event_id": "reviews-0-1",
                "label_offset": 1,
                "confidence": 0.9,
                "created_at": OPENED_MS,
                "copies": 1,
            }
        ],
        "origin": {"partition": 0, "offset": 1},
    } | fields


def alert(alert_id: str = "a1", state: str = "opened", update: int = 0, **fields: Any) -> BrandAlert:
    return BrandAlert.model_validate(alert_fields(alert_id, state, update, **fields))


@dataclass
class Answer:
    """What the server does with one post: after so many seconds answer with a status and headers."""

    status: int = 200
    after_seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Receiver:
    """Answers posts by its script, the last answer for ever; counts the texts that it took."""

    script: list[Answer]
    port: int = 0
    attempts: int = 0
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{SECRET_PATH}"

    async def handle(self, request: web.Request) -> web.Response:
        assert request.path == SECRET_PATH
        body = await request.json()
        answer = self.script[min(self.attempts, len(self.script) - 1)]
        self.attempts += 1
        if 200 <= answer.status < 300:
            self.taken[body["text"]] += 1
        await asyncio.sleep(answer.after_seconds)
        return web.Response(status=answer.status, headers=answer.headers)


@asynccontextmanager
async def receiving(*script: Answer) -> AsyncIterator[Receiver]:
    """A receiver on a free port; without a script it takes everything."""
    receiver = Receiver(list(script) or [Answer()])
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()
