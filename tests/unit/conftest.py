"""Every test that asks for a database runs on both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stream.database.engine import migrate, open_database
from tests.databases import Postgres, empty_postgres, settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        empty_postgres(server)
        url = server.url
    made = open_database(settings_for(url, tmp_path))
    yield made
    made.dispose()


@pytest.fixture
def migrated(engine: Engine) -> Engine:
    """A database with all tables."""
    migrate(engine)
    return engine
