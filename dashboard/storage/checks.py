"""Spot-checks in the log: what may be drawn, what was, and what still waits for an answer.

A sample that was drawn keeps the row of one that was skipped, in every table and count, until it
is answered: only `checked` and `turn` say that it is queued.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.engine import Connection

from dashboard.core.checks import ALL, Check, from_payload, since_undone
from dashboard.core.events import Event, Kind
from dashboard.core.weights import NONE
from dashboard.storage import schema
from dashboard.storage.schema import events, predictions

_mine = predictions.c.experiment_id == bindparam("b_id")


def skipped(connection: Connection, experiment_id: int, *, among: str = ALL) -> Sequence[int]:
    """Positions of skipped samples that may be drawn, in order: those that were not drawn yet.

    Parameters
    ----------
    connection
        A transaction.
    experiment_id
        Whose log.
    among
        The class predicted, as `core.weights.class_name` has it, or `all`.

    """
    columns = predictions.c
    query = sa.select(columns.position).where(
        columns.experiment_id == experiment_id, columns.voided == 0, columns.reason == "",
        columns.checked.is_(None),
    )  # fmt: skip
    if among != ALL:
        predicted = columns.predicted
        query = query.where(predicted.is_(None) if among == NONE else predicted == int(among))
    return array("q", connection.execute(query.order_by(columns.position)).scalars())


def apply(connection: Connection, experiment_id: int, event: Event) -> None:
    """Queue what an event drew, or take back what it names.

    Parameters
    ----------
    connection
        The transaction that wrote the event.
    experiment_id
        Whose log.
    event
        Of the kind `check`.

    """
    payload = json.loads(event.payload or "{}")
    check = from_payload(event.seq, payload)
    values: list[tuple[int, int | None, int | None]]
    if check is None:
        values = [(position, None, None) for position in payload["taken_back"]]
    else:
        values = [(position, event.seq, turn) for turn, position in enumerate(check.positions)]
    if values:
        connection.execute(
            _SET,
            [
                {"b_id": experiment_id, "b_position": p, "b_checked": seq, "b_turn": turn}
                for p, seq, turn in values
            ],
        )


_SET = (
    predictions.update()
    .where(
        _mine,
        predictions.c.position == bindparam("b_position"),
        predictions.c.voided == 0,
        predictions.c.reason == "",
    )
    .values(checked=bindparam("b_checked"), turn=bindparam("b_turn"))
)


def waiting(connection: Connection, experiment_id: int) -> list[int]:
    """Positions that were drawn and wait for an answer, in the order of their turns."""
    rows = connection.execute(_WAITING, {"b_id": experiment_id})
    return list(rows.scalars())


_WAITING = schema.by_index(
    sa.select(predictions.c.position)
    .where(_mine, schema.CHECKED, predictions.c.answered.is_(None))
    .order_by(predictions.c.checked, predictions.c.turn),
    "ix_predictions_checked",
)


def turns(connection: Connection, experiment_id: int) -> dict[int, tuple[int, int, str]]:
    """Event, turn and reason of every sample drawn, answered or not, by position."""
    rows = connection.execute(_TURNS, {"b_id": experiment_id})
    return {row.position: (row.checked, row.turn, row.reason) for row in rows}


_TURNS = schema.by_index(
    sa.select(
        predictions.c.position, predictions.c.checked, predictions.c.turn, predictions.c.reason
    ).where(_mine, schema.CHECKED),
    "ix_predictions_checked",
)


def drawn(connection: Connection, experiment_id: int) -> list[Check]:
    """The checks in force, without what an undo has taken back since."""
    rows = connection.execute(_DRAWN, {"b_id": experiment_id}).all()
    made = [from_payload(row.seq, json.loads(row.payload)) for row in rows]
    checks = [check for check in made if check is not None]
    if not checks:
        return []
    undone = connection.execute(_UNDONE, {"b_id": experiment_id}).all()
    return since_undone(checks, [(row.seq, row.stop) for row in undone])


_DRAWN = schema.by_index(
    sa.select(events.c.seq, events.c.payload)
    .where(events.c.experiment_id == bindparam("b_id"), schema.DRAWN)
    .order_by(events.c.seq),
    "ix_events_check",
    events,
)
_UNDONE = schema.by_index(
    sa.select(events.c.seq, events.c.stop).where(
        events.c.experiment_id == bindparam("b_id"),
        events.c.target > 0,
        events.c.kind == Kind.UNDO.value,
    ),
    "ix_events_target",
    events,
)
