"""What a press reads is found by an index, however long the log is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard.storage import log, marks, skipped


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (log._OPEN, "ix_predictions_open"),
        (log._ASKED_BEFORE, "ix_predictions_asked"),
        (log._LABELS_SINCE, "ix_predictions_labeled"),
        (log._LAST_LABELS, "ix_predictions_labeled"),
        (log._LABELS_BETWEEN, "ix_predictions_labeled"),
        (log._CORRECTED, "ix_events_target"),
        (log._CHANGES, "ix_events_target"),
        (skipped._ASKED, "ix_predictions_asked"),
        (marks._AT, "ix_events_mark"),
        (marks._AMONG, "ix_events_mark"),
    ],
)
def test_statements_of_a_press_use_their_index(services, statement: sa.Select, index: str) -> None:
    # Without the hint SQLite walks the primary key: a press would cost what the log has grown to.
    with services.database.read() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by its own statistics")
        text = str(statement.compile(dialect=connection.dialect))
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {text}", (1,) * text.count("?")
        ).fetchall()
    assert f"USING INDEX {index} " in plan[0][-1] or f"USING COVERING INDEX {index} " in plan[0][-1]
    assert "TEMP B-TREE" not in str(plan)
