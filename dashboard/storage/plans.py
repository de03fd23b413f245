"""Keeps PostgreSQL's planner from joins that compare each row with each.

Right after an ANALYZE of a table with hardly a row, it takes the pages that come after to be as
empty, an experiment to be a single row, and looking through all of it to be as good as looking
a row up. Autovacuum mends that within a minute, where it runs; until then such a join is forbidden.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_FEW = 10  # how many times fewer rows than there are make a plan not to be trusted

_BELIEVED = sa.text(
    """
    SELECT c.relname, c.reltuples / greatest(c.relpages, 1) * (pg_relation_size(c.oid) / 8192)
           AS believed
    FROM pg_class AS c
    WHERE c.oid IN ('predictions'::regclass, 'samples'::regclass)
      AND c.reltuples >= 0
      AND pg_relation_size(c.oid) > 8192 * greatest(c.relpages, 1)
    """
)


def guard(connection: Connection, *, predictions: int, samples: int) -> None:
    """Before a query that joins all rows of an experiment: no nested loops if they are misjudged.

    Holds until the transaction ends. SQLite, which looks rows up as it is told, needs none of it.

    Parameters
    ----------
    connection
        A transaction.
    predictions, samples
        How many of each there are at least.

    """
    if connection.dialect.name != "postgresql":
        return
    there = {"predictions": predictions, "samples": samples}
    found = connection.execute(_BELIEVED).all()
    if any(row.believed * _FEW < there[row.relname] for row in found):
        connection.execute(sa.text("SET LOCAL enable_nestloop = off"))
