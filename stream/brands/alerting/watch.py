"""What is kept of a brand between two looks: its open alerts, and when the last ones closed."""

import struct
from collections.abc import Collection
from dataclasses import dataclass, field

from stream.brands.alerting.baseline import Baseline, baseline
from stream.brands.alerting.incident import Incident
from stream.brands.alerting.rules import (
    KINDS,
    LEAST_BASELINE_DAYS,
    LEAST_REMAINING_DAYS,
    SEVERITIES,
    Kind,
)
from stream.brands.cells import HOUR_MS, Cells
from stream.events import WINDOWS, WindowName

NEVER_MS = -1
_DAY_HOURS = 24
_WINDOWS: tuple[WindowName, ...] = tuple(WINDOWS)
_CLOSED = struct.Struct(f"<{len(KINDS)}q")
# Kind, window and severity by their places in the tuples; opened, calm since or -1; updates; excess,
# expected, chance.
_INCIDENT = struct.Struct("<BBBqqIddd")


@dataclass(slots=True)
class Watch:
    """The alerts of one brand; changed by `stream.brands.alerting.desk` alone."""

    incidents: tuple[Incident, ...] = ()
    """At most one of each kind."""
    closed_ms: tuple[int, ...] = (NEVER_MS,) * len(KINDS)
    """By kind: when the last one closed; what came before counts in no later alert."""
    _baselines: dict[tuple[int, int], Baseline | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def incident(self, kind: Kind) -> Incident | None:
        """The open alert of that kind."""
        return next((one for one in self.incidents if one.kind == kind), None)

    def closed(self, kind: Kind) -> int:
        """When the last alert of that kind closed."""
        return self.closed_ms[KINDS.index(kind)]

    def put(self, incident: Incident) -> None:
        """Keep an open alert in place of the former one of its kind."""
        self.incidents = (*(one for one in self.incidents if one.kind != incident.kind), incident)

    def close(self, incident: Incident, now_ms: int) -> None:
        """Forget an open alert, but not that it was closed."""
        self.incidents = tuple(one for one in self.incidents if one.kind != incident.kind)
        self.closed_ms = tuple(
            now_ms if kind == incident.kind else closed_ms
            for kind, closed_ms in zip(KINDS, self.closed_ms, strict=True)
        )

    def baseline(self, hours: Cells, now_ms: int, incident: Incident | None) -> Baseline | None:
        """The days before the last 24 hours, or before the 24 hours that ended when the alert was opened."""
        now_hour = now_ms // HOUR_MS
        ends_hour = now_hour if incident is None else min(now_hour, incident.opened_ms // HOUR_MS)
        at = (now_hour, ends_hour)
        if at not in self._baselines:
            if self._baselines and next(iter(self._baselines))[0] != now_hour:
                self._baselines.clear()
            least_days = LEAST_BASELINE_DAYS if incident is None else LEAST_REMAINING_DAYS
            self._baselines[at] = baseline(hours, now_hour, ends_hour - _DAY_HOURS, least_days)
        return self._baselines[at]

    def hours_changed(self, hours: Collection[int]) -> None:
        """Work the baselines out anew when a late review changed one of their hours."""
        if self._baselines and hours and min(hours) <= max(self._baselines)[1] - _DAY_HOURS:
            self._baselines.clear()

    def encode(self) -> bytes:
        """The stored form: nothing for a brand that never had an alert."""
        if not self.incidents and max(self.closed_ms) == NEVER_MS:
            return b""
        return _CLOSED.pack(*self.closed_ms) + b"".join(map(_pack, self.incidents))


def decode_watch(stored: bytes) -> Watch:
    """The inverse of `Watch.encode`.

    Raises:
        ValueError: the bytes are no watch.
    """
    if not stored:
        return Watch()
    try:
        closed_ms = _CLOSED.unpack_from(stored)
        incidents = tuple(map(_unpack, _INCIDENT.iter_unpack(stored[_CLOSED.size :])))
    except (struct.error, IndexError) as error:
        raise ValueError("it is cut off or of another version") from error
    return Watch(incidents, closed_ms)


def _pack(incident: Incident) -> bytes:
    return _INCIDENT.pack(
        KINDS.index(incident.kind),
        _WINDOWS.index(incident.window),
        SEVERITIES.index(incident.severity),
        incident.opened_ms,
        NEVER_MS if incident.calm_since_ms is None else incident.calm_since_ms,
        incident.update,
        incident.excess,
        incident.expected,
        incident.day_chance,
    )


def _unpack(fields: tuple[int, int, int, int, int, int, float, float, float]) -> Incident:
    kind, window, worth, opened_ms, calm_ms, update, excess, expected, day_chance = fields
    calm_since_ms = None if calm_ms == NEVER_MS else calm_ms
    names = KINDS[kind], opened_ms, _WINDOWS[window], update, SEVERITIES[worth]
    return Incident(*names, excess, expected, day_chance, calm_since_ms)
