"""What "label the rest" reads: the labels in force, and samples in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.events import Kind
from dashboard.core.pipelines import TEXT
from dashboard.storage.database import Database
from dashboard.storage.schema import events, samples
from dashboard.storage.streams import Stream

AT_ONCE = 500


def labels_in_force(connection: Connection, experiment_id: int) -> Iterator[tuple[int, int, str]]:
    """Position, label and source of each label in force, by position."""
    query = (
        sa.select(events.c.position, events.c.label, events.c.source)
        .where(
            events.c.experiment_id == experiment_id,
            events.c.kind.in_((Kind.LABEL, Kind.RELABEL)),
            events.c.voided == 0,
            events.c.retracted_at.is_(None),
        )
        .order_by(events.c.position)
    )
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        yield row.position, row.label, row.source


def fields_of(row: sa.Row[Any]) -> dict[str, Any]:
    """What the pipeline sees of one of the samples that `sample_parts` yields."""
    fields: dict[str, Any] = {TEXT: row.text} if row.fields is None else json.loads(row.fields)
    return fields


def sample_parts(database: Database, stream: Stream) -> Iterator[Sequence[sa.Row[Any]]]:
    """The samples of a stream, in order, some at a time, each time in a short transaction.

    Samples never change, so that nobody has to hold a transaction open for as long as it takes
    to predict them all.
    """
    for first in range(0, stream.samples, AT_ONCE):
        query = (
            sa.select(
                samples.c.position, samples.c.sample_id, samples.c.text, samples.c.fields,
                samples.c.truth,
            )
            .where(
                samples.c.stream_id == stream.id,
                samples.c.position >= first,
                samples.c.position < min(first + AT_ONCE, stream.samples),
            )
            .order_by(samples.c.position)
        )  # fmt: skip
        with database.read() as connection:
            rows: Any = connection.execute(query).all()
        yield rows
