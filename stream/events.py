"""The seven events on the topics: the one place where their form is written down.

Times are integers, milliseconds since 1970-01-01 UTC. `brandpulse schemas DIR` writes the JSON Schemas.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

LABELS = ("negative", "neutral", "positive")
LabelName = Literal["negative", "neutral", "positive"]
WindowName = Literal["5m", "1h", "24h", "7d"]
WINDOWS: Mapping[WindowName, int] = {
    "5m": 5 * 60_000,
    "1h": 3_600_000,
    "24h": 24 * 3_600_000,
    "7d": 7 * 24 * 3_600_000,
}
MAX_TEXT_CHARS = 2_000_000
MAX_BRAND_CHARS = 200
MAX_SHORT_CHARS = 1_000
_END_OF_TIME_MS = 253_402_300_799_999
# The four separators count as space in Python, where the words are split, but not in a regular expression.
_NOT_BLANK = r"[^\s\x1c-\x1f]"

Milliseconds = Annotated[int, Field(description="milliseconds since 1970-01-01 UTC")]
_Short = Annotated[str, StringConstraints(max_length=MAX_SHORT_CHARS)]


def brand_key(brand: str) -> str:
    """The form under which spellings of a brand are one: NFKC, case-folded, whitespace squeezed.

    >>> brand_key("  ACME\\u00a0 Audio ")
    'acme audio'
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", brand).casefold()).split())


def milliseconds(value: object) -> int:
    """RFC 3339 with an offset, or epoch milliseconds, to milliseconds.

    Raises:
        ValueError: it is neither; the message goes on where "created_at" ends.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("is not an RFC 3339 time") from None
        if moment.tzinfo is None:
            raise ValueError("lacks a UTC offset such as Z or +01:00")
        value = moment.timestamp() * 1000
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is neither a string nor a number")
    if not 0 <= value <= _END_OF_TIME_MS:
        raise ValueError("lies outside the years 1970 to 9999")
    return round(value)


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Review(_Event):
    """Topic `reviews`: one review as any producer sends it. Unknown fields are ignored."""

    review_id: Annotated[str, StringConstraints(max_length=MAX_SHORT_CHARS, pattern=_NOT_BLANK)]
    brand: Annotated[str, StringConstraints(max_length=MAX_BRAND_CHARS, pattern=_NOT_BLANK)]
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS, pattern=_NOT_BLANK)]
    title: _Short | None = None
    product_id: _Short | None = None
    source: _Short | None = None
    language: _Short | None = None
    stars: Annotated[float, Field(ge=1, le=5, multiple_of=1)] | None = None
    created_at: (
        Annotated[
            int,
            BeforeValidator(milliseconds, json_schema_input_type=int | float | str),
            Field(description="RFC 3339 with an offset, or epoch milliseconds"),
        ]
        | None
    ) = None


class Scores(_Event):
    """Probabilities, calibrated to the natural shares of the labels; they add up to 1 within rounding."""

    negative: float = Field(ge=0, le=1)
    neutral: float = Field(ge=0, le=1)
    positive: float = Field(ge=0, le=1)


class SourceOffset(_Event):
    """Where in the topic `reviews` a label comes from."""

    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)


class Label(_Event):
    """Topic `review-sentiment`, key = brand key: the label of one review."""

    event_id: str = Field(description="topic-partition-offset of the review; unique")
    review_id: str
    brand: str = Field(description="as the review spells it")
    label: LabelName = Field(description="the largest of the scores times the bundle's label weights")
    scores: Scores
    confidence: float = Field(ge=0, le=1, description="the score of the label; not always the largest")
    model: str = Field(description="bundle name @ first 12 digits of its hash")
    created_at: Milliseconds
    created_at_replaced: bool = Field(
        False, description="the review claimed a time in the future; created_at is its Kafka timestamp"
    )
    received_at: Milliseconds = Field(description="the review's Kafka timestamp")
    scored_at: Milliseconds
    origin: SourceOffset
    text_digest: str | None = Field(
        description="16 hexadecimal digits, equal for equal texts; null where the text is so short that two "
        "people may well have written the same"
    )
    sketch: str = Field(description="16 hexadecimal digits: 8 min-hashes of word pairs, a byte each")
    product_id: str | None = None
    source: str | None = None
    language: str | None = None
    stars: int | None = None
    title: str | None = Field(None, description="only where texts are asked for (OUTPUT_TEXT_CHARS)")
    text: str | None = Field(None, description="only where texts are asked for (OUTPUT_TEXT_CHARS)")


class Counts(_Event):
    """How many reviews got each label."""

    negative: int = Field(ge=0)
    neutral: int = Field(ge=0)
    positive: int = Field(ge=0)


class Interval(_Event):
    """A 95 % interval."""

    low: float
    high: float


class Intervals(_Event):
    """95 % intervals of the three shares and of net sentiment."""

    negative: Interval
    neutral: Interval
    positive: Interval
    net: Interval


class Window(_Event):
    """One rolling window: reviews with start <= created_at < end. Without any, shares are null."""

    start: Milliseconds
    end: Milliseconds
    counts: Counts
    counted: Scores | None = Field(description="shares of the counts: biased, since labels can be wrong")
    shares: Scores | None = Field(description="estimated shares, corrected for the classifier's errors")
    net: float | None = Field(ge=-1, le=1, description="estimated positive share - negative share")
    intervals: Intervals | None = Field(description="with sampling and classifier uncertainty")
    enough: bool = Field(description="whether there are enough reviews to judge by")
    late: int = Field(ge=0, description="reviews that arrived in this window, too old to be counted anywhere")


class Trend(_Event):
    """Net sentiment of the last 24 hours against that of the 7 days before them."""

    net: float = Field(ge=-1, le=1, description="of the last 24 hours")
    before: float = Field(ge=-1, le=1, description="of the 7 days before")
    change: float = Field(ge=-2, le=2)
    interval: Interval = Field(description="of the change")
    clear: bool = Field(description="the interval excludes 0")


class Series(_Event):
    """Labels by minute or by hour, oldest first, of equally long steps."""

    start: Milliseconds
    step: Milliseconds
    negative: list[int]
    neutral: list[int]
    positive: list[int]


class FoldedTo(_Event):
    """The last label folded in: partition and offset in `review-sentiment`."""

    partition: int = Field(ge=0)
    offset: int = Field(ge=0)


class BrandSentiment(_Event):
    """Topic `brand-sentiment`, key = brand key: the absolute state of a brand's windows."""

    brand: str = Field(description="the first spelling seen")
    brand_key: str
    as_of: Milliseconds
    windows: dict[WindowName, Window]
    trend: Trend | None = Field(description="null where one of the two has no reviews")
    minutes: Series = Field(description="the last 60, the current one included")
    hours: Series = Field(description="the last 24, the current one included")
    model: str
    origin: FoldedTo


