"""`brandpulse health` against real small servers: one line, exit code 0 or 1, never a traceback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stream.commands.health import address, ask
from stream.errors import ConfigurationError
from stream.settings import Settings
from tests.unit.test_main import brandpulse


class _Worker(BaseHTTPRequestHandler):
    """Lives, but is not ready."""

    def do_GET(self) -> None:
        status = 200 if self.path == "/healthz" else 503
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b'{"ready": false,\n "unmet": ["brokers_answer"]}')

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Worker) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_address[1]
        server.shutdown()
        serving.join()


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """The port of one who accepts once and says these bytes, or nothing at all until the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                if answer is None:
                    over.wait()
                else:
                    connection.recv(1000)
                    connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield server.getsockname()[1]
        over.set()
        serving.join()


def test_a_worker_that_lives_is_exit_code_0_and_one_line(port: int) -> None:
    done = brandpulse("health", "--port", str(port), BRANDPULSE_HOST="0.0.0.0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"127.0.0.1:{port}/healthz 200 ")
    assert done.stdout.count("\n") == 1


def test_a_worker_that_is_not_ready_is_exit_code_1_and_says_why(port: int) -> None:
    done = brandpulse("health", "score", "--ready", BRANDPULSE_PORT=str(port))
    assert done.returncode == 1
    assert done.stdout == f'127.0.0.1:{port}/readyz 503 {{"ready": false, "unmet": ["brokers_answer"]}}\n'


def test_nobody_there_is_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    done = brandpulse("health", "--port", str(free))
    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "Traceback" not in done.stderr


def test_one_who_says_nothing_or_nonsense_is_not_well() -> None:
    with listening(None) as silent:
        assert ask(("127.0.0.1", silent), "/healthz", 0.2) == (
            False,
            f"127.0.0.1:{silent}/healthz does not answer: timed out",
        )
    with listening(b"SSH-2.0\r\n") as nonsense:
        well, line = ask(("127.0.0.1", nonsense), "/healthz", 5)
        assert not well
        assert "does not answer" in line


def test_a_role_has_a_default_port_and_a_setting_wins() -> None:
    assert address(Settings(), "brands") == ("127.0.0.1", 9102)
    assert address(Settings(host="::", port=8080), "brands") == ("::1", 8080)


@pytest.mark.parametrize("port", [None, 0])
def test_without_a_port_it_asks_which_worker(port: int | None) -> None:
    with pytest.raises(ConfigurationError, match="Name its role"):
        address(Settings(port=port), None)


def test_a_role_that_is_none_is_refused() -> None:
    done = brandpulse("health", "scores")
    assert done.returncode == 2
    assert "scores" in done.stderr
