"""An experiment on its way into the database: written in parts, shown in one step.

It hangs on a stream that is not ready, which hides both, until `publish` shows them. What a
process left behind that died on the way is found by `leftovers`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.events import ANSWERS, Kind
from dashboard.errors import BadInput, Conflict
from dashboard.storage import schema
from dashboard.storage.schema import experiments, streams

_HIDDEN = "brought-in-"  # of a slug that nobody sees
_AT_ONCE = 5_000


class Hidden(NamedTuple):
    """What is being brought in: the token it goes by, and the numbers of its rows."""

    token: str
    experiment_id: int
    stream_id: int


def hide(connection: Connection, token: str, *, at: int) -> Hidden:
    """Make room for an experiment and its stream that nobody sees yet.

    Parameters
    ----------
    connection
        A write transaction.
    token
        Becomes the experiment's uid.
    at
        Now, in milliseconds since 1970 UTC.

    """
    slug = f"{_HIDDEN}{token}"
    stream = {
        "slug": slug, "title": "", "kind": "", "classes": "[]", "samples": 0, "truths": 0,
        "source": "", "fingerprint": "", "created_at": at, "ready": 0,
    }  # fmt: skip
    stream_id = _inserted(connection, streams, stream)
    experiment = {
        "uid": token, "slug": slug, "name": "", "stream_id": stream_id, "spec": "{}",
        "classes": "[]", "head": 0, "position": 0, "warm_start": 0, "warm_until": 0,
        "created_at": at, "used_at": at, "note": "",
    }  # fmt: skip
    return Hidden(token, _inserted(connection, experiments, experiment), stream_id)


def _inserted(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    made = connection.execute(table.insert(), dict(values))
    row_id: int = (made.inserted_primary_key or (0,))[0]
    return row_id


def add_samples(connection: Connection, hidden: Hidden, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write some samples of a hidden stream."""
    _add(connection, schema.samples, {"stream_id": hidden.stream_id}, rows)


def add_events(connection: Connection, hidden: Hidden, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write some events of a hidden experiment."""
    _add(connection, schema.events, {"experiment_id": hidden.experiment_id}, rows)


def add_predictions(
    connection: Connection, hidden: Hidden, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write some predictions of a hidden experiment."""
    _add(connection, schema.predictions, {"experiment_id": hidden.experiment_id}, rows)


def _add(
    connection: Connection,
    table: sa.Table,
    owner: Mapping[str, int],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    try:
        connection.execute(table.insert(), [{**row, **owner} for row in rows])
    except sa.exc.IntegrityError as error:  # two of one key: everything else was checked
        raise BadInput(f"two of the {table.name} are the same one") from error


def unfounded(connection: Connection, hidden: Hidden) -> int | None:
    """The first event of a hidden log that answers or relabels what had not been asked, or None."""
    events, predictions = schema.events, schema.predictions
    asked = sa.exists().where(
        predictions.c.experiment_id == events.c.experiment_id,
        predictions.c.position == events.c.position,
        predictions.c.seq < events.c.seq,
        predictions.c.reason != "",
        sa.or_(predictions.c.voided == 0, predictions.c.voided > events.c.seq),
    )
    query = (
        sa.select(events.c.seq)
        .where(
            events.c.experiment_id == hidden.experiment_id,
            events.c.kind.in_((*ANSWERS, Kind.RELABEL, Kind.RETRACT)),
            ~asked,
        )
        .order_by(events.c.seq)
        .limit(1)
    )
    found: int | None = connection.execute(query).scalar()
    return found


def identical(connection: Connection, stream: Mapping[str, Any]) -> int | None:
    """A stream that is here already and holds the very same, or None."""
    same = (streams.c[name] == stream[name] for name in ("fingerprint", "kind", "samples"))
    query = sa.select(streams.c.id, streams.c.classes).where(streams.c.ready == 1, *same)
    classes = json.loads(stream["classes"])
    rows = connection.execute(query.order_by(streams.c.id))
    return next((row.id for row in rows if json.loads(row.classes) == classes), None)


def free_stream_slug(connection: Connection, wanted: str) -> str:
    """The slug, or the first of `<slug>-2`, `<slug>-3`, … that no stream has, hidden or not."""
    slug, number = wanted, 2
    while connection.execute(sa.select(streams.c.id).where(streams.c.slug == slug)).first():
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def publish(
    connection: Connection,
    hidden: Hidden,
    experiment: Mapping[str, Any],
    stream: Mapping[str, Any],
    *,
    shared: int | None,
) -> None:
    """Show what was hidden, in the transaction at hand.

    Parameters
    ----------
    connection
        A write transaction.
    hidden
        What `hide` made, with all its rows.
    experiment, stream
        The columns of both.
    shared
        The stream to use instead of the hidden one, which then stays hidden, or None.

    """
    if shared is None:
        connection.execute(
            streams.update().where(streams.c.id == hidden.stream_id).values(**stream, ready=1)
        )
    changed = connection.execute(
        experiments.update()
        .where(experiments.c.id == hidden.experiment_id, experiments.c.uid == hidden.token)
        .values(**experiment, stream_id=hidden.stream_id if shared is None else shared)
    )
    if changed.rowcount != 1:  # another process took this one for dead
        raise Conflict("What was being brought in has been cleared away meanwhile; try again.")


def leftovers(connection: Connection) -> list[Hidden]:
    """All that is hidden, whether somebody still works on it or not."""
    query = (
        sa.select(streams.c.slug, streams.c.id, experiments.c.id.label("experiment_id"))
        .outerjoin(experiments, experiments.c.stream_id == streams.c.id)
        .where(streams.c.ready == 0, streams.c.slug.startswith(_HIDDEN, autoescape=True))
    )
    return [
        Hidden(row.slug.removeprefix(_HIDDEN), row.experiment_id or 0, row.id)
        for row in connection.execute(query)
    ]


def discard_some(connection: Connection, hidden: Hidden) -> bool:
    """Delete a part of what is hidden; False when nothing is left of it.

    In parts, because others wait while a transaction deletes a million rows. What was published
    meanwhile stays.
    """
    streams_left = sa.select(streams.c.ready).where(streams.c.id == hidden.stream_id)
    if connection.execute(streams_left).scalar() != 0:
        return False
    mine = sa.and_(
        experiments.c.id == hidden.experiment_id, experiments.c.stream_id == hidden.stream_id
    )
    if connection.execute(sa.select(experiments.c.id).where(mine)).first() is not None:
        for table, order in ((schema.predictions, "position"), (schema.events, "seq")):
            if _delete_some(connection, table, "experiment_id", hidden.experiment_id, order):
                return True
        owned = schema.rollups.c.experiment_id == hidden.experiment_id
        connection.execute(schema.rollups.delete().where(owned))
        connection.execute(experiments.delete().where(mine))
    if _delete_some(connection, schema.samples, "stream_id", hidden.stream_id, "position"):
        return True
    connection.execute(streams.delete().where(streams.c.id == hidden.stream_id))
    return False


def _delete_some(
    connection: Connection, table: sa.Table, owner: str, owner_id: int, order: str
) -> bool:
    """Delete the first rows; whether there were any."""
    mine = table.c[owner] == owner_id
    query = sa.select(table.c[order]).where(mine).order_by(table.c[order])
    last = connection.execute(query.offset(_AT_ONCE).limit(1)).scalar()
    some = mine if last is None else sa.and_(mine, table.c[order] <= last)
    if last is None and connection.execute(query.limit(1)).first() is None:
        return False
    connection.execute(table.delete().where(some))
    return True
