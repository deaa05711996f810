"""The role `history`: `brand-hours` and `brand-alerts` into SQL, with offsets of the database's own."""

import asyncio
import logging
import os
from functools import partial

from sqlalchemy import Engine

from stream.database.engine import migrate, open_database
from stream.history.consumer import HistoryConsumer
from stream.history.records import READERS
from stream.history.writer import HistoryWriter
from stream.kafka.admin import client_options
from stream.kafka.topics import require_topics, topic_id
from stream.process import Process, probe_brokers

DRAIN_SECONDS = 13.0
_REQUEST_SECONDS = 30.0
POLL_RECORDS = 5_000

log = logging.getLogger(__name__)


async def work(process: Process, stop: asyncio.Event) -> BaseException | None:
    """One `history` worker, until the event is set; a `stream.process.Work`."""
    process.health.meet("database_answers", False)
    process.health.meet("goldens_reproduced")  # there is no model in this role
    consumer = await asyncio.to_thread(_prepare, process)
    consuming = asyncio.create_task(asyncio.to_thread(consumer.run))
    probe = process.watch(probe_brokers(process, lambda: None), "probe")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((consuming, stopping, process.failure), return_when=asyncio.FIRST_COMPLETED)
    process.health.meet("running", False)
    probe.cancel()
    if process.failure.done():
        return process.failure.result()
    if not consuming.done():
        log.info("stopping: finishing what is in flight")
        consumer.stop()
        await asyncio.wait({consuming}, timeout=DRAIN_SECONDS)
    if not consuming.done():
        log.warning("gave up draining seconds=%.0f; what is left will be read again", DRAIN_SECONDS)
        os._exit(0)
    return consuming.exception()


def _prepare(process: Process) -> HistoryConsumer:
    settings = process.settings
    engine = open_database(settings)
    require_topics(settings, tuple(READERS))
    timeout_ms = int(settings.session_timeout_seconds * 1000)
    options = client_options(settings, _REQUEST_SECONDS) | {
        "group_id": settings.topic("brandpulse-history"),
        "session_timeout_ms": timeout_ms,
        "heartbeat_interval_ms": timeout_ms // 6,
        "max_poll_records": POLL_RECORDS,
    }
    return HistoryConsumer(
        options,
        {settings.topic(name): name for name in READERS},
        {settings.topic(name): topic_id(settings, name) for name in READERS},
        partial(_open_writer, engine),
        process.health,
        process.metrics,
    )


def _open_writer(engine: Engine) -> HistoryWriter:
    migrate(engine)
    return HistoryWriter(engine)
