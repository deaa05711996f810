"""Databases for tests: SQLite in a file, and a PostgreSQL that a test starts, kills and starts again."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from pydantic import SecretStr

from stream.kafka.ports import free_ports
from stream.settings import Settings

_DEBIAN = Path("/usr/lib/postgresql")
_PATIENCE_SECONDS = 60.0


@dataclass
class Postgres:
    """One server on a free port of this machine, its data in a directory of its own."""

    programs: Path
    directory: Path
    port: int
    _server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres:not-told@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        password = self.directory / "password"
        password.write_text("not-told\n")
        password.chmod(0o644)
        done = subprocess.run(
            [self.programs / "initdb", "-D", self.directory / "data", "-U", "postgres", "-A", "scram-sha-256",
             "--no-sync", "-E", "UTF8", "--locale=C", f"--pwfile={password}"],
            capture_output=True, check=False, **self._nobody_special(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._server and self._server.poll() is None:
            return
        with (self.directory / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self.programs / "postgres", "-D", self.directory / "data", "-p", str(self.port), "-c",
                 "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.directory}"],
                stdout=log, stderr=log, **self._nobody_special(),
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                assert self._server.poll() is None, (self.directory / "log").read_text()
                assert time.monotonic() < deadline, (self.directory / "log").read_text()
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """kill -9 of the server and its processes, as when the machine loses power."""
        server = self._server
        if server is None or server.poll() is not None:
            return
        children = psutil.Process(server.pid).children()
        server.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        server.wait()
        # One that is writing dies a moment later, and until then no new server may have their shared memory.
        _, left = psutil.wait_procs(children, _PATIENCE_SECONDS)
        assert not left

    def _nobody_special(self) -> dict[str, Any]:
        """It refuses to run as root."""
        options: dict[str, Any] = {"cwd": self.directory}
        if os.geteuid() == 0:
            options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        return options


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running server; skips where there is no PostgreSQL, and says so."""
    found = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip(f"no PostgreSQL in {_DEBIAN}: apt-get install postgresql")
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres")
    (port,) = free_ports(1)
    server = Postgres(found[-1].parent, directory, port)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory)


def empty_postgres(server: Postgres) -> None:
    """Drop every table."""
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")


def settings_for(url: str | None, data_dir: Path) -> Settings:
    """Settings whose history lives there; None: SQLite in the data directory."""
    return Settings(data_dir=data_dir, database_url=None if url is None else SecretStr(url))
