"""Counts per bucket, kept beside the log in the same transaction, so that a chart never scans it.

Kinds: `all` (bucket 0), `25`, `500` and `10000` (bucket: position // size), `entropy` (a
thousand bins), `confusion` (cells) and `hour` (hours since 1970).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core import tally
from dashboard.core.tally import Counts, Deltas, Key, Row
from dashboard.storage.schema import events, predictions, rollups

_CHUNK = 300


def add(connection: Connection, experiment_id: int, deltas: Deltas) -> None:
    """Add counts to the stored buckets; those that become empty go."""
    keys = sorted(deltas)
    for start in range(0, len(keys), _CHUNK):
        _add_chunk(connection, experiment_id, deltas, keys[start : start + _CHUNK])


def _add_chunk(
    connection: Connection, experiment_id: int, deltas: Deltas, keys: list[Key]
) -> None:
    old = _read(connection, experiment_id, keys)
    fresh, changed, gone = [], [], []
    for key in keys:
        counts = old.get(key, Counter())
        for name, n in deltas[key].items():
            counts[name] += n
        text = _dump(counts)
        row = {"b_id": experiment_id, "b_kind": key[0], "b_bucket": key[1], "b_counts": text}
        if text == "{}":
            gone.append(row)
        elif key in old:
            changed.append(row)
        else:
            fresh.append(row)
    if fresh:
        connection.execute(_INSERT, fresh)
    if changed:
        connection.execute(_UPDATE, changed)
    if gone:
        for row in gone:
            row.pop("b_counts")
        connection.execute(_DELETE, gone)


_HERE = sa.and_(
    rollups.c.experiment_id == sa.bindparam("b_id"),
    rollups.c.kind == sa.bindparam("b_kind"),
    rollups.c.bucket == sa.bindparam("b_bucket"),
)
_UPDATE = rollups.update().where(_HERE).values(counts=sa.bindparam("b_counts"))
_DELETE = rollups.delete().where(_HERE)
_INSERT = rollups.insert().values(
    experiment_id=sa.bindparam("b_id"),
    kind=sa.bindparam("b_kind"),
    bucket=sa.bindparam("b_bucket"),
    counts=sa.bindparam("b_counts"),
)


def _dump(counts: Counts) -> str:
    # Sorted, and without zeros: equal counts are equal texts, however they came about.
    return json.dumps({k: counts[k] for k in sorted(counts) if counts[k]}, separators=(",", ":"))


def _read(connection: Connection, experiment_id: int, keys: list[Key]) -> dict[Key, Counts]:
    by_kind: dict[str, list[int]] = {}
    for kind, bucket in keys:
        by_kind.setdefault(kind, []).append(bucket)
    wanted = sa.or_(
        *(
            sa.and_(rollups.c.kind == kind, rollups.c.bucket.in_(buckets))
            for kind, buckets in by_kind.items()
        )
    )
    rows = connection.execute(
        sa.select(rollups.c.kind, rollups.c.bucket, rollups.c.counts).where(
            rollups.c.experiment_id == experiment_id, wanted
        )
    )
    return {(kind, bucket): Counter(json.loads(counts)) for kind, bucket, counts in rows}


def totals(connection: Connection, experiment_id: int) -> Counts:
    """The counts over the whole log."""
    text = connection.execute(_TOTALS, {"b_id": experiment_id}).scalar()
    return Counter(json.loads(text)) if text else Counter()


_TOTALS = sa.select(rollups.c.counts).where(
    rollups.c.experiment_id == sa.bindparam("b_id"),
    rollups.c.kind == "all",
    rollups.c.bucket == 0,
)


def series(
    connection: Connection, experiment_id: int, kind: str
) -> list[tuple[int, Counts]]:
    """All buckets of a kind, in order."""
    rows = connection.execute(
        sa.select(rollups.c.bucket, rollups.c.counts)
        .where(rollups.c.experiment_id == experiment_id, rollups.c.kind == kind)
        .order_by(rollups.c.bucket)
    )
    return [(bucket, Counter(json.loads(counts))) for bucket, counts in rows]


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
    rows = connection.execution_options(yield_per=5000).execute(
        sa.select(*(predictions.c[name] for name in Row._fields)).where(
            predictions.c.experiment_id == experiment_id, predictions.c.voided == 0
        )
    )
    return (Row(*row) for row in rows)


def rebuild(connection: Connection, experiment_id: int) -> None:
    """Replace all buckets of an experiment by what the log says."""
    connection.execute(rollups.delete().where(rollups.c.experiment_id == experiment_id))
    rows = [
        {"b_id": experiment_id, "b_kind": kind, "b_bucket": bucket, "b_counts": text}
        for (kind, bucket), text in recount(connection, experiment_id).items()
    ]
    if rows:
        connection.execute(_INSERT, rows)
