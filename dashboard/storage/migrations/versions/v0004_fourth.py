"""Targets kept with experiments; jobs that know their machine; spot-checks; leases.

Of a target: the accuracy that is enough. Of spot-checks: which samples were drawn, and when their
turn comes. Of leases: who is looking at which query, and an index of each person's answers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_OPEN = "voided = 0 AND answered IS NULL AND (reason != '' OR checked IS NOT NULL)"
_CHECKED = "voided = 0 AND checked IS NOT NULL"
_DRAWN = "kind = 'check'"


def upgrade() -> None:
    """Add the tables, columns and indexes of schema version 4."""
    _add_targets()
    _add_machines()
    _add_spot_checks()
    _add_leases()


def _add_targets() -> None:
    op.add_column("experiments", sa.Column("target", sa.Text))


def _add_machines() -> None:
    op.add_column("jobs", sa.Column("host", sa.Text, nullable=False, server_default=""))


def _add_spot_checks() -> None:
    op.add_column("predictions", sa.Column("checked", sa.Integer))
    op.add_column("predictions", sa.Column("turn", sa.Integer))
    op.drop_index("ix_predictions_open", "predictions")
    for name, table, columns, where in (
        ("ix_predictions_open", "predictions", ["checked", "turn", "position"], _OPEN),
        ("ix_predictions_checked", "predictions", ["position"], _CHECKED),
        ("ix_events_check", "events", ["seq"], _DRAWN),
    ):
        found = sa.text(where)
        op.create_index(
            name, table, ["experiment_id", *columns], sqlite_where=found, postgresql_where=found
        )


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
