"""The proxy does to connections what it says: else the faults would be none."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from stream.kafka.ports import HOST
from tests.chaos.proxy import SLOW_SECONDS, Proxy, proxies


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """In front of a server that says everything back."""
    server = socket.create_server((HOST, 0))

    def echo(connection: socket.socket) -> None:
        with connection:
            try:
                while piece := connection.recv(1024):
                    connection.sendall(piece)
            except ConnectionError:
                return

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    with proxies([(free_port(), server.getsockname()[1])]) as [made]:
        yield made
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def said_back(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    return connection.recv(1024)


def has_ended(connection: socket.socket) -> bool:
    """Whether the other side closed it, in order or not."""
    try:
        return not said_back(connection)
    except ConnectionError:
        return True


def test_open_it_passes_everything_on(proxy: Proxy) -> None:
    with socket.create_connection((HOST, proxy.port)) as connection:
        assert said_back(connection) == b"hello"


def test_cut_it_ends_connections_and_refuses_new_ones_until_it_is_open_again(proxy: Proxy) -> None:
    with socket.create_connection((HOST, proxy.port)) as connection:
        said_back(connection)
        proxy.turn("cut")
        assert has_ended(connection)
    with socket.create_connection((HOST, proxy.port)) as refused:
        assert has_ended(refused)
    proxy.turn("open")
    with socket.create_connection((HOST, proxy.port)) as connection:
        assert said_back(connection) == b"hello"


def test_silent_it_keeps_connections_and_delivers_later(proxy: Proxy) -> None:
    with socket.create_connection((HOST, proxy.port), timeout=10) as connection:
        said_back(connection)
        proxy.turn("silent")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            said_back(connection)
        proxy.turn("open")
        connection.settimeout(10)
        assert connection.recv(1024) == b"hello"


def test_slow_it_takes_its_time(proxy: Proxy) -> None:
    with socket.create_connection((HOST, proxy.port)) as connection:
        proxy.turn("slow")
        started = time.monotonic()
        assert said_back(connection) == b"hello"
        assert time.monotonic() - started >= 2 * SLOW_SECONDS
