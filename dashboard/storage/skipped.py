"""What is known of the samples a sampler skipped: what the rollups count, less its queries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core.strategies import SPOT_CHECK
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
    predictions.c.reason != SPOT_CHECK,
)
_ASKED = schema.by_index(_counted, "ix_predictions_asked")


def known(connection: Connection, experiment_id: int, totals: Counts) -> tuple[int, int]:
    """How many of the skipped have a known class, and how many of these were predicted right.

    Those that were spot-checked since were skipped as well.

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
