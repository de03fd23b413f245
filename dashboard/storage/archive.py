"""An experiment as plain records: which columns there are, and reading them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.storage import schema
from dashboard.storage.schema import streams

Row = dict[str, Any]


class Field(NamedTuple):
    """A column of a record.

    Parameters
    ----------
    name
        Its name.
    kind
        `int`, `float`, `str` or `bytes`.
    default
        What stands for it where a record has none; None where the column may be empty.
    required
        Whether each record has to have it.

    """

    name: str
    kind: type
    default: Any
    required: bool


def _fields(table: sa.Table, *without: str) -> tuple[Field, ...]:
    return tuple(_field(c) for c in table.columns if c.name not in without)


def _field(column: sa.Column[Any]) -> Field:
    kind = column.type.python_type
    default = getattr(column.server_default, "arg", None)
    if default is not None:
        default = kind(str(default))
    return Field(column.name, kind, default, not column.nullable and default is None)


EXPERIMENT = _fields(schema.experiments, "id", "stream_id", "used_at")
STREAM = _fields(schema.streams, "id", "ready")
SAMPLES = _fields(schema.samples, "stream_id")
EVENTS = _fields(schema.events, "experiment_id")
PREDICTIONS = _fields(schema.predictions, "experiment_id")


def experiment_row(connection: Connection, experiment_id: int) -> dict[str, Any]:
    """The columns of an experiment."""
    return _one(connection, schema.experiments, EXPERIMENT, experiment_id)


def stream_row(connection: Connection, stream_id: int) -> dict[str, Any]:
    """The columns of a stream."""
    return _one(connection, schema.streams, STREAM, stream_id)


def samples(connection: Connection, stream_id: int) -> Iterator[Row]:
    """All samples of a stream, in order."""
    table = schema.samples
    complete = sa.select(streams.c.samples).where(streams.c.id == stream_id).scalar_subquery()
    query = _select(table, SAMPLES).where(
        table.c.stream_id == stream_id, table.c.position < complete
    )
    return _each(connection, query.order_by(table.c.position))


def events(connection: Connection, experiment_id: int) -> Iterator[Row]:
    """The whole log, voided branches too, in order."""
    table = schema.events
    query = _select(table, EVENTS).where(table.c.experiment_id == experiment_id)
    return _each(connection, query.order_by(table.c.seq))


def predictions(connection: Connection, experiment_id: int) -> Iterator[Row]:
    """All predictions, voided ones too, by position."""
    table = schema.predictions
    query = _select(table, PREDICTIONS).where(table.c.experiment_id == experiment_id)
    return _each(connection, query.order_by(table.c.position, table.c.voided))


def _one(
    connection: Connection, table: sa.Table, fields: Sequence[Field], row_id: int
) -> dict[str, Any]:
    query = _select(table, fields).where(table.c.id == row_id)
    return dict(connection.execute(query).mappings().one())


def _select(table: sa.Table, fields: Sequence[Field]) -> sa.Select[Any]:
    return sa.select(*(table.c[field.name] for field in fields))


def _each(connection: Connection, query: sa.Select[Any]) -> Iterator[Row]:
    rows = connection.execute(query, execution_options={"yield_per": 1000}).mappings()
    return (dict(row) for row in rows)
