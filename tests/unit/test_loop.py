"""What the workers' event loop closes, it closes soon, and it ends whatever was left open."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from aiokafka.conn import create_conn

from stream.loop import Loop, new_event_loop
from tests.certificates import Authority

HOST = "127.0.0.1"
PATIENCE_SECONDS = 60.0


class MuteBroker:
    """A broker of one sentence: it tells its API versions, then says no more, not even goodbye."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server((HOST, 0))
        self._connections: list[ssl.SSLSocket] = []
        self.port = int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Until it is closed."""
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                self._connections.append(self._context.wrap_socket(accepted, server_side=True))
                if request := self._connections[-1].recv(4096):
                    self._connections[-1].sendall(struct.pack(">i4shi", 10, request[8:12], 0, 0))

    def close(self) -> None:
        # An accept in another thread does not notice that its listener was closed, but that it was shut.
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._connections):
            each.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def broker(authority: Authority) -> Iterator[MuteBroker]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    identity = authority.issue("broker", HOST)
    context.load_cert_chain(identity.certificate, identity.key)
    made = MuteBroker(context)
    thread = threading.Thread(target=made.serve)
    thread.start()
    yield made
    made.close()
    thread.join()


def test_a_client_of_kafka_leaves_before_one_on_plain_uvloop(
    broker: MuteBroker, authority: Authority
) -> None:
    client = ssl.create_default_context(cafile=str(authority.file))

    async def first_to_leave() -> set[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        plain: asyncio.Future[None] = loop.create_future()
        transport: asyncio.Transport
        transport, _ = await uvloop.Loop.create_connection(  # type: ignore[assignment]
            loop, lambda: Leaving(plain), HOST, broker.port, ssl=client
        )
        transport.write(bytes(12))
        ours = await create_conn(HOST, broker.port, security_protocol="SSL", ssl_context=client)
        transport.close()
        left = {plain: "plain", ours.close(): "ours"}
        gone, _ = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        transport.abort()
        await asyncio.wait(left)
        return {left[each] for each in gone}

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(first_to_leave()) == {"ours"}


class Leaving(asyncio.Protocol):
    """Says when its connection is lost."""

    def __init__(self, lost: "asyncio.Future[None]") -> None:
        self._lost = lost

    def connection_lost(self, _error: Exception | None) -> None:
        self._lost.set_result(None)


def test_a_loop_ends_a_connection_that_was_left_open() -> None:
    """uvloop waited until the other side ended it, here after a minute, and failed then."""
    here, there = socket.socketpair()
    other_side_ends = threading.Timer(PATIENCE_SECONDS, there.close)
    other_side_ends.start()
    loop = new_event_loop()
    loop.run_until_complete(loop.create_connection(asyncio.Protocol, sock=here))
    with pytest.warns(ResourceWarning, match="unclosed resource <UnixTransport"):
        close_where_warnings_are_errors(loop)
    other_side_ends.cancel()
    assert there.recv(1) == b""
    there.close()


def close_where_warnings_are_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Within `pytest.warns`, where they are not."""
    warnings.simplefilter("error")
    loop.close()
