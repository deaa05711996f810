"""Opening and migrating: what a user may get wrong, and that no secret is in what they are told."""

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text

from stream.database.engine import migrate, open_database
from stream.database.tables import BRAND_ALERTS, BRAND_HOURS, METADATA
from stream.errors import DatabaseAway, DatabaseUnusable, SettingsError
from stream.settings import load_settings
from tests.databases import Postgres, empty_postgres, settings_for
from tests.unit.history.samples import ALERTS, HOUR_MS, HOURS, alert, batch, hour, writer_on


def test_the_migrations_make_the_tables_that_the_code_knows(migrated: Engine) -> None:
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_again_keeps_everything(migrated: Engine) -> None:
    writer_on(migrated, HOURS).write([batch(HOURS, [hour(0)])])
    migrate(migrated)
    with migrated.connect() as connection:
        assert len(connection.execute(select(BRAND_HOURS)).all()) == 1


def test_several_workers_may_migrate_at_once(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    engines = [open_database(settings_for(url, tmp_path)) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(migrate, engines)) == [None] * 4
    for other in engines:
        other.dispose()
    writer_on(engine, HOURS).write([batch(HOURS, [hour(0)])])


def test_a_new_file_that_another_worker_is_about_to_write_is_waited_for(tmp_path: Path) -> None:
    """SQLite's own patience is not for turning the write-ahead log on: it refused within a millisecond."""
    engine = open_database(settings_for(None, tmp_path))
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        with ThreadPoolExecutor(1) as thread:
            migrated = thread.submit(migrate, engine)
            refused, _ = wait([migrated], timeout=0.5)
            other.execute("rollback")
    assert not refused
    migrated.result()
    engine.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"something else" * 100)
    engine = open_database(settings_for(None, tmp_path))
    with pytest.raises(DatabaseUnusable, match=r"file is not a database.*BRANDPULSE_DATABASE_URL"):
        migrate(engine)


def test_a_database_without_an_encoding_keeps_every_name(postgres: Postgres, tmp_path: Path) -> None:
    with closing(psycopg.connect(postgres.url, autocommit=True)) as connection:
        connection.execute("create database plain encoding 'SQL_ASCII' template template0")
    plain = open_database(settings_for(postgres.url.removesuffix("postgres") + "plain", tmp_path))
    migrate(plain)
    writer_on(plain, HOURS).write([batch(HOURS, [hour(0, "ünïcode 声")])])
    with plain.connect() as connection:
        assert connection.execute(select(BRAND_HOURS.c.brand_key)).scalar_one() == "ünïcode 声"
    plain.dispose()


def test_tables_of_a_newer_version_are_refused(migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="9999"):
        migrate(migrated)


def test_a_user_who_may_not_create_tables_is_told(postgres: Postgres, tmp_path: Path) -> None:
    empty_postgres(postgres)
    with closing(psycopg.connect(postgres.url, autocommit=True)) as connection:
        connection.execute("create role reader login password 'not-told'")
    reader = open_database(settings_for(postgres.url.replace("postgres:not", "reader:not"), tmp_path))
    with pytest.raises(DatabaseUnusable, match="grant its user CREATE"):
        migrate(reader)
    reader.dispose()


QUESTIONS: dict[str, tuple[Callable[[], object], str]] = {
    "one brand over a time": (
        lambda: select(BRAND_HOURS).where(BRAND_HOURS.c.brand_key == "b7", BRAND_HOURS.c.hour >= 9 * HOUR_MS),
        "brand_hours",
    ),
    "all brands lately": (
        lambda: select(BRAND_HOURS).where(BRAND_HOURS.c.hour >= 49 * HOUR_MS),
        "brand_hours_by_hour",
    ),
    "open alerts": (
        lambda: (
            select(BRAND_ALERTS)
            .where(text("state != 'closed'"), BRAND_ALERTS.c.opened_at >= 0)
            .order_by(BRAND_ALERTS.c.opened_at)
        ),
        "brand_alerts_open",
    ),
    "alerts of a brand": (
        lambda: select(BRAND_ALERTS).where(BRAND_ALERTS.c.brand_key == "b7"),
        "brand_alerts_by_brand",
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_dashboards_questions_are_answered_from_an_index(migrated: Engine, question: str) -> None:
    writer = writer_on(migrated, HOURS, ALERTS)
    hours = [hour(n * 50 + h, f"b{n}", h) for n in range(60) for h in range(50)]
    alerts = [alert(n, f"b{n % 60}", f"a{n}", "opened" if n % 50 == 0 else "closed") for n in range(3_000)]
    writer.write([batch(HOURS, hours), batch(ALERTS, alerts)])
    make, index = QUESTIONS[question]
    sqlite = migrated.dialect.name == "sqlite"
    query = make().compile(migrated, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    with migrated.begin() as connection:
        connection.execute(text("analyze"))
        plan = str(connection.execute(text(f"explain {'query plan' if sqlite else ''} {query}")).all())
    assert ("SEARCH" in plan or "SCAN brand_alerts USING INDEX" in plan) if sqlite else "Seq Scan" not in plan
    assert index in plan


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "hush", "postgresql://u:hush@h:port/d", "", "://hush"])
def test_a_url_that_is_none_of_ours_is_refused_without_being_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRANDPULSE_DATABASE_URL", url)
    with pytest.raises(SettingsError, match="BRANDPULSE_DATABASE_URL: is neither") as caught:
        open_database(load_settings(data_dir=tmp_path))
    assert "hush" not in str(caught.value)


def test_a_data_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot write to"):
        open_database(settings_for(None, tmp_path / "file" / "below"))


def test_a_secret_is_in_no_settings_that_are_printed() -> None:
    assert "hush" not in repr(settings_for("postgresql://u:hush@h/d", Path()))


def test_an_outage_says_why_but_tells_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = open_database(settings_for("postgres://someone:hush@127.0.0.1:1/secret", tmp_path))
    with caplog.at_level(logging.DEBUG), pytest.raises(DatabaseAway, match="connection refused") as caught:
        migrate(engine)
    said = f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"
    assert "hush" not in said
    assert "someone" not in said


def test_a_wrong_password_is_told_as_such(postgres: Postgres, tmp_path: Path) -> None:
    engine = open_database(settings_for(postgres.url.replace("not-told", "hush"), tmp_path))
    with pytest.raises(DatabaseAway, match="password authentication failed") as caught:
        migrate(engine)
    assert "hush" not in str(caught.value)
