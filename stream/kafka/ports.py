"""Ports on loopback for servers of our own."""

import random
import socket
from collections.abc import Collection

HOST = "127.0.0.1"
# Below the ports that systems hand out for outgoing connections: a stopped server finds its port again.
_FREE_PORTS = range(20_000, 32_000)
_promised: set[int] = set()


def is_free(port: int) -> bool:
    """Whether nobody listens on that port of loopback, nor on all addresses."""
    with socket.socket() as probe:
        # As Java does: connections of a former server that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int, avoid: Collection[int] = ()) -> list[int]:
    """That many different free ports, none of them in `avoid`.

    Nothing holds them until they are used, but this process is promised each of them once only.
    """
    candidates = random.sample(_FREE_PORTS, len(_FREE_PORTS))
    free = (port for port in candidates if port not in _promised and port not in avoid and is_free(port))
    ports = [next(free) for _ in range(count)]
    _promised.update(ports)
    return ports
