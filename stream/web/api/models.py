"""The form of every answer, for /openapi.json; the answers are made from values, not from these."""

from typing import Any

from pydantic import BaseModel, Field

from stream.events import (
    BrandAlert,
    BrandSentiment,
    Counts,
    Interval,
    Intervals,
    Label,
    Milliseconds,
    Scores,
    Trend,
    WindowName,
)
from stream.web.api.examples import ALERT, BRAND, BRAND_ROW, LABEL, PIPELINE, POINT


def _example(value: dict[str, Any]) -> dict[str, Any]:
    return {"json_schema_extra": {"examples": [value]}}


class NetInterval(BaseModel):
    """Of the intervals that of net sentiment."""

    net: Interval


class WindowItem(BaseModel):
    """A window of a brand in a list."""

    counts: Counts
    net: float | None
    intervals: NetInterval | None
    enough: bool = Field(description="whether there are enough reviews to judge by")


class BrandItem(BaseModel):
    """A brand in a list."""

    brand: str
    brand_key: str
    as_of: Milliseconds
    windows: dict[WindowName, WindowItem]
    trend: Trend | None
    open_alerts: int


class BrandList(BaseModel):
    """A page of brands."""

    model_config = _example({"brands": [BRAND_ROW], "next": None, "total": 1})  # type: ignore[assignment]

    brands: list[BrandItem]
    next: str | None = Field(description="the cursor of the next page; null: this is the last one")
    total: int = Field(description="brands on all pages, when this one was made")


class AlertItem(BrandAlert):
    """An alert, and what people say of it."""

    acknowledged_at: Milliseconds | None
    acknowledged_by: str | None
    note: str | None


class BrandPage(BrandSentiment):
    """Everything that is known of a brand now."""

    model_config = _example(BRAND | {"alerts": [ALERT]})  # type: ignore[assignment]

    alerts: list[AlertItem] = Field(description="open ones, the newest first")


class PointItem(BaseModel):
    """One step; without reviews the estimates are null."""

    start: Milliseconds
    counts: Counts
    shares: Scores | None
    net: float | None
    intervals: Intervals | None
    enough: bool
    late: int


class SeriesPage(BaseModel):
    """A brand over time."""

    model_config = _example(  # type: ignore[assignment]
        {
            "brand": "Acme",
            "brand_key": "acme",
            "from": POINT["start"],
            "to": POINT["start"] + 3_600_000,
            "step": 3_600_000,
            "points": [POINT],
        }
    )

    brand: str
    brand_key: str
    from_: Milliseconds = Field(alias="from")
    to: Milliseconds
    step: Milliseconds
    points: list[PointItem]


class ReviewItem(Label):
    """A label, and what was said of it since."""

    duplicate_of: str | None = Field(description="event id of the label with the same text a day before")
    replaced_by: str | None = Field(description="event id of the same review's later label")
    counted: bool = Field(description="whether it counts in the aggregates")


class ReviewList(BaseModel):
    """Recent reviews of a brand, the newest first."""

    model_config = _example({"reviews": [LABEL]})  # type: ignore[assignment]

    reviews: list[ReviewItem]


class AlertList(BaseModel):
    """A page of alerts, those opened last first."""

    model_config = _example({"alerts": [ALERT], "next": None})  # type: ignore[assignment]

    alerts: list[AlertItem]
    next: str | None


class DriverItem(BaseModel):
    """A review that drove an alert; its label as far as it is still there."""

    event_id: str
    copies: int
    review: ReviewItem | None


class AlertPage(AlertItem):
    """An alert with its reviews."""

    model_config = _example(  # type: ignore[assignment]
        ALERT | {"driver_reviews": [{"event_id": LABEL["event_id"], "copies": 3, "review": LABEL}]}
    )

    driver_reviews: list[DriverItem] = Field(description="in the order of `drivers`")


class NoteItem(BaseModel):
    """What people say of an alert."""

    alert_id: str
    acknowledged_at: Milliseconds | None
    acknowledged_by: str | None
    note: str | None
    updated_at: Milliseconds


class LagItem(BaseModel):
    """How far a consumer group is behind on a topic."""

    group: str
    topic: str
    lag: int


class LatencyItem(BaseModel):
    """From a review's Kafka timestamp to that of its label, ms, of the newest labels."""

    p50: int
    p95: int
    p99: int
    labels: int


class PipelinePage(BaseModel):
    """How the pipeline does; null: not known yet."""

    model_config = _example(PIPELINE)  # type: ignore[assignment]

    reviews_per_second: float | None
    labels_per_second: float | None
    lags: list[LagItem]
    latency: LatencyItem | None
    dead_letters: dict[str, int] = Field(description="of the last hour, by reason")
    brands: int
    open_alerts: int
    history: str = Field(description="here or away")
    silent_seconds: float | None = Field(description="since the last answer of Kafka")
    unreadable: int = Field(description="records that were no events of ours")
