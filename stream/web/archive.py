"""The database as the API asks it: hours of one brand, and what people say of alerts. Blocking, SQL only.

Every function raises DatabaseAway where the database cannot be worked with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields

import orjson
from sqlalchemy import Engine, case, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import ProgrammingError

from stream.database.drivers import reading
from stream.database.engine import translated
from stream.database.keys import bounded_key, storable
from stream.database.tables import ALERT_NOTES, BRAND_HOURS
from stream.errors import DatabaseAway
from stream.web.values import HourRow, Note

MOST_NOTES = 20_000


_NOTES = select(*(ALERT_NOTES.c[field.name] for field in fields(Note)))


class Archive:
    """One database; threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def hours(self, brand_key: str, start_ms: int, end_ms: int) -> list[HourRow]:
        """Those that begin at or after the start and before the end, oldest first."""
        table = BRAND_HOURS.c
        query = (
            select(BRAND_HOURS)
            .where(table.brand_key == bounded_key(brand_key), table.hour >= start_ms, table.hour < end_ms)
            .order_by(table.hour)
        )
        with _translated(), self._reading.connect() as connection:
            return [
                HourRow(
                    row.hour,
                    (row.negative, row.neutral, row.positive),
                    (row.negative_sum, row.neutral_sum, row.positive_sum),
                    tuple(orjson.loads(row.bins)),
                    row.late,
                )
                for row in connection.execute(query)
            ]

    def notes(self, since_ms: int) -> list[Note]:
        """Those written at or after a time, the newest 20,000 at most, oldest first."""
        table = ALERT_NOTES.c
        newest = _NOTES.where(table.updated_at >= since_ms).order_by(table.updated_at.desc())
        with _translated(), self._reading.connect() as connection:
            return [Note(*row) for row in connection.execute(newest.limit(MOST_NOTES))][::-1]

    def acknowledge(self, alert_id: str, by: str | None, now_ms: int) -> Note:
        """Say that somebody has seen an alert; who said so first stays."""
        return self._write(Note(alert_id, now_ms, None if by is None else storable(by), None, now_ms))

    def write_note(self, alert_id: str, note: str, now_ms: int) -> Note:
        """Put a note in the place of the former one."""
        return self._write(Note(alert_id, None, None, storable(note), now_ms))

    def _write(self, said: Note) -> Note:
        """What is None leaves what is there; returns the row as it is then."""
        insert = postgresql_insert if self._engine.dialect.name == "postgresql" else sqlite_insert
        row = insert(ALERT_NOTES).values(asdict(said) | {"alert_id": bounded_key(said.alert_id)})
        old, new = ALERT_NOTES.c, row.excluded
        changes = {
            "acknowledged_by": case(
                (old.acknowledged_at.is_(None), new.acknowledged_by), else_=old.acknowledged_by
            ),
            "acknowledged_at": func.coalesce(old.acknowledged_at, new.acknowledged_at),
            "note": func.coalesce(new.note, old.note),
            "updated_at": new.updated_at,
        }
        statement = row.on_conflict_do_update(index_elements=["alert_id"], set_=changes)
        with _translated(), self._engine.begin() as connection:
            connection.execute(statement)
            found = connection.execute(_NOTES.where(old.alert_id == bounded_key(said.alert_id))).one()
            return Note(*found)


@contextmanager
def _translated() -> Iterator[None]:
    """As `translated`, and where the tables are not ours to use, history is as good as away."""
    try:
        with translated():
            yield
    except ProgrammingError:
        raise DatabaseAway("the history's database has no tables that we may use") from None
