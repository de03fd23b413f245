"""What happened to one sample: the predictions made of it, and the events about it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from dashboard.core.events import ANSWERS, CORRECTIONS, Kind
from dashboard.storage.schema import events, predictions


def scans(connection: Connection, experiment_id: int, position: int) -> list[Row[Any]]:
    """Every prediction made of a sample, and when an undo took it back, in order."""
    undone = events.alias("undone")
    query = (
        sa.select(predictions, undone.c.at.label("undone_at"))
        .outerjoin(
            undone,
            sa.and_(
                undone.c.experiment_id == predictions.c.experiment_id,
                undone.c.seq == predictions.c.voided,
            ),
        )
        .where(predictions.c.experiment_id == experiment_id, predictions.c.position == position)
        .order_by(predictions.c.seq)
    )
    return list(connection.execute(query))


def events_about(connection: Connection, experiment_id: int, position: int) -> list[Row[Any]]:
    """Every answer, correction and mark of a sample, in order."""
    query = (
        sa.select(events)
        .where(
            events.c.experiment_id == experiment_id,
            events.c.position == position,
            events.c.kind.in_((*ANSWERS, *CORRECTIONS, Kind.MARK)),
        )
        .order_by(events.c.seq)
    )
    return list(connection.execute(query))


def changes(connection: Connection, experiment_id: int) -> list[Row[Any]]:
    """Every change of an experiment, in order."""
    query = (
        sa.select(events)
        .where(
            events.c.experiment_id == experiment_id,
            events.c.target == 0,
            events.c.kind == Kind.CHANGE,
        )
        .order_by(events.c.seq)
    )
    return list(connection.execute(query))
