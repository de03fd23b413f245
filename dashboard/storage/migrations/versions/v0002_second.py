"""Streams under import, guidelines, strategies that remember more, changes as events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns of schema version 2."""
    op.add_column("streams", sa.Column("ready", sa.Integer, nullable=False, server_default="1"))
    op.add_column("streams", sa.Column("columns", sa.Text, nullable=False, server_default="{}"))
    op.add_column("experiments", sa.Column("strategy_memory", sa.Text))
    op.add_column(
        "experiments", sa.Column("guidelines", sa.Text, nullable=False, server_default="")
    )
    op.add_column("events", sa.Column("strategy_memory", sa.Text))
    op.add_column("events", sa.Column("payload", sa.Text))
    marked = sa.text("kind = 'mark'")
    op.create_index(
        "ix_events_mark",
        "events",
        ["experiment_id", "position", "seq"],
        sqlite_where=marked,
        postgresql_where=marked,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (
            ("samples", "stream_id"),
            ("events", "experiment_id"),
            ("predictions", "experiment_id"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
