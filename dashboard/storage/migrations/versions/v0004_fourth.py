"""Targets: the accuracy that is enough, kept with an experiment. Jobs know their machine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns of schema version 4."""
    _add_targets()
    _add_machines()


def _add_targets() -> None:
    op.add_column("experiments", sa.Column("target", sa.Text))


def _add_machines() -> None:
    op.add_column("jobs", sa.Column("host", sa.Text, nullable=False, server_default=""))
