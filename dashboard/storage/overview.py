"""Facts about all experiments at once, each in one read."""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.tally import Counts
from dashboard.storage.schema import events, experiments, rollups, streams


def totals(connection: Connection) -> dict[int, Counts]:
    """The counts over each log, by experiment."""
    rows = connection.execute(
        sa.select(rollups.c.experiment_id, rollups.c.counts).where(
            rollups.c.kind == "all", rollups.c.bucket == 0
        )
    )
    return {row.experiment_id: Counter(json.loads(row.counts)) for row in rows}


def titles_and_samples(connection: Connection) -> dict[int, tuple[str, int]]:
    """Title and number of samples of each stream."""
    rows = connection.execute(sa.select(streams.c.id, streams.c.title, streams.c.samples))
    return {row.id: (row.title, row.samples) for row in rows}


def last_events(connection: Connection) -> dict[int, int]:
    """When the last event of each log was written, by experiment."""
    rows = connection.execute(
        sa.select(events.c.experiment_id, events.c.at).join(
            experiments,
            sa.and_(
                events.c.experiment_id == experiments.c.id,
                events.c.seq == experiments.c.head,
            ),
        )
    )
    return {row.experiment_id: row.at for row in rows}
