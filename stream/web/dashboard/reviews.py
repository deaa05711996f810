"""Reviews in lists: label, text where there is one, and what is known about how they came."""

from collections.abc import Iterable, Mapping
from typing import Any

from stream.events import AlertReview, BrandAlert, Label
from stream.web.dashboard.nodes import node
from stream.web.dashboard.words import SIGNS, age, percent
from stream.web.values import Marks, RecentReview

NO_TEXT = "Its text is not kept: start score with --output-text-chars to read texts here."


def recent_list(reviews: Iterable[RecentReview], now_ms: int) -> None:
    """Recent reviews, newest first."""
    with node("ul", classes="bp-list"):
        for review in reviews:
            _review(review.label, now_ms, marks=review.marks)


def driver_list(alert: BrandAlert, labels: Mapping[str, Label], now_ms: int, most: int = 10) -> None:
    """The reviews that drove an alert, most confident first."""
    with node("ul", classes="bp-list"):
        for driver in alert.drivers[:most]:
            label = labels.get(driver.event_id)
            if label is None:
                _missing(driver, now_ms)
            else:
                _review(label, now_ms, copies=driver.copies)


def _review(label: Label, now_ms: int, marks: Marks | None = None, copies: int = 1) -> None:
    with node("li", classes="bp-review"):
        node("span", label.label, f"bp-label {label.label}", data_sign=SIGNS[label.label])
        if label.text is None:
            node("span", NO_TEXT, "bp-text muted")
        else:
            node("span", f"{label.title}. {label.text}" if label.title else label.text, "bp-text", dir="auto")
        with node("div", classes="bp-meta"):
            _meta(label, now_ms)
            for tag in _tags(marks, copies):
                node("span", tag, "bp-tag")


def _meta(label: Label, now_ms: int) -> None:
    node("span", f"{percent(label.confidence)} sure")
    known: tuple[Any, ...] = (
        f"{age(now_ms - label.created_at)} ago",
        f"{label.stars} of 5 stars" if label.stars else None,
        label.product_id,
        label.source,
        label.language,
    )
    for part in known:
        if part:
            node("span", part)


def _tags(marks: Marks | None, copies: int) -> list[str]:
    tags = [f"and {copies - 1} nearly the same"] if copies > 1 else []
    if marks is not None:
        tags += ["same text as an earlier one"] if marks.duplicate_of else []
        tags += ["replaced by a later edit"] if marks.replaced_by else []
        tags += [] if marks.counted else ["not counted"]
    return tags


def _missing(driver: AlertReview, now_ms: int) -> None:
    with node("li", classes="bp-review"):
        node("span", "review", "bp-label neutral", data_sign="?")
        node("span", f"{driver.event_id} is no longer in the topic.", "bp-text muted")
        with node("div", classes="bp-meta"):
            node("span", f"{percent(driver.confidence)} sure")
            node("span", f"{age(now_ms - driver.created_at)} ago")
            for tag in _tags(None, driver.copies):
                node("span", tag, "bp-tag")
