"""How fast hours get into the tables and out again: `python -m tests.benchmarks.history [HOURS]`.

Records are made beforehand and written in the batches that a worker polls, rows and offsets in one
transaction each, on SQLite and on a PostgreSQL of its own. Then all are written again with other counts, and
the dashboard's two questions are asked; the best of five counts. Kafka is not in it.
"""

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Select, func, select, text

from stream.history.agent import POLL_RECORDS
from stream.history.database import migrate, open_database
from stream.history.tables import BRAND_HOURS
from tests.benchmarks.table import Row, results_table
from tests.databases import postgres_server, settings_for
from tests.unit.history.samples import HOUR_MS, HOURS, Record, batch, hour, writer_on

DAYS = 30
FIRST_HOUR = 497_000


def main(hours: int) -> None:
    """Print one table."""
    brands = max(1, hours // (24 * DAYS))
    # As `brands` publishes them: hour by hour, all brands.
    records = [hour(n, f"brand {n % brands}", FIRST_HOUR + n // brands, n % 1_000) for n in range(hours)]
    rows = []
    with ExitStack() as scope:
        directory = Path(scope.enter_context(tempfile.TemporaryDirectory()))
        server = scope.enter_context(postgres_server())
        for name, url in (("SQLite", None), ("PostgreSQL", server.url)):
            engine = open_database(settings_for(url, directory))
            migrate(engine)
            rows += _measure(name, engine, records, brands)
            engine.dispose()
    print(results_table(rows))


def _measure(name: str, engine: Engine, records: list[Record], brands: int) -> list[Row]:
    again = [replace(record, offset=record.offset + len(records)) for record in records]
    first, second = _write(engine, records), _write(engine, again)
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(BRAND_HOURS)).scalar() == len(records)
        connection.execute(text("analyze"))
    last = FIRST_HOUR + len(records) // brands
    brand = select(BRAND_HOURS).where(
        BRAND_HOURS.c.brand_key == "brand 7", BRAND_HOURS.c.hour >= (last - 7 * 24) * HOUR_MS
    )
    lately = (
        select(BRAND_HOURS.c.brand_key, func.sum(BRAND_HOURS.c.negative), func.sum(BRAND_HOURS.c.positive))
        .where(BRAND_HOURS.c.hour >= (last - 24) * HOUR_MS)
        .group_by(BRAND_HOURS.c.brand_key)
    )
    return [
        Row(f"{name}: {len(records):,} new hours written", f"{len(records) / first:,.0f}/s"),
        Row(f"{name}: all of them written again", f"{len(records) / second:,.0f}/s"),
        Row(f"{name}: one brand, 7 days", f"{_ask(engine, brand) * 1_000:.1f} ms"),
        Row(f"{name}: all {brands:,} brands, 24 hours, summed", f"{_ask(engine, lately) * 1_000:.1f} ms"),
    ]


def _write(engine: Engine, records: list[Record]) -> float:
    """Seconds."""
    writer = writer_on(engine, HOURS)
    parts = [records[at : at + POLL_RECORDS] for at in range(0, len(records), POLL_RECORDS)]
    started = perf_counter()
    for part in parts:
        assert not writer.write([batch(HOURS, part)]).moved
    return perf_counter() - started


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
