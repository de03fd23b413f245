"""The logs as files: CSV, JSON lines and Parquet, written while they are sent."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import IO, Any, NamedTuple

from dashboard.errors import BadInput, Unavailable
from dashboard.services.labeling import find_experiment
from dashboard.storage import browse, export, streams
from dashboard.storage.browse import Filter
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.export import Table, Value
from dashboard.storage.filters import LABELS, TABLES

CHUNK = 1 << 16
BATCH = 4_096  # rows of a Parquet row group
WHATS = TABLES

_EVERYTHING: Mapping[str, str] = MappingProxyType({})

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Opened = AbstractContextManager[Table]


class Downloads:
    """The logs of experiments as streams of bytes.

    Parameters
    ----------
    database
        Where the logs are.

    """

    def __init__(self, database: Database):
        self.database = database

    def stream(
        self,
        slug: str,
        what: str,
        format: str,
        *,
        raw: bool = False,
        history: bool = False,
        params: Mapping[str, str] = _EVERYTHING,
    ) -> Iterator[bytes]:
        """A log, in chunks and in constant memory.

        Parameters
        ----------
        slug
            The experiment.
        what
            `labels` or `predictions`.
        format
            `csv`, `jsonl` or `parquet`.
        raw
            Whether a CSV keeps texts that a spreadsheet would run as a formula as they are.
        history
            Whether the labels include those retracted, undone or relabeled since.
        params
            Keeps only rows of these values; see `browse.parse`.

        Raises
        ------
        NotFound
            If there is no such experiment; at once, before the first chunk.
        BadInput
            If there is no such log, format or field to filter by.

        """
        return stream(self.database, slug, what, format, raw=raw, history=history, params=params)


def stream(
    database: Database,
    slug: str,
    what: str,
    format: str,
    *,
    raw: bool = False,
    history: bool = False,
    params: Mapping[str, str] = _EVERYTHING,
) -> Iterator[bytes]:
    """A log, in chunks and in constant memory; see `Downloads.stream`."""
    _check(what, format)
    if history and what != "labels":
        raise BadInput("Only labels have a history; ask for it without.")
    # Looked up here, not in the generator: a route still has a status code to give.
    with database.read() as connection:
        experiment = find_experiment(connection, slug)
    chosen = browse.parse(what, params, classes=[c.name for c in experiment.classes])
    if history and chosen.terms:
        # A filter on the truth would tell it of an undone answer, whose query stands open again.
        raise BadInput("The history of the labels comes whole; ask for it without a filter.")
    opened = _open(database, experiment, chosen, history=history, typed=format == "parquet")
    return _FORMATS[format].write(opened, raw)


def content_type(format: str) -> str:
    """The media type of a format.

    Examples
    --------
    >>> content_type("csv")
    'text/csv; charset=utf-8'

    """
    _check("labels", format)
    return _FORMATS[format].content_type


def filename(slug: str, what: str, format: str) -> str:
    """What a browser should call the file.

    Examples
    --------
    >>> filename("sms-spam", "labels", "csv")
    'sms-spam-labels.csv'

    """
    _check(what, format)
    return f"{slug}-{what}.{format}"


def _check(what: str, format: str) -> None:
    if what not in WHATS:
        raise BadInput(f"There is no log {what!r}; choose one of {', '.join(WHATS)}.")
    if format not in _FORMATS:
        raise BadInput(f"There is no format {format!r}; choose one of {', '.join(_FORMATS)}.")


@contextmanager
def _open(
    database: Database, experiment: Experiment, chosen: Filter, *, history: bool, typed: bool
) -> Iterator[Table]:
    """The rows, in a transaction of their own."""
    where = chosen.conditions()
    with database.read() as connection:
        found = streams.get(connection, experiment.stream_id)
        if chosen.table == LABELS:
            table = export.label_table(connection, experiment, found, history=history, where=where)
            if typed and not found.is_text:
                table = _typed(table, export.field_rows(connection, found))
        else:
            table = export.prediction_table(connection, experiment, found, where=where)
        with closing(table.rows):
            yield table


# CSV -------------------------------------------------------------------------------------------


def _csv(opened: Opened, raw: bool) -> Iterator[bytes]:
    with opened as table:
        yield from csv_of(table.columns, table.rows, raw=raw)


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


def _jsonl(opened: Opened, _raw: bool) -> Iterator[bytes]:
    with opened as table:
        page = bytearray()
        for row in table.rows:
            record = dict(zip(table.columns, map(_finite, row), strict=True))
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


def _parquet(opened: Opened, _raw: bool) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        try:
            # The transaction ends here: a slow reader reads from the file.
            with opened as table:
                _write_parquet(table, file)
        except OSError as error:
            raise Unavailable(
                f"The Parquet file cannot be made in {tempfile.gettempdir()} ({error.strerror}); "
                "make room there, or point TMPDIR at another folder."
            ) from error
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_parquet(table: Table, file: IO[bytes]) -> None:
    # Imported late: it takes a moment that only those who want Parquet should wait.
    import pyarrow as pa
    from pyarrow import parquet

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in table.columns.items()])
    kinds = list(table.columns.values())
    with parquet.ParquetWriter(file, schema) as writer:
        while rows := list(islice(table.rows, BATCH)):
            columns = zip(kinds, zip(*rows, strict=True), strict=True)
            writer.write_batch(
                pa.record_batch([_column(kind, column) for kind, column in columns], schema=schema)
            )


def _typed(table: Table, field_rows: Iterable[Sequence[Value]]) -> Table:
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


def _column(kind: type, values: Sequence[Value]) -> list[Any]:
    """The values of a column, all of its type."""
    convert: Callable[[Any], Any] = _string if kind is str else kind
    return [None if value is None else convert(value) for value in values]


def _string(value: Value) -> str:
    return _utf8(_cell(value, raw=True)).decode()


class _Format(NamedTuple):
    content_type: str
    write: Callable[[Opened, bool], Iterator[bytes]]


_FORMATS = {
    "csv": _Format("text/csv; charset=utf-8", _csv),
    "jsonl": _Format("application/x-ndjson", _jsonl),
    "parquet": _Format("application/vnd.apache.parquet", _parquet),
}
FORMATS = tuple(_FORMATS)
