"""Logging: one line an event on stderr, for people or as JSON.

Log lines carry ids, offsets and counts, never a review's text.
"""

import logging
import sys
import time
from collections.abc import Callable

import orjson

from stream.settings import Settings

QUIET_SECONDS = 10.0
# Our transport and tables are among them because Faust's services log under the module of their subclass.
_FRAMEWORKS = (
    *("faust", "mode", "aiokafka", "aiohttp", "asyncio", "alembic"),
    *("stream.kafka.transport", "stream.kafka.tables"),
)
# Beginnings of what aiokafka logs, as an ERROR and several times a second, while a broker is away.
_BROKER_AWAY = (
    "Unable connect to",
    "Unable to request metadata",
    "Unable to update metadata",
    "Failed fetch messages from",
    "Failed fetch offsets from",
    "Error sending %s to node",
    "Group Coordinator Request failed",
    "Heartbeat send request failed",
    "Cannot send %r to %s",
    "Got error produce response",
    "Marking the coordinator dead",
)
_NEVER_SHOWN = (
    # Said every second by each member of a group that waits for the others: that is how a rebalance goes.
    "Heartbeat failed for group %s because it is rebalancing",
    # Said at each connection; stream.kafka.connection says it once.
    "Sending username and password in the clear",
)


def configure(settings: Settings) -> None:
    """Send all log records of this process to stderr, in the settings' format and from their level up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else HumanFormatter())
    handler.addFilter(BrokerAwayFilter(time.monotonic))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    frameworks_level = max(logging.WARNING, logging.getLogger().level)
    for name in _FRAMEWORKS:
        logging.getLogger(name).setLevel(frameworks_level)
    # kafka-python warns of each step that took a tenth of a second, as they do on a busy machine.
    logging.getLogger("kafka").setLevel(logging.ERROR)


class HumanFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO [4711] stream.kafka.delivery took over partitions=[0, 1]`, one line.

    The number is that of the process: several workers may write to one terminal.
    """

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s [%(process)d] %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Keep a message on its line, whatever it contains; a traceback follows on lines of its own."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (seconds since 1970), `level`, `process`, `logger`, `message`, `error`.

    `process` is a number, as the system gave it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "process": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class BrokerAwayFilter(logging.Filter):
    """Turns aiokafka's flood while a broker is away into one line every ten seconds."""

    def __init__(self, clock: Callable[[], float], quiet_seconds: float = QUIET_SECONDS) -> None:
        super().__init__()
        self._clock = clock
        self._quiet_seconds = quiet_seconds
        self._said_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown; one that is gets its message replaced."""
        message = str(record.msg)
        if record.name.startswith("kafka.") and record.exc_info:
            # A connection that broke, which it opens again: one line is enough.
            record.msg = f"{record.getMessage()}: {record.exc_info[1]!r}"
            record.args, record.exc_info = (), None
            return True
        if not record.name.startswith("aiokafka"):
            return True
        if message in _NEVER_SHOWN:
            return False
        if not message.startswith(_BROKER_AWAY):
            return True
        now = self._clock()
        if now - self._said_at < self._quiet_seconds:
            return False
        self._said_at = now
        record.msg = f"broker away, retrying: {record.getMessage()}"
        record.args = ()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
