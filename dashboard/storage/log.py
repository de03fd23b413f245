"""The append-only log: events, the predictions they scanned, and the rollups of both.

Every function takes a connection inside a transaction; none begins or ends one. An append wins
the experiment's head by compare-and-swap, so of two writers one gets `HeadMoved`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.engine import Connection, Dialect, RowMapping

from dashboard.core import tally
from dashboard.core.events import ANSWERS, SCANNING, Event, Kind, Source
from dashboard.core.learner import Prediction
from dashboard.core.strategies import SPOT_CHECK, Decision, State
from dashboard.core.tally import Deltas, Row
from dashboard.errors import Conflict
from dashboard.storage import checks, counted, plans, rollups, schema
from dashboard.storage.schema import events, experiments, predictions
from dashboard.storage.states import columns_of, state_of


class HeadMoved(Conflict):
    """Someone else's event came first; load again and decide anew."""


class NotOpen(Conflict):
    """The sample is not an open query."""


@dataclass(frozen=True)
class Append:
    """An event with the predictions it scanned.

    Parameters
    ----------
    event
        The event; its `seq` is the expected head plus one.
    scanned
        One prediction per position from `event.first` to before `event.stop`.
    truths
        Known class of each of them, or None.
    query
        The open query that an answer is about, where it was read at the same head before.

    """

    event: Event
    scanned: Sequence[Prediction] = ()
    truths: Sequence[int | None] = ()
    query: Row | None = None


def append(connection: Connection, experiment_id: int, step: Append) -> None:
    """Write one event, its predictions and the rollups.

    Raises
    ------
    HeadMoved
        If the experiment's head is not the one this step was decided at.
    NotOpen
        If an answer is to a sample that is no open query.

    """
    event = step.event
    _win_head(connection, experiment_id, event)
    _insert_event(connection, experiment_id, event)
    deltas = tally.new_deltas()
    if event.kind in ANSWERS:
        _answer(connection, experiment_id, step, deltas)
    elif event.kind is Kind.UNDO:
        _void(connection, experiment_id, event, deltas)
    elif event.kind in (Kind.RELABEL, Kind.RETRACT):
        _correct(connection, experiment_id, event, deltas)
    elif event.kind is Kind.CHANGE:
        _change(connection, experiment_id, event)
    elif event.kind is Kind.CHECK:
        checks.apply(connection, experiment_id, event)
    if step.scanned:
        _insert_predictions(connection, experiment_id, step, deltas)
    rollups.add(connection, experiment_id, deltas)


def _win_head(connection: Connection, experiment_id: int, event: Event) -> None:
    won = connection.execute(
        _WIN_HEAD,
        {
            "b_id": experiment_id,
            "b_head": event.seq - 1,
            "head": event.seq,
            "position": event.stop,
            **columns_of(event.strategy_state),
        },
    )
    if won.rowcount != 1:
        raise HeadMoved("Someone else answered at the same moment.")


_WIN_HEAD = (
    experiments.update()
    .where(experiments.c.id == bindparam("b_id"), experiments.c.head == bindparam("b_head"))
    .values(
        head=bindparam("head"),
        position=bindparam("position"),
        strategy_state=bindparam("strategy_state"),
        strategy_memory=bindparam("strategy_memory"),
    )
)


def _insert_event(connection: Connection, experiment_id: int, event: Event) -> None:
    connection.execute(
        events.insert(),
        {
            "experiment_id": experiment_id,
            "seq": event.seq,
            "kind": event.kind.value,
            "position": event.position,
            "label": event.label,
            "target": event.target,
            "first": event.first,
            "stop": event.stop,
            **columns_of(event.strategy_state),
            "annotator": event.annotator,
            "source": event.source.value,
            "key": event.key,
            "milliseconds": event.milliseconds,
            "at": event.at,
            "retracted_at": None,
            "voided": 0,
            "payload": event.payload,
        },
    )


