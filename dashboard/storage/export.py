"""The label log and the prediction log as plain rows, read in constant memory.

Both functions take a connection inside a read transaction and leave it open: the rows are made as
they are asked for, so the transaction has to outlive them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.engine import Connection
from sqlalchemy.sql import visitors

from dashboard.core.events import ANSWERS, Kind
from dashboard.core.pipelines import TEXT
from dashboard.core.strategies import SPOT_CHECK
from dashboard.storage import marks, plans
from dashboard.storage.cells import Record, content, fields_of, iso, namer, number
from dashboard.storage.experiments import Experiment
from dashboard.storage.log import unpack
from dashboard.storage.marks import Mark
from dashboard.storage.schema import events, joined_live, predictions, samples
from dashboard.storage.streams import Stream

Condition = sa.ColumnElement[bool]

_STREAMED = {"yield_per": 500}  # rows fetched at a time


@dataclass(frozen=True)
class Table:
    """Rows that have yet to be read.

    Parameters
    ----------
    columns
        Names in order, each with the type of its values: `str`, `int`, `float`, `bool`, or
        `object` where it differs from row to row.
    rows
        One tuple per row, in the order of the columns; None where there is nothing.

    """

    columns: Mapping[str, type]
    rows: Generator[Record, None, None]


def label_table(
    connection: Connection,
    experiment: Experiment,
    stream: Stream,
    *,
    history: bool = False,
    where: Sequence[Condition] = (),
) -> Table:
    """The answers in force, by position; with `flag` and `note` where any sample has one.

    Parameters
    ----------
    connection
        A read transaction.
    experiment
        Whose log.
    stream
        Its stream; rows have a column `x.<field>` for each field of the first sample.
    history
        Whether to add the answers that were retracted, undone or relabeled since, with a column
        that says when.
    where
        Conditions on rows of `predictions`, `events` and `samples` that keep fewer of them.

    """
    fields = None if stream.is_text else field_names(connection, stream)
    columns: dict[str, type] = {"experiment": str, "sample_id": str, "position": int}
    if fields is None:
        columns[TEXT] = str
    else:
        columns.update({f"x.{name}": object for name in fields})
    columns.update(_LABEL_COLUMNS)
    if history:
        columns["retracted_at"] = str
    make = _label_maker(experiment, fields, history=history)
    query = (_HISTORY if history else _IN_FORCE).where(*map(_guarded, where))
    rows = _rows(connection, query, experiment, stream)
    if not (marked := marks.every(connection, experiment.id)):
        return Table(columns, (make(row) for row in rows))
    columns.update({"flag": bool, "note": str})
    return Table(columns, ((*make(row), *_mark(marked, row)) for row in rows))


def prediction_table(
    connection: Connection,
    experiment: Experiment,
    stream: Stream,
    *,
    where: Sequence[Condition] = (),
) -> Table:
    """The predictions in force, by position; open queries are left out.

    Parameters
    ----------
    connection
        A read transaction.
    experiment
        Whose log.
    stream
        Its stream.
    where
        Conditions on rows of `predictions` and `samples` that keep fewer of them.

    """
    columns: dict[str, type] = {
        "experiment": str, "position": int, "sample_id": str, "predicted": str,
        **{f"p_{c.name}": float for c in experiment.classes},
        "entropy": float, "query_probability": float, "asked": bool, "reason": str,
        "label": str, "truth": str, "correct": bool, "at": str,
    }  # fmt: skip
    make = _prediction_maker(experiment)
    rows = _rows(connection, _PREDICTED.where(*where), experiment, stream)
    return Table(columns, (make(row) for row in rows))


def field_rows(connection: Connection, stream: Stream) -> Iterator[Record]:
    """The fields of every sample, in the order of the columns `x.<field>`."""
    names = field_names(connection, stream)
    rows = connection.execute(_FIELDS, {"b_stream": stream.id}, execution_options=_STREAMED)
    return (content(row, names) for row in rows)


def _rows(
    connection: Connection, query: sa.Select[Any], experiment: Experiment, stream: Stream
) -> Iterator[Any]:
    plans.guard(connection, predictions=experiment.position, samples=stream.samples)
    ids = {"b_id": experiment.id, "b_stream": stream.id}
    return connection.execute(query, ids, execution_options=_STREAMED)


def _columns_of(table: sa.FromClause, names: str) -> list[sa.ColumnElement[Any]]:
    return [table.c[name] for name in names.split()]


def _sample_at(position: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(samples.c.stream_id == bindparam("b_stream"), samples.c.position == position)


# Labels ----------------------------------------------------------------------------------------

_LABEL_COLUMNS: dict[str, type] = {
    "label": str, "predicted": str, "probability": float, "entropy": float,
    "query_probability": float, "reason": str, "annotator": str, "shown_at": str,
    "labeled_at": str, "seconds": float, "source": str, "truth": str,
}  # fmt: skip

_now = predictions.alias("now")
_settled = sa.or_(
    sa.and_(_now.c.reason == "", _now.c.checked.is_(None)), _now.c.answered.is_not(None)
)

_HISTORY = (
    sa.select(
        *_columns_of(events, "position label annotator milliseconds source at retracted_at"),
        *_columns_of(predictions, "predicted probabilities entropy query_probability reason"),
        # An undone answer's query stands open again, or will be asked again: no truth leaks.
        sa.case((_settled, _now.c.truth)).label("truth"),
        *_columns_of(samples, "sample_id text fields"),
    )
    # Outer joins, although there is always a match, so that SQLite begins with the events: it
    # finds them by number only, and would read them all for each prediction.
    .select_from(events)
    .outerjoin(
        predictions,  # the prediction that the answer was given on: exactly one
        sa.and_(
            predictions.c.experiment_id == events.c.experiment_id,
            predictions.c.position == events.c.position,
            predictions.c.seq < events.c.seq,
            sa.or_(predictions.c.voided == 0, predictions.c.voided > events.c.seq),
        ),
    )
    .outerjoin(
        _now,
        sa.and_(
            _now.c.experiment_id == events.c.experiment_id,
            _now.c.position == events.c.position,
            joined_live(_now),
        ),
    )
    .outerjoin(samples, _sample_at(events.c.position))
    .where(events.c.experiment_id == bindparam("b_id"), events.c.kind.in_((*ANSWERS, Kind.RELABEL)))
    .order_by(events.c.position, events.c.seq)
)
_IN_FORCE = _HISTORY.where(events.c.voided == 0, events.c.retracted_at.is_(None))


def _guarded(condition: Condition) -> Condition:
    """A condition that does not tell SQLite that the outer joins could as well be inner ones."""
    columns = (part for part in visitors.iterate(condition) if isinstance(part, sa.Column))
    if all(column.table is events for column in columns):
        return condition
    return sa.case((condition, sa.true()), else_=sa.false())


def _label_maker(
    experiment: Experiment, fields: list[str] | None, *, history: bool
) -> Callable[[Any], Record]:
    name = namer(experiment)

    def make(row: Any) -> Record:
        took = row.milliseconds
        record = (
            experiment.slug, row.sample_id, row.position, *content(row, fields),
            name(row.label), name(row.predicted), _probability(row),
            number(row.entropy), number(row.query_probability), row.reason or SPOT_CHECK,
            row.annotator or None, None if took is None else iso(row.at - took), iso(row.at),
            None if took is None else took / 1000, row.source, name(row.truth),
        )  # fmt: skip
        if not history:
            return record
        return (*record, None if row.retracted_at is None else iso(row.retracted_at))

    return make


def _mark(marked: Mapping[int, Mark], row: Any) -> Record:
    mark = marked.get(row.position, Mark())
    return mark.flag, mark.note or None


def _probability(row: Any) -> float | None:
    if row.predicted is None:
        return None
    return number(unpack(row.probabilities)[row.predicted])


# Predictions -----------------------------------------------------------------------------------

_PREDICTED = (
    sa.select(
        *_columns_of(predictions, "position predicted probabilities entropy query_probability"),
        *_columns_of(predictions, "reason truth label at"),
        samples.c.sample_id,
    )
    .join(samples, _sample_at(predictions.c.position))
    .where(
        predictions.c.experiment_id == bindparam("b_id"),
        predictions.c.voided == 0,
        sa.or_(predictions.c.reason == "", predictions.c.answered.is_not(None)),
    )
    .order_by(predictions.c.position)
)


def _prediction_maker(experiment: Experiment) -> Callable[[Any], Record]:
    name, classes = namer(experiment), len(experiment.classes)

    def make(row: Any) -> Record:
        known = row.label if row.truth is None else row.truth
        said = [number(p) for p in unpack(row.probabilities)]
        return (
            experiment.slug, row.position, row.sample_id, name(row.predicted),
            *said, *[None] * (classes - len(said)),  # of classes that were added since
            number(row.entropy), number(row.query_probability), row.reason not in ("", SPOT_CHECK),
            row.reason or None, name(row.label), name(row.truth),
            None if known is None else row.predicted == known, iso(row.at),
        )  # fmt: skip

    return make


# Fields of rows --------------------------------------------------------------------------------

_FIELDS = (
    sa.select(samples.c.text, samples.c.fields)
    .where(samples.c.stream_id == bindparam("b_stream"))
    .order_by(samples.c.position)
)


def field_names(connection: Connection, stream: Stream) -> list[str]:
    """The fields of the first sample, which are the columns of all."""
    first = connection.execute(_FIELDS.limit(1), {"b_stream": stream.id}).first()
    return [] if first is None else list(fields_of(first))
