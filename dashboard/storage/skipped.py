"""What is known of the samples nobody was asked about: what the rollups count, less the asked."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.tally import Counts
from dashboard.storage import schema
from dashboard.storage.schema import predictions

_target = sa.func.coalesce(predictions.c.truth, predictions.c.label)
_counts: list[sa.ColumnElement[Any]] = [
    sa.func.count(_target).label("known"),
    sa.func.count(sa.case((predictions.c.predicted == _target, 1))).label("correct"),
]
_counted = sa.select(*_counts).where(
    predictions.c.experiment_id == sa.bindparam("b_id"),
    schema.ASKED,
    predictions.c.answered.is_not(None),
)
_ASKED = schema.by_index(_counted, "ix_predictions_asked")


def known(connection: Connection, experiment_id: int, totals: Counts) -> tuple[int, int]:
    """How many of the skipped have a known class, and how many of these were predicted right.

    Reads the rows of what was asked about, which are few.

    Parameters
    ----------
    connection
        A read transaction.
    experiment_id
        Whose log.
    totals
        The counts over the whole log, in the same transaction.

    """
    asked = connection.execute(_ASKED, {"b_id": experiment_id}).one()
    return totals["known"] - asked.known, totals["correct"] - asked.correct
