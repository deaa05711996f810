"""After the storm: each incident was told of as one alert, its events in order, about what the labels say.

When a look falls is the workers' business, so which alerts there must be cannot be computed. What each event
says can: it names the last label it knew of and the window it looked at.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from stream.brands.state import BrandState
from tests.batch_recomputation import BatchBrand, BatchLabel, recompute
from tests.chaos.ledger import Findings

Event = dict[str, Any]
_DAY = "24h"


class AlertAudit:
    """One partition after another; what is wrong goes to `findings`."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def run(
        self, values: Sequence[bytes], states: Mapping[bytes, BrandState], labels: Sequence[BatchLabel]
    ) -> None:
        """Compare all events of a partition, in their order, with the stored states and with the labels."""
        events = [orjson.loads(value) for value in values]
        by_alert: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_alert[event["alert_id"]].append(event)
        for name, told in by_alert.items():
            self._one_story(name, told)
        self._one_at_a_time(events)
        self._as_stored([told[-1] for told in by_alert.values()], states)
        by_brand: defaultdict[str, list[BatchLabel]] = defaultdict(list)
        for label in labels:
            by_brand[label.key.decode()].append(label)
        for told in by_alert.values():
            self._as_counted(told[-1], by_brand[told[-1]["brand_key"]])

    def _one_story(self, name: str, told: Sequence[Event]) -> None:
        """Opened, then updated any number of times, then perhaps closed; each event once."""
        updates = [event["update"] for event in told]
        self._findings.expect("alert doubled or lost", name, updates, list(range(len(told))))
        states = [event["state"] for event in told]
        between = ["updated"] * len(states[1:-1])
        last = [states[-1] if states[-1] == "closed" else "updated"] if len(states) > 1 else []
        self._findings.expect("alert disordered", name, states, ["opened", *between, *last])
        about = {(event["brand_key"], event["kind"], event["opened_at"]) for event in told}
        self._findings.expect("alert mixed up", name, len(about), 1)

    def _one_at_a_time(self, events: Sequence[Event]) -> None:
        """No second alert of a brand and kind while one is open."""
        open_alerts: dict[tuple[str, str], str] = {}
        for event in events:
            about = event["brand_key"], event["kind"]
            name = open_alerts.setdefault(about, event["alert_id"])
            self._findings.expect("incident told of twice", str(about), event["alert_id"], name)
            if event["state"] == "closed":
                del open_alerts[about]

    def _as_stored(self, last: Sequence[Event], states: Mapping[bytes, BrandState]) -> None:
        """What is open by the topic is open by the states."""
        names = ("brand_key", "kind", "opened_at", "update", "severity")
        told = {tuple(event[name] for name in names) for event in last if event["state"] != "closed"}
        stored = {
            (key.decode(), incident.kind, incident.opened_ms, incident.update, incident.severity)
            for key, state in states.items()
            for incident in state.watch.incidents
        }
        self._findings.expect("open alerts", "by topic and by state", told, stored)

    def _as_counted(self, event: Event, labels: Sequence[BatchLabel]) -> None:
        """The event's numbers, from the labels up to the one that it names."""
        known = [label for label in labels if label.offset <= event["origin"]["offset"]]
        (brand,) = recompute(known).values()
        reviews, negatives = _counted(brand, event)
        observed = float(reviews)
        if event["kind"] == "negative_share":
            observed = round(negatives / reviews, 6) if reviews else 0.0
        found = event["reviews"], event["observed"]
        self._findings.expect("alert miscounted", event["alert_id"], found, (reviews, observed))


def _counted(brand: BatchBrand, event: Event) -> tuple[int, int]:
    """Reviews and negative ones in the window of an event."""
    cells = brand.hours if event["window"] == _DAY else brand.minutes
    inside = [cell for start, cell in cells.items() if event["start"] <= start < event["end"]]
    return sum(sum(cell[:3]) for cell in inside), sum(cell[0] for cell in inside)