def _row_at(connection: Connection, experiment_id: int, position: int) -> Row:
    row = connection.execute(_ROW_AT, {"b_id": experiment_id, "b_position": position}).first()
    if row is None:
        raise NotOpen("That sample has not been scanned.")
    return counted.row_of(row)


def _query_at(connection: Connection, experiment_id: int, position: int) -> Row:
    values = {"b_id": experiment_id, "b_position": position}
    row = connection.execute(_QUERY_AT, values).mappings().first()
    if row is None:
        raise NotOpen("That sample has not been scanned.")
    return query_of(row)


_ROW_AT = sa.select(*counted.COLUMNS).where(
    predictions.c.experiment_id == bindparam("b_id"),
    predictions.c.position == bindparam("b_position"),
    predictions.c.voided == 0,
)


_QUERY_AT = _ROW_AT.add_columns(predictions.c.checked)


def _answer(connection: Connection, experiment_id: int, step: Append, deltas: Deltas) -> None:
    event = step.event
    assert event.position is not None
    # Read at the head that was won just now: nothing can have changed it since.
    before = step.query or _query_at(connection, experiment_id, event.position)
    if not tally.is_open(before):
        raise NotOpen("That sample has been answered already.")
    if before.reason == SPOT_CHECK:  # up to now it counted as skipped
        tally.add_row(deltas, before._replace(reason=""), sign=-1)
    after = before._replace(
        answer="label" if event.kind is Kind.LABEL else "pass", label=event.label
    )
    _set_answer(connection, experiment_id, after, answered=event.seq)
    tally.add_row(deltas, after)
    _count_answer(deltas, event)


def _count_answer(deltas: Deltas, event: Event) -> None:
    tally.add_answer(
        deltas,
        at=event.at,
        label=event.kind is Kind.LABEL,
        source=event.source.value,
        milliseconds=event.milliseconds,
    )


def _set_answer(
    connection: Connection, experiment_id: int, row: Row, *, answered: int | None
) -> None:
    connection.execute(
        _SET_ANSWER,
        {
            "b_id": experiment_id,
            "b_position": row.position,
            "answered": answered,
            "answer": row.answer,
            "label": row.label,
            "reason": row.reason,
        },
    )


_SET_ANSWER = (
    predictions.update()
    .where(
        predictions.c.experiment_id == bindparam("b_id"),
        predictions.c.position == bindparam("b_position"),
        predictions.c.voided == 0,
    )
    .values(
        answered=bindparam("answered"),
        answer=bindparam("answer"),
        label=bindparam("label"),
        reason=bindparam("reason"),
    )
)


def _void(connection: Connection, experiment_id: int, event: Event, deltas: Deltas) -> None:
    """Take back the target's branch: its query stands open again, what it scanned is marked."""
    assert event.target is not None
    assert event.position is not None
    mine = predictions.c.experiment_id == experiment_id
    branch = sa.and_(mine, predictions.c.position >= event.stop, predictions.c.voided == 0)
    rows = connection.execute(sa.select(*counted.COLUMNS).where(branch))
    tally.add_rows(deltas, map(counted.row_of, rows), sign=-1)
    connection.execute(predictions.update().where(branch).values(voided=event.seq))
    for position in _void_events(connection, experiment_id, event, deltas):
        # What was scanned before the branch and answered in it was open when the branch began.
        if position < event.stop:
            _reopen(connection, experiment_id, position, deltas)


def _reopen(connection: Connection, experiment_id: int, position: int, deltas: Deltas) -> None:
    before = _row_at(connection, experiment_id, position)
    tally.add_row(deltas, before, sign=-1)
    after = before._replace(answer=None, label=None)
    if before.reason == SPOT_CHECK:  # it waits again, and counts as skipped
        after = after._replace(reason="")
        tally.add_row(deltas, after)
    _set_answer(connection, experiment_id, after, answered=None)


