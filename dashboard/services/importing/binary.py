"""Rows of Parquet (by PyArrow) and XLSX (by calamine, which reads the whole sheet at once).

Both formats say how large they are, and may lie: how much memory the process may take is limited
from outside, and what is read is counted.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.plan import MAX_CELL, MAX_ROWS, Format
from dashboard.services.importing.records import Row
from dashboard.services.importing.tables import Table, check_width, names

_BATCH = 500
BYTES_AT_LEAST = 1 << 30  # a Parquet file may hold as much text as this
_BYTES_TIMES = 100  # or so many times its own size


@contextmanager
def open_binary(path: Path, fmt: Format, wanted: tuple[str, ...] | None = None) -> Iterator[Table]:
    """Open a file of one of these formats.

    Parameters
    ----------
    path
        Where it is.
    fmt
        Which it is, and the sheet.
    wanted
        The columns that are needed; others are not read.

    """
    if fmt.kind == "parquet":
        with _opened(path) as file:
            yield _parquet(file, path, wanted)
    else:
        yield _xlsx(path, fmt)


# Parquet ---------------------------------------------------------------------------------------

_DAMAGED = "copy it again, or write it again"


def parquet_rows(path: Path) -> int:
    """How many rows a Parquet file says it has."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def _opened(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(
            path,
            pre_buffer=False,
            buffer_size=1 << 20,
            thrift_string_size_limit=1 << 26,
            thrift_container_size_limit=1 << 22,
        )
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        what = f"the Parquet file cannot be read ({_short(error)})"
        raise Refused(Bad(what=what, mend=_DAMAGED)) from error


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text if len(text) <= 150 else f"{text[:149]}…"


def _parquet(file: Any, path: Path, wanted: tuple[str, ...] | None) -> Table:
    there = [str(name) for name in file.schema_arrow.names]
    check_width(len(there))
    if len(set(there)) < len(there):
        twice = next(name for name in there if there.count(name) > 1)
        what = f"two columns are called {twice!r}"
        raise Refused(Bad(what=what, mend="rename one of them"))
    check_rows(file.metadata.num_rows)
    columns = there if wanted is None else [name for name in there if name in wanted]
    limit = max(BYTES_AT_LEAST, _BYTES_TIMES * os.path.getsize(path))
    named = names(columns) if wanted is None else tuple(columns)
    return Table(named, _batches(file, columns, limit))


def check_rows(rows: int) -> None:
    """Refuse a file that is longer than can be imported."""
    if rows > MAX_ROWS:
        what = f"it has {rows:,} rows, and up to {MAX_ROWS:,} can be imported"
        raise Refused(Bad(what=what, mend="split it"))


def _batches(file: Any, columns: list[str], limit: int) -> Iterator[Row]:
    import pyarrow as pa

    number = itertools.count(1)
    batches = file.iter_batches(_BATCH, columns=columns, use_threads=False)
    done = 0
    while True:
        try:
            batch = next(batches)
            held = [_decoded(column) for column in batch.columns]
            limit -= sum(column.nbytes for column in held)
            if limit < 0:
                what = "it unpacks to far more than a table of its size would"
                raise Refused(Bad(row=done + 1, what=what, mend="look at what wrote it"))
            values = [_values(*pair, done) for pair in zip(held, columns, strict=True)]
        except StopIteration:
            return
        except MemoryError:  # PyArrow's is of both kinds
            raise
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            what = f"the rows from here on cannot be read ({_short(error)})"
            raise Refused(Bad(row=done + 1, what=what, mend=_DAMAGED)) from error
        done += batch.num_rows
        for row in zip(*values, strict=True):
            n = next(number)
            yield Row(n, n, row)


def _decoded(column: Any) -> Any:
    """A column as long as it is, where the file says each value only once."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _values(column: Any, name: str, done: int) -> list[Any]:
    """The values of a column as Python has them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    long_ago = pa.types.is_timestamp(kind) and kind.unit == "ns"
    if long_ago:  # a datetime has no nanoseconds
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > 4 * MAX_CELL:
            row = done + 1 + pc.binary_length(column).to_pylist().index(longest)
            what = f"a cell has {longest:,} bytes, and up to {MAX_CELL:,} characters can be labeled"
            raise Refused(Bad(row=row, column=name, what=what, mend="shorten it"))
    values: list[Any] = column.to_pylist()
    return values


# XLSX ------------------------------------------------------------------------------------------


def _xlsx(path: Path, fmt: Format) -> Table:
    sheet = _sheet(path, fmt.sheet)
    if not sheet.height or not sheet.width:
        return Table((), iter(()))
    check_width(sheet.width)
    rows = enumerate(sheet.iter_rows(), start=1)
    filled = ((n, row) for n, row in rows if any(cell not in ("", None) for cell in row))
    first = next(filled, None)
    if first is None:
        return Table((), iter(()))
    columns = names(first[1] if fmt.header else [""] * len(first[1]))
    rest = filled if fmt.header else itertools.chain((first,), filled)
    return Table(columns, (Row(n, n, row) for n, row in rest))


def _sheet(path: Path, wanted: str) -> Any:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        name = wanted or sheet_names(book)[0]
        if name not in sheet_names(book):
            what = f"there is no sheet {name!r}"
            raise Refused(Bad(what=what, mend=f"there are {', '.join(sheet_names(book))}"))
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError, ValueError, IndexError) as error:
        what = f"it is no XLSX file that can be read ({_short(error)})"
        raise Refused(Bad(what=what, mend="save it again as XLSX or as CSV")) from error


def sheet_names(book: Any) -> list[str]:
    """The sheets of a workbook, in order."""
    return list(book.sheet_names)


def sheets(path: Path) -> tuple[str, ...]:
    """The sheets of a file."""
    import python_calamine as calamine

    try:
        return tuple(sheet_names(calamine.CalamineWorkbook.from_path(path)))
    except (calamine.CalamineError, OSError, ValueError) as error:
        what = f"it is no XLSX file that can be read ({_short(error)})"
        raise Refused(Bad(what=what, mend="save it again as XLSX or as CSV")) from error


def first_cells(path: Path, sheet: str, count: int) -> list[Sequence[Any]]:
    """Some rows of a sheet, to see whether the first one names the columns."""
    rows = _sheet(path, sheet).iter_rows()
    return [list(row) for row in itertools.islice(rows, count)]
