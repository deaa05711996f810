"""Workers are killed, frozen and cut off under load; then every single review is counted."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from stream.kafka.broker import Broker
from stream.kafka.topics import create
from stream.settings import load_settings
from tests.chaos.audit import Audit, Topics, count_records
from tests.chaos.cluster import admin, committed, reader
from tests.chaos.faults import schedule
from tests.chaos.load import TEXTS
from tests.chaos.storm import Storm

REVIEWS = int(os.environ.get("CHAOS_REVIEWS", "300000"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
PARTITIONS = 8
ROUNDS = max(1, REVIEWS // 1_000_000)
LIMIT_SECONDS = 600 * ROUNDS

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]


def test_nothing_is_lost_or_doubled(three_nodes: Broker, topic_prefix: str, tmp_path: Path) -> None:
    topics = Topics(topic_prefix, PARTITIONS)
    create(load_settings(brokers=three_nodes.bootstrap, topic_prefix=topic_prefix), partitions=PARTITIONS)
    base_ms = time.time_ns() // 1_000_000
    storm = Storm(three_nodes, topics, tmp_path, base_ms)
    try:
        asyncio.run(storm.rage(REVIEWS, schedule(ROUNDS, SEED), time.monotonic() + LIMIT_SECONDS))
        storm.stop()
    except BaseException:
        print(storm.tails())
        raise
    finally:
        storm.end()
    asyncio.run(audit(three_nodes, topics, base_ms, storm))
    assert not [text for text in TEXTS if text in storm.logs()], "a review's text is in a log"


async def audit(broker: Broker, topics: Topics, base_ms: int, storm: Storm) -> None:
    """Everything is exact, and the faults did strike transactions."""
    async with reader(broker.bootstrap) as source, admin(broker.bootstrap) as client:
        counting = Audit(source, topics, base_ms)
        await counting.run()
        assert not counting.findings.counts, f"{counting.findings}\n{storm.tails()}"
        assert counting.ledger.outcomes == REVIEWS
        scored = await committed(client, topics("brandpulse-score"), topics("reviews"))
        assert scored == await source.ends(topics("reviews"), PARTITIONS)
        folded = await committed(client, topics("brandpulse-brands"), topics("review-sentiment"))
        assert folded == counting.label_ends
    async with reader(broker.bootstrap, "read_uncommitted") as everything:
        written = [
            await count_records(everything, topics(name), PARTITIONS)
            for name in ("review-sentiment", "reviews-dlq")
        ]
    aborted = sum(written) - REVIEWS
    print(
        f"{REVIEWS:,} reviews: lost 0, doubled 0, disordered 0; {aborted:,} outputs were aborted and redone"
    )
    assert aborted > 0, "no fault struck an open transaction, so this run proved little"
