"""What a file is: format, encoding, delimiter, quotes and header, from its first bytes."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dashboard.services.importing import records
from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.columns import is_number, type_of
from dashboard.services.importing.encodings import KNOWN, decoded, encoding_of
from dashboard.services.importing.lines import open_bytes
from dashboard.services.importing.plan import MAX_CELL, Format, Wishes

_HEAD = 1 << 18  # bytes that delimiter and header are told from
READ = 1 << 24  # bytes that the encoding is told from
_RECORDS = 5_000
_DELIMITERS = (",", "\t", ";", "|")
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".txt": "text",
    ".text": "text",
}
_OTHERS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel file (.xls)",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\0": "a database",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\0": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"ARROW1": "an Arrow file",
    b"\x7fELF": "a program",
}


def detect(path: Path, name: str, wishes: Wishes) -> Format:
    """Find out how to read a file.

    Parameters
    ----------
    path
        Where it is.
    name
        What it is called; its ending decides where the content could be several things.
    wishes
        What is known already.

    Raises
    ------
    Refused
        If it is empty, or no table.

    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Refused(Bad(what="the file is empty", mend="choose one with rows in it"))
    if start.startswith(b"PAR1") or wishes.kind == "parquet":
        return Format(kind="parquet")
    if start.startswith(b"PK\x03\x04") or wishes.kind == "xlsx":
        return Format(kind="xlsx", sheet=wishes.sheet, header=wishes.header is not False)
    packed = start.startswith(b"\x1f\x8b")
    with open_bytes(path, packed=packed) as file:
        data = file.read(READ)
    if not data:
        raise Refused(Bad(what="there is nothing in it", mend="choose a file with rows in it"))
    for sign, what in _OTHERS.items():
        if data.startswith(sign):
            raise Refused(Bad(what=f"it is {what}", mend=KNOWN))
    whole = len(data) < READ
    encoding = encoding_of(data, wishes.encoding, whole=whole)
    text = decoded(data[:_HEAD], encoding)
    if not text.replace("\ufeff", "").strip():
        raise Refused(Bad(what="there is nothing but blank space in it", mend="choose another"))
    suffixes = [s.lower() for s in Path(name).suffixes[-2:]]
    ending = next((_SUFFIXES[s] for s in reversed(suffixes) if s in _SUFFIXES), "")
    return _text_format(text, wishes, packed=packed, encoding=encoding, ending=ending)


# Format, delimiter and quotes ------------------------------------------------------------------


@dataclass(frozen=True)
class _Guess:
    """A way to split the first rows, and how well it does."""

    delimiter: str
    quoted: bool
    escaped: bool
    width: int
    even: float  # share of rows that have the usual width
    rows: list[list[str]]


def _text_format(text: str, wishes: Wishes, *, packed: bool, encoding: str, ending: str) -> Format:
    kind = wishes.kind or ending
    first = text.lstrip("\ufeff \t\r\n")[:1]
    if kind == "jsonl" and not wishes.kind and first not in '{"[':
        kind = ""
    if kind != "text" and not wishes.kind and first in "{[" and _is_json(text):
        kind = "jsonl"
    base = {"gzip": packed, "encoding": encoding}
    if kind == "jsonl":
        if first == "[":
            what = "it is one JSON array, and one object per line can be read"
            raise Refused(Bad(what=what, mend="write each object on a line of its own"))
        return Format(kind=kind, **base)  # type: ignore[arg-type]
    if kind == "text":
        return Format(kind=kind, **base)  # type: ignore[arg-type]
    guess = _split(text, wishes, "\t" if kind == "tsv" else "")
    if not kind and guess.width == 1:
        return Format(kind="text", **base)  # type: ignore[arg-type]
    header = has_header(guess.rows) if wishes.header is None else wishes.header
    return Format(
        kind="tsv" if guess.delimiter == "\t" else "csv",
        gzip=packed,
        encoding=encoding,
        delimiter=guess.delimiter,
        quoted=guess.quoted,
        escaped=guess.escaped,
        header=header,
    )


def _is_json(text: str) -> bool:
    """Whether the first line with anything on it looks like JSON, or like the start of an array."""
    line = text.lstrip("\ufeff \t\r\n").splitlines()[0].strip()
    return line.endswith(("}", "]", "},", "{", "["))