def _void_events(
    connection: Connection, experiment_id: int, event: Event, deltas: Deltas
) -> list[int]:
    """Mark the branch's events; the positions that they had answered."""
    mine = events.c.experiment_id == experiment_id
    branch = sa.and_(mine, events.c.seq >= event.target, events.c.kind.in_(SCANNING))
    corrections = sa.and_(
        mine, events.c.target >= event.target, events.c.kind.in_((Kind.RELABEL, Kind.RETRACT))
    )
    voided = sa.and_(sa.or_(branch, corrections), events.c.voided == 0)
    answered = []
    for old in connection.execute(sa.select(events).where(voided)).mappings():
        if old["kind"] in ANSWERS:
            answered.append(old["position"])
            tally.add_answer(
                deltas,
                at=old["at"],
                label=old["kind"] == Kind.LABEL,
                source=old["source"],
                milliseconds=old["milliseconds"],
                sign=-1,
            )
    connection.execute(
        events.update()
        .where(voided)
        .values(voided=event.seq, retracted_at=sa.func.coalesce(events.c.retracted_at, event.at))
    )
    return answered


def _correct(connection: Connection, experiment_id: int, event: Event, deltas: Deltas) -> None:
    """Relabel or retract: the row's label changes, predictions made since stay as they were."""
    assert event.target is not None
    assert event.position is not None
    before = _row_at(connection, experiment_id, event.position)
    relabel = event.kind is Kind.RELABEL
    after = before._replace(answer="label" if relabel else "retracted", label=event.label)
    tally.add_row(deltas, before, sign=-1)
    tally.add_row(deltas, after)
    _set_answer(connection, experiment_id, after, answered=event.target)
    connection.execute(
        events.update()
        .where(
            events.c.experiment_id == experiment_id,
            sa.or_(events.c.seq == event.target, events.c.target == event.target),
            events.c.seq != event.seq,
            events.c.kind.in_((*ANSWERS, Kind.RELABEL)),
            events.c.retracted_at.is_(None),
        )
        .values(retracted_at=event.at)
    )


def _change(connection: Connection, experiment_id: int, event: Event) -> None:
    after = json.loads(event.payload or "{}")["after"]
    texts = {what: json.dumps(after[what], ensure_ascii=False) for what in ("spec", "classes")}
    mine = experiments.c.id == experiment_id
    connection.execute(experiments.update().where(mine).values(**texts))


def _insert_predictions(
    connection: Connection, experiment_id: int, step: Append, deltas: Deltas
) -> None:
    seq, at = step.event.seq, step.event.at
    rows, stored = [], []
    new, told = tuple.__new__, counted.told
    for prediction, truth in zip(step.scanned, step.truths, strict=True):
        # Called for every sample scanned: no detours.
        position, predicted, probabilities, (entropy, pi, _, reason) = prediction
        sure = None if predicted is None else told(probabilities[predicted])
        rows.append(new(Row, (position, predicted, entropy, pi, reason, truth, None, None, sure)))
        stored.append(
            (
                experiment_id,
                position,
                0,
                seq,
                predicted,
                pack(probabilities),
                entropy,
                pi,
                reason,
                truth,
                at,
            )
        )
    tally.add_rows(deltas, rows)
    _insert_many(connection, stored)


_STORED = (
    "experiment_id",
    "position",
    "voided",
    "seq",
    "predicted",
    "probabilities",
    "entropy",
    "query_probability",
    "reason",
    "truth",
    "at",
)


@lru_cache(maxsize=4)
def _insert_statement(dialect: Dialect) -> tuple[str, bool]:
    """The insert in a driver's own words, and whether it takes values by position."""
    values: dict[str, Any] = {name: bindparam(name) for name in _STORED}
    compiled = predictions.insert().values(values).compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)


