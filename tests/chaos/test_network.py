"""A worker's way to the cluster leads through its proxies, also after it has heard where the nodes are."""

from contextlib import closing
from functools import partial

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from stream.kafka.broker import Broker
from stream.kafka.ports import HOST
from tests.chaos.network import Way, properties, ways_for

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("embedded_kafka")]


def ports(bootstrap: str) -> set[int]:
    """Where a client that asks there believes the nodes to be."""
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=30_000)) as admin:
        return {broker["port"] for broker in admin.describe_cluster()["brokers"]}


def told(way: Way) -> set[int]:
    """The same on the way to the one node that there is; the others of a cluster would not answer."""
    return ports(f"{HOST}:{way.proxies[1].port}")


def test_each_worker_hears_of_its_own_proxies_only() -> None:
    with ways_for(["score-0", "brands-0"]) as ways, Broker(properties=partial(properties, ways)) as broker:
        for way in ways.values():
            assert told(way) == {way.proxies[1].port}
        assert f"127.0.0.1:{ports(broker.bootstrap).pop()}" == broker.bootstrap
        ways["score-0"].turn("cut")
        with pytest.raises(KafkaError):
            told(ways["score-0"])
        assert told(ways["brands-0"])
        ways["score-0"].turn("open")
        assert told(ways["score-0"])
