"""The first tables: hours, alerts and what people say of them, offsets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them with their indices."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    counts = ("negative", "neutral", "positive", "negative_sum", "neutral_sum", "positive_sum", "late")
    op.create_table(
        "brand_hours",
        sa.Column("brand_key", key, primary_key=True),
        sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("brand", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in counts),
        sa.Column("bins", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("brand_hours_by_hour", "brand_hours", ["hour", "brand_key"])
    op.create_table(
        "brand_alerts",
        sa.Column("alert_id", key, primary_key=True),
        sa.Column("brand_key", key, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("brand", "state", "kind", "severity")),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_index("brand_alerts_by_brand", "brand_alerts", ["brand_key", "opened_at"])
    op.create_index("brand_alerts_by_time", "brand_alerts", ["opened_at"])
    is_open = sa.text("state != 'closed'")
    op.create_index(
        "brand_alerts_open", "brand_alerts", ["opened_at"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "alert_notes",
        sa.Column("alert_id", key, primary_key=True),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "consumer_offsets",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("consumer_offsets", "alert_notes", "brand_alerts", "brand_hours"):
        op.drop_table(name)
