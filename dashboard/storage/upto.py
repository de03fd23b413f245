"""Counts of all samples before a position, from few buckets: large ones first, rows at the end."""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core import tally
from dashboard.core.tally import BUCKET_SIZES, Counts
from dashboard.storage import counted
from dashboard.storage.schema import predictions, rollups


def counts_before(connection: Connection, experiment_id: int, stop: int) -> Counts:
    """What the buckets along the stream would say if one ended at a position.

    Parameters
    ----------
    connection
        A read transaction.
    experiment_id
        Whose log.
    stop
        The position.

    """
    total: Counts = Counter()
    first, wanted = 0, []
    for size in sorted(BUCKET_SIZES, reverse=True):
        whole = stop // size
        wanted.append(
            sa.and_(
                rollups.c.kind == str(size),
                rollups.c.bucket >= first // size,
                rollups.c.bucket < whole,
            )
        )
        first = whole * size
    found = connection.execute(
        sa.select(rollups.c.counts).where(rollups.c.experiment_id == experiment_id, sa.or_(*wanted))
    )
    for text in found.scalars():
        total.update(json.loads(text))
    rows = connection.execute(
        sa.select(*counted.COLUMNS).where(
            predictions.c.experiment_id == experiment_id,
            predictions.c.position >= first,
            predictions.c.position < stop,
            predictions.c.voided == 0,
        )
    )
    for row in map(counted.row_of, rows):
        if not tally.is_open(row):
            total.update(tally.counts_of(row))
    return total
