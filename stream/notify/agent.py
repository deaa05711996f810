"""The role `notify`: `brand-alerts` to a webhook, each update at most once.

Offsets are committed before anything of them is posted. A worker that is killed loses what it had not posted
yet, and posts nothing twice: an alert is on the dashboard as well, a message that comes again annoys.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from pydantic import ValidationError

from stream.errors import BrokerUnavailable
from stream.events import BrandAlert
from stream.kafka.connection import client_options
from stream.kafka.topics import require_topics
from stream.notify.poster import Poster
from stream.notify.waiting import Waiting
from stream.notify.webhook import open_webhook
from stream.process import Process, probe_brokers

TOPIC = "brand-alerts"
POLL_MS = 500
COMMIT_SECONDS = 30.0
DRAIN_SECONDS = 10.0
PATIENCE_SECONDS = 600.0
OLDEST_SECONDS = 24 * 3_600.0
"""After a longer absence the dashboard is the place to look; a flood of old messages helps nobody."""

log = logging.getLogger(__name__)


async def work(url: str, public_url: str, process: Process, stop: asyncio.Event) -> BaseException | None:
    """One `notify` worker, until the event is set; with the URLs given a `stream.process.Work`."""
    settings = process.settings
    await asyncio.to_thread(require_topics, settings, (TOPIC,))
    process.health.meet("goldens_reproduced")  # there is no model in this role
    waiting = Waiting(settings.webhook_update_minutes * 60.0, PATIENCE_SECONDS)
    async with open_webhook(url) as webhook:
        poster = Poster(waiting, webhook.post, public_url, process.metrics)
        posting = process.watch(poster.run(), "poster")
        intake = Intake(process, poster)
        consuming = process.watch(intake.run(), "intake")
        probe = process.watch(probe_brokers(process, lambda: None), "probe")
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((stopping, process.failure), return_when=asyncio.FIRST_COMPLETED)
        process.health.meet("running", False)
        for task in (consuming, probe, stopping):
            task.cancel()
        if not process.failure.done():
            log.info("stopping: posting what is due")
            await asyncio.gather(consuming, return_exceptions=True)
            poster.finish()
            await asyncio.wait({posting}, timeout=DRAIN_SECONDS)
            if not posting.done():
                log.warning("gave up the message under way seconds=%.0f", DRAIN_SECONDS)
        posting.cancel()
    return process.failure.result() if process.failure.done() else None


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hands alerts to the poster, once their offsets are committed."""

    def __init__(self, process: Process, poster: Poster) -> None:
        self._process = process
        self._poster = poster
        settings = process.settings
        timeout_ms = int(settings.session_timeout_seconds * 1000)
        self._consumer = AIOKafkaConsumer(
            group_id=settings.topic("brandpulse-notify"),
            enable_auto_commit=False,
            auto_offset_reset="latest",
            isolation_level="read_committed",
            session_timeout_ms=timeout_ms,
            heartbeat_interval_ms=timeout_ms // 6,
            **client_options(settings),
        )
        self._fresh: set[TopicPartition] = set()  # assigned, and not known yet where the group stands

    async def run(self) -> None:
        """Consume until cancelled.

        Raises:
            BrokerUnavailable, KafkaError: the cluster failed in a way that the client does not wait out.
        """
        await self._consumer.start()
        try:
            self._consumer.subscribe([self._process.settings.topic(TOPIC)], listener=self)
            while True:
                found = await self._consumer.getmany(timeout_ms=POLL_MS)
                self._process.health.polled(time.monotonic())
                async with asyncio.timeout(COMMIT_SECONDS):
                    await self._take(found)
        except TimeoutError as error:
            raise BrokerUnavailable("offsets could not be committed in time") from error
        finally:
            await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        """What was read of them is committed, or will be read by another worker."""
        self._fresh.clear()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Not ready before it is known where to read on."""
        self._fresh = set(assigned)
        self._process.health.meet("recovered", False)
        self._process.health.assigned(len(assigned), time.monotonic())
        self._process.metrics.assigned_partitions.set(len(assigned))
        self._process.metrics.consumer_lag.clear()

    async def _take(self, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        read_to = {place: records[-1].offset + 1 for place, records in found.items()}
        try:
            if read_to:
                await self._consumer.commit(read_to)
        except (CommitFailedError, IllegalStateError):
            log.info("partitions were given to another worker; it will read what was read here")
            return
        for records in found.values():
            for record in records:
                self._hand_over(record)
        await self._begin()
        self._report(read_to)

    async def _begin(self) -> None:
        """Commit where a new group begins, at the end: what comes after that is not missed any more."""
        for place in tuple(self._fresh):
            try:
                if await self._consumer.committed(place) is None:
                    await self._consumer.commit({place: await self._consumer.position(place)})
            except (CommitFailedError, IllegalStateError):
                return
            self._fresh.discard(place)
        self._process.health.meet("recovered")

    def _report(self, read_to: Mapping[TopicPartition, int]) -> None:
        for place, at in read_to.items():
            self._process.metrics.note_lag(place.topic, place.partition, at, self._consumer.highwater(place))

    def _hand_over(self, record: Any) -> None:
        skipped = self._process.metrics.not_notified
        try:
            alert = BrandAlert.model_validate_json(record.value or b"")
        except ValidationError:
            log.warning("no alert: skipped partition=%d offset=%d", record.partition, record.offset)
            skipped.labels("unreadable").inc()
            return
        if record.timestamp / 1000 < time.time() - OLDEST_SECONDS:
            skipped.labels("stale").inc()
            return
        self._poster.add(alert)
