"""A short soak: what an hour of `make soak` judges, as far as a minute can tell."""

import asyncio

import pytest

from stream.kafka.broker import Broker
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.soak_page import judge
from tests.benchmarks.soak_reviews import Reviews
from tests.benchmarks.soak_run import Plan, soak
from tests.benchmarks.soak_samples import ROLES

pytestmark = pytest.mark.kafka

MOST_RESIDENT_MIB = 700
"""Of a worker, bounded stores and caches included; none has half of it."""


def test_a_minute_under_load_leaves_nothing_behind(kafka: Broker) -> None:
    plan = Plan(seconds=30, share=0.3, burst_seconds=4, every_seconds=1)
    found = asyncio.run(soak(kafka.bootstrap, Reviews(load_corpus(), brands=20), plan, lambda _: None))
    assert (found.labels, found.doubled) == (found.reviews, 0)
    assert found.started_over == 0
    trends = {one.name: one.trend for one in judge(found.samples)}
    for role in ROLES:
        assert not trends[f"`{role}`: descriptors"].growing, trends
        assert not trends[f"`{role}`: threads"].growing, trends
        assert max(sample.workers[role].resident_mib for sample in found.samples) < MOST_RESIDENT_MIB
