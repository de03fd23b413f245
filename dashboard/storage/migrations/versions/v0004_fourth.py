"""Targets kept with experiments; jobs that know their machine; spot-checks.

Of a target: the accuracy that is enough. Of spot-checks: which samples were drawn, and when their
turn comes.
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
    """Add the columns and indexes of schema version 4."""
    _add_targets()
    _add_machines()
    _add_spot_checks()


def _add_targets() -> None:
    op.add_column("experiments", sa.Column("target", sa.Text))


def _add_machines() -> None:
    op.add_column("jobs", sa.Column("host", sa.Text, nullable=False, server_default=""))


def _add_spot_checks() -> None:
    op.add_column("predictions", sa.Column("checked", sa.Integer))
    op.add_column("predictions", sa.Column("turn", sa.Integer))
    op.drop_index("ix_predictions_open", "predictions")
    for name, table, last, where in (
        ("ix_predictions_open", "predictions", "position", _OPEN),
        ("ix_predictions_checked", "predictions", "position", _CHECKED),
        ("ix_events_check", "events", "seq", _DRAWN),
    ):
        condition = sa.text(where)
        op.create_index(
            name, table, ["experiment_id", last], sqlite_where=condition, postgresql_where=condition
        )
