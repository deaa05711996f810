"""After the storm: everything on the topics against what the load and its labels say must be there."""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from stream.brands.state import decode_state
from stream.events import Label, brand_key
from tests.batch_recomputation import (
    HOUR_MS,
    MINUTE_MS,
    NAMES,
    WINDOWS_MS,
    BatchBrand,
    BatchLabel,
    Cell,
    recompute,
)
from tests.chaos.cluster import Reader
from tests.chaos.ledger import Findings, Ledger, Outcome
from tests.chaos.load import Given, given, number_at

SCORE_SPREAD = 0.25
"""Texts are scored in batches that differ from run to run, and the int8 model rounds by batch; a label that
got the scores of a neighbour is off by far more."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Full names, and how many partitions each of them has."""

    prefix: str
    partitions: int

    def __call__(self, name: str) -> str:
        return self.prefix + name


class Audit:
    """One pass over all topics; `findings` says what is wrong."""

    def __init__(self, reader: Reader, topics: Topics, base_ms: int) -> None:
        self._reader = reader
        self._topics = topics
        self._base_ms = base_ms
        self._timestamps: dict[int, array[int]] = {}
        self._scores: dict[str, tuple[float, float]] = {}
        self.ledger = Ledger({})
        self.label_ends: dict[int, int] = {}

    @property
    def findings(self) -> Findings:
        """What is wrong so far."""
        return self.ledger.findings

    async def run(self) -> None:
        """Read everything, partition by partition."""
        for partition in range(self._topics.partitions):
            await self._reviews(partition)
        self.ledger = Ledger({number: len(stamps) for number, stamps in self._timestamps.items()})
        for partition in range(self._topics.partitions):
            await self._dead_letters(partition)
            labels = await self._labels(partition)
            await self._brands(partition, recompute(labels, "wall"))
        self.ledger.close()

    async def _reviews(self, partition: int) -> None:
        """The load itself is on the topic, each record in its place: else the count would count nothing."""
        stamps = self._timestamps[partition] = array("q")
        async for record in self._reader.read(self._topics("reviews"), partition):
            assert record.offset == len(stamps), "the load has gaps"
            expected = given(number_at(partition, record.offset, self._topics.partitions), self._base_ms)
            assert (record.key, record.value) == (expected.key, expected.value), (
                "the load is not what was given"
            )
            stamps.append(record.timestamp)

    async def _dead_letters(self, partition: int) -> None:
        async for record in self._reader.read(self._topics("reviews-dlq"), partition):
            headers = dict(record.headers)
            source = int(headers["dlq_partition"]), int(headers["dlq_offset"])
            if not self._enter(source, record):
                continue
            expected = self._given(source)
            where = f"dead letter of review {source}"
            self.findings.expect("wrong reason", where, headers["dlq_reason"].decode(), expected.fate)
            found = record.key, record.value, record.headers[: len(expected.headers)]
            self.findings.expect(
                "not as received", where, found, (expected.key, expected.value, expected.headers)
            )
            topic = headers["dlq_topic"].decode()
            self.findings.expect("wrong origin", where, topic, self._topics("reviews"))

    async def _labels(self, partition: int) -> list[BatchLabel]:
        labels = []
        self.label_ends[partition] = 0
        async for record in self._reader.read(self._topics("review-sentiment"), partition):
            fields = orjson.loads(record.value)
            source = fields["origin"]["partition"], fields["origin"]["offset"]
            if self._enter(source, record):
                self._check_label(source, record, fields)
            kept = {
                name: fields[name]
                for name in ("brand", "model", "label", "scores", "created_at", "scored_at")
            }
            labels.append(BatchLabel(partition, record.offset, record.key, kept))
            self.label_ends[partition] = record.offset + 1
        return labels

    def _check_label(self, source: tuple[int, int], record: ConsumerRecord, fields: dict[str, Any]) -> None:
        expected = self._given(source)
        key = brand_key(expected.brand).encode()
        received_ms = self._timestamps[source[0]][source[1]]
        where = f"label of review {source}"
        found = {name: fields[name] for name in ("event_id", "review_id", "brand", "created_at")}
        self.findings.expect("labelled", where, expected.fate, "labelled")
        self.findings.expect(
            "wrong field",
            where,
            found | {"key": record.key, "partition": record.partition},
            {
                "event_id": f"{self._topics('reviews')}-{source[0]}-{source[1]}",
                "review_id": f"r{expected.number}",
                "brand": expected.brand,
                "created_at": expected.created_at_ms or received_ms,
                "key": key,
                "partition": (murmur2(key) & 0x7FFFFFFF) % self._topics.partitions,
            },
        )
        headers = dict(record.headers)
        self.findings.expect("wrong id", where, headers["ce_id"].decode(), fields["event_id"])
        traces = tuple(header for header in record.headers if header[0] == "traceparent")
        self.findings.expect("trace lost", where, traces, expected.headers)
        self._check_scores(where, expected, fields)

    def _check_scores(self, where: str, expected: Given, fields: dict[str, Any]) -> None:
        """Equal texts got about equal scores: a label belongs to its own review's text."""
        if expected.number % 1000 == 0:
            Label.model_validate(fields)
        positive = fields["scores"]["positive"]
        low, high = self._scores.get(expected.text, (positive, positive))
        low, high = min(low, positive), max(high, positive)
        self._scores[expected.text] = low, high
        if high - low > SCORE_SPREAD:
            self.findings.add("foreign scores", f"{where}: {low} to {high} for one text")

    async def _brands(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        await self._states(partition, expected)
        await self._hours(partition, expected)
        await self._windows(partition, expected)

    async def _states(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        stored = await self._reader.latest(self._topics("brandpulse-brands-state-changelog"), partition)
        self.findings.expect("brands", f"changelog {partition}", set(stored), set(expected))
        for key in stored.keys() & expected.keys():
            state = decode_state(stored[key])
            minutes = {cell[0] * MINUTE_MS: _as_cell(cell[1:]) for cell in state.minutes.values()}
            hours = {cell[0] * HOUR_MS: _as_cell(cell[1:]) for cell in state.hours.values()}
            found = BatchBrand(state.name, state.model, state.fence, state.horizon_ms, minutes, hours)
            self.findings.expect("cells", key.decode(), found, expected[key])

    async def _hours(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        found: defaultdict[bytes, dict[int, tuple[int, ...]]] = defaultdict(dict)
        for value in (await self._reader.latest(self._topics("brand-hours"), partition)).values():
            hour = orjson.loads(value)
            numbers = [hour[part][name] for part in ("counts", "score_sums") for name in NAMES]
            found[hour["brand_key"].encode()][hour["hour"]] = (*numbers, hour["late"])
        for key, brand in expected.items():
            self.findings.expect("hours", key.decode(), found[key], brand.hours)

    async def _windows(self, partition: int, expected: Mapping[bytes, BatchBrand]) -> None:
        latest = await self._reader.latest(self._topics("brand-sentiment"), partition)
        self.findings.expect("brands", f"brand-sentiment {partition}", set(latest), set(expected))
        for key in latest.keys() & expected.keys():
            shown = orjson.loads(latest[key])
            for name in WINDOWS_MS:
                window = shown["windows"][name]
                found = (*(window["counts"][label] for label in NAMES), window["late"])
                cell = expected[key].window(name, shown["as_of"])
                self.findings.expect("windows", f"{key.decode()} {name}", found, (*cell[:3], cell[6]))

    def _enter(self, source: tuple[int, int], record: ConsumerRecord) -> bool:
        return self.ledger.enter(Outcome(*source, record.topic, record.partition))

    def _given(self, source: tuple[int, int]) -> Given:
        return given(number_at(*source, self._topics.partitions), self._base_ms)


def _as_cell(numbers: Sequence[int]) -> Cell:
    a, b, c, d, e, f, late = numbers
    return (a, b, c, d, e, f, late)


async def count_records(reader: Reader, topic: str, partitions: int) -> int:
    """How many records the reader's isolation level shows on a topic."""
    counted = 0
    for partition in range(partitions):
        async for _ in reader.read(topic, partition):
            counted += 1
    return counted
