"""What the records of `brand-hours` and `brand-alerts` ask of the tables. Pure: nothing here knows SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from pydantic import ValidationError

from stream.database.keys import bounded_key, storable
from stream.events import BrandAlert, BrandHour
from stream.kafka.messages import Record

_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Hour:
    """A row of `brand_hours`."""

    brand_key: str
    hour: int
    brand: str
    negative: int
    neutral: int
    positive: int
    negative_sum: int
    neutral_sum: int
    positive_sum: int
    late: int
    bins: str


@dataclass(frozen=True, slots=True)
class HourGone:
    """A tombstone: the hour of the brand is to be deleted."""

    brand_key: str
    hour: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of `brand_alerts`."""

    alert_id: str
    brand_key: str
    brand: str
    state: str
    kind: str
    severity: str
    opened_at: int
    as_of: int
    event: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No event of ours."""

    offset: int


Change = Hour | HourGone | Alert | Unreadable


def read_hour(record: Record) -> Hour | HourGone | Unreadable:
    """A record of `brand-hours`; its key is brand key, a bar, start of the hour in ms."""
    if record.value is None:
        return _read_hour_tombstone(record)
    try:
        event = BrandHour.model_validate_json(record.value)
    except ValidationError:
        return Unreadable(record.offset)
    counts, sums = event.counts, event.score_sums
    numbers = (
        *(counts.negative, counts.neutral, counts.positive),
        *(sums.negative, sums.neutral, sums.positive),
        event.late,
    )
    if max(*numbers, *event.bins) > _MOST or min(0, *event.bins) < 0 or abs(event.hour) > _MOST:
        return Unreadable(record.offset)
    bins = orjson.dumps(event.bins).decode()
    return Hour(bounded_key(event.brand_key), event.hour, storable(event.brand), *numbers, bins)


def read_alert(record: Record) -> Alert | Unreadable:
    """A record of `brand-alerts`. Nothing of ours deletes an alert, so a tombstone is no event of ours."""
    if record.value is None:
        return Unreadable(record.offset)
    try:
        event = BrandAlert.model_validate_json(record.value)
    except ValidationError:
        return Unreadable(record.offset)
    if max(abs(event.opened_at), abs(event.as_of)) > _MOST:
        return Unreadable(record.offset)
    return Alert(
        bounded_key(event.alert_id),
        bounded_key(event.brand_key),
        storable(event.brand),
        event.state,
        event.kind,
        event.severity,
        event.opened_at,
        event.as_of,
        record.value.decode(),
    )


READERS: Mapping[str, Callable[[Record], Change]] = {"brand-hours": read_hour, "brand-alerts": read_alert}
"""How a record of each topic (short name) is read."""


def _read_hour_tombstone(record: Record) -> HourGone | Unreadable:
    try:
        brand_key, bar, hour = (record.key or b"").decode().rpartition("|")
        return HourGone(bounded_key(brand_key), int(hour)) if bar else Unreadable(record.offset)
    except ValueError:
        return Unreadable(record.offset)
