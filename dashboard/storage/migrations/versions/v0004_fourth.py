"""Targets, the accuracy that is enough; leases, by which several people get queries of their own.

With the leases comes an index of each person's answers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables, columns and indexes of schema version 4."""
    _add_targets()
    _add_leases()


def _add_targets() -> None:
    op.add_column("experiments", sa.Column("target", sa.Text))


def _add_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("experiment_id", sa.Integer, sa.ForeignKey("experiments.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("annotator", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("experiment_id", "annotator"),
        sqlite_with_rowid=False,
    )
    in_force = sa.text("voided = 0")
    op.create_index(
        "ix_events_annotator",
        "events",
        ["experiment_id", "annotator", "seq"],
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
