"""Which rows of a log, and in which order: descriptions from outside, checked and made into SQL.

The log page and the downloads share these. Open queries are never among the rows; what is
queued for a spot-check stays there as skipped.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.events import ANSWERS, Kind
from dashboard.errors import BadInput
from dashboard.storage import cells, checks, export, log, rollups
from dashboard.storage.experiments import Experiment
from dashboard.storage.filters import (
    FIELDS,
    LABELS,
    ORDERS,
    PREDICTIONS,
    TABLES,
    Condition,
    Value,
    reads,
    short,
)
from dashboard.storage.schema import events, joined_live, predictions, samples
from dashboard.storage.streams import Stream

Record = dict[str, Value]


@dataclass(frozen=True)
class Filter:
    """Which rows of a log to keep; made by `parse`, and equal where it keeps the same rows.

    Parameters
    ----------
    table
        `labels` or `predictions`.
    terms
        Fields and values, in the order of the fields.
    positions
        Only these samples, where somebody has worked out which.

    """

    table: str
    terms: tuple[tuple[str, Value], ...] = ()
    positions: tuple[int, ...] | None = None

    def conditions(self) -> list[Condition]:
        """What a row of `predictions`, with its event and its sample, has to satisfy."""
        chosen = [FIELDS[name].condition(value) for name, value in self.terms]
        if self.positions is not None:
            chosen.append(predictions.c.position.in_(self.positions))
        return chosen

    @property
    def reads_text(self) -> bool:
        """Whether the samples are needed to decide."""
        return any(name == "q" for name, _ in self.terms)


@dataclass(frozen=True)
class Sort:
    """An order of rows.

    Parameters
    ----------
    field
        One of `sortable`.
    descending
        Whether the greatest come first. Rows without a value are always last.

    """

    field: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


SKIPPED = Filter(PREDICTIONS, (("skipped", True),))

__all__ = ["LABELS", "NEWEST_FIRST", "PREDICTIONS", "SKIPPED", "TABLES", "Filter", "Sort",
           "count", "keys", "parse", "parse_sort", "records", "sortable"]  # fmt: skip

NEWEST_FIRST = {LABELS: Sort("labeled_at", descending=True),
                PREDICTIONS: Sort("position", descending=True)}  # fmt: skip


def parse(table: str, params: Mapping[str, Any], *, classes: Sequence[str]) -> Filter:
    """A filter from the parameters of an address.

    Parameters
    ----------
    table
        `labels` or `predictions`.
    params
        Field to text. Empty texts are left out: a form sends them for what was not chosen.
    classes
        Names in class order.

    Raises
    ------
    BadInput
        For a field that the table does not have, or a value that the field does not take.

    Examples
    --------
    >>> parse("labels", {"label": "spam", "q": "free"}, classes=("ham", "spam")).terms
    (('q', 'free'), ('label', 1))

    """
    if table not in TABLES:
        raise BadInput(f"There is no log {table!r}; choose one of {', '.join(TABLES)}.")
    known = [name for name, field in FIELDS.items() if table in field.tables]
    for name in params:
        if name not in known:
            raise BadInput(f"The {table} cannot be filtered by {short(name)}; they can by "
                           f"{', '.join(known)}.")  # fmt: skip
    given = {name: params[name] for name in known if params.get(name) not in (None, "")}
    return Filter(table, tuple((n, FIELDS[n].parse(n, t, classes)) for n, t in given.items()))


def parse_sort(table: str, text: Any) -> Sort:
    """An order from an address: a field, with a minus before it for descending.

    Examples
    --------
    >>> parse_sort("labels", "-entropy")
    Sort(field='entropy', descending=True)

    """
    if not text:
        return NEWEST_FIRST[table]
    name = text.removeprefix("-") if isinstance(text, str) else ""
    if name not in sortable(table):
        raise BadInput(f"The {table} cannot be sorted by {short(text)}; they can by "
                       f"{', '.join(sortable(table))}.")  # fmt: skip
    return Sort(name, descending=text.startswith("-"))


def sortable(table: str) -> tuple[str, ...]:
    """The fields that a table can be sorted by."""
    return tuple(ORDERS[table])


def count(connection: Connection, experiment: Experiment, chosen: Filter) -> int:
    """How many rows a filter keeps; without one, and of the skipped, the rollups know it."""
    if not chosen.terms or chosen == SKIPPED:
        totals = rollups.totals(connection, experiment.id)
        if chosen.table == LABELS:
            return totals["labels"] + totals["passes"]
        return totals["n"] - (totals["asked"] if chosen.terms else 0)
    found = connection.scalar(_rows(experiment, chosen, [sa.func.count()]))
    return int(found or 0)


def keys(
    connection: Connection,
    experiment: Experiment,
    chosen: Filter,
    sort: Sort,
    *,
    first: int,
    stop: int,
) -> list[int]:
    """What identifies the rows from `first` to before `stop`: events, or positions of predictions.

    Parameters
    ----------
    connection
        A read transaction.
    experiment
        Whose log.
    chosen, sort
        Which rows, in which order.
    first, stop
        Indices of rows in that order.

    """
    if chosen == Filter(PREDICTIONS) and not is_sorted(chosen, sort):
        return _positions(connection, experiment, sort, first, stop)
    query = _keys(experiment, chosen, sort).limit(stop - first).offset(first)
    return list(connection.execute(query).scalars())


def order(connection: Connection, experiment: Experiment, chosen: Filter, sort: Sort) -> array[int]:
    """What identifies all rows, in their order."""
    return array("q", connection.execute(_keys(experiment, chosen, sort)).scalars())


def is_sorted(chosen: Filter, sort: Sort) -> bool:
    """Whether the rows have to be sorted: they do not lie in that order as they are."""
    return sort.field not in ("at", "position" if chosen.table == PREDICTIONS else "labeled_at")


def _keys(experiment: Experiment, chosen: Filter, sort: Sort) -> sa.Select[Any]:
    key = events.c.seq if chosen.table == LABELS else predictions.c.position
    return _rows(experiment, chosen, [key], sort=sort)


def records(
    connection: Connection,
    experiment: Experiment,
    stream: Stream,
    table: str,
    found: Sequence[int],
) -> list[Record]:
    """The rows of the exports for some keys, in the order of the keys."""
    if table == LABELS:
        where = events.c.seq.in_(found)
        made = export.label_table(connection, experiment, stream, where=[where])
        rows = connection.execute(
            sa.select(events.c.seq, events.c.position).where(
                events.c.experiment_id == experiment.id, where
            )
        )
        position_of = {row.seq: row.position for row in rows}
    else:
        where = predictions.c.position.in_(found)
        made = export.prediction_table(connection, experiment, stream, where=[where])
        position_of = {position: position for position in found}
    by_position = {
        r["position"]: r for r in (dict(zip(made.columns, row, strict=True)) for row in made.rows)
    }
    return [by_position[position_of[key]] for key in found]


def texts(connection: Connection, stream: Stream, positions: Sequence[int]) -> dict[int, str]:
    """The samples at some positions as a person reads them: those of a page, wherever they lie."""
    found = connection.execute(
        sa.select(samples.c.position, samples.c.text, samples.c.fields).where(
            samples.c.stream_id == stream.id, samples.c.position.in_(positions)
        )
    )
    return {row.position: str(cells.content(row, None)[0]) for row in found}


def _positions(
    connection: Connection, experiment: Experiment, sort: Sort, first: int, stop: int
) -> list[int]:
    """The same without reading a row: every position was predicted, and but a few are closed."""
    queued = checks.waiting(connection, experiment.id)  # which are in the log, as skipped
    still_open = set(log.open_positions(connection, experiment.id)).difference(queued)
    closed = experiment.position - len(still_open)
    first, stop = min(first, closed), min(stop, closed)
    if sort.descending:
        first, stop = closed - stop, closed - first
    position = first
    for hole in sorted(still_open):
        position += hole <= position
    found: list[int] = []
    while len(found) < stop - first:
        if position not in still_open:
            found.append(position)
        position += 1
    return found[::-1] if sort.descending else found


def _rows(
    experiment: Experiment,
    chosen: Filter,
    columns: Sequence[sa.ColumnElement[Any]],
    *,
    sort: Sort | None = None,
) -> sa.Select[Any]:
    """A statement over the rows, with only the tables that it needs."""
    order = [] if sort is None else ORDERS[chosen.table][sort.field](sort.descending)
    labels = chosen.table == LABELS
    source: sa.FromClause = events if labels else predictions
    base = _IN_FORCE if labels else _CLOSED
    if labels and (chosen.conditions() or reads(order, predictions)):
        # An outer join, although there is always a match, so that SQLite begins with the events:
        # it finds them by number only, and would read them all for each prediction.
        source = source.outerjoin(predictions, _predicted_at(events.c.position))
    if chosen.reads_text:
        position = events.c.position if labels else predictions.c.position
        source = source.outerjoin(
            samples,
            sa.and_(samples.c.stream_id == experiment.stream_id, samples.c.position == position),
        )
    mine = (events if labels else predictions).c.experiment_id == experiment.id
    query = sa.select(*columns).select_from(source).where(mine, *base, *chosen.conditions())
    return query.order_by(*order)


def _predicted_at(position: sa.ColumnElement[Any]) -> Condition:
    return sa.and_(
        predictions.c.experiment_id == events.c.experiment_id,
        predictions.c.position == position,
        joined_live(predictions),
    )


_IN_FORCE = (events.c.kind.in_((*ANSWERS, Kind.RELABEL)), events.c.voided == 0,
             events.c.retracted_at.is_(None))  # fmt: skip
_CLOSED = (predictions.c.voided == 0,
           sa.or_(predictions.c.reason == "", predictions.c.answered.is_not(None)))  # fmt: skip
