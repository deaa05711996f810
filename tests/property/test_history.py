"""Laws of the history: however records are replayed and broken off, the tables are a prefix of the topic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event

from stream.database.engine import migrate, open_database
from stream.database.tables import BRAND_HOURS, CONSUMER_OFFSETS
from stream.history.writer import Source
from tests.databases import empty_postgres, settings_for
from tests.unit.history.samples import Record, batch, hour, hours_in, offsets_in, writer_on

SOURCES = (Source("brand-hours", 0), Source("brand-hours", 1))
# A brand lives in one partition; no count: a tombstone.
LOGS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.none() | st.integers(0, 99)), min_size=1, max_size=12
)
# Of a partition (of two) a slice, sent by a writer (of two), broken off before its offsets are stored or not.
ATTEMPTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 11), st.integers(1, 12), st.integers(0, 1), st.booleans()),
    max_size=15,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Migrated; it serves all examples, each of which empties it first."""
    url, directory = None, Path(tmp_path_factory.mktemp("history"))
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        empty_postgres(server)
        url = server.url
    engine = open_database(settings_for(url, directory))
    migrate(engine)
    yield engine
    engine.dispose()


def last_written(log: list[Record]) -> dict[tuple[str, int], int]:
    """The oracle: one record after another into a dict."""
    state: dict[bytes, bytes | None] = {}
    for record in log:
        state[record.key or b""] = record.value
    found = {}
    for key, value in state.items():
        if value is not None:
            brand, _, start = key.decode().partition("|")
            found[brand, int(start) // 3_600_000] = int(value.partition(b'"positive":')[2].partition(b"}")[0])
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(LOGS, LOGS), ATTEMPTS)
def test_any_interleaving_of_replays_equals_the_last_writer(
    database: Engine, drawn: Any, attempts: list[tuple[int, int, int, int, bool]]
) -> None:
    with database.begin() as connection:
        connection.execute(delete(BRAND_HOURS))
        connection.execute(delete(CONSUMER_OFFSETS))
    logs = [
        [hour(n, f"b{partition}{brand}", number, count) for n, (brand, number, count) in enumerate(log)]
        for partition, log in enumerate(drawn)
    ]
    writers = [writer_on(database, *SOURCES) for _ in range(2)]
    for partition, start, size, writer, breaks in attempts:
        if part := logs[partition][start : start + size]:
            with breaking(database, breaks):
                try:
                    writers[writer].write([batch(SOURCES[partition], part)])
                except ConnectionAbortedError:
                    assert breaks
        assert hours_in(database) == state_at(logs, offsets_in(database))
    for source, log in zip(SOURCES, logs, strict=True):
        if rest := log[offsets_in(database)[source] :]:
            writers[0].write([batch(source, rest)])
    assert hours_in(database) == state_at(logs, {SOURCES[0]: len(logs[0]), SOURCES[1]: len(logs[1])})


def state_at(logs: list[list[Record]], offsets: dict[Source, int]) -> dict[tuple[str, int], int]:
    first, second = (last_written(log[: offsets[source]]) for source, log in zip(SOURCES, logs, strict=True))
    return first | second


@contextmanager
def breaking(engine: Engine, breaks: bool) -> Iterator[None]:
    """If so, the connection breaks when the offsets are about to be stored."""

    def break_off(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if breaks and statement.startswith("UPDATE consumer_offsets"):
            raise ConnectionAbortedError

    event.listen(engine, "before_cursor_execute", break_off)
    yield
    event.remove(engine, "before_cursor_execute", break_off)
