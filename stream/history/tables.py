"""The tables of the history, as they are after the last migration.

The primary key of `brand_hours` answers "one brand from then to then", the index `brand_hours_by_hour`
"all brands since then". Of the alerts the open ones are few: an index holds only them.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

METADATA = MetaData()
# Ordered by bytes on both databases, so that paging by key is the same, and fast.
_KEY = Text().with_variant(Text(collation="C"), "postgresql")

BRAND_HOURS = Table(
    "brand_hours",
    METADATA,
    Column("brand_key", _KEY, primary_key=True),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # start, ms since 1970 UTC
    Column("brand", Text, nullable=False),
    Column("negative", BigInteger, nullable=False),  # reviews
    Column("neutral", BigInteger, nullable=False),
    Column("positive", BigInteger, nullable=False),
    Column("negative_sum", BigInteger, nullable=False),  # probabilities in units of 2^-20
    Column("neutral_sum", BigInteger, nullable=False),
    Column("positive_sum", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Index("brand_hours_by_hour", "hour", "brand_key"),
    sqlite_with_rowid=False,
)

BRAND_ALERTS = Table(
    "brand_alerts",
    METADATA,
    Column("alert_id", _KEY, primary_key=True),
    Column("brand_key", _KEY, nullable=False),
    Column("brand", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),  # ms since 1970 UTC
    Column("as_of", BigInteger, nullable=False),
    Column("event", Text, nullable=False),  # the whole event, JSON as it came
    Index("brand_alerts_by_brand", "brand_key", "opened_at"),
    Index("brand_alerts_by_time", "opened_at"),
)
Index(
    "brand_alerts_open",
    BRAND_ALERTS.c.opened_at,
    sqlite_where=BRAND_ALERTS.c.state != "closed",
    postgresql_where=BRAND_ALERTS.c.state != "closed",
)

CONSUMER_OFFSETS = Table(
    "consumer_offsets",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("topic_id", Text, nullable=False),  # a topic made again has another
    Column("next_offset", BigInteger, nullable=False),  # all before it is in the tables
)
