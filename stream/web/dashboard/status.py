"""Whether what is shown is live, in words. Pure: clocks are arguments."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from stream.web.dashboard.words import age
from stream.web.view import LiveView

SILENT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Status:
    """One state of the live view; `away`: Kafka does not answer, so what is shown is old."""

    state: Literal["starting", "live", "away"]
    text: str


def status(view: LiveView, now_seconds: float, now_ms: int) -> Status:
    """What the corner of each page says.

    Args:
        view: what is shown.
        now_seconds: on the monotonic clock of `view.read_at`.
        now_ms: wall clock.
    """
    if view.read_at is None:
        return Status("starting", "waiting for Kafka")
    silent = now_seconds - view.read_at
    if silent > SILENT_SECONDS:
        return Status("away", f"Kafka away, as of {age(round(silent * 1000))} ago")
    if not view.caught_up:
        return Status("starting", f"reading the topics: {len(view.rows()):,} brands so far")
    newest = deque(view.rows().values(), maxlen=1)
    if not newest:
        return Status("live", "live, no brands yet")
    return Status("live", f"live, updated {age(now_ms - newest[0].as_of)} ago")
