"""The life of an alert: opened once, updated as its incident grows, closed after it has been calm."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from stream.brands.alerting.comparison import Comparison, raised
from stream.brands.alerting.rules import CALM_MS, GROWTH, SEVERITIES, Kind, Rules, Severity, severity
from stream.events import WindowName

_NAMESPACE = UUID("0c7b8a52-4d0e-5f0b-9a3c-6f2b1f7f3a10")


@dataclass(frozen=True, slots=True)
class Incident:
    """What is kept of an open alert."""

    kind: Kind
    opened_ms: int
    window: WindowName
    """In which it was seen first."""
    update: int
    """Events published of it after the first."""
    severity: Severity
    """The worst so far."""
    excess: float
    """The greatest published one."""
    expected: float
    """As of the last event."""
    day_chance: float
    """As of the last event."""
    calm_since_ms: int | None = None


def alert_id(key: bytes, kind: Kind, opened_ms: int) -> str:
    """The id of an alert: the same wherever and how often it is worked out.

    >>> alert_id(b"acme", "volume", 1_790_000_000_000) == alert_id(b"acme", "volume", 1_790_000_000_000)
    True
    """
    return str(uuid5(_NAMESPACE, f"{key.decode()}\n{kind}\n{opened_ms}"))


def opened(comparison: Comparison, day_chance: float, q_value: float, now_ms: int) -> Incident:
    """A new incident."""
    kind = comparison.kind
    worth = severity(kind, comparison.effect, q_value)
    window = comparison.span.window
    return Incident(kind, now_ms, window, 0, worth, comparison.excess, comparison.expected, day_chance)


def grown(incident: Incident, comparisons: list[Comparison], rules: Rules) -> Comparison | None:
    """The comparison with the greatest excess, if that has grown enough since the last event to tell of it.

    A window that shows more, but could be chance by itself, is no news.

    Args:
        comparisons: those that stand out.
    """
    larger = (
        one
        for one in comparisons
        if one.excess >= GROWTH * incident.excess and one.day_chance() <= rules.most_chance
    )
    return max(larger, key=lambda one: one.excess, default=None)


def updated(incident: Incident, comparison: Comparison, day_chance: float, q_value: float) -> Incident:
    """The incident after an event about its growth; its severity never falls."""
    worth = severity(incident.kind, comparison.effect, q_value)
    return replace(
        incident,
        update=incident.update + 1,
        severity=max(incident.severity, worth, key=SEVERITIES.index),
        excess=comparison.excess,
        expected=comparison.expected,
        day_chance=day_chance,
    )


def home(incident: Incident, hour: Comparison, day: Comparison, rules: Rules) -> Comparison:
    """The window by which an incident is over: the hour, unless it was seen in a day or that is silent."""
    silent = incident.kind == "negative_share" and hour.span.reviews < rules.least_reviews
    return day if incident.window == "24h" or silent else hour


def watched(incident: Incident, at_home: Comparison, now_ms: int, rules: Rules) -> Incident:
    """The incident with its calm begun, going on, or ended."""
    if raised(at_home, rules):
        return replace(incident, calm_since_ms=None) if incident.calm_since_ms is not None else incident
    return replace(incident, calm_since_ms=now_ms) if incident.calm_since_ms is None else incident


def is_over(incident: Incident, now_ms: int) -> bool:
    """Whether it has been calm for an hour."""
    return incident.calm_since_ms is not None and now_ms - incident.calm_since_ms >= CALM_MS
