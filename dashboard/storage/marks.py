"""Flags and notes as they stand: the last mark of each sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.storage import schema
from dashboard.storage.schema import events


class Mark(NamedTuple):
    """What people noted of a sample."""

    flag: bool = False
    note: str = ""


def at(connection: Connection, experiment_id: int, position: int) -> Mark:
    """The mark of one sample."""
    payload = connection.execute(_AT, {"b_id": experiment_id, "b_position": position}).scalar()
    return Mark() if payload is None else Mark(**json.loads(payload))


_MINE = sa.and_(events.c.experiment_id == sa.bindparam("b_id"), schema.MARKED)
_AT = schema.by_index(
    sa.select(events.c.payload)
    .where(_MINE, events.c.position == sa.bindparam("b_position"))
    .order_by(events.c.seq.desc())
    .limit(1),
    "ix_events_mark",
    events,
)


def among(connection: Connection, experiment_id: int, positions: Sequence[int]) -> dict[int, Mark]:
    """Marks of a handful of samples, at most eight, by position: what a page shows at once."""
    slots = [*positions, *[-1] * (_SLOTS - len(positions))]
    wanted = {f"b_{slot}": position for slot, position in enumerate(slots)}
    rows = connection.execute(_AMONG, {"b_id": experiment_id, **wanted})
    return {position: Mark(**json.loads(payload)) for position, payload in rows}


# A fixed number of slots: one statement, compiled once, for every press.
_SLOTS = 8
_AMONG = schema.by_index(
    sa.select(events.c.position, events.c.payload)
    .where(_MINE, events.c.position.in_([sa.bindparam(f"b_{slot}") for slot in range(_SLOTS)]))
    .order_by(events.c.position, events.c.seq),
    "ix_events_mark",
    events,
)


def every(connection: Connection, experiment_id: int) -> dict[int, Mark]:
    """Marks by position, without those that were taken back."""
    rows = connection.execute(_EVERY, {"b_id": experiment_id})
    found = {position: Mark(**json.loads(payload)) for position, payload in rows}
    return {position: mark for position, mark in found.items() if mark != Mark()}


_EVERY = schema.by_index(
    sa.select(events.c.position, events.c.payload)
    .where(_MINE)
    .order_by(events.c.position, events.c.seq),
    "ix_events_mark",
    events,
)
