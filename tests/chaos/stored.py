"""What `history` wrote, by SQL alone: none of the product's code takes part."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, text


def stored_offsets(url: str, topic: str) -> dict[int, int]:
    """Up to where each partition of a topic is in the tables."""
    with _connected(url) as connection:
        found = connection.execute(
            text("select partition, next_offset from consumer_offsets where topic = :topic"), {"topic": topic}
        )
        return {row.partition: row.next_offset for row in found}


def stored_rows(url: str, table: str) -> list[Mapping[str, Any]]:
    """All rows of `brand_hours` or `brand_alerts`."""
    with _connected(url) as connection:
        return [dict(row._mapping) for row in connection.execute(text(f"select * from {table}"))]


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
