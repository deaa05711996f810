"""The live view: every brand, the newest labels and alerts, in memory. Pure: no Kafka, no clock.

It is written by one reader and read by whoever shows it, all in one thread. Each change raises `version`.
"""

import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import TypeVar

from pydantic import ValidationError

from stream.events import BrandAlert, BrandSentiment, Correction, brand_key
from stream.web.names import near_names
from stream.web.recent import RecentReviews
from stream.web.values import BrandRow, Changes, RecentReview, SparkRow, read_row, read_spark

MOST_ALERTS = 20_000
MOST_GONE = 10_000
_Kept = TypeVar("_Kept")


class LiveView:
    """What the topics say now.

    Attributes:
        boot: differs in each view, so that versions of two copies of the role are never taken for one.
        version: raised with every change of a brand or an alert.
        caught_up: everything that was there at the start has been read.
        read_at: monotonic seconds of the last answer from Kafka, None before the first.
        unreadable: records that were no events of ours.
    """

    def __init__(self) -> None:
        self.boot = secrets.token_hex(4)
        self.version = 0
        self.caught_up = False
        self.read_at: float | None = None
        self.unreadable = 0
        self.recent = RecentReviews()
        # By the version at which a brand last changed, oldest first.
        self._rows: dict[str, BrandRow] = {}
        self._changed_at: dict[str, int] = {}
        self._values: dict[str, bytes] = {}
        self._gone: deque[tuple[int, str]] = deque(maxlen=MOST_GONE)
        self._alerts: dict[str, BrandAlert] = {}
        self._alert_changed_at: dict[str, int] = {}
        self._open: dict[str, set[str]] = {}

    # What comes in.

    def take_brand(self, key: bytes | None, value: bytes | None) -> None:
        """A record of `brand-sentiment`; without a value the brand is gone."""
        name = _text(key)
        if value is None and name is not None:
            self._remove(name)
            return
        row = read_row(value or b"")
        if row is None or row.brand_key != name:
            self.unreadable += 1
            return
        self.version += 1
        self._rows.pop(name, None)
        self._rows[name] = row
        self._changed_at[name] = self.version
        self._values[name] = value or b""

    def take_alert(self, key: bytes | None, value: bytes | None) -> None:
        """A record of `brand-alerts`; of the events of one alert the one with the highest update stays."""
        if value is None:
            self._drop_alert(_text(key) or "")
            return
        try:
            alert = BrandAlert.model_validate_json(value)
        except ValidationError:
            self.unreadable += 1
            return
        known = self._alerts.get(alert.alert_id)
        if known is not None and known.update > alert.update:
            return
        self.version += 1
        self._alerts.pop(alert.alert_id, None)
        self._alerts[alert.alert_id] = alert
        self._alert_changed_at[alert.alert_id] = self.version
        self._note_open(alert)
        self._touch(alert.brand_key)
        if len(self._alerts) > MOST_ALERTS:
            closed = (one for one, known in self._alerts.items() if known.state == "closed")
            self._drop_alert(next(closed, None) or next(iter(self._alerts)))

    def take_label(self, key: bytes | None, partition: int, offset: int, value: bytes | None) -> int | None:
        """A record of `review-sentiment`; returns its `received_at`, ms, or None where it is no label."""
        name = _text(key)
        received_at = None if name is None else self.recent.add(name, partition, offset, value or b"")
        self.unreadable += received_at is None
        return received_at

    def take_correction(self, value: bytes | None) -> None:
        """A record of `review-corrections`."""
        try:
            self.recent.correct(Correction.model_validate_json(value or b""))
        except ValidationError:
            self.unreadable += 1

    # What is asked.

    def rows(self) -> Mapping[str, BrandRow]:
        """Every brand by brand key, in the order of their last change; do not keep it."""
        return self._rows

    def row(self, key: str) -> BrandRow | None:
        """One brand as it is in lists."""
        return self._rows.get(key)

    def value(self, key: str) -> bytes | None:
        """One brand as it came: JSON of `stream.events.BrandSentiment`."""
        return self._values.get(key)

    def sentiment(self, key: str) -> BrandSentiment | None:
        """One brand with everything that is known of it."""
        value = self._values.get(key)
        return None if value is None else BrandSentiment.model_validate_json(value)

    def spark(self, key: str) -> SparkRow | None:
        """The last minutes and hours of one brand."""
        value = self._values.get(key)
        return None if value is None else read_spark(value)

    def changed_at(self, key: str) -> int:
        """The version at which a brand or one of its alerts last changed; 0: unknown."""
        return self._changed_at.get(key, 0)

    def near(self, name: str, most: int = 5) -> list[str]:
        """Display names of brands whose key is like the name, most alike first."""
        return [self._rows[key].brand for key in near_names(brand_key(name), self._rows, most)]

    def reviews(self, key: str) -> Iterator[RecentReview]:
        """Recent labels of a brand, newest first."""
        return self.recent.of(key)

    def alert(self, alert_id: str) -> BrandAlert | None:
        """The newest event of one alert."""
        return self._alerts.get(alert_id)

    def alerts(self) -> Iterator[BrandAlert]:
        """The newest event of every alert, the one that changed last first."""
        return reversed(self._alerts.values())

    def open_alerts(self, key: str) -> list[BrandAlert]:
        """Those of a brand that are not closed, the newest first."""
        found = [self._alerts[alert_id] for alert_id in self._open.get(key, ())]
        return sorted(found, key=lambda alert: (alert.opened_at, alert.alert_id), reverse=True)

    def open_count(self, key: str) -> int:
        """How many alerts of a brand are open."""
        return len(self._open.get(key, ()))

    def open_total(self) -> int:
        """How many alerts of all brands are open."""
        return sum(map(len, self._open.values()))

    def changes_since(self, version: int) -> Changes | None:
        """What changed after a version of this view; None: it is too long ago to tell, read everything."""
        if version > self.version or (len(self._gone) == MOST_GONE and version < self._gone[0][0]):
            return None
        gone = [key for at, key in self._gone if at > version and key not in self._rows]
        return Changes(
            self.version,
            rows=_newer(self._rows, self._changed_at, version),
            gone=list(dict.fromkeys(gone)),
            alerts=_newer(self._alerts, self._alert_changed_at, version),
        )

    # How it is kept.

    def _remove(self, name: str) -> None:
        if self._rows.pop(name, None) is None:
            return
        self.version += 1
        del self._values[name], self._changed_at[name]
        self._gone.append((self.version, name))

    def _note_open(self, alert: BrandAlert) -> None:
        if alert.state != "closed":
            self._open.setdefault(alert.brand_key, set()).add(alert.alert_id)
            return
        ids = self._open.get(alert.brand_key, set())
        ids.discard(alert.alert_id)
        if not ids:
            self._open.pop(alert.brand_key, None)

    def _touch(self, name: str) -> None:
        """What is shown of a brand changed, though not its own value."""
        if row := self._rows.pop(name, None):
            self._rows[name] = row
            self._changed_at[name] = self.version

    def _drop_alert(self, alert_id: str) -> None:
        if alert := self._alerts.pop(alert_id, None):
            self.version += 1
            del self._alert_changed_at[alert_id]
            self._note_open(alert.model_copy(update={"state": "closed"}))
            self._touch(alert.brand_key)


def _newer(values: dict[str, _Kept], changed_at: Mapping[str, int], version: int) -> list[_Kept]:
    """Those that changed after a version, the last one first; they lie in the order of their change."""
    newest_first = takewhile(lambda key: changed_at[key] > version, reversed(values))
    return [values[key] for key in newest_first]


def _text(key: bytes | None) -> str | None:
    try:
        return None if key is None else key.decode()
    except UnicodeDecodeError:
        return None
