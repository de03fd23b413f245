"""The first look into a file: how it is read, what its columns are, its first rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.columns import as_text, describe
from dashboard.services.importing.detect import detect, has_header
from dashboard.services.importing.plan import Format, Wishes, as_json
from dashboard.services.importing.records import Row
from dashboard.services.importing.shape import Wrong, clean
from dashboard.services.importing.tables import Table, open_table

SHOWN = 20  # rows
SHOWN_CELL = 500  # characters
_HEAD_ROWS = 1_000
_HEAD_SECONDS = 2.0


@contextmanager
def opened(path: Path, fmt: Format, wanted: tuple[str, ...] | None = None) -> Iterator[Table]:
    """Open a file of any format, as `tables.open_table` does those of text."""
    if fmt.kind in ("parquet", "xlsx"):
        from dashboard.services.importing.binary import open_binary

        opened = open_binary(path, fmt, wanted)
    else:
        opened = open_table(path, fmt, wanted)
    with opened as table:
        for number, name in enumerate(table.columns, start=1):
            try:
                clean(name, f"{number}")
            except Wrong as wrong:
                bad = replace(wrong.bad, what=f"in its name: {wrong.bad.what}")
                raise Refused(bad) from wrong
        yield table


def look(path: Path, name: str, wishes: Wishes) -> dict[str, Any]:
    """What a file is, and what is in it: a `Preview` as JSON."""
    fmt = _completed(path, detect(path, name, wishes), wishes)
    with opened(path, fmt) as table:
        names = table.columns
        rows, trouble, ended = _head(table)
    if not rows:
        what = "there is no row below the names of the columns" if fmt.header else "it has no row"
        raise Refused(trouble[0] if trouble else Bad(what=what, mend="look at the file"))
    if not names:
        raise Refused(Bad(what="its rows have no fields", mend="look at the file"))
    columns = describe(names, [row.values for row in rows])
    role = {column.role: column.name for column in columns}
    return {
        "format": as_json(fmt),
        "columns": [as_json(column) for column in columns],
        "rows": [[_shown(value) for value in row.values] for row in rows[:SHOWN]],
        "estimate": len(rows) if ended else _estimate(path, fmt, rows),
        "exact": ended or fmt.kind == "parquet",
        "text": role.get("text", ""),
        "id": role.get("id", ""),
        "label": role.get("label", ""),
        "trouble": [bad.sentence(name) for bad in trouble],
    }


def _head(table: Table) -> tuple[list[Row], list[Bad], bool]:
    """The first rows, what is wrong with others among them, and whether that was all."""
    rows: list[Row] = []
    trouble: list[Bad] = []
    deadline = time.monotonic() + _HEAD_SECONDS
    for row in table.rows:
        if row.bad is None:
            rows.append(row)
        elif len(trouble) < SHOWN:
            trouble.append(row.bad)
        if len(rows) >= _HEAD_ROWS or time.monotonic() > deadline:
            return rows, trouble, next(table.rows, None) is None
    return rows, trouble, True


def _completed(path: Path, fmt: Format, wishes: Wishes) -> Format:
    if fmt.kind != "xlsx":
        return fmt
    from dashboard.services.importing import binary

    sheets = binary.sheets(path)
    fmt = replace(fmt, sheets=sheets, sheet=fmt.sheet or (sheets or ("",))[0])
    if wishes.header is None:
        first = [[as_text(c) for c in row] for row in binary.first_cells(path, fmt.sheet, 100)]
        fmt = replace(fmt, header=has_header([row for row in first if any(row)]))
    return fmt


def _shown(value: Any) -> str:
    text = as_text(value)[: SHOWN_CELL + 1].encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CELL else f"{text[:SHOWN_CELL]}…"


def _estimate(path: Path, fmt: Format, rows: list[Row]) -> int:
    if fmt.kind == "parquet":
        from dashboard.services.importing.binary import parquet_rows

        return parquet_rows(path)
    size = os.path.getsize(path) * (4 if fmt.gzip else 1)
    separators = 1 if fmt.kind in ("csv", "tsv", "text") else 6
    used = sum(
        sum(len(as_text(value).encode("utf-8", "replace")) + separators for value in row.values)
        for row in rows
    )
    if fmt.kind == "jsonl":
        used += sum(len(row.values) for row in rows) * 10
    return max(len(rows), round(size * len(rows) / max(1, used)))
