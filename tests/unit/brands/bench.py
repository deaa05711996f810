"""A partition of brands on real stores, with a lane that remembers its transactions and a clock in hand."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
from aiokafka import ConsumerRecord

from stream.brands.alerting.desk import Desk
from stream.brands.alerting.rules import Rules
from stream.brands.cells import HOUR_MS
from stream.brands.edition import BRANDS_AT_ONCE, Topics
from stream.brands.folding import Folded, Policy
from stream.brands.memory import ReviewMemory
from stream.brands.partition import BrandPartition, Flushed
from stream.brands.publisher import MOST_AGED, Publisher
from stream.brands.review_store import ReviewStore, unpack
from stream.brands.state import BrandState, decode_state
from stream.brands.store import BrandStore
from stream.errors import DeliveryFailed
from stream.events import BrandHour, BrandSentiment
from stream.kafka.delivery import Lane, Written
from stream.kafka.messages import Outbox
from tests.batch_recomputation import BatchBrand, BatchLabel, Choices, recompute
from tests.unit.brands.samples import NOW_MS, Record, as_batch

TOPICS = Topics("sentiment", "hours", "corrections", "alerts", "changelog", "reviews")
CHANGELOG_ID = "00000000-0000-0000-0000-000000000001"
REVIEWS_ID = "00000000-0000-0000-0000-000000000002"
PARTITION = 3
DAY_MS = 24 * HOUR_MS


class RecordingLane(Lane):
    """Commits into dicts as compacted topics would.

    `between` happens when the first outbox is on its way, `during` and `failure` when all are.
    """

    def __init__(self) -> None:
        self.transactions: list[tuple[dict[str, list[tuple[bytes, bytes | None]]], int | None]] = []
        self.compacted: dict[str, dict[bytes, bytes]] = {"sentiment": {}, "hours": {}, "changelog": {}}
        self.corrections: list[dict[str, Any]] = []
        self.entries: dict[bytes, bytes] = {}
        self.ends = {"changelog": 0, "reviews": 0}
        self.failure: DeliveryFailed | None = None
        self.during: Callable[[], object] = lambda: None
        self.between: Callable[[], object] = lambda: None

    async def transact(self, outboxes: Iterable[Outbox], next_offset: int | None) -> list[Written]:
        sent: dict[str, list[tuple[bytes, bytes | None]]] = {}
        for outbox in outboxes:
            for (topic, partition), messages in outbox.items():
                assert partition == PARTITION
                sent.setdefault(topic, []).extend((cast(bytes, key), value) for key, value, _ in messages)
            await asyncio.sleep(0)
            self._happen("between")
        self._happen("during")
        if self.failure:
            raise self.failure
        self.corrections += [orjson.loads(cast(bytes, value)) for _, value in sent.get("corrections", ())]
        for _, packed in sent.get("reviews", ()):
            self.entries.update(unpack(cast(bytes, packed)))
        for topic in self.compacted.keys() & sent.keys():
            for key, value in sent[topic]:
                self.compacted[topic].pop(key, None)
                if value is not None:
                    self.compacted[topic][key] = value
        self.transactions.append((sent, next_offset))
        written = []
        for topic in self.ends.keys() & sent.keys():
            written.append(Written(topic, PARTITION, self.ends[topic], len(sent[topic])))
            self.ends[topic] += len(sent[topic]) + 1
        return written

    def _happen(self, name: str) -> None:
        what = getattr(self, name)
        setattr(self, name, lambda: None)
        what()


@dataclass
class Bench:
    """A partition under a clock that only the test moves; labels get their offsets from here."""

    directory: Path
    policy: Policy = field(default_factory=Policy)
    now_ms: int = NOW_MS
    options: Mapping[str, Any] = field(default_factory=dict)
    most_aged: int = MOST_AGED
    brands_at_once: int = BRANDS_AT_ONCE
    lane: RecordingLane = field(default_factory=RecordingLane)
    labels: list[BatchLabel] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    folded: list[Folded] = field(default_factory=list)

    def open(self) -> None:
        self.store = BrandStore(self.directory, CHANGELOG_ID, self.now_ms)
        if self.store.next_offset < self.lane.ends["changelog"]:
            self.store.write(self.lane.compacted["changelog"], self.lane.ends["changelog"], self.now_ms)
        self.reviews = ReviewStore(self.directory / "reviews", REVIEWS_ID)
        if self.reviews.next_offset < self.lane.ends["reviews"]:
            self.reviews.write(self.lane.entries.items(), self.lane.ends["reviews"], self.now_ms)
        self.partition = BrandPartition(
            self.lane,
            Publisher(PARTITION, self.store, Desk(PARTITION, Rules()), self.most_aged, self.brands_at_once),
            ReviewMemory(self.reviews, DAY_MS, self.now_ms),
            TOPICS,
            policy=self.policy,
            wall_ms=lambda: self.now_ms,
            observe=self.folded.append,
            **self.options,
        )

    def crash(self) -> None:
        """Lose what is in memory, and read again from the committed offset."""
        self.partition.close()
        self.open()
        committed = max((offset or 0 for _, offset in self.lane.transactions), default=0)
        again = [one for one in self.labels if one.offset >= committed]
        if again:
            self._fold(again)

    def fold(self, key: bytes, *labels: dict[str, Any]) -> Folded:
        start = len(self.labels)
        new = [BatchLabel(PARTITION, start + number, key, one) for number, one in enumerate(labels)]
        self.labels += new
        return self._fold(new)

    def _fold(self, labels: list[BatchLabel]) -> Folded:
        records = [Record(one.offset, one.key, orjson.dumps(one.fields)) for one in labels]
        return self.raw(records)

    def raw(self, records: list[Record]) -> Folded:
        offset = records[-1].offset
        self.partition.take(cast(list[ConsumerRecord], records), lambda: self.done.append(offset))
        return self.partition.fold()

    def flush(self) -> Flushed | None:
        return asyncio.run(self.partition.flush())

    def states(self) -> dict[bytes, BrandState]:
        """As the changelog has them; the store must be equal."""
        states = {key: decode_state(value) for key, value in self.lane.compacted["changelog"].items()}
        assert dict(self.store.states()) == states
        return states

    def batches(self) -> dict[bytes, BatchBrand]:
        return {key: as_batch(state) for key, state in self.states().items()}

    def expected(self) -> dict[bytes, BatchBrand]:
        return recompute(self.labels, self.choices)

    @property
    def choices(self) -> Choices:
        return Choices(self.policy.clock, self.policy.correction_ms, self.policy.skip_duplicates)

    def sentiment(self, key: bytes) -> BrandSentiment:
        return BrandSentiment.model_validate_json(self.lane.compacted["sentiment"][key])

    def hour(self, key: bytes, hour_ms: int) -> BrandHour:
        return BrandHour.model_validate_json(self.lane.compacted["hours"][b"%b|%d" % (key, hour_ms)])


@contextmanager
def bench(directory: Path, **more: Any) -> Iterator[Bench]:
    made = Bench(directory / "store", **more)
    made.open()
    try:
        yield made
    finally:
        made.partition.close()


def contents(brand: BatchBrand, now_ms: int) -> list[Any]:
    """All windows, and the hours that the trend is made of."""
    kept = [
        start for start in brand.hours if now_ms // HOUR_MS - 8 * 24 < start // HOUR_MS <= now_ms // HOUR_MS
    ]
    return [*(brand.window(name, now_ms) for name in ("5m", "1h", "24h", "7d")), kept]
