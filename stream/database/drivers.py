"""What each kind of database wants of its driver, and who only reads of either."""

import sqlite3
import time

from sqlalchemy import URL, Connection, Engine, create_engine, event

_CONNECT_SECONDS = 5
_SILENT_SECONDS = 20
_BUSY_SECONDS = 20
_AGAIN_SECONDS = 0.01
_READING = {"brandpulse_reading": True}


def sqlite_engine(url: URL) -> Engine:
    """A file, its write-ahead log on."""
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions would leave DDL outside of them.
        connection.isolation_level = None
        _write_ahead(connection)
        # A power cut may lose the last transactions, but rows and offsets together: they are read again.
        connection.execute("pragma synchronous=normal")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Else two workers could both read, and one of them then not be allowed to write.
        if not _only_reads(connection):
            connection.exec_driver_sql("begin immediate")

    return engine


def postgresql_engine(url: URL) -> Engine:
    """A server.

    Raises:
        ImportError: its driver is not installed.
    """
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "brandpulse",
            # A database without an encoding (SQL_ASCII) would answer in bytes.
            "client_encoding": "utf8",
            # A server that fell silent is away after this, not after the hours that TCP waits.
            "tcp_user_timeout": _SILENT_SECONDS * 1_000,
            "keepalives_idle": _SILENT_SECONDS,
        },
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A crash of the server may lose the last ones, but rows and offsets together: they are read again.
        if not _only_reads(connection):
            connection.exec_driver_sql("set local synchronous_commit = off")

    return engine


def reading(engine: Engine) -> Engine:
    """The same database for who only reads: nobody is kept from writing meanwhile."""
    return engine.execution_options(**_READING)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, also where others open the same new file.

    SQLite waits for a lock only where nobody can be waiting for ours. Here it says at once that it is busy.
    """
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_AGAIN_SECONDS)


def _only_reads(connection: Connection) -> bool:
    return _READING.items() <= connection.get_execution_options().items()
