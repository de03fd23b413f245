"""Experiments: a stream, classes, a recipe and a head each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from dashboard.core.spec import Spec
from dashboard.core.strategies import State
from dashboard.storage import schema, streams
from dashboard.storage.schema import experiments
from dashboard.storage.states import columns_of, state_of
from dashboard.storage.streams import Stream


@dataclass(frozen=True)
class LabelClass:
    """A class: the name that is exported, the title that is shown, and what belongs to it."""

    name: str
    title: str
    guideline: str = ""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A stored experiment as of one moment."""

    id: int
    uid: str
    slug: str
    name: str
    stream_id: int
    spec: Spec
    classes: tuple[LabelClass, ...]
    head: int
    position: int
    strategy_state: State
    warm_start: int
    warm_until: int
    created_at: int
    used_at: int
    archived_at: int | None
    archived_from: str | None
    note: str
    guidelines: str = ""
    target: str | None = None


def experiment_of(row: RowMapping) -> Experiment:
    """An experiment from its row."""
    values = {name: row[name] for name in Experiment.__dataclass_fields__}
    values["strategy_state"] = state_of(row)
    values["spec"] = Spec(**json.loads(row["spec"]))
    values["classes"] = tuple(LabelClass(**c) for c in json.loads(row["classes"]))
    return Experiment(**values)


def find(connection: Connection, slug: str) -> Experiment | None:
    """The experiment of a slug, or of a uid, which outlives every reset; or None."""
    row = connection.execute(_BY_SLUG, {"b_slug": slug}).mappings().first()
    return None if row is None else experiment_of(row)


# One that is being brought in hangs on a stream that is not ready, and is not there yet.
_its_stream = schema.streams.alias("its_stream")
_THERE = sa.exists().where(_its_stream.c.id == experiments.c.stream_id, _its_stream.c.ready == 1)

_BY_SLUG = sa.select(experiments).where(
    sa.or_(
        experiments.c.slug == sa.bindparam("b_slug"), experiments.c.uid == sa.bindparam("b_slug")
    ),
    _THERE,
)


def find_with_stream(connection: Connection, slug: str) -> tuple[Experiment, Stream] | None:
    """An experiment and its stream, in one statement: every press begins with it."""
    row = connection.execute(_WITH_STREAM, {"b_slug": slug}).mappings().first()
    return None if row is None else (experiment_of(row), streams.named(row))


_WITH_STREAM = _BY_SLUG.join_from(
    experiments, schema.streams, experiments.c.stream_id == schema.streams.c.id
).add_columns(*streams.COLUMNS)


def every(connection: Connection) -> list[Experiment]:
    """All experiments, the one used last first; archived ones after the live ones."""
    rows = connection.execute(
        sa.select(experiments)
        .where(_THERE)
        .order_by(
            experiments.c.archived_at.is_not(None),
            experiments.c.used_at.desc(),
            experiments.c.id.desc(),
        )
    )
    return [experiment_of(row) for row in rows.mappings()]


def last_used(connection: Connection) -> str | None:
    """The slug of the live experiment that was used last, or None."""
    found: str | None = connection.execute(
        sa.select(experiments.c.slug)
        .where(experiments.c.archived_at.is_(None), _THERE)
        .order_by(experiments.c.used_at.desc(), experiments.c.id.desc())
        .limit(1)
    ).scalar()
    return found


def add(
    connection: Connection,
    *,
    uid: str,
    slug: str,
    name: str,
    stream_id: int,
    spec: Spec,
    classes: Sequence[LabelClass],
    warm_start: int,
    at: int,
    note: str = "",
    guidelines: str = "",
    target: str | None = None,
) -> None:
    """Store a new experiment that has seen nothing."""
    connection.execute(
        experiments.insert(),
        {
            "uid": uid,
            "slug": slug,
            "name": name,
            "stream_id": stream_id,
            "spec": json.dumps(spec.to_dict()),
            "classes": json.dumps([vars(c) for c in classes]),
            "head": 0,
            "position": 0,
            **columns_of(None),
            "warm_start": warm_start,
            "warm_until": warm_start,
            "created_at": at,
            "used_at": at,
            "note": note,
            "guidelines": guidelines,
            "target": target,
        },
    )


def change(connection: Connection, experiment_id: int, **values: object) -> None:
    """Set columns that are not part of the log."""
    connection.execute(
        experiments.update().where(experiments.c.id == experiment_id).values(**values)
    )


def remove(connection: Connection, experiment_id: int) -> None:
    """Delete an experiment with all that belongs to it."""
    disposable = (schema.leases, schema.rollups, schema.snapshots)
    for table in (*disposable, schema.predictions, schema.events):
        connection.execute(table.delete().where(table.c.experiment_id == experiment_id))
    connection.execute(experiments.delete().where(experiments.c.id == experiment_id))