class BrandHour(_Event):
    """Topic `brand-hours`, key = brand key|hour: the absolute counts of one hour of one brand."""

    brand: str
    brand_key: str
    hour: Milliseconds = Field(description="start of the hour")
    counts: Counts
    score_sums: Counts = Field(description="sums of the three probabilities in units of 2^-20")
    bins: list[int] = Field(description="histogram of the scores, see stream/estimation/bins.py")
    late: int = Field(ge=0, description="reviews that arrived in this hour, too old to be counted anywhere")


class AlertReview(_Event):
    """One of the reviews that drove an alert; near-duplicates of it are folded into it."""

    event_id: str
    label_offset: int = Field(ge=0, description="of its label, in the partition of the alert's origin")
    confidence: float = Field(ge=0, le=1)
    created_at: Milliseconds
    copies: int = Field(ge=1, description="near-duplicates, itself included")


class BrandAlert(_Event):
    """Topic `brand-alerts`, key = alert id: one incident of one brand was opened, updated or closed."""

    alert_id: str
    brand: str
    brand_key: str
    state: Literal["opened", "updated", "closed"]
    kind: Literal["negative_share", "volume"]
    severity: Literal["notice", "warning", "critical"]
    update: int = Field(ge=0, description="0 when opened, one more with each event of this alert")
    window: WindowName
    start: Milliseconds = Field(description="of the window")
    end: Milliseconds
    opened_at: Milliseconds
    as_of: Milliseconds
    reviews: int = Field(ge=0, description="in the window")
    observed: float = Field(description="share of negative labels, or reviews, in the window")
    expected: float = Field(description="the same by the brand's own baseline")
    interval: Interval = Field(description="of what is observed")
    q_value: float = Field(ge=0, le=1, description="false discovery rate at which this would just be one")
    drivers: list[AlertReview] = Field(max_length=10, description="most confident first")
    origin: FoldedTo


class Correction(_Event):
    """Topic `review-corrections`, key = brand key: a label took another's place, or repeats its text."""

    event_id: str = Field(description="of the later label")
    brand: str
    brand_key: str
    review_id: str
    source: str | None
    replaces: str | None = Field(description="event id of the same review's former label, counted no more")
    duplicate_of: str | None = Field(description="event id of the label with the same text a day before")
    counted: bool = Field(description="whether the later label counts in the aggregates")
    as_of: Milliseconds = Field(description="scored_at of the later label")


class DeadLetter(_Event):
    """Topic `reviews-dlq`: key, value and headers as received; these headers are added, all of them text."""

    reason: Literal["undecodable", "invalid"] = Field(alias="dlq_reason")
    detail: str = Field(alias="dlq_detail", description="what is wrong, never what was in it")
    topic: str = Field(alias="dlq_topic")
    partition: str = Field(alias="dlq_partition", pattern=r"^\d+$")
    offset: str = Field(alias="dlq_offset", pattern=r"^\d+$")
    timestamp: str = Field(
        alias="dlq_timestamp", pattern=r"^-?\d+$", description="Kafka timestamp, milliseconds; -1: none"
    )


EVENTS: Mapping[str, type[BaseModel]] = {
    "reviews": Review,
    "review-sentiment": Label,
    "brand-sentiment": BrandSentiment,
    "brand-hours": BrandHour,
    "brand-alerts": BrandAlert,
    "review-corrections": Correction,
    "reviews-dlq": DeadLetter,
}
