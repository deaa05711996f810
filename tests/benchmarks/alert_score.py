"""How good alerts were, since the simulation knows its incidents."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from stream.brands.alerting.rules import Kind
from tests.benchmarks.alert_rivals import Opening
from tests.benchmarks.alert_world import WARM_UP_DAYS, Planned, World

AFTERMATH_MINUTES = 24 * 60
"""After an incident an alert about it is late, not false: windows hold it for a day."""
_MONTH_MINUTES = 30 * 24 * 60


@dataclass(frozen=True, slots=True)
class Caught:
    """An incident and the first alert while it lasted; None when there was none."""

    incident: Planned
    minutes: int | None
    reviews: int = 0
    """Of the brand, from the beginning to the alert."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one method and kind."""

    false_alerts: int
    brand_months: float
    caught: list[Caught]
    alerts: int
    """Opened while an incident lasted: above the number of incidents caught there were repetitions."""

    @property
    def false_rate(self) -> float:
        """False alerts per brand-month."""
        return self.false_alerts / self.brand_months

    @property
    def detection_rate(self) -> float:
        """The share of the incidents that were caught."""
        return sum(one.minutes is not None for one in self.caught) / max(1, len(self.caught))

    @property
    def median_minutes(self) -> float:
        """From the beginning of an incident to its alert, of those caught."""
        return median([one.minutes for one in self.caught if one.minutes is not None] or [0])


def score(world: World, kind: Kind, openings: Iterable[Opening]) -> Score:
    """Judge the openings of one method: caught while an incident of that kind lasts, false far from any."""
    incidents = defaultdict[int, list[Planned]](list)
    for one in world.incidents:
        if one.kind == kind:
            incidents[one.brand].append(one)
    first: dict[Planned, int] = {}
    false_alerts = alerts = 0
    for opening in sorted(openings, key=lambda one: one.minute):
        if opening.minute < WARM_UP_DAYS * 1440:
            continue
        nearest = _last_before(incidents[opening.brand], opening.minute)
        if nearest is None or opening.minute > nearest.end_minute + AFTERMATH_MINUTES:
            false_alerts += 1
        elif opening.minute <= nearest.end_minute:
            alerts += 1
            first.setdefault(nearest, opening.minute - nearest.start_minute)
    every = [one for several in incidents.values() for one in several]
    quiet = world.brands * (world.days - WARM_UP_DAYS) * 1440 - sum(
        one.end_minute + AFTERMATH_MINUTES - one.start_minute for one in every
    )
    caught = [_caught(world, one, first.get(one)) for one in every]
    return Score(false_alerts, quiet / _MONTH_MINUTES, caught, alerts)


def _caught(world: World, incident: Planned, minutes: int | None) -> Caught:
    if minutes is None:
        return Caught(incident, None)
    start = incident.start_minute
    return Caught(incident, minutes, world.reviews_between(incident.brand, start, start + minutes))


def _last_before(incidents: Sequence[Planned], minute: int) -> Planned | None:
    at = bisect_left(incidents, minute, key=lambda one: one.start_minute)
    return incidents[at - 1] if at else None
