"""The role `web`: a view over the topics, the history beside it, and the server that shows both."""

import asyncio
import gc
import time
from functools import partial

from fastapi import FastAPI

from stream.database.engine import migrate, open_database
from stream.kafka.topics import require_topics
from stream.process import Process, probe_brokers, run_process
from stream.settings import Settings
from stream.web.access import Gate
from stream.web.archive import Archive
from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.mount import mount_dashboard
from stream.web.following import Follower
from stream.web.history import History
from stream.web.intake import STATE_TOPICS, TAIL_TOPICS, Intake
from stream.web.live import LiveFeed
from stream.web.lookup import Lookup
from stream.web.orders import Orders
from stream.web.pipeline import Pipeline
from stream.web.server import WebServer
from stream.web.view import LiveView
from stream.web.watching import watch_pipeline
from stream.web.website import Site


def run(settings: Settings) -> None:
    """Serve API and dashboard until the process is told to stop.

    Raises:
        ConfigurationError: what the user must change, such as a tokens file that is none.
    """
    lookup = Lookup(settings)
    site = create_site(settings, lookup)
    run_process(settings, "web", partial(work, site, lookup), partial(WebServer, site, mount_pages))


def create_site(settings: Settings, lookup: Lookup) -> Site:
    """Everything that is shown, still empty.

    Raises:
        SettingsError: of the tokens file or the database.
        MissingExtra: the database's driver is not installed.
    """
    engine = open_database(settings)

    def open_archive() -> Archive:
        migrate(engine)
        return Archive(engine)

    view = LiveView()
    return Site(
        settings=settings,
        view=view,
        pipeline=Pipeline(),
        orders=Orders(view),
        feed=LiveFeed(view),
        history=History(open_archive, wall_ms),
        labels=lookup,
        gate=Gate(settings),
        now_ms=wall_ms,
        now_seconds=time.monotonic,
    )


async def work(site: Site, lookup: Lookup, process: Process, stop: asyncio.Event) -> BaseException | None:
    """Keep the site up to date until the event is set; a `stream.process.Work` but for the first two."""
    settings, health = site.settings, process.health
    health.meet("goldens_reproduced")  # there is no model in this role
    partitions = await asyncio.to_thread(
        require_topics, settings, (*STATE_TOPICS, *TAIL_TOPICS, "reviews"), ()
    )
    await lookup.start()

    def turned() -> None:
        health.polled(time.monotonic())
        if site.view.caught_up and "recovered" in health.ready():
            # What is there now stays: a collection that walks all of it would hold up every answer.
            gc.collect()
            gc.freeze()
        health.meet("recovered", site.view.caught_up)

    follower = Follower(settings, partitions, site.view, Intake(site.view, site.pipeline), turned)
    shown = sum(partitions[topic] for topic in STATE_TOPICS)
    health.assigned(shown, time.monotonic())
    process.metrics.assigned_partitions.set(shown)
    tasks = [
        process.watch(follower.follow_state(), "state"),
        process.watch(follower.follow_tail(), "tail"),
        process.watch(watch_pipeline(settings, lookup, partitions["reviews"], site.pipeline), "pipeline"),
        process.watch(site.history.watch(), "history"),
        process.watch(site.feed.run(), "live"),
        process.watch(probe_brokers(process, lambda: None), "probe"),
    ]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((stopping, process.failure), return_when=asyncio.FIRST_COMPLETED)
    health.meet("running", False)
    for task in (*tasks, stopping):
        task.cancel()
    await asyncio.gather(*tasks, stopping, return_exceptions=True)
    await lookup.stop()
    return process.failure.result() if process.failure.done() else None


def mount_pages(app: FastAPI, site: Site) -> None:
    """Add the dashboard."""
    backstage = Backstage(site.view, site.pipeline, site.history, site.labels, site.now_ms, site.now_seconds)
    mount_dashboard(app, backstage)


def wall_ms() -> int:
    """Now, in ms since 1970 UTC."""
    return int(time.time() * 1_000)
