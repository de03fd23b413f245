"""Jobs know their machine: a process id means nothing on another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what schema version 4 has more than version 3."""
    op.add_column("jobs", sa.Column("host", sa.Text(), nullable=False, server_default=""))
