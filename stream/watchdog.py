"""The watchdog: a thread that ends a wedged worker, so that its partitions move to a healthy one.

A worker whose event loop hangs cannot end itself in any orderly way, and its consumer may go on
heartbeating from a thread of its own, so the group would never take its partitions away.
"""

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable

from stream.health import HealthState

LAST_WORDS_SECONDS = 5.0
EXIT_CODE = 1

log = logging.getLogger(__name__)


class Watchdog:
    """Looks at a `HealthState` from a daemon thread; `clock` is the one that the state is told."""

    def __init__(self, state: HealthState, clock: Callable[[], float], check_seconds: float = 1.0) -> None:
        self._state = state
        self._clock = clock
        self._check_seconds = check_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching: the shutdown has an end of its own."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        was_alive = True
        while not self._stopped.wait(self._check_seconds):
            reason = self._state.alive(self._clock())
            # Two looks: a process that was frozen as a whole first gets the time to beat again.
            if reason and not was_alive:
                _end_process(reason)
            was_alive = reason is None


def _end_process(reason: str) -> None:
    # A thread that hangs inside a log call would hold the lock that our own call waits for.
    last_words = threading.Timer(LAST_WORDS_SECONDS, os._exit, (EXIT_CODE,))
    last_words.daemon = True
    last_words.start()
    log.critical("stalled, ending this process: %s", reason)
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    os._exit(EXIT_CODE)
