"""What the live view keeps of each event, and what the database says: slim values, there are many. Pure.

Only what lists and orders need is taken from an event; whatever else is in it is read when it is asked for.
"""

from dataclasses import dataclass

import pydantic
from msgspec import Struct, ValidationError
from msgspec.json import Decoder

from stream.events import WINDOWS, BrandAlert, Label, WindowName


class CountsRow(Struct, frozen=True, gc=False):
    """How many reviews got each label."""

    negative: int
    neutral: int
    positive: int


class IntervalRow(Struct, frozen=True, gc=False):
    """A 95 % interval."""

    low: float
    high: float


class NetRow(Struct, frozen=True, gc=False):
    """Of the intervals of a window the one of net sentiment."""

    net: IntervalRow


class WindowRow(Struct, frozen=True, gc=False):
    """One window of one brand in a list; without reviews, `net` and `intervals` are None."""

    counts: CountsRow
    net: float | None
    intervals: NetRow | None
    enough: bool

    @property
    def reviews(self) -> int:
        return self.counts.negative + self.counts.neutral + self.counts.positive


class TrendRow(Struct, frozen=True, gc=False):
    """The last 24 hours against the 7 days before."""

    net: float
    before: float
    change: float
    interval: IntervalRow
    clear: bool


class BrandRow(Struct, frozen=True, gc=False):
    """One brand in a list."""

    brand: str
    brand_key: str
    as_of: int
    windows: dict[WindowName, WindowRow]
    trend: TrendRow | None


class SeriesRow(Struct, frozen=True, gc=False):
    """Labels by minute or by hour, oldest first; `start` and `step` in ms."""

    start: int
    step: int
    negative: list[int]
    neutral: list[int]
    positive: list[int]


class SparkRow(Struct, frozen=True, gc=False):
    """What a sparkline is drawn from: the last 60 minutes and the last 24 hours."""

    minutes: SeriesRow
    hours: SeriesRow


@dataclass(frozen=True, slots=True)
class Marks:
    """What `review-corrections` said about a label."""

    duplicate_of: str | None = None
    replaced_by: str | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class RecentReview:
    """A label of `review-sentiment`, as it came and as it is understood."""

    event_id: str
    partition: int
    offset: int
    value: bytes
    label: Label
    marks: Marks


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different since a version: changed or new brands, brands that are gone, newest alert events."""

    version: int
    rows: list[BrandRow]
    gone: list[str]
    alerts: list[BrandAlert]


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour of one brand; `start` in ms, score sums in units of 2^-20."""

    start: int
    counts: tuple[int, int, int]
    sums: tuple[int, int, int]
    bins: tuple[int, ...]
    late: int


@dataclass(frozen=True, slots=True)
class Note:
    """What people said of one alert; times in ms."""

    alert_id: str
    acknowledged_at: int | None
    acknowledged_by: str | None
    note: str | None
    updated_at: int


class _Head(Struct, frozen=True, gc=False):
    event_id: str
    received_at: int


_ROW, _SPARK, _HEAD = Decoder(BrandRow), Decoder(SparkRow), Decoder(_Head)


def read_row(value: bytes) -> BrandRow | None:
    """The row of a value of `brand-sentiment`; None: it is none.

    >>> read_row(b"[]") is None
    True
    """
    try:
        row = _ROW.decode(value)
    except (ValidationError, ValueError):
        return None
    return row if len(row.windows) == len(WINDOWS) else None


def read_spark(value: bytes) -> SparkRow | None:
    """Both series of a value of `brand-sentiment`; None: it has none."""
    try:
        return _SPARK.decode(value)
    except (ValidationError, ValueError):
        return None


def read_review(partition: int, offset: int, value: bytes, marks: Marks) -> RecentReview | None:
    """A label with its marks; None: it is none. What is wrong with it is not told: it may hold a text."""
    try:
        label = Label.model_validate_json(value)
    except pydantic.ValidationError:
        return None
    return RecentReview(label.event_id, partition, offset, value, label, marks)


def read_head(value: bytes) -> tuple[str, int] | None:
    """Event id and `received_at` of a label; None: it is none. Thirty times as fast as reading all of it."""
    try:
        head = _HEAD.decode(value)
    except (ValidationError, ValueError):
        return None
    return head.event_id, head.received_at
