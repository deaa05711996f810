"""What waits to be posted: of each alert only its newest event, and mere updates not too often. Pure.

Times are seconds of one monotonic clock.
"""

from dataclasses import dataclass

from stream.events import BrandAlert


@dataclass(frozen=True, slots=True)
class Notice:
    """The newest event of an alert, waiting since then; `urgent` where it stands for more than an update."""

    alert: BrandAlert
    since: float
    urgent: bool


class Waiting:
    """At most one notice for each alert.

    Args:
        update_seconds: least time between a message about an alert and one about a mere update of it.
        patience_seconds: how long after it became due a notice is worth posting.
    """

    def __init__(self, update_seconds: float, patience_seconds: float) -> None:
        self._update_seconds = update_seconds
        self._patience_seconds = patience_seconds
        self._notices: dict[str, Notice] = {}  # by alert id, the one that waits longest first
        self._posted_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._notices)

    def add(self, alert: BrandAlert, now: float) -> bool:
        """Whether another notice of the same alert waited, whose place this one takes."""
        former = self._notices.get(alert.alert_id)
        urgent = alert.state != "updated" or (former is not None and former.urgent)
        self._notices[alert.alert_id] = Notice(alert, now, urgent)
        return former is not None

    def take(self, now: float) -> Notice | None:
        """A notice that is due; it waits no more."""
        for name, notice in self._notices.items():
            if self._due_at(notice) <= now:
                return self._notices.pop(name)
        return None

    def give_back(self, notice: Notice) -> bool:
        """Let a notice that was taken wait again; False where a newer one of its alert waits already.

        The newer one is then as urgent as both were.
        """
        name = notice.alert.alert_id
        newer = self._notices.get(name)
        if newer is None:
            self._notices = {name: notice, **self._notices}
            return True
        self._notices[name] = Notice(newer.alert, newer.since, newer.urgent or notice.urgent)
        return False

    def posted(self, notice: Notice, now: float) -> None:
        """There was a message about this alert just now."""
        recent = {name: at for name, at in self._posted_at.items() if at + self._update_seconds > now}
        self._posted_at = recent | {notice.alert.alert_id: now}

    def drop_expired(self, now: float) -> list[Notice]:
        """Those that nobody would want to read any more; they wait no more."""
        expired = [n for n in self._notices.values() if self._due_at(n) + self._patience_seconds <= now]
        for notice in expired:
            del self._notices[notice.alert.alert_id]
        return expired

    def next_at(self) -> float | None:
        """When the next notice is due; None: nothing waits."""
        return min(map(self._due_at, self._notices.values()), default=None)

    def _due_at(self, notice: Notice) -> float:
        if notice.urgent or notice.alert.alert_id not in self._posted_at:
            return notice.since
        return max(notice.since, self._posted_at[notice.alert.alert_id] + self._update_seconds)
