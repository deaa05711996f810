"""Records as Kafka would deliver them, and what the tables hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, select

from stream.database.tables import BRAND_ALERTS, BRAND_HOURS, CONSUMER_OFFSETS
from stream.history.writer import Batch, Extent, HistoryWriter, Source
from stream.kafka import messages

HOUR_MS = 3_600_000
HOURS = Source("brand-hours", 0)
ALERTS = Source("brand-alerts", 0)


@dataclass(frozen=True, slots=True)
class Record:
    """As kafka-python hands it over."""

    offset: int
    key: bytes | None
    value: bytes | None


def hour_value(brand: str, number: int, positive: int) -> bytes:
    return orjson.dumps(
        {
            "brand": brand.title(),
            "brand_key": brand,
            "hour": number * HOUR_MS,
            "counts": {"negative": 1, "neutral": 2, "positive": positive},
            "score_sums": {"negative": 4, "neutral": 5, "positive": 6 << 20},
            "bins": [positive, *[0] * 15],
            "late": 0,
        }
    )


def hour(offset: int, brand: str = "acme", number: int = 7, positive: int | None = 3) -> Record:
    """An hour of a brand; no `positive`: its tombstone."""
    value = None if positive is None else hour_value(brand, number, positive)
    return Record(offset, f"{brand}|{number * HOUR_MS}".encode(), value)


def alert_value(brand: str, alert_id: str, state: str) -> bytes:
    return orjson.dumps(
        {
            "alert_id": alert_id,
            "brand": brand.title(),
            "brand_key": brand,
            "state": state,
            "kind": "negative_share",
            "severity": "warning",
            "update": 0,
            "window": "1h",
            "start": 0,
            "end": HOUR_MS,
            "opened_at": 1_000,
            "as_of": 2_000,
            "reviews": 80,
            "observed": 0.5,
            "expected": 0.1,
            "interval": {"low": 0.4, "high": 0.6},
            "q_value": 0.001,
            "drivers": [],
            "origin": {"partition": 0, "offset": 1},
        }
    )


def alert(offset: int, brand: str = "acme", alert_id: str = "a1", state: str = "opened") -> Record:
    """An event of an alert of a brand."""
    return Record(offset, alert_id.encode(), alert_value(brand, alert_id, state))


def batch(source: Source, found: Sequence[messages.Record], start: int | None = None) -> Batch:
    """Everything from `start` (default: the first record) to the last record."""
    first = found[0].offset if start is None else start
    return Batch(source, source.topic, first, found[-1].offset + 1, found)


def writer_on(engine: Engine, *sources: Source) -> HistoryWriter:
    """A writer on migrated tables that has taken over the sources."""
    writer = HistoryWriter(engine)
    writer.positions({source: Extent("id", 10_000_000) for source in sources})
    return writer


def hours_in(engine: Engine) -> dict[tuple[str, int], int]:
    """The positive count of each hour of each brand."""
    with engine.connect() as connection:
        rows = connection.execute(select(BRAND_HOURS)).all()
    return {(row.brand_key, row.hour // HOUR_MS): row.positive for row in rows}


def alerts_in(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row.alert_id: row for row in connection.execute(select(BRAND_ALERTS))}


def offsets_in(engine: Engine) -> dict[Source, int]:
    with engine.connect() as connection:
        rows = connection.execute(select(CONSUMER_OFFSETS)).all()
    return {Source(row.topic, row.partition): row.next_offset for row in rows}
