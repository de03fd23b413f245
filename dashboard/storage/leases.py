"""Who was shown which open query, and for how long it is theirs alone.

Leases are no part of the log: nothing is decided by them but who sees what, and they may be deleted
at any time. A person has one at most, and a query is with one person at most; both are unique keys
of the table, so two who ask at the same instant never get the same query.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.engine import Connection, RowMapping

from dashboard.storage import log, schema
from dashboard.storage.schema import leases, predictions

_HELD = sa.and_(
    leases.c.experiment_id == predictions.c.experiment_id,
    leases.c.position == predictions.c.position,
)
_MINE = predictions.c.experiment_id == bindparam("b_id")


def own(
    connection: Connection, experiment_id: int, annotator: str, *, at: int
) -> RowMapping | None:
    """The open query that is with a person, or None."""
    values = {"b_id": experiment_id, "b_annotator": annotator, "b_at": at}
    return connection.execute(_OWN, values).mappings().first()


_OWN = (
    sa.select(predictions)
    .select_from(leases)
    .join(
        predictions,
        sa.and_(schema.looked_up(predictions, leases), predictions.c.position == leases.c.position),
    )
    .where(
        leases.c.experiment_id == bindparam("b_id"),
        leases.c.annotator == bindparam("b_annotator"),
        leases.c.until > bindparam("b_at"),
        schema.joined_live(predictions),
        predictions.c.answered.is_(None),
        sa.or_(predictions.c.reason != "", predictions.c.checked.is_not(None)),
    )
)


def free(
    connection: Connection, experiment_id: int, annotator: str, *, at: int, besides: int = -1
) -> int | None:
    """The open query that a person gets next, or None where all are with others.

    Parameters
    ----------
    connection, experiment_id
        Where to look.
    annotator
        Who asks: what they were shown last comes first, then what everyone is asked first.
    at
        Now, in milliseconds since 1970 UTC.
    besides
        A position that does not count.

    """
    values = {
        "b_id": experiment_id,
        "b_annotator": annotator,
        "b_at": at,
        "b_besides": besides,
    }
    found: int | None = connection.execute(_FREE, values).scalar()
    return found


_THEIRS = leases.c.annotator == bindparam("b_annotator")
_FREE = schema.by_index(
    sa.select(predictions.c.position)
    .select_from(predictions.outerjoin(leases, _HELD))
    .where(
        _MINE,
        schema.OPEN,
        predictions.c.position != bindparam("b_besides"),
        sa.or_(leases.c.position.is_(None), leases.c.until <= bindparam("b_at"), _THEIRS),
    )
    .order_by(sa.case((_THEIRS, 0), else_=1), *log.IN_TURN)
    .limit(1),
    "ix_predictions_open",
)


def take(
    connection: Connection,
    experiment_id: int,
    position: int,
    annotator: str,
    *,
    at: int,
    until: int,
) -> bool:
    """Give a query to a person, in place of the one they had; False where it is with another."""
    here = leases.c.experiment_id == experiment_id
    connection.execute(
        leases.delete().where(here, leases.c.annotator == annotator, leases.c.position != position)
    )
    values = {
        "b_id": experiment_id,
        "b_position": position,
        "b_annotator": annotator,
        "b_at": at,
        "b_until": until,
    }
    return connection.execute(_TAKE, values).rowcount == 1


# The same words in SQLite and PostgreSQL; SQLAlchemy has one construct for each.
_TAKE = sa.text(
    "INSERT INTO leases (experiment_id, position, annotator, until) "
    "VALUES (:b_id, :b_position, :b_annotator, :b_until) "
    "ON CONFLICT (experiment_id, position) DO UPDATE "
    "SET annotator = excluded.annotator, until = excluded.until "
    "WHERE leases.until <= :b_at OR leases.annotator = excluded.annotator"
)


def take_next(
    connection: Connection, experiment_id: int, annotator: str, *, at: int, until: int
) -> int | None:
    """Give a person the query that they get next; its position, or None where there is none."""
    held = own(connection, experiment_id, annotator, at=at)
    if held is not None:
        position: int = held["position"]
        return position
    found = free(connection, experiment_id, annotator, at=at)
    if found is None or not take(connection, experiment_id, found, annotator, at=at, until=until):
        return None
    return found


def release(connection: Connection, experiment_id: int, position: int) -> None:
    """Nobody waits for an answer to a query any more."""
    connection.execute(_RELEASE, {"b_id": experiment_id, "b_position": position})


_RELEASE: Any = leases.delete().where(
    leases.c.experiment_id == bindparam("b_id"), leases.c.position == bindparam("b_position")
)
