"""Rollups that hold what estimates are made of."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Delete the rollups of schema version 2: they are counted anew from the log on start."""
    op.execute("DELETE FROM rollups")
