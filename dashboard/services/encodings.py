"""Tables as CSV, JSON lines and Parquet, in pieces."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from dashboard.storage.cells import Value
from dashboard.storage.export import Table

CHUNK = 1 << 16
BATCH = 4_096  # rows of a Parquet row group

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

# CSV -------------------------------------------------------------------------------------------


def csv_of(
    columns: Iterable[str], rows: Iterable[Sequence[Value]], *, raw: bool = False
) -> Iterator[bytes]:
    """A table as CSV, in chunks.

    Examples
    --------
    >>> b"".join(csv_of(["class", "f1"], [("ham", 0.5), ("=1+1", None)]))
    b"class,f1\\r\\nham,0.5\\r\\n'=1+1,\\r\\n"

    """
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value, raw=raw) for value in row])
        if page.tell() >= CHUNK:
            yield _utf8(page.getvalue())
            page.seek(0)
            page.truncate()
    yield _utf8(page.getvalue())


def _cell(value: Value, *, raw: bool) -> str:
    """A value as it stands in a CSV.

    Examples
    --------
    >>> _cell(-0.5, raw=False), _cell("-0.5 today", raw=False), _cell("-0.5 today", raw=True)
    ('-0.5', "'-0.5 today", '-0.5 today')

    """
    if isinstance(value, str):
        return f"'{value}" if not raw and value.startswith(_FORMULA) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _utf8(text: str) -> bytes:
    # Half a surrogate pair, as broken files hold, has no place in UTF-8.
    return text.encode("utf-8", "replace")


# JSON lines ------------------------------------------------------------------------------------


def jsonl_of(columns: Iterable[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A table as JSON lines, in chunks.

    Examples
    --------
    >>> b"".join(jsonl_of(["class", "f1"], [("ham", 0.5)]))
    b'{"class": "ham", "f1": 0.5}\\n'

    """
    names = list(columns)
    page = bytearray()
    for row in rows:
        record = dict(zip(names, map(_finite, row), strict=True))
        line = json.dumps(record, ensure_ascii=False, allow_nan=False)
        # What UTF-8 cannot hold becomes \udc80, which is how JSON spells it, too.
        page += line.encode("utf-8", "backslashreplace") + b"\n"
        if len(page) >= CHUNK:
            yield bytes(page)
            page.clear()
    if page:
        yield bytes(page)


def _finite(value: Value) -> Value:
    """JSON has no infinity."""
    return None if isinstance(value, float) and math.isinf(value) else value


# Parquet ---------------------------------------------------------------------------------------


class _Outlet:
    """A file that cannot be wound back: what is written waits until it is taken."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._told = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._told += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._told

    def flush(self) -> None:
        """Nothing to do: there is nothing behind it."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def parquet_of(columns: Mapping[str, type], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A table as Parquet, a piece for each batch of rows.

    Parameters
    ----------
    columns
        Names, each with its type: `str`, `int`, `float` or `bool`.
    rows
        The rows, asked for batch by batch.

    """
    # Imported late: it takes a moment that only those who want Parquet should wait.
    import pyarrow as pa
    from pyarrow import parquet

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    kinds, left, outlet = list(columns.values()), iter(rows), _Outlet()
    with parquet.ParquetWriter(outlet, schema) as writer:
        while batch := list(islice(left, BATCH)):
            cells = zip(kinds, zip(*batch, strict=True), strict=True)
            writer.write_batch(
                pa.record_batch([column(kind, values) for kind, values in cells], schema=schema)
            )
            yield outlet.take()
    yield outlet.take()


def with_types(table: Table, field_rows: Iterable[Sequence[Value]]) -> Table:
    """The table with a type for each field that holds all its values, in whatever sample."""
    names = [name for name, kind in table.columns.items() if kind is object]
    seen: list[set[type]] = [set() for _ in names]
    for row in field_rows:
        for types, value in zip(seen, row, strict=True):
            types.add(_type_of(value))
    kinds = dict(zip(names, map(_common_type, seen), strict=True))
    return replace(table, columns={**table.columns, **kinds})


def _type_of(value: Value) -> type:
    # No column of numbers holds a whole number of more than 64 bits.
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str
    return type(value)


def _common_type(types: set[type]) -> type:
    """The narrowest type that holds values of all these types; `str` holds everything.

    Examples
    --------
    >>> _common_type({int, type(None)}), _common_type({int, float}), _common_type({bool, int})
    (<class 'int'>, <class 'float'>, <class 'str'>)

    """
    found = types - {type(None)}
    if len(found) == 1:
        return found.pop()
    return float if found == {int, float} else str


def column(kind: type, values: Sequence[Value]) -> list[Any]:
    """The values of a column, all of its type."""
    convert: Callable[[Any], Any] = _string if kind is str else kind
    return [None if value is None else convert(value) for value in values]


def _string(value: Value) -> str:
    return _utf8(_cell(value, raw=True)).decode()