def _split(text: str, wishes: Wishes, usual: str) -> _Guess:
    """The delimiter that cuts the rows into equal numbers of cells, and the most of them."""
    if wishes.delimiter and len(wishes.delimiter) != 1:
        what = f"the delimiter {wishes.delimiter!r} is not one character"
        raise Refused(Bad(what=what, mend="name one, for instance ; or a tab"))
    if wishes.delimiter in ('"', "\r", "\n", "\\"):
        raise Refused(Bad(what="quotes and line ends cannot be delimiters", mend="name another"))
    given = wishes.delimiter or usual
    guesses = [_cut(text, d, wishes.quoted) for d in ([given] if given else _DELIMITERS)]
    wide = [g for g in guesses if g.width > 1 and g.even >= 0.7 and len(g.rows[0]) == g.width]
    if wide:
        return max(wide, key=lambda g: (round(g.even, 1), g.delimiter == "\t", g.width))
    return guesses[0]


def _cut(text: str, delimiter: str, wish: bool | None) -> _Guess:
    """Cut the first rows as RFC 4180 says, else with backslashes, else without quotes.

    Cells between tabs are rarely quoted, and a quote at the beginning of one is a quote then.
    """
    ways = [(True, False), (True, True), (False, False)]
    if wish is not None:
        ways = [(quoted, escaped) for quoted, escaped in ways if quoted is wish]
    elif delimiter == "\t" and '"' not in text:
        ways = [(False, False)]
    if '\\"' not in text:
        ways = [(quoted, escaped) for quoted, escaped in ways if not escaped]
    made = []
    for quoted, escaped in ways:
        fmt = Format(kind="csv", delimiter=delimiter, quoted=quoted, escaped=escaped)
        rows, broken = _first_rows(text, fmt)
        widths = Counter(map(len, rows))
        width, often = widths.most_common(1)[0] if widths else (1, 0)
        even = often / max(1, len(rows) + broken)
        made.append((even, _Guess(delimiter, quoted, escaped, width, even, rows)))
        if not broken:
            break
    return max(made, key=lambda pair: pair[0])[1]


def _first_rows(text: str, fmt: Format) -> tuple[list[list[str]], int]:
    """Some rows, without the last one, which may be cut off, and how many could not be read."""
    rows: list[list[str]] = []
    broken = 0
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), **records.dialect(fmt))
    while len(rows) < _RECORDS and broken < _RECORDS:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            broken += 1
            continue
        if row:
            rows.append(row)
    if len(text) >= _HEAD // 4 and len(rows) > 1 and len(rows) < _RECORDS:
        rows.pop()
        broken = max(0, broken - 1)
    return rows, broken


# Header ----------------------------------------------------------------------------------------

_USUAL = frozenset(
    ("text", "label", "id", "class", "category", "content", "message", "comment", "body", "title",
     "target", "sentence", "question", "answer", "review", "tweet", "name", "date", "author",
     "intent", "sentiment", "value", "type", "description")
)  # fmt: skip


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns.

    It does where its cells are short words, all different, and either usual names or unlike what
    is below them.

    Examples
    --------
    >>> has_header([["id", "text"], ["1", "Hello there"], ["2", "How are you?"]])
    True
    >>> has_header([["ham", "Go until jurong point"], ["spam", "Free entry"], ["ham", "U dun"]])
    False

    """
    if not rows:
        return False
    first, below = rows[0], rows[1:]
    cells = [cell.strip() for cell in first]
    if any(is_number(c) or len(c) > 60 or "\n" in c for c in cells) or not any(cells):
        return False
    if _USUAL & {word for c in cells for word in c.lower().replace("_", " ").split()[-2:]}:
        return max(len(c.split()) for c in cells) <= 4
    if len(set(cells)) < len(cells) or not all(cells):
        return False
    if not below:
        return len(cells) > 1
    return any(_unlike(cells, below, i) for i in range(len(cells)))


def _unlike(cells: list[str], below: list[list[str]], place: int) -> bool:
    column = [row[place] for row in below if len(row) == len(cells) and row[place].strip()]
    if not column:
        return False
    if type_of(column) in ("number", "date"):
        return True
    usual = statistics.median(map(len, column))
    return cells[place] not in column and usual > 3 * len(cells[place]) and usual > 20
