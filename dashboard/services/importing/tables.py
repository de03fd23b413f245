"""Rows of text formats: CSV and TSV by `csv`, JSONL by `json`, plain text by line.

A reader yields `Row` after `Row`; what is wrong with a single row is said in its place, and the
next one is read. Only what makes the rest unreadable raises `Refused`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.lines import ENCODING, Lines, open_lines
from dashboard.services.importing.plan import MAX_CELL, MAX_COLUMNS, Format
from dashboard.services.importing.records import (
    Chunk,
    Records,
    Row,
    chunk_of,
    gathered,
    refused_at,
)

_new = tuple.__new__  # a third of the time of calling the class


class Table(NamedTuple):
    """An open file: its columns, and its rows below the names."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    together: Iterator[Chunk] | None = None  # the same rows, where that is quicker; either or

    def chunks(self) -> Iterator[Chunk]:
        """The rows, some at a time."""
        return gathered(self.rows) if self.together is None else self.together


# CSV and TSV -----------------------------------------------------------------------------------


def _csv(lines: Lines, fmt: Format) -> Table:
    records = Records(lines, fmt)
    first = next(iter(records), None)
    if first is None:
        return Table((), iter(()))
    if first.bad:
        raise Refused(first.bad)
    check_width(len(first.values), first.number)
    columns = names(first.values if fmt.header else [""] * len(first.values))
    rows: Iterable[Row] = records
    together = records.chunks(len(columns), lambda rows: _even(rows, columns))
    if not fmt.header:
        rows = itertools.chain((first,), records)
        together = itertools.chain((chunk_of([first]),), together)
    return Table(columns, _even(rows, columns), together)


def check_width(width: int, row: int = 0) -> None:
    """Refuse a file that is wider than any table."""
    if width > MAX_COLUMNS:
        what = f"it has {width:,} columns, and up to {MAX_COLUMNS:,} can be read"
        raise Refused(Bad(row=row, what=what, mend="leave out those you do not need"))


def names(cells: Sequence[Any]) -> tuple[str, ...]:
    """Names of columns, each its own, made up where there is none.

    Examples
    --------
    >>> names(["text", " label ", "", "text"])
    ('text', 'label', 'column 3', 'text (2)')

    """
    made: dict[str, None] = {}
    for number, cell in enumerate(cells, start=1):
        wanted = " ".join(str(cell if cell is not None else "").split()) or f"column {number}"
        name, copy = wanted, 1
        while name in made:
            copy += 1
            name = f"{wanted} ({copy})"
        made[name] = None
    return tuple(made)


def _even(rows: Iterable[Row], columns: tuple[str, ...]) -> Iterator[Row]:
    """Rows with as many cells as there are columns; others say so."""
    width = len(columns)
    for row in rows:
        if len(row.values) == width:
            yield row
        elif row.bad is None:
            yield row._replace(values=(), bad=_ragged(row, columns))
        else:
            place = row.bad.column.removeprefix("\0")
            if place != row.bad.column:
                name = columns[int(place)] if int(place) < width else ""
                row = row._replace(bad=replace(row.bad, column=name))
            yield row


def _ragged(row: Row, columns: tuple[str, ...]) -> Bad:
    width, found = len(columns), len(row.values)
    cells = f"{found} cell{'s' * (found != 1)}"
    return Bad(
        row=row.number,
        line=row.line,
        column=columns[found] if found < width else columns[-1],
        what=f"there are {cells}, and the table has {width} column{'s' * (width != 1)}",
        mend="put quotes around a cell that holds the delimiter" if found > width
        else "add what is missing",
    )  # fmt: skip


# JSONL and plain text --------------------------------------------------------------------------

_HEAD = 1_000  # lines of JSON that are asked for their keys
ALONE = "text"  # the only column of plain text, and of JSON that is nothing but strings


def _plain(lines: Lines) -> Iterator[Row]:
    """Lines that are not blank, without their ends."""
    source = iter(lines)
    while True:
        line = lines.begin()
        try:
            text = next(source).rstrip("\r\n")
        except StopIteration:
            return
        except (Refused, UnicodeError) as error:
            raise refused_at(error, line, line) from error
        if text and not text.isspace():
            yield _new(Row, (line, line, (text,), None))


def _objects(rows: Iterator[Row]) -> Iterator[Row]:
    """The object of each line, in place of its cells."""
    for row in rows:
        text = row.values[0]
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield row._replace(values=(), bad=_no_json(row, text, error))
            continue
        if isinstance(found, str):
            found = {ALONE: found}
        if isinstance(found, dict):
            yield row._replace(values=(found,))
        else:
            kind = {list: "an array", type(None): "null"}.get(
                type(found), "a number or truth value"
            )
            what, mend = f"it is {kind}", 'write one object per line, like {"text": "…"}'
            yield row._replace(values=(), bad=Bad(row=row.number, what=what, mend=mend))


def _no_json(row: Row, text: str, error: Exception) -> Bad:
    if any("\udc80" <= c <= "\udcff" for c in text):
        return Bad(row=row.number, what="it has bytes that are not in this encoding", mend=ENCODING)
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    if isinstance(error, json.JSONDecodeError):
        reason = f"{error.msg}, character {error.pos + 1:,}"
    return Bad(row=row.number, what=f"it is no JSON ({reason})", mend="write one object per line")


def _jsonl(lines: Lines, wanted: tuple[str, ...] | None) -> Table:
    """JSON lines as a table; the columns are the keys of the first lines unless they are named."""
    rows = _objects(_plain(lines))
    head: list[Row] = []
    if wanted is None:
        size = 0
        for row in itertools.islice(rows, _HEAD):
            head.append(row)
            size += len(lines.record[0])
            if size > MAX_CELL:
                break
        keys = dict.fromkeys(str(key) for row in head for x in row.values for key in x)
        check_width(len(keys))
        wanted = tuple(keys)
    columns = wanted

    def aligned() -> Iterator[Row]:
        for row in itertools.chain(head, rows):
            if row.bad is None:
                get = row.values[0].get
                yield row._replace(values=[get(name) for name in columns])
            else:
                yield row

    return Table(columns, aligned())


@contextmanager
def open_table(path: Path, fmt: Format, wanted: tuple[str, ...] | None = None) -> Iterator[Table]:
    """Open a file of a text format.

    Parameters
    ----------
    path
        Where it is.
    fmt
        How to read it.
    wanted
        The columns to read, for JSONL; it has no list of them.

    """
    with open_lines(path, fmt) as lines:
        if fmt.kind == "jsonl":
            yield _jsonl(lines, wanted)
        elif fmt.kind == "text":
            yield Table((ALONE,), _plain(lines))
        else:
            yield _csv(lines, fmt)
