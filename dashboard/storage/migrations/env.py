"""What Alembic runs: the missing versions, in the transaction that `migrate` holds the lock in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from dashboard.storage import migrate, schema


def _in_step(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """Number the database in `meta`, too: releases that know no Alembic look there."""
    assert ctx.connection is not None
    assert step.up_revision_id is not None
    migrate.number(ctx.connection, int(step.up_revision_id))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    transactional_ddl=True,  # also on SQLite: we say BEGIN ourselves
    on_version_apply=_in_step,
)
context.run_migrations()
