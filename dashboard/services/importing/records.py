"""Records of CSV: a hundred lines at once where all is well, one by one where it is not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.lines import ENCODING, Lines
from dashboard.services.importing.plan import MAX_CELL, MAX_RECORD, Format

OPEN_QUOTES = 100  # rows with one, before another delimiter is suggested
TOGETHER = 100  # rows that are checked together; all may be as long as a row can be


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


class Chunk(NamedTuple):
    """Some rows that are looked at together.

    Parameters
    ----------
    numbers
        Of the rows.
    columns
        Their cells by column; None where something is wrong with one of them.
    rows
        The same, one by one.

    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[Any]] | None
    rows: Callable[[], Iterable[Row]]


def chunk_of(rows: list[Row]) -> Chunk:
    """A chunk of rows that have been read one by one."""
    numbers, _, values, bad = zip(*rows, strict=True)
    columns = None if any(bad) else tuple(zip(*values, strict=True))
    return Chunk(numbers, columns, lambda: rows)


def gathered(rows: Iterable[Row]) -> Iterator[Chunk]:
    """Some rows at a time, those before a refusal too."""
    chunk: list[Row] = []
    refused: Refused | None = None
    try:
        for row in rows:
            chunk.append(row)
            if len(chunk) == TOGETHER:
                yield chunk_of(chunk)
                chunk = []
    except Refused as error:
        refused = error
    if chunk:
        yield chunk_of(chunk)
    if refused is not None:
        raise refused


def dialect(fmt: Format) -> dict[str, Any]:
    """How `csv` is told about a format."""
    return {
        "delimiter": fmt.delimiter,
        "quoting": csv.QUOTE_MINIMAL if fmt.quoted else csv.QUOTE_NONE,
        "doublequote": not fmt.escaped,
        "escapechar": "\\" if fmt.escaped else None,
        "strict": True,  # else a quote that is never closed swallows the rest of the file
    }


class Records:
    """Rows as `csv` sees them, the blank ones left out.

    Parameters
    ----------
    lines
        Of the file.
    fmt
        How to read them.

    """

    def __init__(self, lines: Lines, fmt: Format):
        self._lines, self._fmt = lines, fmt
        self._dialect = dialect(fmt)
        self._number, self._line = 1, 1  # of the next row, if no record is at hand
        self._open_quotes = 0
        csv.field_size_limit(MAX_CELL)

    def __iter__(self) -> Iterator[Row]:
        """Row after row; another iterator goes on where one was left."""
        lines, record = self._lines, self._lines.record
        reader = csv.reader(lines, **self._dialect)
        while True:
            self._line += len(record)
            record.clear()
            number, line = self._number, self._line
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                bad = replace(_broken(str(error), lines, self._fmt), row=number, line=line)
                if len(record) > 1:
                    self._open_quotes += 1
                    if self._open_quotes > OPEN_QUOTES:
                        raise Refused(bad) from error
                    lines.again()
                reader = csv.reader(lines, **self._dialect)
                self._number += 1
                yield Row(number, line, (), bad)
                continue
            except (Refused, UnicodeError) as error:
                raise refused_at(error, number, line) from error
            self._number += 1
            if values:
                yield _new(Row, (number, line, values, None))

    def chunks(self, width: int, even: Callable[[Iterable[Row]], Iterator[Row]]) -> Iterator[Chunk]:
        """The rows of a table, a hundred lines at a time.

        Parameters
        ----------
        width
            How many columns the table has.
        even
            Says of rows that they have more or fewer.

        """
        while True:
            self._settle()
            block = self._lines.block(TOGETHER)
            chunk = self._together(block, width)
            if chunk is not None:
                self._number += len(chunk.numbers)
                self._line += len(block)
                yield chunk
                continue
            self._lines.back(block)
            yield from gathered(self._one_by_one(even))
            if not block:
                return

    def _one_by_one(self, even: Callable[[Iterable[Row]], Iterator[Row]]) -> Iterator[Row]:
        """Rows until no line is left of those that were put back, or all that are left."""
        for row in even(self):
            yield row
            if not self._lines.waiting:
                return

    def _settle(self) -> None:
        """Be done with the record at hand."""
        self._line += len(self._lines.record)
        self._lines.record.clear()

    def _together(self, block: list[str], width: int) -> Chunk | None:
        """The rows of whole lines, if there is nothing special about any of them."""
        if not block or max(map(len, block)) >= MAX_RECORD:
            return None
        try:
            values = list(csv.reader(block, **self._dialect))
            columns = tuple(zip(*values, strict=True))
        except (csv.Error, ValueError):  # broken, cut off in the middle, blank or ragged
            return None
        if len(columns) != width:
            return None
        number, line = self._number, self._line
        return Chunk(
            range(number, number + len(values)),
            columns,
            lambda: _rows(block, self._dialect, number, line),
        )


_new = tuple.__new__  # a third of the time of calling the class


def _rows(block: list[str], told: dict[str, Any], number: int, line: int) -> Iterator[Row]:
    """The rows of a block that is known to be good, with the lines on which they begin."""
    reader = csv.reader(block, **told)
    begins = line
    for n, values in enumerate(reader, start=number):
        yield _new(Row, (n, begins, values, None))
        begins = line + reader.line_num


def refused_at(error: Exception, number: int, line: int) -> Refused:
    """What makes the rest of a file unreadable, with the row where it does."""
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
