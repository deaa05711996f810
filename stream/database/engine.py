"""The history's database: opened from the settings, its tables migrated, its errors translated to ours.

The URL is a secret. It is in no message, and neither is what the database says about it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from stream.database.drivers import postgresql_engine, sqlite_engine
from stream.errors import DatabaseAway, DatabaseUnusable, MissingExtra, SettingsError
from stream.settings import PREFIX, Settings, cannot_write

_MIGRATIONS = Path(__file__).parent / "migrations"
# One number for all workers that migrate the same database.
_MIGRATION_LOCK = 0x6272616E6470756C
_REASONS = (
    "password authentication failed",
    "connection refused",
    "timeout expired",
    "does not exist",
    "starting up",
    "shutting down",
    "terminating connection",
    "too many clients",
    "no such file or directory",
    "could not translate host name",
    "database is locked",
    "unable to open database file",
    "disk is full",
    "disk i/o error",
    "file is not a database",
)


def open_database(settings: Settings) -> Engine:
    """The engine that the settings name. Nothing is connected yet.

    Raises:
        SettingsError: the URL is none of ours, or the data directory cannot be made.
        MissingExtra: the database's driver is not installed.
    """
    url = _url(settings)
    try:
        if url.get_backend_name() == "sqlite":
            return sqlite_engine(url)
        return postgresql_engine(url)
    except ImportError as error:
        raise MissingExtra(
            "PostgreSQL needs the extra postgres: pip install 'brandpulse[history,postgres]'"
        ) from error


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; several workers may do it at once. All or nothing.

    Raises:
        DatabaseAway: it does not answer.
        DatabaseUnusable: a newer brandpulse made the tables, we may not make any, or it is a file of
            something else.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with translated(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseUnusable(
            f"the history's tables are not of this brandpulse ({error}); run the newest one on them"
        ) from error
    except ProgrammingError as error:
        raise DatabaseUnusable(
            f"the database refuses to make the history's tables ({_kind(error)}); "
            "grant its user CREATE on the schema"
        ) from None
    except DatabaseError as error:
        raise DatabaseUnusable(
            f"the history's database is none ({_kind(error)}); name another with {PREFIX}DATABASE_URL"
        ) from None


@contextmanager
def translated() -> Iterator[None]:
    """Raises DatabaseAway in place of what the driver raises when the database cannot be worked with."""
    try:
        yield
    except DBAPIError as error:
        # InternalError: a server that became a read-only standby says so.
        if error.connection_invalidated or isinstance(
            error, OperationalError | InterfaceError | InternalError
        ):
            raise DatabaseAway(f"the history's database does not answer: {_kind(error)}") from None
        raise


def _url(settings: Settings) -> URL:
    if settings.database_url is None:
        path = settings.data_dir / "history.db"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path.parent, error) from error
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(settings.database_url.get_secret_value())
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend = ""
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise SettingsError(
            f"{PREFIX}DATABASE_URL: is neither postgresql://user:password@host/database nor sqlite:///file"
        )
    return url if backend == "sqlite" else url.set(drivername="postgresql+psycopg")


def _kind(error: DBAPIError) -> str:
    """What the driver said, in words that hold no secret: its class, its SQLSTATE, a reason we know."""
    said = str(error.orig).lower()
    words = [type(error.orig).__name__]
    if code := getattr(error.orig, "sqlstate", None):
        words.append(f"SQLSTATE {code}")
    words += [reason for reason in _REASONS if reason in said]
    return ", ".join(words)
