"""Events as the topics hold them, and a site of fakes around the real application."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.testclient import TestClient

from stream.errors import DatabaseAway
from stream.events import brand_key
from stream.health import HealthPages, HealthState
from stream.metrics import create_metrics
from stream.settings import Settings
from stream.web.access import Gate
from stream.web.api.examples import ALERT, BRAND, LABEL
from stream.web.app import create_app
from stream.web.history import History
from stream.web.live import LiveFeed
from stream.web.orders import Orders
from stream.web.pipeline import Pipeline
from stream.web.values import HourRow, Note
from stream.web.view import LiveView
from stream.web.website import Site

NOW_MS = 1_767_225_600_000
BASE = "http://127.0.0.1:8080"


def brand_value(
    name: str, reviews: int = 250, net: float | None = 0.59, change: float | None = -0.07
) -> bytes:
    """A value of `brand-sentiment`: as many reviews in each window, all of them positive."""
    windows = {
        window: values
        | {"counts": {"negative": 0, "neutral": 0, "positive": reviews}, "net": net}
        | ({"shares": None, "counted": None, "intervals": None} if net is None else {})
        for window, values in BRAND["windows"].items()
    }
    trend = None if change is None else BRAND["trend"] | {"change": change}
    named = {"brand": name, "brand_key": brand_key(name)}
    return orjson.dumps(BRAND | named | {"windows": windows, "trend": trend})


def take_brand(view: LiveView, name: str, **values: Any) -> None:
    view.take_brand(brand_key(name).encode(), brand_value(name, **values))


def alert_value(alert_id: str, brand: str = "acme", **values: Any) -> bytes:
    """A value of `brand-alerts`."""
    named = {"alert_id": alert_id, "brand": brand.title(), "brand_key": brand}
    people = ("acknowledged_at", "acknowledged_by", "note")
    return orjson.dumps({name: value for name, value in ALERT.items() if name not in people} | named | values)


def label_value(number: int, brand: str = "Acme", **values: Any) -> bytes:
    """A value of `review-sentiment`, the label of the review at that offset."""
    named = {"event_id": f"reviews-0-{number}", "review_id": f"r-{number}", "brand": brand}
    marks = ("duplicate_of", "replaced_by", "counted")
    return orjson.dumps({name: value for name, value in LABEL.items() if name not in marks} | named | values)


def correction_value(number: int, **values: Any) -> bytes:
    """A value of `review-corrections`, of the label of the review at that offset."""
    event = {
        "event_id": f"reviews-0-{number}",
        "brand": "Acme",
        "brand_key": "acme",
        "review_id": f"r-{number}",
        "source": None,
        "replaces": None,
        "duplicate_of": None,
        "counted": True,
        "as_of": NOW_MS,
    }
    return orjson.dumps(event | values)


class FakeArchive:
    """A database in memory, which can be away."""

    def __init__(self) -> None:
        self.is_away = False
        self._hours: dict[str, list[HourRow]] = {}
        self._notes: dict[str, Note] = {}

    def add(self, key: str, row: HourRow) -> None:
        self._hours.setdefault(key, []).append(row)

    def hours(self, key: str, start_ms: int, end_ms: int) -> list[HourRow]:
        self._check()
        return [row for row in self._hours.get(key, []) if start_ms <= row.start < end_ms]

    def notes(self, since_ms: int) -> list[Note]:
        self._check()
        found = [note for note in self._notes.values() if note.updated_at >= since_ms]
        return sorted(found, key=lambda note: note.updated_at)

    def acknowledge(self, alert_id: str, by: str | None, now_ms: int) -> Note:
        self._check()
        old = self._notes.get(alert_id)
        if old is not None and old.acknowledged_at is not None:
            new = Note(alert_id, old.acknowledged_at, old.acknowledged_by, old.note, now_ms)
        else:
            new = Note(alert_id, now_ms, by, old.note if old else None, now_ms)
        return self._notes.setdefault(alert_id, new) if old is None else self._put(new)

    def write_note(self, alert_id: str, note: str, now_ms: int) -> Note:
        self._check()
        old = self._notes.get(alert_id)
        at, by = (old.acknowledged_at, old.acknowledged_by) if old else (None, None)
        return self._put(Note(alert_id, at, by, note, now_ms))

    def _put(self, note: Note) -> Note:
        self._notes[note.alert_id] = note
        return note

    def _check(self) -> None:
        if self.is_away:
            raise DatabaseAway("away, as the test wants it")


@dataclass
class FakeLabels:
    """A topic in memory: a `stream.web.lookup.LabelSource`."""

    values: dict[tuple[int, int], bytes] = field(default_factory=dict)

    async def labels(self, partition: int, offsets: Iterable[int]) -> Mapping[int, bytes]:
        return {at: self.values[partition, at] for at in offsets if (partition, at) in self.values}


@dataclass
class Stage:
    """A site, everything behind it to be played with, and the application in front."""

    site: Site
    archive: FakeArchive
    labels: FakeLabels
    app: FastAPI
    clock: list[float]

    @property
    def view(self) -> LiveView:
        return self.site.view

    def client(self, host: str = "127.0.0.1", base: str = BASE, **headers: str) -> TestClient:
        """A client at an address; names of headers with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return TestClient(
            self.app,
            base,
            client=(host, 50_000),
            headers=named,
            follow_redirects=False,
            raise_server_exceptions=True,
        )


def stage(tmp_path: Path, **settings: Any) -> Stage:
    """A site that has caught up with empty topics, its history here."""
    view, archive, labels, clock = LiveView(), FakeArchive(), FakeLabels(), [1_000.0]
    view.caught_up = True
    made = Settings(data_dir=tmp_path, **settings)
    ticks = iter(range(NOW_MS, NOW_MS + 10**9))
    site = Site(
        settings=made,
        view=view,
        pipeline=Pipeline(),
        orders=Orders(view),
        feed=LiveFeed(view),
        history=History(lambda: archive, lambda: next(ticks)),
        labels=labels,
        gate=Gate(made),
        now_ms=lambda: NOW_MS,
        now_seconds=lambda: clock[0],
    )
    metrics = create_metrics("web")
    pages = HealthPages(HealthState(60.0, 0.0), metrics, lambda: 0.0)
    return Stage(site, archive, labels, create_app(site, pages, metrics), clock)
