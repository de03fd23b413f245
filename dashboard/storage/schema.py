"""The tables, and how a connection to them is made.

`events` and `predictions` are the log: rows are added, and marked when they are voided, but never
rewritten. `rollups`, `snapshots` and the columns of `predictions` about answers and spot-checks can
be made again from them; `verify` does so and compares.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

SCHEMA_VERSION = 4

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text))

# Alembic's own table, as Alembic makes it: a new database is stamped without importing it.
alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

streams = Table(
    "streams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),  # text or rows
    Column("classes", Text, nullable=False),  # JSON: names in class order
    Column("samples", Integer, nullable=False),
    Column("truths", Integer, nullable=False),  # how many samples have a known label
    Column("source", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),  # SHA-256 of the data
    Column("created_at", sa.BigInteger, nullable=False),
    Column("ready", Integer, nullable=False, server_default="1"),  # 0 while it is being imported
    Column("columns", Text, nullable=False, server_default="{}"),  # JSON: field to type, for rows
)

samples = Table(
    "samples",
    metadata,
    Column("stream_id", Integer, sa.ForeignKey("streams.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sample_id", Text, nullable=False),
    Column("text", Text),
    Column("fields", Text),  # JSON, for rows
    Column("truth", sa.SmallInteger),
    sqlite_with_rowid=False,
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("stream_id", Integer, sa.ForeignKey("streams.id"), nullable=False),
    Column("spec", Text, nullable=False),
    Column("classes", Text, nullable=False),
    Column("head", Integer, nullable=False),
    Column("position", Integer, nullable=False),  # the next sample to scan
    Column("strategy_state", Float),
    Column("strategy_memory", Text),  # JSON: the state of strategies that keep more than a number
    Column("warm_start", Integer, nullable=False),
    Column("warm_until", Integer, nullable=False),  # where the warm start ends, or was cut short
    Column("created_at", sa.BigInteger, nullable=False),
    Column("used_at", sa.BigInteger, nullable=False),
    Column("archived_at", sa.BigInteger),
    Column("archived_from", Text),  # the slug it had while it was live
    Column("note", Text, nullable=False),  # what the label page has to say about it
    Column("guidelines", Text, nullable=False, server_default=""),  # what to label how, in words
    Column("target", Text),  # JSON: the accuracy that is enough, and how closely it is to be known
)

events = Table(
    "events",
    metadata,
    Column("experiment_id", Integer, sa.ForeignKey("experiments.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer),  # the sample answered
    Column("label", sa.SmallInteger),
    Column("target", Integer),  # the event undone, relabeled or retracted
    Column("first", Integer, nullable=False),  # samples scanned: from here
    Column("stop", Integer, nullable=False),  # to before here
    Column("strategy_state", Float),
    Column("annotator", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text),
    Column("milliseconds", Integer),  # from shown to answered
    Column("at", sa.BigInteger, nullable=False),
    Column("retracted_at", sa.BigInteger),
    Column("voided", Integer, nullable=False),  # the undo that voided it, or 0
    Column("strategy_memory", Text),  # as in experiments
    Column("payload", Text),  # JSON: what a change changed, or what a mark says
    sa.UniqueConstraint("experiment_id", "key"),
    sqlite_with_rowid=False,
)

predictions = Table(
    "predictions",
    metadata,
    Column("experiment_id", Integer, sa.ForeignKey("experiments.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("voided", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),  # the event that scanned it
    Column("predicted", sa.SmallInteger),
    Column("probabilities", LargeBinary, nullable=False),  # little-endian float64, class order
    Column("entropy", sa.Double, nullable=False),
    Column("query_probability", sa.Double, nullable=False),
    Column("reason", Text, nullable=False),  # empty: skipped; spot-check: answered all the same
    Column("truth", sa.SmallInteger),
    Column("answered", Integer),  # the event that answered it first
    Column("answer", Text),  # label, pass or retracted
    Column("label", sa.SmallInteger),  # the label in force
    Column("at", sa.BigInteger, nullable=False),
    Column("checked", Integer),  # the event that drew it for a spot-check
    Column("turn", Integer),  # its place in that draw, which is a random one
    sqlite_with_rowid=False,
)

# Conditions of the partial indexes. Queries use the same words, literals included, and name the
# index: without statistics SQLite would walk the primary key instead.
_LIVE = predictions.c.voided == sa.literal_column("0")
ASKED = sa.and_(_LIVE, predictions.c.reason != sa.literal_column("''"))
OPEN = sa.and_(
    _LIVE,
    predictions.c.answered.is_(None),
    sa.or_(predictions.c.reason != sa.literal_column("''"), predictions.c.checked.is_not(None)),
)
CHECKED = sa.and_(_LIVE, predictions.c.checked.is_not(None))
LABELED = sa.and_(_LIVE, predictions.c.label.is_not(None))


for _name, _columns, _where in (
    ("ix_predictions_asked", ("experiment_id", "position"), ASKED),
    ("ix_predictions_open", ("experiment_id", "checked", "turn", "position"), OPEN),
    ("ix_predictions_labeled", ("experiment_id", "answered"), LABELED),
    ("ix_predictions_checked", ("experiment_id", "position"), CHECKED),
):
    Index(
        _name,
        *(predictions.c[c] for c in _columns),
        sqlite_where=_where,
        postgresql_where=_where,
    )

Index(
    "ix_events_target",
    events.c.experiment_id,
    events.c.target,
    sqlite_where=events.c.target.is_not(None),
    postgresql_where=events.c.target.is_not(None),
)

DRAWN = events.c.kind == sa.literal_column("'check'")
Index(
    "ix_events_check",
    events.c.experiment_id,
    events.c.seq,
    sqlite_where=DRAWN,
    postgresql_where=DRAWN,
)

MARKED = events.c.kind == sa.literal_column("'mark'")
Index(
    "ix_events_mark",
    events.c.experiment_id,
    events.c.position,
    events.c.seq,
    sqlite_where=MARKED,
    postgresql_where=MARKED,
)

# Each person's own answers: the last of them are shown with every press.
STANDING = events.c.voided == sa.literal_column("0")
Index(
    "ix_events_annotator",
    events.c.experiment_id,
    events.c.annotator,
    events.c.seq,
    sqlite_where=STANDING,
    postgresql_where=STANDING,
)


# PostgreSQL takes an experiment made since its last ANALYZE for an empty one, and then compares
# each of its rows with each. Without statistics it takes any to have 1/200 of the rows.
WITHOUT_STATISTICS = tuple(
    f"ALTER TABLE {column.table.name} ALTER COLUMN {column.name} SET STATISTICS 0"
    for column in (samples.c.stream_id, events.c.experiment_id, predictions.c.experiment_id)
)
for _statement in WITHOUT_STATISTICS:
    sa.event.listen(metadata, "after_create", sa.DDL(_statement).execute_if(dialect="postgresql"))


def joined_live(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """For joins: the predictions that no undo voided.

    While it has no statistics, PostgreSQL guesses that 1/3 of the rows are below a value, but that
    1/200 equal it: so few that it would read all of an experiment's for each row it joins.
    """
    return table.c.voided < 1


def looked_up(table: sa.FromClause, outer: sa.FromClause) -> sa.ColumnElement[bool]:
    """For joins that look up a few rows: that both are of the same experiment.

    Where PostgreSQL believes an experiment to be one row, it would as well read all of it for each
    row of `outer`. Behind a sum it does not see which experiment it is, so it looks rows up.
    """
    return table.c.experiment_id == outer.c.experiment_id + sa.literal_column("0")


def by_index(query: sa.Select[Any], name: str, table: Table = predictions) -> sa.Select[Any]:
    """Make SQLite take one of the partial indexes."""
    return query.with_hint(table, f"INDEXED BY {name}", "sqlite")


rollups = Table(
    "rollups",
    metadata,
    Column("experiment_id", Integer, sa.ForeignKey("experiments.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("counts", Text, nullable=False),  # JSON: name to whole number
    sqlite_with_rowid=False,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("experiment_id", Integer, sa.ForeignKey("experiments.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),  # the head it was made at
    Column("position", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Who is looking at which open query: no part of the log, and disposable.
leases = Table(
    "leases",
    metadata,
    Column("experiment_id", Integer, sa.ForeignKey("experiments.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("annotator", Text, nullable=False),
    Column("until", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("experiment_id", "annotator"),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scope", Text, nullable=False),  # what it works on: one running job each
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, done, canceled, failed or died
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("cancel", Integer, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("host", Text, nullable=False, server_default=""),  # where that process id means anything
    Column("started_at", sa.BigInteger, nullable=False),
    Column("heartbeat_at", sa.BigInteger, nullable=False),
    Column("finished_at", sa.BigInteger),
)
_running = jobs.c.state == "running"
Index(
    "ix_jobs_running", jobs.c.scope, unique=True, sqlite_where=_running, postgresql_where=_running
)
Index("ix_jobs_scope", jobs.c.scope, jobs.c.started_at)
