"""How fast hours get into the tables and out again: `python -m tests.benchmarks.history [HOURS]`.

Records are written in the batches that a worker polls, rows and offsets in one transaction each, on SQLite
and on a PostgreSQL of its own; reading the JSON is in the time, making it and Kafka are not. Then all are
written again, and the dashboard's two questions are asked; the best of five counts.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Select, func, select, text

from stream.database.engine import migrate, open_database
from stream.database.tables import BRAND_HOURS
from stream.history.agent import POLL_RECORDS
from tests.benchmarks.table import Row, results_table
from tests.databases import postgres_server, settings_for
from tests.unit.history.samples import HOUR_MS, HOURS, batch, hour, writer_on

DAYS = 30
FIRST_HOUR = 497_000


def main(hours: int) -> None:
    """Print one table."""
    brands = max(1, hours // (24 * DAYS))
    rows = []
    with ExitStack() as scope:
        directory = Path(scope.enter_context(tempfile.TemporaryDirectory()))
        server = scope.enter_context(postgres_server())
        for name, url in (("SQLite", None), ("PostgreSQL", server.url)):
            engine = open_database(settings_for(url, directory))
            migrate(engine)
            rows += _measure(name, engine, hours, brands)
            engine.dispose()
    print(results_table(rows))


def _measure(name: str, engine: Engine, hours: int, brands: int) -> list[Row]:
    first, second = (_write(engine, hours, brands, offset) for offset in (0, hours))
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(BRAND_HOURS)).scalar() == hours
        connection.execute(text("analyze"))
    last = FIRST_HOUR + hours // brands
    brand = select(BRAND_HOURS).where(
        BRAND_HOURS.c.brand_key == "brand 0", BRAND_HOURS.c.hour >= (last - 7 * 24) * HOUR_MS
    )
    lately = (
        select(BRAND_HOURS.c.brand_key, func.sum(BRAND_HOURS.c.negative), func.sum(BRAND_HOURS.c.positive))
        .where(BRAND_HOURS.c.hour >= (last - 24) * HOUR_MS)
        .group_by(BRAND_HOURS.c.brand_key)
    )
    return [
        Row(f"{name}: {hours:,} new hours written", f"{hours / first:,.0f}/s"),
        Row(f"{name}: all of them written again", f"{hours / second:,.0f}/s"),
        Row(f"{name}: one brand, 7 days", f"{_ask(engine, brand) * 1_000:.1f} ms"),
        Row(f"{name}: all {brands:,} brands, 24 hours, summed", f"{_ask(engine, lately) * 1_000:.1f} ms"),
    ]


def _write(engine: Engine, hours: int, brands: int, first_offset: int) -> float:
    """Seconds for all hours of all brands, hour by hour as `brands` publishes them."""
    writer = writer_on(engine, HOURS)
    seconds = 0.0
    for at in range(0, hours, POLL_RECORDS):
        numbers = range(at, min(at + POLL_RECORDS, hours))
        records = [
            hour(first_offset + n, f"brand {n % brands}", FIRST_HOUR + n // brands, n % 1_000)
            for n in numbers
        ]
        started = perf_counter()
        written = writer.write([batch(HOURS, records)])
        seconds += perf_counter() - started
        assert not written.moved
    return seconds


def _ask(engine: Engine, query: Select[Any]) -> float:
    """Seconds."""

    def once() -> float:
        started = perf_counter()
        with engine.connect() as connection:
            assert connection.execute(query).all()
        return perf_counter() - started

    return min(once() for _ in range(5))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
