"""What the pages ask of the role `web`; they read nothing by themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from stream.errors import DatabaseAway
from stream.events import BrandAlert, Label
from stream.web.dashboard.courses import WEEK_MS, Course, week_course
from stream.web.dashboard.status import Status, status
from stream.web.drivers import driver_reviews
from stream.web.history import History
from stream.web.lookup import LabelSource
from stream.web.pipeline import Pipeline
from stream.web.view import LiveView


@dataclass(frozen=True, slots=True)
class Backstage:
    """The live view, and the ways to what is not in it; `now_seconds` is the clock of `view.read_at`."""

    view: LiveView
    pipeline: Pipeline
    history: History
    lookup: LabelSource
    now_ms: Callable[[], int]
    now_seconds: Callable[[], float]

    def status(self) -> Status:
        """Whether what is shown is live."""
        return status(self.view, self.now_seconds(), self.now_ms())

    async def week(self, key: str) -> Course | None:
        """The last 7 days of a brand; None while history is away."""
        now_ms = self.now_ms()
        try:
            return week_course(await self.history.hours(key, now_ms - WEEK_MS, now_ms), now_ms)
        except DatabaseAway:
            return None

    async def labels(self, alert: BrandAlert) -> dict[str, Label]:
        """The labels of an alert's drivers by event id, as far as they are still in the topic."""
        found = await driver_reviews(alert, self.view.recent, self.lookup)
        return {event_id: review.label for event_id, review in found.items()}
