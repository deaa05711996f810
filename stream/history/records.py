"""What the records of `brand-hours` and `brand-alerts` ask of the tables. Pure: nothing here knows SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from pydantic import ValidationError

from stream.events import BrandAlert, BrandHour

MOST_KEY_BYTES = 1_000
"""An index entry of PostgreSQL holds 2,700 bytes, and NFKC makes a brand of 200 characters far longer."""
_MOST = 2**63 - 1


class Record(Protocol):
    """As kafka-python hands it over."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


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
class AlertsGone:
    """A tombstone: of the brand nothing is open any more at that time, ms. What was stays history."""

    brand_key: str
    at: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No event of ours."""

    offset: int


Change = Hour | HourGone | Alert | AlertsGone | Unreadable


def bounded_key(key: str) -> str:
    """The key that a brand or an alert has in the tables: itself, or where too long its hash at its end.

    >>> bounded_key("acme")
    'acme'
    """
    key = _storable(key)
    stored = key.encode()
    if len(stored) <= MOST_KEY_BYTES:
        return key
    digest = sha256(stored).hexdigest()
    return f"{stored[: MOST_KEY_BYTES - len(digest) - 1].decode(errors='ignore')}#{digest}"


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
    if max(numbers) > _MOST or abs(event.hour) > _MOST:
        return Unreadable(record.offset)
    return Hour(bounded_key(event.brand_key), event.hour, _storable(event.brand), *numbers)


def read_alert(record: Record) -> Alert | AlertsGone | Unreadable:
    """A record of `brand-alerts`; its key is the brand key."""
    try:
        if record.value is None:
            return AlertsGone(bounded_key((record.key or b"").decode()), record.timestamp)
        event = BrandAlert.model_validate_json(record.value)
    except (ValidationError, UnicodeDecodeError):
        return Unreadable(record.offset)
    if max(abs(event.opened_at), abs(event.as_of)) > _MOST:
        return Unreadable(record.offset)
    return Alert(
        bounded_key(event.alert_id),
        bounded_key(event.brand_key),
        _storable(event.brand),
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


def _storable(text: str) -> str:
    """PostgreSQL's text holds every character but this one."""
    return text.replace("\x00", "\ufffd")
