"""What every test may use: a real Kafka, and names of its own on it."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from stream.errors import BrokerUnavailable, MissingExtra
from stream.kafka.broker import Broker
from stream.kafka.jars import java_executable, kafka_jars

if TYPE_CHECKING:
    from tests.databases import Postgres

# Machines of all speeds run these tests: no examples are refused for being slow. They are the same in every
# run, so that a failure is of the change at hand; `--hypothesis-profile=explore` looks elsewhere.
settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("brandpulse", settings.get_profile("explore"), derandomize=True)
settings.load_profile("brandpulse")


@pytest.fixture(scope="session")
def embedded_kafka() -> None:
    """Skips where the embedded Kafka cannot run: no extra `broker`, or offline before the first fetch."""
    try:
        java_executable()
        kafka_jars()
    except (MissingExtra, BrokerUnavailable) as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka(embedded_kafka: None) -> Iterator[Broker]:
    """One broker for the whole session, on free ports; see `topic_prefix` for a place of one's own on it."""
    with Broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Postgres]":
    """One PostgreSQL for the whole session, on a free port; skips where none is installed."""
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    from tests.databases import postgres_server

    with postgres_server() as server:
        yield server


@pytest.fixture
def three_nodes(embedded_kafka: None) -> Iterator[Broker]:
    """A cluster of three nodes for this test alone, to be killed and restarted at will."""
    with Broker(nodes=3) as broker:
        yield broker


@pytest.fixture
def topic_prefix() -> str:
    """Put before the names of topics, groups and transactions; different in every test."""
    return f"t{uuid.uuid4().hex[:6]}-"
