"""What a file is found to be, and what a person wants made of it: plain data, both ways JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": "JSONL",
    "text": "plain text",
    "parquet": "Parquet",
    "xlsx": "XLSX",
}
NUMBER, CATEGORY, DATE, TEXT = "number", "category", "date", "text"
TYPES = (NUMBER, CATEGORY, DATE, TEXT)
MISSING = ("keep", "skip", "refuse")

MAX_CELL = 1_000_000  # characters
MAX_RECORD = 16_000_000  # characters of a row with all its cells
MAX_COLUMNS = 1_000
MAX_ROWS = 10_000_000
MAX_ID = 200
MAX_CLASS = 100
MAX_CLASSES = 500
MAX_LISTED = 1_000  # bad rows that are listed; all are counted


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a person knows better than the detection; empty: find out.

    Parameters
    ----------
    kind
        A name of `KINDS`.
    encoding
        Any that Python knows.
    delimiter
        One character, for CSV and TSV.
    quoted
        Whether cells may stand in double quotes.
    header
        Whether the first row names the columns.
    sheet
        Of an XLSX file.

    """

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    quoted: bool | None = None
    header: bool | None = None
    sheet: str = ""


@dataclass(frozen=True, kw_only=True)
class Format:
    """How to read a file.

    Parameters
    ----------
    kind
        A name of `KINDS`.
    gzip
        Whether it is packed.
    encoding
        For text formats, as Python names it.
    delimiter
        Between cells, for CSV and TSV.
    quoted
        Whether cells may stand in double quotes.
    escaped
        Whether a backslash, rather than a second quote, makes a quote part of a cell.
    header
        Whether the first row names the columns.
    sheet
        The sheet, for XLSX.
    sheets
        All sheets there are.

    """

    kind: str
    gzip: bool = False
    encoding: str = ""
    delimiter: str = ""
    quoted: bool = True
    escaped: bool = False
    header: bool = False
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For a person.

        Examples
        --------
        >>> Format(kind="csv", encoding="cp1252", delimiter=";", header=True).words
        'CSV, cp1252, semicolons between cells, first row names the columns'

        """
        between = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
        parts = [KINDS[self.kind] + (" in gzip" if self.gzip else "")]
        if self.encoding:
            parts.append({"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}.get(self.encoding, self.encoding))
        if self.delimiter:
            parts.append(f"{between.get(self.delimiter, self.delimiter)} between cells")
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.kind in ("csv", "tsv", "xlsx"):
            parts.append("first row names the columns" if self.header else "no row of names")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as far as the first rows tell.

    Parameters
    ----------
    name
        As in the file, or made up where it has none.
    type
        A name of `TYPES`.
    role
        What it is probably for: `text`, `id`, `label`, or `field`.
    distinct
        How many different values the first rows have.
    empty
        How many of them are empty.

    """

    name: str
    type: str
    role: str
    distinct: int
    empty: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A file before it is imported.

    Parameters
    ----------
    format
        How it is read.
    columns
        Its columns.
    rows
        The first rows, all cells as text, as they will be seen.
    estimate
        How many rows there are, about.
    exact
        Whether that is the very number.
    text, id, label
        The columns that probably are these; empty: none.
    trouble
        Sentences about the first bad rows; an import would name these.

    """

    format: Format
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    estimate: int
    exact: bool
    text: str
    id: str
    label: str
    trouble: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Preview:
        """A preview from its JSON."""
        columns = tuple(Column(**column) for column in data["columns"])
        rows = tuple(tuple(row) for row in data["rows"])
        made = {"format": format_of(data["format"]), "columns": columns, "rows": rows}
        return cls(**{**data, **made, "trouble": tuple(data["trouble"])})

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to make of a file.

    Parameters
    ----------
    path
        Where it is.
    file
        What to call it in messages.
    format
        How to read it, from the preview.
    name
        The stream's name; its slug follows from it. Not needed for an append.
    text
        The column with the text; or else
    fields
        the columns that make a row, each with its type.
    id
        The column with the samples' own ids; empty: they are numbered.
    label
        The column with known labels; empty: none are known.
    classes
        Their names in order; empty: those found in the label column.
    missing
        What to do with a row whose label is empty: `keep` it unlabeled, `skip` or `refuse` it.
    skip_bad
        Leave out rows that are wrong and list them, rather than refuse the file.
    append
        Slug of the stream that the rows are appended to; empty: a new one.
    estimate
        How many rows there are, about, from the preview; for the progress alone.

    """

    path: str
    file: str
    format: Format
    name: str = ""
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    label: str = ""
    classes: tuple[str, ...] = ()
    missing: str = "keep"
    skip_bad: bool = False
    append: str = ""
    estimate: int = 0

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Plan:
        """A plan from its JSON."""
        made = {"format": format_of(data["format"]), "classes": tuple(data["classes"])}
        return cls(**{**data, **made})

    @property
    def settled(self) -> bool:
        """Whether all samples that are read are stored, so that who reads knows the ids of all."""
        return not self.append and not (self.id and self.skip_bad)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        content = (self.text,) if self.text else tuple(self.fields)
        return tuple(dict.fromkeys((*content, *filter(None, (self.id, self.label)))))


def format_of(data: Mapping[str, Any]) -> Format:
    """A format from its JSON."""
    return Format(**{**data, "sheets": tuple(data["sheets"])})


def as_json(thing: Any) -> dict[str, Any]:
    """The fields of one of these classes, ready for `json.dumps`."""
    return dataclasses.asdict(thing)
