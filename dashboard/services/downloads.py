"""The logs as files: CSV, JSON lines and Parquet, written while they are sent."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from types import MappingProxyType
from typing import IO, NamedTuple

from dashboard.errors import BadInput, Unavailable
from dashboard.services.encodings import CHUNK, csv_of, jsonl_of, parquet_of, with_types
from dashboard.services.labeling import find_experiment
from dashboard.storage import browse, export, streams
from dashboard.storage.browse import Filter
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.export import Table
from dashboard.storage.filters import LABELS, TABLES

WHATS = TABLES

_EVERYTHING: Mapping[str, str] = MappingProxyType({})

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
                table = with_types(table, export.field_rows(connection, found))
        else:
            table = export.prediction_table(connection, experiment, found, where=where)
        with closing(table.rows):
            yield table


# CSV -------------------------------------------------------------------------------------------


def _csv(opened: Opened, raw: bool) -> Iterator[bytes]:
    with opened as table:
        yield from csv_of(table.columns, table.rows, raw=raw)


# JSON lines ------------------------------------------------------------------------------------


def _jsonl(opened: Opened, _raw: bool) -> Iterator[bytes]:
    with opened as table:
        yield from jsonl_of(table.columns, table.rows)


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
    for chunk in parquet_of(table.columns, table.rows):
        file.write(chunk)


class _Format(NamedTuple):
    content_type: str
    write: Callable[[Opened, bool], Iterator[bytes]]


_FORMATS = {
    "csv": _Format("text/csv; charset=utf-8", _csv),
    "jsonl": _Format("application/x-ndjson", _jsonl),
    "parquet": _Format("application/vnd.apache.parquet", _parquet),
}
FORMATS = tuple(_FORMATS)
