"""Real worker processes, and what an orchestrator does with them: look at their health, start them again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

READY_SECONDS = 180.0
AGAIN_SECONDS = 2.0
"""Between two starts of a worker that ends by itself, as an orchestrator makes them wait."""
STOP_SECONDS = 60.0
"""Not the 15 that a worker promises on a machine of its own: here it shares one with a storm."""
TAIL_LINES = 40
_ADDRESS = re.compile(r"listening on (http://\S+)")


class Worker:
    """One worker, named by role and number; its log goes to a file, all its lives into the same one."""

    def __init__(self, name: str, settings: Mapping[str, str], directory: Path) -> None:
        self.name = name
        self.log = directory / f"{self.name}.log"
        self.starts = 0
        self.role = name.partition("-")[0]
        self._settings = {**settings, "BRANDPULSE_PORT": "0"}
        self._settings["BRANDPULSE_DATA_DIR"] = str(directory / self.name)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def settings(self) -> Mapping[str, str]:
        """Of its next start."""
        return self._settings

    def change(self, name: str, value: str) -> None:
        """From its next start on it has this setting."""
        self._settings[name] = value

    def start(self) -> None:
        """Start the process."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BRANDPULSE_")}
        with self.log.open("ab") as log:
            self._log_from = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stream", self.role],
                env=clean | self._settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1
        self._started = time.monotonic()

    def wait_until_ready(self) -> None:
        """Return once /readyz answers 200; start again if it ended meanwhile, as an orchestrator does."""
        deadline = time.monotonic() + READY_SECONDS
        unmet: object = "no answer yet"
        while time.monotonic() < deadline:
            self.keep_up()
            unmet = self.unmet()
            if not unmet:
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.name} was not ready in {READY_SECONDS:.0f} s: {unmet}")

    def keep_up(self) -> None:
        """Start the process again if it ended with an outage; exit code 2 would be a bug of this test."""
        status = self._running().poll()
        if status is not None and time.monotonic() > self._started + AGAIN_SECONDS:
            assert status not in (0, 2), f"{self.name} ended by itself with status {status}"
            self.start()

    def kill(self) -> None:
        """kill -9."""
        self._running().kill()
        self._running().wait()

    def freeze(self) -> None:
        """SIGSTOP: it neither runs nor closes its connections."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._running().send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM; `ended_well` says what became of it."""
        self._running().terminate()

    def ended_well(self) -> None:
        """Wait for the end after SIGTERM, which must be an exit 0."""
        try:
            status = self._running().wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} ran on {STOP_SECONDS:.0f} s after SIGTERM") from None
        assert status == 0, f"{self.name} exited with {status} after SIGTERM"

    def end(self) -> None:
        """Make sure that nothing is left, whatever happened."""
        if self._process and self._process.poll() is None:
            self.kill()

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.name}, started {self.starts} times", *lines[-TAIL_LINES:]])

    @property
    def address(self) -> str | None:
        """Where it listens; None: nowhere yet."""
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            addresses = _ADDRESS.findall(log.read().decode(errors="replace"))
        return addresses[-1] if addresses else None

    def unmet(self) -> object:
        """What /readyz says is missing; nothing: ready."""
        address = self.address
        if address is None:
            return "it listens nowhere"
        try:
            with urlopen(address + "/readyz", timeout=5) as answer:
                return json.load(answer)["unmet"]
        except HTTPError as error:
            return json.load(error)["unmet"]
        except (URLError, OSError) as error:
            return repr(error)

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the worker was never started"
        return self._process
