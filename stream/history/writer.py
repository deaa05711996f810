"""Records into tables: rows and consumer offsets in one database transaction.

The stored offset is the fence: a record before it is in the tables already and is skipped, so that a
replay changes nothing, whoever sends it and however often. Two workers that both believe to own a
partition cannot mix their writes, because the second finds the offset moved.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, bindparam, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from stream.database.engine import translated
from stream.database.tables import BRAND_ALERTS, BRAND_HOURS, CONSUMER_OFFSETS
from stream.history.records import READERS, Alert, Change, Hour, HourGone, Unreadable
from stream.kafka.messages import Record


class Source(NamedTuple):
    """A partition of a topic, by the topic's full name."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that can be read of a partition from offset `start` up to before `end`, in order."""

    source: Source
    reader: str  # the topic's short name
    start: int
    end: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Extent:
    """What a partition holds now: its topic's identity and the offset after its last record."""

    topic_id: str
    end: int


@dataclass(slots=True)
class Written:
    """What one transaction did: changed rows by table, and what it passed over."""

    rows: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    unreadable: dict[Source, list[int]] = field(default_factory=dict)  # offsets
    moved: list[Source] = field(default_factory=list)
    """Not written at all: the stored offset lies before the batch or after it. Read on from there."""


@dataclass(slots=True)
class _Changes:
    """The last change of each row."""

    hours: dict[tuple[str, int], Hour | None] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        match change:
            case Hour():
                self.hours[change.brand_key, change.hour] = change
            case HourGone():
                self.hours[change.brand_key, change.hour] = None
            case Alert():
                self.alerts[change.alert_id] = change
            case Unreadable():
                pass


class HistoryWriter:
    """Writes to the migrated tables of one database; not for several threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    def positions(self, extents: Mapping[Source, Extent]) -> dict[Source, int]:
        """Where to read on in each partition: 0 where its topic is new, was made again, or was cut off.

        Raises:
            DatabaseAway: nothing was changed, or all was.
        """
        found = {}
        with translated(), self._engine.begin() as connection:
            for source, extent in sorted(extents.items()):
                row = connection.execute(_lock([source])).one_or_none()
                if row and row.topic_id == extent.topic_id and row.next_offset <= extent.end:
                    found[source] = int(row.next_offset)
                    continue
                fresh = {**source._asdict(), "topic_id": extent.topic_id, "next_offset": 0}
                self._upsert(connection, CONSUMER_OFFSETS, [fresh])
                found[source] = 0
        return found

    def write(self, batches: Iterable[Batch]) -> Written:
        """Apply batches, at most one of a partition, whole: all rows and all offsets, or nothing.

        Raises:
            DatabaseAway: nothing was changed, or all was; `positions` knows which.
        """
        written, changes = Written(), _Changes()
        by_source = {batch.source: batch for batch in batches}
        with translated(), self._engine.begin() as connection:
            rows = connection.execute(_lock(by_source))
            stored = {Source(row.topic, row.partition): int(row.next_offset) for row in rows}
            for source, batch in by_source.items():
                next_offset = stored.get(source)
                if next_offset is None or not batch.start <= next_offset < batch.end:
                    written.moved.append(source)
                else:
                    _collect(batch, next_offset, changes, written)
            self._apply(connection, changes, written)
            _move(connection, [by_source[source] for source in by_source if source not in written.moved])
        return written

    def _apply(self, connection: Connection, changes: _Changes, written: Written) -> None:
        # Sorted: two workers that lock rows in one order cannot wait for each other.
        hours = [_row(hour) for _, hour in sorted(changes.hours.items()) if hour]
        gone = [{"a_key": key, "an_hour": hour} for (key, hour), row in changes.hours.items() if row is None]
        if gone:
            connection.execute(_DELETE_HOUR, sorted(gone, key=lambda row: (row["a_key"], row["an_hour"])))
        if hours:
            self._upsert(connection, BRAND_HOURS, hours)
        if changes.alerts:
            self._upsert(connection, BRAND_ALERTS, [_row(row) for _, row in sorted(changes.alerts.items())])
        written.rows[BRAND_HOURS.name] += len(changes.hours)
        written.rows[BRAND_ALERTS.name] += len(changes.alerts)

    def _upsert(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
        insert = self._insert(table)
        keys = [column.name for column in table.primary_key]
        values = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values), rows)


_DELETE_HOUR = delete(BRAND_HOURS).where(
    BRAND_HOURS.c.brand_key == bindparam("a_key"), BRAND_HOURS.c.hour == bindparam("an_hour")
)
_MOVE = (
    update(CONSUMER_OFFSETS)
    .where(
        CONSUMER_OFFSETS.c.topic == bindparam("a_topic"),
        CONSUMER_OFFSETS.c.partition == bindparam("a_partition"),
    )
    .values(next_offset=bindparam("end"))
)


def _lock(sources: Iterable[Source]) -> Any:
    place = tuple_(CONSUMER_OFFSETS.c.topic, CONSUMER_OFFSETS.c.partition)
    chosen = select(CONSUMER_OFFSETS).where(place.in_(sorted(sources)))
    return chosen.order_by(CONSUMER_OFFSETS.c.topic, CONSUMER_OFFSETS.c.partition).with_for_update()


def _collect(batch: Batch, next_offset: int, changes: _Changes, written: Written) -> None:
    read = READERS[batch.reader]
    for record in batch.records:
        if record.offset < next_offset:
            written.replayed += 1
            continue
        change = read(record)
        if isinstance(change, Unreadable):
            written.unreadable.setdefault(batch.source, []).append(change.offset)
        else:
            changes.add(change)


def _move(connection: Connection, batches: Sequence[Batch]) -> None:
    if batches:
        rows = [{"a_topic": b.source.topic, "a_partition": b.source.partition, "end": b.end} for b in batches]
        connection.execute(_MOVE, rows)


def _row(value: Hour | Alert) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
