"""The demo's workers: each role a process of its own, as in production, with its log in a file."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from stream.errors import OutageError
from stream.kafka.ports import HOST
from stream.lifeline import on_lifeline, release
from stream.settings import PREFIX, Settings

ROLES = ("score", "brands", "history", "web")
TEXT_CHARS = 400
LOG_LINES = 15
STOP_SECONDS = 20.0


class Workers:
    """One process for each role; a context manager that leaves none behind, however this process ends.

    Args:
        settings: brokers and topic prefix, which the processes get as options.
        directory: where each keeps its data and its log, `<role>.log`.
        web_port: where `web` listens.
    """

    def __init__(self, settings: Settings, directory: Path, web_port: int) -> None:
        self._settings = settings
        self._directory = directory
        self._web_port = web_port
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for role in ROLES:
                self._processes[role] = self._start(role)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def address(self) -> str:
        """Where the dashboard is."""
        return f"http://{HOST}:{self._web_port}"

    def check(self) -> None:
        """Raises:
        OutageError: a worker ended by itself; the message has the end of its log.
        """
        for role, process in self._processes.items():
            status = process.poll()
            if status is not None:
                raise OutageError(f"The worker {role} ended with status {status}:\n{self._log_end(role)}")

    def _start(self, role: str) -> subprocess.Popen[bytes]:
        options = ["--brokers", self._settings.brokers, "--topic-prefix", self._settings.topic_prefix]
        options += ["--port", str(self._web_port if role == "web" else 0)]
        options += ["--data-dir", str(self._directory / role)]
        temporary = self._directory / "tmp"
        for path in (temporary, self._directory / "history"):
            path.mkdir(exist_ok=True)
        with self._log(role).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
                on_lifeline([sys.executable, "-m", "stream", role, *options]),
                # Libraries leave files in the temporary directory; there they go with all the rest.
                env={**os.environ, **self._environment(), "TMPDIR": str(temporary)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal must reach the demo alone, which stops the workers last.
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        """One database for `history` and `web`; texts, so that reviews can be read; nobody else gets in."""
        return {
            f"{PREFIX}DATABASE_URL": f"sqlite:///{self._directory / 'history' / 'history.db'}",
            f"{PREFIX}OUTPUT_TEXT_CHARS": str(self._settings.output_text_chars or TEXT_CHARS),
            f"{PREFIX}HOST": HOST,
        }

    def _stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):  # it may end just now
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            release(process)

    def _log(self, role: str) -> Path:
        return self._directory / f"{role}.log"

    def _log_end(self, role: str) -> str:
        lines = self._log(role).read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:]) or "it logged nothing"
