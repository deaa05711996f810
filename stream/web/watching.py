"""What the pipeline page shows and no record says: end offsets, and the lag of every consumer group."""

import asyncio
import logging
import time

from aiokafka.errors import KafkaError

from stream.errors import BrandpulseError
from stream.kafka.admin import connect
from stream.kafka.topic_specs import TOPICS
from stream.settings import Settings
from stream.web.lookup import Lookup
from stream.web.pipeline import Lag, Pipeline

LOOK_SECONDS = 5.0
_TIMEOUT_SECONDS = 5.0

log = logging.getLogger(__name__)


async def watch_pipeline(settings: Settings, lookup: Lookup, partitions: int, pipeline: Pipeline) -> None:
    """Keep lags and the end of `reviews`, of so many partitions, up to date; never returns."""
    before: str | None = None
    while True:
        now = "the pipeline is watched"
        try:
            pipeline.note_lags(await asyncio.to_thread(consumer_lags, settings))
            pipeline.note_ends(await lookup.end("reviews", partitions), int(time.time() * 1_000))
        except (BrandpulseError, KafkaError) as error:
            # Figures that are old are worth less than the brands, which go on.
            now = f"the figures of the pipeline are not known: {error}"
        if now != before:
            log.info("%s", now)
        before = now
        await asyncio.sleep(LOOK_SECONDS)


def consumer_lags(settings: Settings) -> list[Lag]:
    """The lag of each consumer group that carries our prefix, on our topics; blocking.

    Raises:
        BrokerUnavailable: no broker answered in time.
    """
    with connect(settings, _TIMEOUT_SECONDS) as admin:
        found = admin.lags(admin.states(TOPICS))
    prefix = settings.topic_prefix
    return [
        Lag(each.group.removeprefix(prefix), each.topic.removeprefix(prefix), each.lag)
        for each in found
        if each.group.startswith(prefix)
    ]