def _insert_many(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    # Straight to the driver: a long scan writes thousands of rows per second.
    statement, positional = _insert_statement(connection.dialect)
    values: Any = rows if positional else [dict(zip(_STORED, row, strict=True)) for row in rows]
    connection.exec_driver_sql(statement, values)


def pack(probabilities: Sequence[float]) -> bytes:
    """Probabilities as little-endian float64, bit for bit.

    Examples
    --------
    >>> unpack(pack((0.1, 0.9)))
    (0.1, 0.9)

    """
    return _doubles(len(probabilities)).pack(*probabilities)


def unpack(blob: bytes) -> tuple[float, ...]:
    """The reverse of `pack`."""
    return _doubles(len(blob) // 8).unpack(blob)


@lru_cache(maxsize=512)
def _doubles(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}d")


def event_of(row: RowMapping | Mapping[str, Any]) -> Event:
    """An event from its row."""
    return Event(
        **{
            **{name: row[name] for name in Event.__dataclass_fields__},
            "kind": Kind(row["kind"]),
            "source": Source(row["source"]),
            "strategy_state": state_of(row),
        }
    )


def prediction_of(row: RowMapping | Mapping[str, Any]) -> Prediction:
    """A prediction from its row: what the sampler decided, whoever asked later."""
    reason = "" if row["reason"] == SPOT_CHECK else row["reason"]
    return Prediction(
        row["position"],
        row["predicted"],
        unpack(row["probabilities"]),
        Decision(row["entropy"], row["query_probability"], bool(reason), reason),
    )


def corrected_since(connection: Connection, experiment_id: int, head: int) -> bool:
    """Whether a later event changed what a model of this head has learned.

    A snapshot or a warm copy of which this is true contains a label that no longer holds: it has
    to be thrown away, catching up is not enough.
    """
    found = connection.execute(_CORRECTED, {"b_id": experiment_id, "b_head": head}).first()
    return found is not None


_CORRECTED = (
    sa.select(events.c.seq)
    .where(
        events.c.experiment_id == bindparam("b_id"),
        events.c.seq > bindparam("b_head"),
        events.c.target <= bindparam("b_head"),
    )
    .limit(1)
)


def labels_since(connection: Connection, experiment_id: int, head: int) -> list[tuple[int, int]]:
    """Positions and labels in force, answered after a head, in the order of the answers."""
    plans.in_order(connection)
    rows = connection.execute(_LABELS_SINCE, {"b_id": experiment_id, "b_head": head})
    return [(row.position, row.label) for row in rows]


_LABELS_SINCE = schema.by_index(
    sa.select(predictions.c.position, predictions.c.label)
    .where(
        predictions.c.experiment_id == bindparam("b_id"),
        schema.LABELED,
        predictions.c.answered > bindparam("b_head"),
    )
    .order_by(predictions.c.answered),
    "ix_predictions_labeled",
)


def last_labels(connection: Connection, experiment_id: int, limit: int) -> list[tuple[int, int]]:
    """The same of the last answers only, in their order."""
    plans.in_order(connection)
    rows = connection.execute(_LAST_LABELS, {"b_id": experiment_id, "b_limit": limit})
    return [(row.position, row.label) for row in rows][::-1]


_LAST_LABELS = schema.by_index(
    sa.select(predictions.c.position, predictions.c.label)
    .where(
        predictions.c.experiment_id == bindparam("b_id"),
        schema.LABELED,
        predictions.c.answered > 0,
    )
    .order_by(predictions.c.answered.desc())
    .limit(bindparam("b_limit")),
    "ix_predictions_labeled",
)


def labels_between(
    connection: Connection, experiment_id: int, head: int, seq: int
) -> list[tuple[int, int]]:
    """The same, of those only that were answered before an event."""
    values = {"b_id": experiment_id, "b_head": head, "b_seq": seq}
    rows = connection.execute(_LABELS_BETWEEN, values)
    return [(row.position, row.label) for row in rows]


_LABELS_BETWEEN = _LABELS_SINCE.where(predictions.c.answered < bindparam("b_seq"))


def find_key(connection: Connection, experiment_id: int, key: str) -> int | None:
    """Number of the event written for an idempotency key, or None."""
    found: int | None = connection.execute(_BY_KEY, {"b_id": experiment_id, "b_key": key}).scalar()
    return found


_BY_KEY = sa.select(events.c.seq).where(
    events.c.experiment_id == bindparam("b_id"), events.c.key == bindparam("b_key")
)


def last_answer(
    connection: Connection, experiment_id: int, *, annotator: str = ""
) -> RowMapping | None:
    """The last answer that has not been undone or retracted; of one person, where one is named."""
    plans.in_order(connection)
    query = _LAST_BY if annotator else _LAST
    values = {"b_id": experiment_id, **({"b_annotator": annotator} if annotator else {})}
    return connection.execute(query, values).mappings().first()


_ANSWERED = sa.and_(
    schema.looked_up(predictions, events),
    predictions.c.position == events.c.position,
    schema.joined_live(predictions),
)
_IN_FORCE = (
    events.c.experiment_id == bindparam("b_id"),
    events.c.kind.in_(ANSWERS),
    schema.STANDING,
    predictions.c.answer != "retracted",
)
_BY = events.c.annotator == bindparam("b_annotator")
_LAST = (
    sa.select(events)
    .select_from(events)
    .join(predictions, _ANSWERED)
    .where(*_IN_FORCE)
    .order_by(events.c.seq.desc())
    .limit(1)
)
_LAST_BY = schema.by_index(_LAST.where(_BY), "ix_events_annotator", events)


def others_since(connection: Connection, experiment_id: int, seq: int, annotator: str) -> bool:
    """Whether somebody else gave an answer after an event that is still in force."""
    plans.in_order(connection)
    values = {"b_id": experiment_id, "b_seq": seq, "b_annotator": annotator}
    return connection.execute(_OTHERS, values).first() is not None


_OTHERS = (
    sa.select(events.c.seq)
    .select_from(events)
    .join(predictions, _ANSWERED)
    .where(
        *_IN_FORCE,
        events.c.seq > bindparam("b_seq"),
        events.c.annotator != bindparam("b_annotator"),
    )
    .order_by(events.c.seq)
    .limit(1)
)


def get_event(connection: Connection, experiment_id: int, seq: int) -> RowMapping | None:
    """The row of one event."""
    return (
        connection.execute(
            sa.select(events).where(events.c.experiment_id == experiment_id, events.c.seq == seq)
        )
        .mappings()
        .first()
    )


def answered_by(connection: Connection, experiment_id: int, position: int) -> int | None:
    """The event that first answered a sample, or None."""
    found: int | None = connection.execute(
        sa.select(predictions.c.answered).where(
            predictions.c.experiment_id == experiment_id,
            predictions.c.position == position,
            predictions.c.voided == 0,
        )
    ).scalar()
    return found


def state_before(connection: Connection, experiment_id: int, seq: int) -> State:
    """What the strategy goes back to when an event is undone.

    That is what it had learned just before; or what it began with, where it was changed since.
    """
    plans.in_order(connection)
    before = sa.and_(events.c.seq < seq, events.c.kind.in_(SCANNING), events.c.voided == 0)
    changed = events.c.kind == Kind.CHANGE
    row = connection.execute(
        sa.select(events.c.strategy_state, events.c.strategy_memory)
        .where(events.c.experiment_id == experiment_id, sa.or_(before, changed))
        .order_by(events.c.seq.desc())
        .limit(1)
    )
    found = row.mappings().first()
    return None if found is None else state_of(found)


def told_since(connection: Connection, experiment_id: int, at: int) -> int:
    """How many labels were told from known truth since a moment, from the newest event back."""
    count: int = connection.execute(_TOLD, {"b_id": experiment_id, "b_at": at}).scalar_one()
    return count


_before = (
    sa.select(events.c.seq)
    .where(events.c.experiment_id == bindparam("b_id"), events.c.at < bindparam("b_at"))
    .order_by(events.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_TOLD = sa.select(sa.func.count()).where(
    events.c.experiment_id == bindparam("b_id"),
    events.c.seq > sa.func.coalesce(_before, 0),
    events.c.kind == Kind.LABEL.value,
    events.c.source == Source.ORACLE.value,
)


def first_change(connection: Connection, experiment_id: int) -> str | None:
    """The payload of the first change of an experiment, or None."""
    payload: str | None = connection.execute(
        sa.select(events.c.payload)
        .where(
            events.c.experiment_id == experiment_id,
            events.c.target == 0,
            events.c.kind == Kind.CHANGE.value,
        )
        .order_by(events.c.seq)
        .limit(1)
    ).scalar()
    return payload


def changes(
    connection: Connection, experiment_id: int, *, after: int = 0
) -> list[tuple[int, int, str]]:
    """Number, position and payload of the changes of an experiment after an event, in order."""
    rows = connection.execute(_CHANGES, {"b_id": experiment_id, "b_after": after})
    return [(row.seq, row.first, row.payload) for row in rows]


_CHANGES = schema.by_index(
    sa.select(events.c.seq, events.c.first, events.c.payload)
    .where(
        events.c.experiment_id == bindparam("b_id"),
        events.c.target == 0,
        events.c.seq > bindparam("b_after"),
        events.c.kind == Kind.CHANGE.value,
    )
    .order_by(events.c.seq),
    "ix_events_target",
    events,
)


def query_of(row: RowMapping) -> Row:
    """An open query as it is counted; one that was skipped and drawn is a spot-check."""
    query = counted.row_of([row[name] for name in counted.NAMES])
    drawn = not query.reason and row["checked"] is not None
    return query._replace(reason=SPOT_CHECK) if drawn else query


def open_query(connection: Connection, experiment_id: int) -> RowMapping | None:
    """The first open query."""
    return next(iter(open_queries(connection, experiment_id, 1)), None)


def open_queries(connection: Connection, experiment_id: int, limit: int) -> Sequence[RowMapping]:
    """The first open queries: the sampler's own by position, then spot-checks by their turns."""
    rows = connection.execute(_OPEN, {"b_id": experiment_id, "b_limit": limit})
    return rows.mappings().all()


IN_TURN = (
    predictions.c.checked.asc().nulls_first(),
    predictions.c.turn,
    predictions.c.position,
)
_OPEN = schema.by_index(
    sa.select(predictions)
    .where(predictions.c.experiment_id == bindparam("b_id"), schema.OPEN)
    .order_by(*IN_TURN)
    .limit(bindparam("b_limit")),
    "ix_predictions_open",
)


def open_at(connection: Connection, experiment_id: int, position: int) -> RowMapping | None:
    """The open query at a position, or None."""
    values = {"b_id": experiment_id, "b_position": position}
    return connection.execute(_OPEN_AT, values).mappings().first()


_OPEN_AT = schema.by_index(
    sa.select(predictions).where(
        predictions.c.experiment_id == bindparam("b_id"),
        predictions.c.position == bindparam("b_position"),
        schema.OPEN,
    ),
    "ix_predictions_open",
)


def asked_before(connection: Connection, experiment_id: int, position: int) -> int | None:
    """The last queried position before another, or None."""
    row = connection.execute(_ASKED_BEFORE, {"b_id": experiment_id, "b_position": position})
    found: int | None = row.scalar()
    return found


_ASKED_BEFORE = schema.by_index(
    sa.select(predictions.c.position)
    .where(
        predictions.c.experiment_id == bindparam("b_id"),
        schema.ASKED,
        predictions.c.position < bindparam("b_position"),
    )
    .order_by(predictions.c.position.desc())
    .limit(1),
    "ix_predictions_asked",
)


def all_events(connection: Connection, experiment_id: int) -> Iterator[RowMapping]:
    """Every event, voided ones too, in order."""
    query = sa.select(events).where(events.c.experiment_id == experiment_id)
    # Closed as soon as nobody wants more: it may be a cursor of the server.
    with connection.execute(
        query.order_by(events.c.seq), execution_options={"yield_per": 1000}
    ) as rows:
        yield from rows.mappings()


def scanned_by(
    connection: Connection, experiment_id: int, event: RowMapping
) -> Sequence[RowMapping]:
    """The predictions that an event scanned, in order, whether voided since or not."""
    return (
        connection.execute(
            sa.select(predictions)
            .where(
                predictions.c.experiment_id == experiment_id,
                predictions.c.position >= event["first"],
                predictions.c.position < event["stop"],
                predictions.c.seq == event["seq"],
            )
            .order_by(predictions.c.position)
        )
        .mappings()
        .all()
    )


def recent_answers(
    connection: Connection, experiment_id: int, limit: int, *, annotator: str = ""
) -> list[RowMapping]:
    """The last answers in force with the predictions they were given on, newest first.

    Those of one person, where one is named.
    """
    plans.in_order(connection)
    values: dict[str, Any] = {"b_id": experiment_id, "b_limit": limit}
    if annotator:
        found = connection.execute(_RECENT_BY, {**values, "b_annotator": annotator})
    else:
        found = connection.execute(_RECENT, values)
    return list(found.mappings())


_RECENT = (
    sa.select(
        events.c.seq,
        events.c.source,
        events.c.annotator,
        events.c.milliseconds,
        events.c.at,
        predictions.c.position,
        predictions.c.predicted,
        predictions.c.probabilities,
        predictions.c.entropy,
        predictions.c.query_probability,
        predictions.c.reason,
        predictions.c.truth,
        predictions.c.answer,
        predictions.c.label,
    )
    .select_from(events)
    .join(predictions, sa.and_(_ANSWERED, predictions.c.answered == events.c.seq))
    .where(*_IN_FORCE)
    .order_by(events.c.seq.desc())
    .limit(bindparam("b_limit"))
)
_RECENT_BY = schema.by_index(_RECENT.where(_BY), "ix_events_annotator", events)


def corrections(
    connection: Connection, experiment_id: int, *, limit: int = 500
) -> list[tuple[str, int, int]]:
    """Kind, position and time of the corrections in force, in order: of the latest answers."""
    rows = connection.execute(_CORRECTIONS, {"b_id": experiment_id, "b_limit": limit}).all()
    return [(row.kind, row.position, row.at) for row in sorted(rows, key=lambda row: row.seq)]


# Ordered by the answer corrected: ordered by number, SQLite would read all events for the few.
_CORRECTIONS = (
    sa.select(events.c.seq, events.c.kind, events.c.position, events.c.at)
    .where(
        events.c.experiment_id == bindparam("b_id"),
        events.c.target > 0,
        events.c.voided == 0,
    )
    .order_by(events.c.target.desc())
    .limit(bindparam("b_limit"))
)


def answers_in_force(
    connection: Connection, experiment_id: int
) -> list[tuple[int, int, int | None, str]]:
    """Number of the answer, position, label in force and what became of it, in order."""
    rows = connection.execute(
        sa.select(
            predictions.c.answered,
            predictions.c.position,
            predictions.c.label,
            predictions.c.answer,
        )
        .where(
            predictions.c.experiment_id == experiment_id,
            schema.ASKED,
            predictions.c.answered.is_not(None),
        )
        .order_by(predictions.c.answered)
    )
    return [(r.answered, r.position, r.label, r.answer) for r in rows]


def open_positions(connection: Connection, experiment_id: int) -> list[int]:
    """Positions of all open queries."""
    return list(
        connection.execute(
            sa.select(predictions.c.position)
            .where(predictions.c.experiment_id == experiment_id, schema.OPEN)
            .order_by(predictions.c.position)
        ).scalars()
    )
