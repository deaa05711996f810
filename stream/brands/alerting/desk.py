"""Where alerts are decided: all brands of a partition that changed, at one moment, together.

The time is an argument, and all that a decision rests on lies in the brands' states, so that a worker that
starts again from what was stored decides the same.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter

from stream.brands.alerting.baseline import Baseline
from stream.brands.alerting.comparison import Comparison, Spans, compare, least_reviews, spans, stands_out
from stream.brands.alerting.discovery import q_values
from stream.brands.alerting.incident import Incident, grown, home, is_over, opened, updated, watched
from stream.brands.alerting.published import AlertEvent, AlertState, Occasion, alert_event
from stream.brands.alerting.rules import KINDS, Kind, Rules
from stream.brands.alerting.watch import NEVER_MS, Watch
from stream.brands.cells import HOUR_MS
from stream.brands.state import BrandState


@dataclass(frozen=True, slots=True)
class Look:
    """A brand to be judged, and the hours whose cells changed since the last look."""

    key: bytes
    state: BrandState
    changed_hours: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """A decision that waits for those of the other brands; `incident` is None where one may be opened."""

    look: Look
    state: AlertState
    comparison: Comparison
    day_chance: float
    incident: Incident | None = None


class Desk:
    """Decides for one partition. Not for several threads at once.

    Args:
        partition: of `review-sentiment`.
        rules: the thresholds.
    """

    def __init__(self, partition: int, rules: Rules) -> None:
        self._partition = partition
        self._rules = rules
        self._open: dict[tuple[bytes, Kind], float] = {}

    def resume(self, key: bytes, watch: Watch) -> None:
        """Take over the open alerts of a stored brand; once for each, before anything is judged."""
        for incident in watch.incidents:
            self._open[key, incident.kind] = incident.day_chance

    def has_open(self, key: bytes) -> bool:
        """Whether an alert of the brand is open: then it must be looked at even if only time passes."""
        return any((key, kind) in self._open for kind in KINDS)

    def __len__(self) -> int:
        """How many alerts are open."""
        return len(self._open)

    def judge(self, looks: Iterable[Look], held: int, now_ms: int) -> list[AlertEvent]:
        """Open, update and close alerts; their brands' states then differ from what is stored.

        Args:
            looks: each brand at most once.
            held: all brands of the partition, over which the false discovery rate holds.
        """
        cases = [case for look in looks for case in self._cases(look, now_ms)]
        chances = self._open | {(case.look.key, case.comparison.kind): case.day_chance for case in cases}
        tested = max(held * len(KINDS), len(chances))
        least_rates = dict(zip(chances, q_values(list(chances.values()), tested), strict=True))
        events: list[AlertEvent] = []
        for case in cases:
            q_value = least_rates[case.look.key, case.comparison.kind]
            if case.incident is not None or self._is_alert(case, q_value):
                events.append(self._decide(case, q_value, now_ms))
        return events

    def close(self, key: bytes, state: BrandState, now_ms: int) -> list[AlertEvent]:
        """Close what is open of a brand that is being forgotten."""
        look = Look(key, state)
        seen = spans(state.minutes, state.hours, now_ms, NEVER_MS)
        cases = [_ending(look, incident, seen) for incident in state.watch.incidents]
        return [self._decide(case, case.day_chance, now_ms) for case in cases]

    def _cases(self, look: Look, now_ms: int) -> Iterator[_Case]:
        state = look.state
        watch, rules = state.watch, self._rules
        watch.hours_changed(look.changed_hours)
        seen = {
            since_ms: spans(state.minutes, state.hours, now_ms, since_ms) for since_ms in set(watch.closed_ms)
        }
        for kind, since_ms in zip(KINDS, watch.closed_ms, strict=True):
            incident = watch.incident(kind)
            if incident is not None:
                case = self._open_case(look, incident, seen[since_ms], now_ms)
            elif max(span.reviews for span in seen[since_ms]) >= least_reviews(kind, rules):
                case = self._new_case(look, kind, seen[since_ms], now_ms)
            else:
                continue
            if case is not None:
                yield case

    def _new_case(self, look: Look, kind: Kind, seen: Spans, now_ms: int) -> _Case | None:
        """What may be an alert; none in the hour in which the last one closed."""
        watch = look.state.watch
        known = watch.baseline(look.state.hours, now_ms, None)
        if known is None or watch.closed(kind) // HOUR_MS == now_ms // HOUR_MS:
            return None
        standing = self._standing_out(kind, seen, known, now_ms)
        chances = [(one.day_chance(), one) for one in standing]
        if not chances:
            return None
        chance, likeliest = min(chances, key=itemgetter(0))
        return _Case(look, "opened", likeliest, chance)

    def _open_case(self, look: Look, incident: Incident, seen: Spans, now_ms: int) -> _Case | None:
        known = look.state.watch.baseline(look.state.hours, now_ms, incident)
        if known is None:
            return _ending(look, incident, seen)
        hour, day = (compare(incident.kind, span, known, now_ms) for span in seen[1:])
        at_home = home(incident, hour, day, self._rules)
        incident = watched(incident, at_home, now_ms, self._rules)
        look.state.watch.put(incident)
        if is_over(incident, now_ms):
            return _Case(look, "closed", at_home, at_home.day_chance(), incident)
        larger = grown(incident, self._standing_out(incident.kind, seen, known, now_ms), self._rules)
        if larger is None:
            return None
        return _Case(look, "updated", larger, larger.day_chance(), incident)

    def _standing_out(self, kind: Kind, seen: Spans, known: Baseline, now_ms: int) -> list[Comparison]:
        compared = (stands_out(kind, span, known, now_ms, self._rules) for span in seen)
        return [one for one in compared if one is not None]

    def _is_alert(self, case: _Case, q_value: float) -> bool:
        rules = self._rules
        return q_value <= rules.false_discovery_rate and case.day_chance <= rules.most_chance

    def _decide(self, case: _Case, q_value: float, now_ms: int) -> AlertEvent:
        """Change the brand's watch and tell of it."""
        look, comparison = case.look, case.comparison
        if case.incident is None:
            incident = opened(comparison, case.day_chance, q_value, now_ms)
        elif case.state == "updated":
            incident = updated(case.incident, comparison, case.day_chance, q_value)
        else:
            incident = replace(case.incident, update=case.incident.update + 1)
        if case.state == "closed":
            look.state.watch.close(incident, now_ms)
            self._open.pop((look.key, incident.kind), None)
        else:
            look.state.watch.put(incident)
            self._open[look.key, incident.kind] = incident.day_chance
        occasion = Occasion(case.state, incident, comparison, q_value, now_ms)
        return alert_event(look.key, look.state, self._partition, occasion)


def _ending(look: Look, incident: Incident, seen: Spans) -> _Case:
    """The end of an alert for want of a baseline; what was expected last stands for it."""
    span = next(span for span in seen if span.window == incident.window)
    return _Case(look, "closed", Comparison(incident.kind, span, incident.expected, 0.0), 1.0, incident)
