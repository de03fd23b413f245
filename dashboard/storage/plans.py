"""Keeps PostgreSQL's planner from joins that compare each row with each, and from reading a log.

Right after an ANALYZE of a table with hardly a row, it takes the pages that come after to be as
empty, an experiment to be a single row, and looking through all of it to be as good as looking
a row up. Autovacuum mends that within a minute, where it runs; until then such a join is forbidden.

However good its statistics are, it takes an experiment to have 1/200 of the rows (see `schema`),
and so few of them to be in force that it would read and sort all for the last: that is forbidden.
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


def in_order(connection: Connection) -> None:
    """Before a query for the first few of an order: they are found along an index that has it.

    Holds until the transaction ends; what no index has in order is still sorted. On SQLite the
    statements name their index themselves.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_IN_ORDER)


_IN_ORDER = sa.text("SET LOCAL enable_sort = off")
