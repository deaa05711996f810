"""A way to the cluster for each of some workers that can be cut, silenced or slowed, and no other's with it.

Each node has a listener for each of these workers and advertises it at the port of a proxy. So all that the
worker ever hears of are proxies, and all that it says goes through them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from stream.kafka.node import NodeSpec
from stream.kafka.ports import HOST, free_ports
from tests.chaos.proxy import Mode, Proxy, proxies

NODES = 3


@dataclass(frozen=True, slots=True)
class Way:
    """How one worker reaches the nodes: the port of the listener and of its proxy, by node from 1."""

    listener: str
    ports: Mapping[int, int]
    proxies: Mapping[int, Proxy]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{HOST}:{proxy.port}" for proxy in self.proxies.values())

    def turn(self, mode: Mode) -> None:
        """Change what happens to everything between the worker and the cluster; blocking."""
        for proxy in self.proxies.values():
            proxy.turn(mode)


@contextmanager
def ways_for(workers: Sequence[str]) -> Iterator[dict[str, Way]]:
    """A way for each of the workers, by name; start the cluster with the `properties` of them."""
    count = len(workers) * NODES
    ports = free_ports(2 * count)
    pairs = list(zip(ports[:count], ports[count:], strict=True))
    with proxies(pairs) as made:
        yield {
            worker: Way(
                worker.replace("-", "").upper(),
                {node: pairs[index * NODES + node - 1][1] for node in range(1, NODES + 1)},
                {node: made[index * NODES + node - 1] for node in range(1, NODES + 1)},
            )
            for index, worker in enumerate(workers)
        }


def properties(ways: Mapping[str, Way], node: NodeSpec) -> dict[str, str]:
    """What the node needs for the ways to it: see `stream.kafka.broker.Broker`."""
    number = node.number
    own = [f"{way.listener}://{HOST}:{way.ports[number]}" for way in ways.values()]
    told = [f"{way.listener}://{HOST}:{way.proxies[number].port}" for way in ways.values()]
    return {
        "listeners": ",".join(own),
        "advertised.listeners": ",".join(told),
        "listener.security.protocol.map": ",".join(f"{way.listener}:PLAINTEXT" for way in ways.values()),
    }
