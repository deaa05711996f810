"""The archive on both databases and beside its fake; history, which nobody waits for when it is away."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from stream.database.engine import migrate, open_database
from stream.errors import DatabaseAway, DatabaseUnusable
from stream.web.archive import Archive
from stream.web.history import History, Questions
from stream.web.values import HourRow, Note
from tests.databases import Postgres, empty_postgres, settings_for
from tests.unit.history.samples import HOUR_MS, HOURS, batch, hour, writer_on
from tests.unit.web.samples import FakeArchive

LONG = "x" * 2_000


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Questions]:
    """The fake that other tests use, and the real one on each database."""
    if request.param == "fake":
        yield FakeArchive()
        return
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        empty_postgres(server)
        url = server.url
    engine = open_database(settings_for(url, tmp_path))
    migrate(engine)
    yield Archive(engine)
    engine.dispose()


def test_an_alert_is_acknowledged_once_and_noted_often(archive: Questions) -> None:
    assert archive.notes(0) == []
    assert archive.acknowledge("a", "Kim", 5) == Note("a", 5, "Kim", None, 5)
    assert archive.acknowledge("a", "Lou", 6) == Note("a", 5, "Kim", None, 6)
    assert archive.write_note("a", "one", 7) == Note("a", 5, "Kim", "one", 7)
    assert archive.write_note("a", "two", 8) == Note("a", 5, "Kim", "two", 8)
    assert archive.write_note("b", "", 9) == Note("b", None, None, "", 9)
    assert archive.acknowledge("b", None, 10) == Note("b", 10, None, "", 10)
    assert [note.alert_id for note in archive.notes(0)] == ["a", "b"]
    assert [note.alert_id for note in archive.notes(9)] == ["b"]


def test_hours_are_those_that_history_wrote(migrated: Engine) -> None:
    records = [
        hour(n, brand, n, positive=n) for n, brand in enumerate(("acme", "bolt", "acme", "acme", LONG))
    ]
    writer_on(migrated, HOURS).write([batch(HOURS, records)])
    archive = Archive(migrated)
    assert archive.hours("acme", 0, 3 * HOUR_MS) == [
        HourRow(n * HOUR_MS, (1, 2, n), (4, 5, 6 << 20), (n, *[0] * 15), 0) for n in (0, 2)
    ]
    assert [row.start for row in archive.hours("acme", HOUR_MS, 4 * HOUR_MS)] == [2 * HOUR_MS, 3 * HOUR_MS]
    assert len(archive.hours(LONG, 0, 10 * HOUR_MS)) == 1
    assert archive.hours("nobody", 0, HOUR_MS) == []


def test_text_that_a_database_does_not_hold_is_made_so_that_it_does(migrated: Engine) -> None:
    archive = Archive(migrated)
    assert archive.write_note(f"{LONG}\x00", "a\x00b", 1).note == "a\ufffdb"
    assert len(archive.notes(0)) == 1


def test_a_reader_waits_for_no_writer(migrated: Engine) -> None:
    with migrated.begin() as writing:
        writing.execute(text("update brand_hours set late = 0"))
        assert Archive(migrated).hours("acme", 0, HOUR_MS) == []


def test_without_tables_it_is_away(engine: Engine) -> None:
    with pytest.raises(DatabaseAway):
        Archive(engine).hours("acme", 0, HOUR_MS)
    with pytest.raises(DatabaseAway):
        Archive(engine).write_note("a", "x", 1)


def is_here(history: History) -> bool:
    return history.state == "here"


def opened(fake: FakeArchive) -> Callable[[], FakeArchive]:
    return lambda: fake


class TestAway:
    def test_it_is_away_until_it_was_seen(self) -> None:
        async def play() -> None:
            history = History(opened(FakeArchive()), lambda: 1)
            assert not is_here(history)
            with pytest.raises(DatabaseAway):
                await history.hours("acme", 0, 1)
            await history.look()
            assert is_here(history)
            assert await history.hours("acme", 0, 1) == []

        asyncio.run(play())

    def test_a_failure_takes_it_away_and_a_look_brings_it_back(self) -> None:
        async def play() -> None:
            fake = FakeArchive()
            history = History(opened(fake), lambda: 1)
            await history.look()
            await history.write_note("a", "kept")
            fake.is_away = True
            with pytest.raises(DatabaseAway):
                await history.look()
            assert not is_here(history)
            note = history.note("a")
            assert note is not None
            assert note.note == "kept"
            fake.is_away = False
            await history.look()
            assert is_here(history)

        asyncio.run(play())

    def test_notes_of_other_copies_are_seen(self) -> None:
        async def play() -> None:
            fake = FakeArchive()
            history = History(opened(fake), lambda: 1)
            await history.look()
            fake.write_note("a", "elsewhere", 5)
            version = history.notes_version
            await history.look()
            await history.look()
            note = history.note("a")
            assert note is not None
            assert (note.note, history.notes_version) == ("elsewhere", version + 1)

        asyncio.run(play())

    def test_one_that_hangs_is_away(self) -> None:
        released = threading.Event()

        def hang() -> FakeArchive:
            released.wait()
            return FakeArchive()

        async def play() -> None:
            history = History(hang, lambda: 1, patience_seconds=0.05)
            with pytest.raises(DatabaseAway, match="within"):
                await history.look()
            assert not is_here(history)
            released.set()
            history.close()

        asyncio.run(play())

    def test_watching_goes_on_whatever_is_wrong_and_says_so_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        tries = 0

        def open_archive() -> FakeArchive:
            nonlocal tries
            tries += 1
            if tries < 5:
                raise DatabaseUnusable("newer tables")
            return FakeArchive()

        async def play() -> None:
            history = History(open_archive, lambda: 1, ask_seconds=0.001)
            watching = asyncio.create_task(history.watch())
            async with asyncio.timeout(60):
                while "history is here" not in caplog.messages and not watching.done():
                    await asyncio.wait({watching}, timeout=0.01)
            watching.cancel()

        asyncio.run(play())
        assert caplog.messages == ["history is away: newer tables", "history is here"]
