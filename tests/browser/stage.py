"""The dashboard on events written by hand, without Kafka: for its tests, its benchmark, and for a look at it.

python -m tests.browser.stage --brands 2000 --port 8090      # prints its address
"""

import argparse
import asyncio
import random
import socket
import time
from collections.abc import Iterable, Mapping

import uvicorn
from fastapi import FastAPI

from stream.errors import DatabaseAway
from stream.events import BrandAlert
from stream.web.archive import Archive
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.mount import mount_dashboard
from stream.web.history import History
from stream.web.pipeline import Pipeline
from stream.web.view import LiveView
from tests.browser.samples import alert, brand_sentiment, brands, label

MARKUP = ('<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"&' * 3)[:200]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def fill(view: LiveView, count: int) -> None:
    """So many brands, one of which suffers, and one whose name is markup."""
    pick = random.Random(7)
    now = now_ms()
    made = [brand_sentiment("Snorbec", now, pick=pick, hourly=210, negative=0.11, bad=0.5)] if count else []
    made += [brand_sentiment(MARKUP, now, pick=pick, hourly=30)] if count > 1 else []
    made += brands(max(0, count - 2), now)
    for brand in made:
        view.take_brand(brand.brand_key.encode(), brand.model_dump_json().encode())
    if count:
        for number in range(40):
            name = pick.choice(("negative", "negative", "neutral", "positive"))
            value = label("Snorbec", now - (40 - number) * 5_000, number, name)
            view.take_label(b"snorbec", 0, number, value.model_dump_json().encode())
        take_alert(view, alert("Snorbec", now))
    if count > 1:
        take_alert(view, alert(MARKUP, now, severity="warning", alert_id="markup"))
    view.caught_up, view.read_at = True, time.monotonic()


def take_alert(view: LiveView, taken: BrandAlert) -> None:
    view.take_alert(taken.alert_id.encode(), taken.model_dump_json().encode())


async def live(view: LiveView, per_second: int) -> None:
    """So many brands change a second, and the view is fresh."""
    pick = random.Random(3)
    while True:
        await asyncio.sleep(1)
        view.read_at = time.monotonic()
        for row in pick.sample(list(view.rows().values()), min(per_second, len(view.rows()))):
            bad = 0.5 if row.brand == "Snorbec" else 0.0
            brand = brand_sentiment(row.brand, now_ms(), pick=pick, hourly=210 if bad else 40, bad=bad)
            view.take_brand(brand.brand_key.encode(), brand.model_dump_json().encode())


class ViewLabels:
    """Implements `LabelSource` by the labels of one partition that the view has."""

    def __init__(self, view: LiveView) -> None:
        self._view = view

    async def labels(self, partition: int, offsets: Iterable[int]) -> Mapping[int, bytes]:
        wanted = set(offsets)
        return {each.offset: each.value for each in self._view.reviews("snorbec") if each.offset in wanted}


def no_archive() -> Archive:
    raise DatabaseAway("there is none")


def create_app(view: LiveView) -> FastAPI:
    app = FastAPI(openapi_url=None)
    history = History(no_archive, now_ms)
    mount_dashboard(app, Backstage(view, Pipeline(), history, ViewLabels(view), now_ms, time.monotonic))
    return app


async def serve(view: LiveView, port: int, per_second: int, *, away: bool) -> None:
    """Serve until a signal; Kafka is away if told so: nothing changes any more."""
    listener = socket.create_server(("127.0.0.1", port))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(create_app(view), log_level="warning", timeout_graceful_shutdown=1)
    updates = None if away else asyncio.create_task(live(view, per_second))
    await uvicorn.Server(config).serve([listener])
    if updates is not None:
        updates.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brands", type=int, default=2000)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--per-second", type=int, default=100, help="brands that change each second")
    parser.add_argument("--away", action="store_true", help="Kafka has been away for a minute")
    arguments = parser.parse_args()
    view = LiveView()
    fill(view, arguments.brands)
    if arguments.away:
        view.read_at = time.monotonic() - 60
    asyncio.run(serve(view, arguments.port, arguments.per_second, away=arguments.away))


if __name__ == "__main__":
    main()
