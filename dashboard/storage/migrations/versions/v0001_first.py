"""The schema of the first release, as `create_all` made it then."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, Double, Float, Integer, LargeBinary, SmallInteger, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of schema version 1."""
    op.create_table("meta", Column("key", Text, primary_key=True), Column("value", Text))
    _streams()
    _experiments()
    _events()
    _predictions()
    _derived()
    _jobs()


def _streams() -> None:
    op.create_table(
        "streams",
        Column("id", Integer, primary_key=True),
        Column("slug", Text, nullable=False, unique=True),
        Column("title", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("classes", Text, nullable=False),
        Column("samples", Integer, nullable=False),
        Column("truths", Integer, nullable=False),
        Column("source", Text, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
    )
    op.create_table(
        "samples",
        _key("stream_id", sa.ForeignKey("streams.id")),
        _key("position"),
        Column("sample_id", Text, nullable=False),
        Column("text", Text),
        Column("fields", Text),
        Column("truth", SmallInteger),
        sqlite_with_rowid=False,
    )


def _experiments() -> None:
    op.create_table(
        "experiments",
        Column("id", Integer, primary_key=True),
        Column("uid", Text, nullable=False, unique=True),
        Column("slug", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("stream_id", Integer, sa.ForeignKey("streams.id"), nullable=False),
        Column("spec", Text, nullable=False),
        Column("classes", Text, nullable=False),
        Column("head", Integer, nullable=False),
        Column("position", Integer, nullable=False),
        Column("strategy_state", Float),
        Column("warm_start", Integer, nullable=False),
        Column("warm_until", Integer, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("used_at", BigInteger, nullable=False),
        Column("archived_at", BigInteger),
        Column("archived_from", Text),
        Column("note", Text, nullable=False),
    )


def _events() -> None:
    op.create_table(
        "events",
        _key("experiment_id", sa.ForeignKey("experiments.id")),
        _key("seq"),
        Column("kind", Text, nullable=False),
        Column("position", Integer),
        Column("label", SmallInteger),
        Column("target", Integer),
        Column("first", Integer, nullable=False),
        Column("stop", Integer, nullable=False),
        Column("strategy_state", Float),
        Column("annotator", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("key", Text),
        Column("milliseconds", Integer),
        Column("at", BigInteger, nullable=False),
        Column("retracted_at", BigInteger),
        Column("voided", Integer, nullable=False),
        sa.UniqueConstraint("experiment_id", "key"),
        sqlite_with_rowid=False,
    )
    _partial_index("ix_events_target", "events", ["experiment_id", "target"], "target IS NOT NULL")


def _predictions() -> None:
    op.create_table(
        "predictions",
        _key("experiment_id", sa.ForeignKey("experiments.id")),
        _key("position"),
        _key("voided"),
        Column("seq", Integer, nullable=False),
        Column("predicted", SmallInteger),
        Column("probabilities", LargeBinary, nullable=False),
        Column("entropy", Double, nullable=False),
        Column("query_probability", Double, nullable=False),
        Column("reason", Text, nullable=False),
        Column("truth", SmallInteger),
        Column("answered", Integer),
        Column("answer", Text),
        Column("label", SmallInteger),
        Column("at", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    asked = "voided = 0 AND reason != ''"
    for name, column, where in (
        ("ix_predictions_asked", "position", asked),
        ("ix_predictions_open", "position", f"{asked} AND answered IS NULL"),
        ("ix_predictions_labeled", "answered", "voided = 0 AND label IS NOT NULL"),
    ):
        _partial_index(name, "predictions", ["experiment_id", column], where)


def _derived() -> None:
    op.create_table(
        "rollups",
        _key("experiment_id", sa.ForeignKey("experiments.id")),
        Column("kind", Text, primary_key=True),
        _key("bucket"),
        Column("counts", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshots",
        _key("experiment_id", sa.ForeignKey("experiments.id")),
        _key("seq"),
        Column("position", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        Column("id", Text, primary_key=True),
        Column("scope", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("done", Integer, nullable=False),
        Column("total", Integer, nullable=False),
        Column("message", Text, nullable=False),
        Column("cancel", Integer, nullable=False),
        Column("pid", Integer, nullable=False),
        Column("pid_started", Float, nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("heartbeat_at", BigInteger, nullable=False),
        Column("finished_at", BigInteger),
    )
    _partial_index("ix_jobs_running", "jobs", ["scope"], "state = 'running'", unique=True)
    op.create_index("ix_jobs_scope", "jobs", ["scope", "started_at"])


def _key(name: str, *more: sa.ForeignKey) -> Column[Any]:
    """A part of a primary key that is given, not counted up."""
    return Column(name, Integer, *more, primary_key=True, autoincrement=False)


def _partial_index(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )
