"""How many records are due now: an even rate, without bursts after a pause."""

from dataclasses import dataclass

TICK_SECONDS = 0.02
MOST_CAUGHT_UP_SECONDS = 1.0


@dataclass(slots=True)
class Pace:
    """At most `per_second` records a second (None: no limit), spread evenly over time.

    What a pause of the broker left undone beyond one second is dropped from the plan, not sent in a burst.
    """

    per_second: float | None
    next_seconds: float
    """When the next record is due, on the same clock as `now_seconds`."""

    def take(self, now_seconds: float, most: int) -> int:
        """The number of records to send now, at most `most`; they count as sent."""
        if self.per_second is None:
            return most
        self.next_seconds = max(self.next_seconds, now_seconds - MOST_CAUGHT_UP_SECONDS)
        due = (
            int((now_seconds - self.next_seconds) * self.per_second + 1)
            if now_seconds >= self.next_seconds
            else 0
        )
        due = min(due, most)
        self.next_seconds += due / self.per_second
        return due

    def pause_seconds(self, now_seconds: float) -> float:
        """How long to wait before asking again."""
        return 0.0 if self.per_second is None else max(TICK_SECONDS, self.next_seconds - now_seconds)
