"""After the storm: the brands' states and all that was published of them, against a batch over the labels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from stream.brands.state import BrandState, decode_state
from tests.batch_recomputation import (
    HOUR_MS,
    MINUTE_MS,
    NAMES,
    WINDOWS_MS,
    BatchBrand,
    BatchLabel,
    corrections,
    recompute,
)
from tests.chaos.alert_audit import AlertAudit
from tests.chaos.cluster import Reader
from tests.chaos.ledger import Findings
from tests.chaos.scene import Topics
from tests.estimated_windows import expected_series, expected_window

Hours = dict[int, tuple[int, ...]]
"""The numbers of a brand's hours by their start."""


class BrandAudit:
    """One partition after another; what is wrong goes to `findings`."""

    def __init__(self, reader: Reader, topics: Topics, findings: Findings) -> None:
        self._reader = reader
        self._topics = topics
        self.findings = findings
        self._alerts = AlertAudit(findings)
        self.hours: dict[str, Hours] = {}
        """By brand key, as they are on the topic."""
        self.told_of: dict[str, dict[str, Any]] = {}
        """By brand key, the last value of `brand-sentiment`."""
        self.alert_events: dict[str, str] = {}
        """The last event of each alert, as it is on the topic."""
        self.told = 0
        """Events of all alerts."""
        self.corrections = 0

    async def run(self, partition: int, labels: Sequence[BatchLabel]) -> None:
        """Compare what is published of the brands of a partition with its labels."""
        expected = recompute(labels)
        states = await self._states(partition, expected)
        await self._hours(partition, expected)
        await self._windows(partition, expected)
        await self._corrections(partition, corrections(labels))
        read = self._reader.read(self._topics("brand-alerts"), partition)
        events = [record.value async for record in read]
        self._alerts.run(events, states, labels)
        self.told += len(events)
        self.alert_events |= {orjson.loads(event)["alert_id"]: event.decode() for event in events}

    async def _states(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> dict[bytes, BrandState]:
        stored = await self._reader.latest(self._topics("brandpulse-brands-state-changelog"), partition)
        self.findings.expect("brands", f"changelog {partition}", set(stored), set(expected))
        states = {key: decode_state(value) for key, value in stored.items()}
        for key in states.keys() & expected.keys():
            state = states[key]
            minutes = {cell[0] * MINUTE_MS: tuple(cell[1:]) for cell in state.minutes.values()}
            hours = {cell[0] * HOUR_MS: tuple(cell[1:]) for cell in state.hours.values()}
            found = BatchBrand(state.name, state.model, state.fence, state.horizon_ms, minutes, hours)
            self.findings.expect("cells", key.decode(), found, expected[key])
        return states

    async def _hours(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        found: defaultdict[str, Hours] = defaultdict(dict)
        for value in (await self._reader.latest(self._topics("brand-hours"), partition)).values():
            hour = orjson.loads(value)
            numbers = [hour[part][name] for part in ("counts", "score_sums") for name in NAMES]
            found[hour["brand_key"]][hour["hour"]] = (*numbers, hour["late"], *hour["bins"])
        for key, brand in expected.items():
            self.findings.expect("hours", key.decode(), found[key.decode()], brand.hours)
        self.hours |= found

    async def _windows(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        latest = await self._reader.latest(self._topics("brand-sentiment"), partition)
        self.findings.expect("brands", f"brand-sentiment {partition}", set(latest), set(expected))
        for key in latest.keys() & expected.keys():
            shown = self.told_of[key.decode()] = orjson.loads(latest[key])
            for name in WINDOWS_MS:
                window = shown["windows"][name]
                found = {part: value for part, value in window.items() if part not in ("start", "end")}
                wanted = expected_window(expected[key].window(name, shown["as_of"]))
                self.findings.expect("windows", f"{key.decode()} {name}", found, wanted)
            series = expected_series(expected[key], shown["as_of"])
            self.findings.expect("series", key.decode(), {part: shown[part] for part in series}, series)

    async def _corrections(self, partition: int, expected: Mapping[bytes, list[dict[str, Any]]]) -> None:
        found: defaultdict[bytes, list[dict[str, Any]]] = defaultdict(list)
        async for record in self._reader.read(self._topics("review-corrections"), partition):
            found[record.key].append(orjson.loads(record.value))
            self.corrections += 1
        for key in found.keys() | expected.keys():
            self.findings.expect("corrections", key.decode(), found[key], expected.get(key, []))
