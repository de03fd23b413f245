"""Rows of text formats: CSV and TSV by `csv`, JSONL by `json`, plain text by line.

A reader yields `Row` after `Row`; what is wrong with a single row is said in its place, and the
next one is read. Only what makes the rest unreadable raises `Refused`.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.lines import ENCODING, Lines, open_lines
from dashboard.services.importing.plan import MAX_CELL, MAX_COLUMNS, MAX_RECORD, Format

OPEN_QUOTES = 100  # rows with one, before another delimiter is suggested


class Row(NamedTuple):
    """A row of a file.

    Parameters
    ----------
    number
        From 1, blank rows and the row of names counted.
    line
        The line on which it begins.
    values
        Its cells, in the order of the columns.
    bad
        What is wrong with it; then it has no values.

    """

    number: int
    line: int
    values: Sequence[Any]
    bad: Bad | None = None


class Table(NamedTuple):
    """An open file: its columns, and its rows below the names."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


# CSV and TSV -----------------------------------------------------------------------------------


def dialect(fmt: Format) -> dict[str, Any]:
    """How `csv` is told about a format."""
    return {
        "delimiter": fmt.delimiter,
        "quoting": csv.QUOTE_MINIMAL if fmt.quoted else csv.QUOTE_NONE,
        "doublequote": not fmt.escaped,
        "escapechar": "\\" if fmt.escaped else None,
        "strict": True,  # else a quote that is never closed swallows the rest of the file
    }


def _records(lines: Lines, fmt: Format) -> Iterator[Row]:
    """Rows as `csv` sees them, the blank ones left out."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, **dialect(fmt))
    record = lines.record
    open_quotes, line = 0, 1
    for number in itertools.count(1):
        line += len(record)
        record.clear()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad = _broken(str(error), lines, fmt)
            if len(lines.record) > 1:
                open_quotes += 1
                if open_quotes > OPEN_QUOTES:
                    raise Refused(replace(bad, row=number, line=line)) from error
                lines.again()
            reader = csv.reader(lines, **dialect(fmt))
            yield Row(number, line, (), replace(bad, row=number, line=line))
            continue
        except (Refused, UnicodeError) as error:
            raise _at(error, number, line) from error
        if values:
            yield _new(Row, (number, line, values, None))


_new = tuple.__new__  # a third of the time of calling the class


def _at(error: Exception, number: int, line: int) -> Refused:
    if isinstance(error, Refused):
        return Refused(replace(error.bad, row=number, line=line) if error.bad.row else error.bad)
    what = "here, or a little further on, it is not in this encoding"
    return Refused(Bad(row=number, line=line, what=what, mend=ENCODING))


def _broken(said: str, lines: Lines, fmt: Format) -> Bad:
    """What `csv` found wrong, in other words."""
    if "field limit" in said:
        csv.field_size_limit(MAX_RECORD)
        told = {**dialect(fmt), "strict": False}
        cells = next(csv.reader(["".join(lines.record)], **told), [])
        csv.field_size_limit(MAX_CELL)
        what = f"a cell has more than {MAX_CELL:,} characters"
        mend = "shorten it, or check that the quote before it is closed"
        place = next((i for i, cell in enumerate(cells) if len(cell) > MAX_CELL), len(cells) - 1)
        return Bad(what=what, mend=mend, column=f"\0{place}")
    if "unexpected end" in said:
        mend = "close it, or read the file without quotes"
        return Bad(what="a quote is opened and never closed", mend=mend)
    if "expected after" in said:
        mend = "write a quote inside a cell twice, or read the file without quotes"
        return Bad(what="a closing quote is followed by more", mend=mend)
    return Bad(what=f"it cannot be read ({said})", mend="mend it by hand")


def _csv(lines: Lines, fmt: Format) -> Table:
    records = _records(lines, fmt)
    first = next(records, None)
    if first is None:
        return Table((), iter(()))
    if first.bad:
        raise Refused(first.bad)
    check_width(len(first.values), first.number)
    columns = names(first.values if fmt.header else [""] * len(first.values))
    rows = records if fmt.header else itertools.chain((first,), records)
    return Table(columns, _even(rows, columns))


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


def _even(rows: Iterator[Row], columns: tuple[str, ...]) -> Iterator[Row]:
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
            raise _at(error, line, line) from error
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
