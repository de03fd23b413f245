"""Counts per bucket, kept beside the log in the same transaction, so that a chart never scans it.

Kinds: `all` (bucket 0), `25`, `500`, `10000` and `100000` (bucket: position // size), `entropy` (a
thousand bins), `confusion` (cells), `cell` (the same of judged queries alone), `confidence` (ten
bins of the probability of the predicted class) and `hour` (hours since 1970).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core import tally
from dashboard.core.tally import Counts, Deltas, Key, Row
from dashboard.storage.counted import COLUMNS, row_of
from dashboard.storage.database import Database
from dashboard.storage.schema import events, experiments, predictions, rollups

_CHUNK = 300


def add(connection: Connection, experiment_id: int, deltas: Deltas) -> None:
    """Add counts to the stored buckets; those that become empty go.

    Where there is no total, nothing was counted yet or somebody deleted the rollups: then
    everything is counted anew, from the log that already holds this step.
    """
    keys = sorted(deltas, key=_totals_first)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        old = _read(connection, experiment_id, chunk if start else [_ALL, *chunk])
        if not start and _ALL not in old:
            rebuild(connection, experiment_id)
            return
        _add_chunk(connection, experiment_id, deltas, chunk, old)


_ALL: Key = ("all", 0)


def _totals_first(key: Key) -> tuple[bool, Key]:
    return key != _ALL, key


def _add_chunk(
    connection: Connection,
    experiment_id: int,
    deltas: Deltas,
    keys: list[Key],
    old: dict[Key, dict[str, int]],
) -> None:
    kept, gone = [], []
    for key in keys:
        counts = old.get(key, {})
        for name, n in deltas[key].items():
            counts[name] = counts.get(name, 0) + n
        text = _dump(counts)
        if text == "{}":
            gone.append({"b_id": experiment_id, "b_kind": key[0], "b_bucket": key[1]})
        else:
            kept.append((experiment_id, *key, text))
    _write(connection, kept)
    if gone:
        connection.execute(_DELETE, gone)


def _write(connection: Connection, rows: list[tuple[int, str, int, str]]) -> None:
    # Straight to the driver: every press reads and writes a dozen buckets. The same words in SQLite
    # and PostgreSQL, but for the places of the values.
    if rows:
        places = ", ".join([_place(connection)] * 4)
        connection.exec_driver_sql(
            f"INSERT INTO rollups (experiment_id, kind, bucket, counts) VALUES ({places}) "
            "ON CONFLICT (experiment_id, kind, bucket) DO UPDATE SET counts = excluded.counts",
            rows,
        )


def _place(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


_DELETE = rollups.delete().where(
    rollups.c.experiment_id == sa.bindparam("b_id"),
    rollups.c.kind == sa.bindparam("b_kind"),
    rollups.c.bucket == sa.bindparam("b_bucket"),
)


def _dump(counts: Mapping[str, int]) -> str:
    # Sorted, and without zeros: equal counts are equal texts, however they came about.
    return _encode({name: n for name, n in counts.items() if n})


_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def _parse(texts: Iterable[str]) -> list[dict[str, int]]:
    # One text for all is read twice as quickly as many texts.
    parsed: list[dict[str, int]] = json.loads(f"[{','.join(texts)}]")
    return parsed


def _read(connection: Connection, experiment_id: int, keys: list[Key]) -> dict[Key, dict[str, int]]:
    # Kind by kind: the numbers of one may all be there in another, and its buckets be large.
    buckets: dict[str, list[int]] = {}
    for kind, bucket in keys:
        buckets.setdefault(kind, []).append(bucket)
    place = _place(connection)
    query = " UNION ALL ".join(
        f"SELECT kind, bucket, counts FROM rollups WHERE experiment_id = {place} "
        f"AND kind = {place} AND bucket IN ({', '.join([place] * len(numbers))})"
        for numbers in buckets.values()
    )
    values = [v for kind, numbers in buckets.items() for v in (experiment_id, kind, *numbers)]
    rows = connection.exec_driver_sql(query, tuple(values)).all()
    parsed = _parse(counts for _, _, counts in rows)
    return {(row[0], row[1]): counts for row, counts in zip(rows, parsed, strict=True)}


def totals(connection: Connection, experiment_id: int) -> Counts:
    """The counts over the whole log."""
    text = connection.execute(_TOTALS, {"b_id": experiment_id}).scalar()
    return Counter(json.loads(text)) if text else Counter()


_TOTALS = sa.select(rollups.c.counts).where(
    rollups.c.experiment_id == sa.bindparam("b_id"),
    rollups.c.kind == "all",
    rollups.c.bucket == 0,
)


def series(connection: Connection, experiment_id: int, kind: str) -> list[tuple[int, Counts]]:
    """All buckets of a kind, in order."""
    rows = connection.execute(
        sa.select(rollups.c.bucket, rollups.c.counts)
        .where(rollups.c.experiment_id == experiment_id, rollups.c.kind == kind)
        .order_by(rollups.c.bucket)
    ).all()
    parsed = _parse(counts for _, counts in rows)
    return [(row[0], Counter(counts)) for row, counts in zip(rows, parsed, strict=True)]


def stored(connection: Connection, experiment_id: int) -> dict[Key, str]:
    """Every bucket as it is stored, for comparison."""
    rows = connection.execute(
        sa.select(rollups.c.kind, rollups.c.bucket, rollups.c.counts).where(
            rollups.c.experiment_id == experiment_id
        )
    )
    return {(kind, bucket): counts for kind, bucket, counts in rows}


def recount(connection: Connection, experiment_id: int) -> dict[Key, str]:
    """Every bucket counted anew from the log."""
    deltas = tally.tally(_rows(connection, experiment_id))
    for event in connection.execute(
        sa.select(events).where(
            events.c.experiment_id == experiment_id,
            events.c.voided == 0,
            events.c.kind.in_(("label", "pass")),
        )
    ):
        tally.add_answer(
            deltas,
            at=event.at,
            label=event.kind == "label",
            source=event.source,
            milliseconds=event.milliseconds,
        )
    texts = {key: _dump(counts) for key, counts in deltas.items()}
    return {key: text for key, text in texts.items() if text != "{}"}


def _rows(connection: Connection, experiment_id: int) -> Iterable[Row]:
    rows = connection.execute(
        sa.select(*COLUMNS).where(
            predictions.c.experiment_id == experiment_id, predictions.c.voided == 0
        ),
        execution_options={"yield_per": 5000},  # of this statement: those of a connection stay
    )
    return map(row_of, rows)


def rebuild(connection: Connection, experiment_id: int) -> None:
    """Replace all buckets of an experiment by what the log says."""
    replace(connection, experiment_id, recount(connection, experiment_id))


def replace(connection: Connection, experiment_id: int, counted: Mapping[Key, str]) -> None:
    """Replace all buckets of an experiment by what `recount` made."""
    connection.execute(rollups.delete().where(rollups.c.experiment_id == experiment_id))
    _write(connection, [(experiment_id, *key, text) for key, text in counted.items()])


def restore(database: Database) -> None:
    """Count anew what was deleted while nothing ran: counts are never the truth, the log is."""
    missing = sa.select(experiments.c.id).where(
        experiments.c.head > 0,
        ~sa.exists().where(rollups.c.experiment_id == experiments.c.id, rollups.c.kind == "all"),
        # A log of nothing but one open query counts nothing.
        sa.exists().where(
            predictions.c.experiment_id == experiments.c.id,
            predictions.c.voided == 0,
            sa.or_(predictions.c.reason == "", predictions.c.answered.is_not(None)),
        ),
    )
    with database.read() as connection:
        found = list(connection.execute(missing).scalars())
    for experiment_id in found:
        _restore_one(database, experiment_id)


def _restore_one(database: Database, experiment_id: int) -> None:
    # A long log is counted before the lock is taken: nobody else has to wait for it.
    head = sa.select(experiments.c.head).where(experiments.c.id == experiment_id)
    with database.read() as connection:
        if totals(connection, experiment_id):
            return
        before, counted = connection.scalar(head), recount(connection, experiment_id)
    with database.write() as connection:
        # Several processes start at once: whoever comes first is right.
        if totals(connection, experiment_id):
            return
        if connection.scalar(head) == before:
            replace(connection, experiment_id, counted)
        else:
            rebuild(connection, experiment_id)
