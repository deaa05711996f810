"""After the storm: every review has one outcome, and each outcome is the right one."""

from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from stream.events import Label, brand_key
from tests.batch_recomputation import BatchLabel
from tests.chaos.brand_audit import BrandAudit
from tests.chaos.cluster import Reader
from tests.chaos.ledger import Findings, Ledger, Outcome, Place
from tests.chaos.load import Given, Load
from tests.chaos.scene import OTHER_BUNDLE, Topics

SCORE_SPREAD = 0.25
"""Texts are scored in batches that differ from run to run, and the int8 model rounds by batch; a label that
got the scores of a neighbour is off by far more."""
_KEPT = (
    *("event_id", "review_id", "source", "text_digest", "brand", "model"),
    *("label", "scores", "created_at", "scored_at"),
)


class Audit:
    """One pass over all topics; `findings` says what is wrong.

    Args:
        ends: how many reviews each partition of `reviews` must have.
    """

    def __init__(self, reader: Reader, topics: Topics, load: Load, ends: Mapping[int, int]) -> None:
        self._reader = reader
        self._topics = topics
        self._load = load
        self._ends = ends
        self._timestamps: dict[int, array[int]] = {}
        self._scores: dict[str, tuple[float, float]] = {}
        self._digests: dict[str, str | None] = {}
        self.ledger = Ledger(ends)
        self.brands = BrandAudit(reader, topics, self.findings)
        self.label_ends: dict[int, int] = {}
        self.counts: Counter[str] = Counter()
        """Of what the load is meant to bring about, lest it bring about nothing."""

    @property
    def findings(self) -> Findings:
        """What is wrong so far."""
        return self.ledger.findings

    async def run(self) -> None:
        """Read everything, partition by partition."""
        for partition in self._ends:
            await self._reviews(partition)
        for partition in range(self._topics.partitions):
            await self._dead_letters(partition)
            await self.brands.run(partition, await self._labels(partition))
        self.ledger.close()

    async def _reviews(self, partition: int) -> None:
        """The load itself is on the topic, each record in its place: else the count would count nothing."""
        stamps = self._timestamps[partition] = array("q")
        async for record in self._reader.read(self._topics("reviews"), partition):
            assert record.offset == len(stamps), "the load has gaps"
            expected = self._load.at(partition, record.offset)
            assert (record.key, record.value) == (expected.key, expected.value), (
                "the load is not what was given"
            )
            stamps.append(record.timestamp)
        assert len(stamps) == self._ends[partition], "the load is not all there"

    async def _dead_letters(self, partition: int) -> None:
        async for record in self._reader.read(self._topics("reviews-dlq"), partition):
            headers = dict(record.headers)
            source = int(headers["dlq_partition"]), int(headers["dlq_offset"])
            if not self._enter(source, record):
                continue
            self.counts["dead letters"] += 1
            expected = self._load.at(*source)
            where = f"dead letter of review {source}"
            self.findings.expect("wrong reason", where, headers["dlq_reason"].decode(), expected.fate, source)
            found = record.key, record.value, record.headers[: len(expected.headers)]
            wanted = expected.key, expected.value, expected.headers
            self.findings.expect("not as received", where, found, wanted, source)
            topic = headers["dlq_topic"].decode()
            self.findings.expect("wrong origin", where, topic, self._topics("reviews"), source)

    async def _labels(self, partition: int) -> list[BatchLabel]:
        labels = []
        self.label_ends[partition] = 0
        async for record in self._reader.read(self._topics("review-sentiment"), partition):
            fields = orjson.loads(record.value)
            source = fields["origin"]["partition"], fields["origin"]["offset"]
            if self._enter(source, record):
                self.counts["labels"] += 1
                self.counts["other bundle"] += fields["model"].startswith(OTHER_BUNDLE)
                self._check_label(source, record, fields)
            kept = {name: fields[name] for name in _KEPT if name in fields}
            labels.append(BatchLabel(partition, record.offset, record.key, kept))
            self.label_ends[partition] = record.offset + 1
        return labels

    def _check_label(self, source: Place, record: ConsumerRecord, fields: dict[str, Any]) -> None:
        expected = self._load.at(*source)
        key = brand_key(expected.brand).encode()
        received_ms = self._timestamps[source[0]][source[1]]
        where = f"label of review {source}"
        self.counts["ahead"] += expected.ahead
        wanted = {
            "event_id": f"{self._topics('reviews')}-{source[0]}-{source[1]}",
            "review_id": expected.review_id,
            "source": expected.source,
            "brand": expected.brand,
            "created_at": expected.created_at_ms or received_ms,
            "created_at_replaced": expected.ahead,
            "received_at": received_ms,
        }
        found = {name: fields.get(name) for name in wanted}
        self.findings.expect("labelled", where, expected.fate, "labelled", source)
        self.findings.expect("wrong field", where, found, wanted, source)
        place = record.key, record.partition
        home = key, (murmur2(key) & 0x7FFFFFFF) % self._topics.partitions
        self.findings.expect("wrong place", where, place, home, source)
        headers = dict(record.headers)
        self.findings.expect("wrong id", where, headers["ce_id"].decode(), fields["event_id"], source)
        traces = tuple(header for header in record.headers if header[0] == "traceparent")
        self.findings.expect("trace lost", where, traces, expected.headers, source)
        self._check_scores(where, expected, fields)

    def _check_scores(self, where: str, expected: Given, fields: dict[str, Any]) -> None:
        """Equal texts got equal digests and about equal scores: a label belongs to its own review's text."""
        if expected.number % 1000 == 0:
            Label.model_validate(fields)
        digest = self._digests.setdefault(expected.text, fields["text_digest"])
        self.findings.expect("foreign digest", where, fields["text_digest"], digest)
        positive = fields["scores"]["positive"]
        low, high = self._scores.get(expected.text, (positive, positive))
        low, high = min(low, positive), max(high, positive)
        self._scores[expected.text] = low, high
        if high - low > SCORE_SPREAD:
            self.findings.add("foreign scores", f"{where}: {low} to {high} for one text")

    def _enter(self, source: Place, record: ConsumerRecord) -> bool:
        return self.ledger.enter(Outcome(*source, record.topic, record.partition))


async def count_records(reader: Reader, topic: str, partitions: int) -> int:
    """How many records the reader's isolation level shows on a topic."""
    counted = 0
    for partition in range(partitions):
        async for _ in reader.read(topic, partition):
            counted += 1
    return counted
