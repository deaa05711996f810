"""One suite for both databases: what the writer promises."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select

from stream.database.engine import open_database
from stream.database.keys import bounded_key
from stream.database.tables import ALERT_NOTES, BRAND_HOURS
from stream.errors import DatabaseAway
from stream.history.writer import Extent, HistoryWriter, Source
from tests.databases import settings_for
from tests.unit.history.samples import (
    ALERTS,
    HOUR_MS,
    HOURS,
    Record,
    alert,
    alert_value,
    alerts_in,
    batch,
    hour,
    hour_value,
    hours_in,
    offsets_in,
    writer_on,
)


def test_a_row_holds_what_the_event_says(migrated: Engine) -> None:
    written = writer_on(migrated, HOURS).write([batch(HOURS, [hour(0)])])
    with migrated.connect() as connection:
        (row,) = connection.execute(select(BRAND_HOURS)).all()
    assert tuple(row) == ("acme", 7 * HOUR_MS, "Acme", 1, 2, 3, 4, 5, 6 << 20, 0, f"[3{',0' * 15}]")
    assert written.rows == {"brand_hours": 1, "brand_alerts": 0}
    assert offsets_in(migrated) == {HOURS: 1}


def test_the_newest_record_of_an_hour_wins_within_a_batch_and_after_it(migrated: Engine) -> None:
    writer = writer_on(migrated, HOURS)
    writer.write([batch(HOURS, [hour(0, positive=1), hour(1, "bolt"), hour(2, positive=2)])])
    assert hours_in(migrated) == {("acme", 7): 2, ("bolt", 7): 3}
    writer.write([batch(HOURS, [hour(5, positive=9)], start=3)])
    assert hours_in(migrated) == {("acme", 7): 9, ("bolt", 7): 3}
    assert offsets_in(migrated) == {HOURS: 6}


def test_a_replay_changes_nothing_even_of_what_was_deleted(migrated: Engine) -> None:
    writer = writer_on(migrated, HOURS)
    old = batch(HOURS, [hour(0, positive=1), hour(1, "bolt")])
    writer.write([old])
    writer.write([batch(HOURS, [hour(2, positive=2), hour(3, "bolt", positive=None)])])
    assert writer.write([old]).moved == [HOURS]
    overlapping = writer.write([batch(HOURS, [*old.records, hour(4, "cord")])])
    assert overlapping.replayed == 2
    assert hours_in(migrated) == {("acme", 7): 2, ("cord", 7): 3}


def test_nothing_is_written_behind_a_hole(migrated: Engine) -> None:
    writer = writer_on(migrated, HOURS)
    assert writer.write([batch(HOURS, [hour(3)])]).moved == [HOURS]
    assert hours_in(migrated) == {}
    assert offsets_in(migrated) == {HOURS: 0}


def test_a_tombstone_deletes_its_hour_and_a_later_record_brings_it_back(migrated: Engine) -> None:
    writer = writer_on(migrated, HOURS)
    writer.write([batch(HOURS, [hour(0), hour(1, number=8), hour(2, positive=None)])])
    assert hours_in(migrated) == {("acme", 8): 3}
    writer.write([batch(HOURS, [hour(3, number=8, positive=None), hour(4, positive=4)])])
    assert hours_in(migrated) == {("acme", 7): 4}


def test_an_alert_is_one_row_that_follows_its_events(migrated: Engine) -> None:
    writer = writer_on(migrated, ALERTS)
    writer.write([batch(ALERTS, [alert(0), alert(1, "bolt", "b1"), alert(2, state="updated")])])
    assert {name: row.state for name, row in alerts_in(migrated).items()} == {"a1": "updated", "b1": "opened"}
    assert alerts_in(migrated)["a1"].event == alert_value("acme", "a1", "updated").decode()
    writer.write([batch(ALERTS, [alert(3, state="closed")])])
    assert alerts_in(migrated)["a1"].state == "closed"


def test_what_people_note_of_an_alert_may_come_before_it_and_stays(migrated: Engine) -> None:
    said = {"alert_id": "a1", "acknowledged_at": 5, "acknowledged_by": "Ada", "note": None, "updated_at": 5}
    with migrated.begin() as connection:
        connection.execute(insert(ALERT_NOTES), said)
    writer_on(migrated, ALERTS).write([batch(ALERTS, [alert(0), alert(1, state="closed")])])
    with migrated.connect() as connection:
        assert list(map(dict, connection.execute(select(ALERT_NOTES)).mappings())) == [said]


def test_rows_and_offsets_of_all_partitions_are_one_transaction(migrated: Engine) -> None:
    """The transaction breaks between the last upsert and the offsets: neither is there."""
    writer = writer_on(migrated, HOURS, ALERTS)
    writer.write([batch(HOURS, [hour(0)])])

    def break_off(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE consumer_offsets"):
            raise ConnectionAbortedError

    event.listen(migrated, "before_cursor_execute", break_off)
    batches = [batch(HOURS, [hour(1, positive=9), hour(2, "bolt")]), batch(ALERTS, [alert(0)])]
    with pytest.raises(ConnectionAbortedError):
        writer.write(batches)
    event.remove(migrated, "before_cursor_execute", break_off)
    assert hours_in(migrated) == {("acme", 7): 3}
    assert alerts_in(migrated) == {}
    assert offsets_in(migrated) == {HOURS: 1, ALERTS: 0}
    writer.write(batches)
    assert hours_in(migrated) == {("acme", 7): 9, ("bolt", 7): 3}
    assert offsets_in(migrated) == {HOURS: 3, ALERTS: 1}


def test_one_partition_that_moved_keeps_no_other_back(migrated: Engine) -> None:
    other = Source("brand-hours", 1)
    writer = writer_on(migrated, HOURS, other)
    written = writer.write([batch(HOURS, [hour(5)]), batch(other, [hour(0, "bolt")])])
    assert written.moved == [HOURS]
    assert hours_in(migrated) == {("bolt", 7): 3}


def test_of_two_owners_of_a_partition_the_slower_writes_nothing(migrated: Engine) -> None:
    slow, fast = writer_on(migrated, HOURS), writer_on(migrated, HOURS)
    fast.write([batch(HOURS, [hour(0, positive=1), hour(1, positive=2)])])
    assert slow.write([batch(HOURS, [hour(0, positive=1)])]).moved == [HOURS]
    assert hours_in(migrated) == {("acme", 7): 2}


@pytest.mark.parametrize(
    ("now", "expected"),
    [(Extent("id", 9), 2), (Extent("id", 2), 2), (Extent("another", 9), 0), (Extent("id", 1), 0)],
    ids=["the same", "at its end", "made again", "cut off"],
)
def test_reading_goes_on_where_it_stopped_unless_the_topic_is_another(
    migrated: Engine, now: Extent, expected: int
) -> None:
    writer_on(migrated, HOURS).write([batch(HOURS, [hour(0), hour(1)])])
    again = HistoryWriter(migrated)
    assert again.positions({HOURS: now}) == {HOURS: expected}
    assert offsets_in(migrated) == {HOURS: expected}
    assert hours_in(migrated) == {("acme", 7): 3}


@pytest.mark.parametrize(
    "bad",
    [
        Record(1, b"acme|1", b"no json"),
        Record(1, b"acme", None),
        Record(1, b"acme|then", None),
        Record(1, None, None),
        Record(1, b"\xff|1", None),
        Record(1, b"acme|1", hour_value("acme", 7, 2**63)),
        Record(1, b"acme|1", hour_value("acme", 7, -1)),
        Record(1, b"acme|1", hour_value("acme", 7, 3).replace(b"[3,", b"[-3,")),
        Record(1, b"acme|1", hour_value("acme", 7, 3).replace(b"[3,", b"[9223372036854775808,")),
    ],
    ids=[
        *("no json", "no hour", "no number", "no key", "no text"),
        *("too large", "negative", "negative bin", "too large bin"),
    ],
)
def test_a_bad_record_is_a_value_and_its_neighbours_are_written(migrated: Engine, bad: Record) -> None:
    written = writer_on(migrated, HOURS).write([batch(HOURS, [hour(0), bad, hour(2, "bolt")])])
    assert written.unreadable == {HOURS: [1]}
    assert hours_in(migrated) == {("acme", 7): 3, ("bolt", 7): 3}
    assert offsets_in(migrated) == {HOURS: 3}


def test_bad_alerts_are_values_too(migrated: Engine) -> None:
    records = [Record(0, b"a1", b"{}"), alert(1), Record(2, b"a1", None)]
    written = writer_on(migrated, ALERTS).write([batch(ALERTS, records)])
    assert written.unreadable == {ALERTS: [0, 2]}
    assert list(alerts_in(migrated)) == ["a1"]


@pytest.mark.parametrize(
    "name", ["a\x00b", "ﷺ" * 200, "".join(map(chr, range(0x4E00, 0x4E00 + 1_200))), "<b>'; drop table x --"]
)
def test_any_brand_can_be_stored_and_found(migrated: Engine, name: str) -> None:
    writer = writer_on(migrated, HOURS)
    writer.write([batch(HOURS, [hour(0, name, positive=1), hour(1, name, positive=2)])])
    assert hours_in(migrated) == {(bounded_key(name), 7): 2}
    writer.write([batch(HOURS, [hour(2, name, positive=None)])])
    assert hours_in(migrated) == {}


def test_long_brands_that_begin_alike_stay_apart() -> None:
    one, other = bounded_key("x" * 2_000), bounded_key("x" * 1_999 + "y")
    assert one != other
    assert len(one.encode()) == 1_000
    assert bounded_key("x" * 1_000) == "x" * 1_000


def test_tables_that_are_gone_are_an_outage_after_which_they_are_made_again(tmp_path: Path) -> None:
    """SQLite makes a file that was deleted anew, empty, and the writer cannot tell that from an outage."""
    engine = open_database(settings_for(None, tmp_path))
    with pytest.raises(DatabaseAway, match="does not answer"):
        HistoryWriter(engine).write([batch(HOURS, [hour(0)])])
    engine.dispose()
