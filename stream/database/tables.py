"""The tables of the history, as they are after the last migration.

The primary key of `brand_hours` answers "one brand from then to then", the index `brand_hours_by_hour`
"all brands since then". Of the alerts the open ones are few: an index holds only them. What people say of an
alert has a table of its own, so that no replay of the topic touches it.
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
    # JSON, an array: bins are added up by who reads them, never by SQL, and so every tool can show them.
    Column("bins", Text, nullable=False),
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

ALERT_NOTES = Table(
    "alert_notes",
    METADATA,
    # No foreign key: people may note something of an alert before history has its row.
    Column("alert_id", _KEY, primary_key=True),
    Column("acknowledged_at", BigInteger),  # ms since 1970 UTC
    Column("acknowledged_by", Text),
    Column("note", Text),
    Column("updated_at", BigInteger, nullable=False),
)

CONSUMER_OFFSETS = Table(
    "consumer_offsets",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("topic_id", Text, nullable=False),  # a topic made again has another
    Column("next_offset", BigInteger, nullable=False),  # all before it is in the tables
)
