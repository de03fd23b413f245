"""Any bytes are a stream or one clear sentence; a table written and imported comes back equal."""

from __future__ import annotations

import gzip
import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.importing import records
from dashboard.services.importing.bad import Refused
from dashboard.services.importing.plan import MAX_CELL, Format, Plan
from dashboard.services.importing.records import Row
from dashboard.services.importing.service import Importer
from dashboard.services.importing.tables import Table, open_table
from dashboard.storage import streams
from tests.importing import FORMATS, Refusal, labels, plan_for, preview, read, write

NAMES = ("a", "a.csv", "a.tsv", "a.jsonl", "a.txt", "a.csv.gz", "a.parquet", "a.xlsx", "a.json")
QUICK = settings(deadline=None, max_examples=150)


def must_be_clear(refusal: Exception, name: str) -> None:
    """A refusal is one sentence that begins with the file."""
    sentence = str(refusal)
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence


def imported(folder: Path, name: str, data: bytes) -> None:
    """Read bytes as far as they go, for a text, for labels and for fields."""
    path = folder / name
    path.write_bytes(data)
    try:
        found = preview(path)
        assert 1 <= len(found.rows) <= 20
        assert found.estimate >= len(found.rows)
        fields = {column.name: column.type for column in found.columns}
        plans = [plan_for(path, found, text=column.name) for column in found.columns[:3]]
        plans += [plan_for(path, found, fields=fields)]
    except Refusal as refusal:
        must_be_clear(refusal, name)
        return
    for plan in plans:
        checked(plan, name)
    label = found.columns[-1].name
    try:
        counts = labels(plan_for(path, found, text=label, label=label, skip_bad=True))
        assert all(key and key == key.strip() and count > 0 for key, count in counts.items())
    except Refusal as refusal:
        must_be_clear(refusal, name)


def checked(plan: Plan, name: str) -> None:
    """Samples of a plan, refused or skipped where they are bad, can be stored and shown."""
    try:
        whole = read(plan).samples
    except Refusal as refusal:
        must_be_clear(refusal, name)
        whole = None
    try:
        got = read(replace(plan, skip_bad=True))
    except Refusal as refusal:
        must_be_clear(refusal, name)
        assert whole is None
        return
    assert whole is None or (whole == got.samples and not got.bad)
    numbers = [sample[0] for sample in got.samples]
    assert numbers == sorted(set(numbers))
    for bad in got.bad:
        assert bad.row
        must_be_clear(Refusal(bad.sentence(name)), name)
    for _, _, text, fields, truth in got.samples:
        shown = text if fields is None else fields
        assert shown is not None
        assert "\0" not in shown
        assert len(shown.encode()) > 0
        assert truth is None
        if text is not None:
            assert text.strip()
            assert len(text) <= MAX_CELL
            assert text == text.strip("\r\n")
        else:
            assert set(json.loads(fields or "")) == set(plan.fields)


@pytest.mark.parametrize("name", NAMES)
@QUICK
@example(data=b"")
@example(data=b"\n")
@example(data=b"\xef\xbb\xbf")
@example(data=b"\xff\xfe")
@example(data=b"\xff\xfea\0,\0b\0\n\0\0\xd8\n\0")
@example(data=b"\x1f\x8b")
@example(data=b"PAR1PAR1")
@example(data=b"PK\x03\x04")
@example(data=b'"')
@example(data=b'a,b\n"c\nd,e\n')
@example(data=b"a\rb\rc")
@example(data=b"{}\n{}")
@example(data=b'{"a": 1}\n"b"\n')
@example(data=b"text\n\xe9")
@given(data=st.binary(max_size=600))
def test_any_bytes(name, data):
    with tempfile.TemporaryDirectory() as folder:
        imported(Path(folder), name, data)


ALMOST = st.text(
    alphabet=st.sampled_from(list("ab1.-é日\0\"',;\t|\\\r\n{}[]: =\u2028\ufeff")), max_size=200
)


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(
    text=ALMOST, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
)
def test_any_text_that_is_almost_a_table(name, text, encoding):
    data = text.encode(encoding, "replace")
    with tempfile.TemporaryDirectory() as folder:
        imported(Path(folder), name, gzip.compress(data) if name.endswith(".gz") else data)


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "csv.gz"])
@QUICK
@given(at=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file(ending, at, byte, cut):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [[f"text {i}", i, "x" if i % 2 else "y"] for i in range(30)]
        data = bytearray(
            write(folder / f"good.{ending}", ["text", "n", "label"], rows).read_bytes()
        )
        place = min(len(data) - 1, int(at * len(data)))
        if cut:
            del data[place:]
        else:
            data[place] = byte
        imported(folder, f"a.{ending}", bytes(data))


# There and back --------------------------------------------------------------------------------

# What XML and spreadsheets cannot hold is left out for XLSX only.
CONTROL = "".join(map(chr, range(1, 32)))
CELL = st.text(
    alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40
)
TEXT = CELL.filter(lambda t: t.strip() and t == t.strip("\r\n"))
WORD = st.text(
    alphabet=st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12
).filter(lambda t: t.isprintable() and t == t.strip())
NUMBER = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, width=64).filter(
        lambda x: x == 0 or 1e-90 < abs(x) < 1e90
    ),
)


def fit(ending: str, text: str) -> str:
    if ending != "xlsx":
        return text
    kept = "".join(
        c for c in text if c not in CONTROL and c not in "\ufffe\uffff" and c.isprintable()
    )
    return kept if kept.strip() else "x"


@pytest.mark.parametrize("ending", FORMATS)
@QUICK
@given(
    rows=st.lists(st.tuples(TEXT, WORD), min_size=1, max_size=12),
    own=st.lists(WORD, min_size=12, max_size=12, unique=True),
)
def test_texts_come_back_equal(ending, rows, own):
    rows = [(fit(ending, text), fit(ending, label)) for text, label in rows]
    ids = [f"{i}-{fit(ending, name)}" for i, name in enumerate(own)]
    with tempfile.TemporaryDirectory() as folder:
        columns = ["id", "text", "label"]
        cells = [[ids[i], text, label] for i, (text, label) in enumerate(rows)]
        path = write(Path(folder) / f"t.{ending}", columns, cells)
        found = preview(path, **told(ending))
        assert found.names == ("id", "text", "label")
        plan = plan_for(path, found, text="text", id="id", label="label")
        counts = labels(plan)
        classes = tuple(counts)
        assert counts == {c: [label for _, label in rows].count(c) for c in classes}
        got = read(plan_for(path, found, text="text", id="id", label="label", classes=classes))
    assert [(own, text, classes[truth]) for _, own, text, _, truth in got.samples] == [
        (ids[i], text, label) for i, (text, label) in enumerate(rows)
    ]


def told(ending: str) -> dict[str, Any]:
    """What could not be found out of a table of a few random cells."""
    kind = ending.removesuffix(".gz")
    return {"csv": {"header": True, "encoding": "utf-8", "delimiter": ",", "quoted": True},
            "tsv": {"header": True, "encoding": "utf-8", "delimiter": "\t", "quoted": True},
            "jsonl": {"encoding": "utf-8", "kind": "jsonl"},
            "xlsx": {"header": True}}.get(kind, {})  # fmt: skip


@pytest.mark.parametrize("ending", FORMATS)
@QUICK
@given(
    rows=st.lists(
        st.tuples(NUMBER, st.none() | WORD, st.dates(), st.none() | TEXT), min_size=1, max_size=12
    )
)
def test_fields_come_back_equal(ending, rows):
    cells = [
        [number, word and fit(ending, word), day.isoformat(), text and fit(ending, text)]
        for number, word, day, text in rows
    ]
    with tempfile.TemporaryDirectory() as folder:
        columns = ["size", "kind", "day", "note"]
        path = write(Path(folder) / f"t.{ending}", columns, cells)
        types = ("number", "category", "date", "text")
        fields = dict(zip(columns, types, strict=True))
        got = read(plan_for(path, preview(path, **told(ending)), fields=fields))
    made = [json.loads(fields or "") for _, _, _, fields, _ in got.samples]
    for row, (size, kind, day, note) in zip(made, cells, strict=True):
        assert math.isclose(row["size"], size, rel_tol=1e-15 if ending == "xlsx" else 0)
        assert (row["kind"], row["day"], row["note"]) == (kind, day, note or "")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_the_same_through_the_process_and_the_database(services: Services, tmp_path, ending):
    rows = [[f"id {i}", f'Text {i}, "quoted"\nand more — 日本語', "ham" if i % 3 else "spam"]
            for i in range(5_000)]  # fmt: skip
    path = write(tmp_path / f"t.{ending}", ["id", "text", "label"], rows)
    found = services.importer.preview(path)
    plan = Plan(path=str(path), file=path.name, format=found.format, name="t", text="text",
                id="id", label="label")  # fmt: skip
    stream = services.importer.run(plan).stream
    assert stream is not None
    with services.database.read() as connection:
        stored = [row for part in streams.stored(connection, stream.id) for row in part]
    assert stored == [(own, text, None, int(label == "spam")) for own, text, label in rows]


@settings(deadline=None, max_examples=8)
@given(data=st.binary(min_size=1, max_size=300), name=st.sampled_from(NAMES))
def test_any_bytes_through_the_process(data, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        importer: Any = Importer(None)  # type: ignore[arg-type]  # a preview needs no database
        try:
            assert importer.preview(path).rows
        except BadInput as error:
            must_be_clear(error, name)


def rows_of(path: Path, fmt: Format, *, together: bool) -> list[Any]:
    """All rows of a table, and how it ends."""
    found: list[Any] = []
    try:
        with open_table(path, fmt) as table:
            found += [table.columns]
            found += in_chunks(table) if together else list(table.rows)
    except Refused as refused:
        found += [refused.bad]
    return found


def in_chunks(table: Table) -> list[Row]:
    """The rows of all chunks, which are what their columns say."""
    found = []
    for chunk in table.chunks():
        rows = list(chunk.rows())
        assert [row.number for row in rows] == list(chunk.numbers)
        if chunk.columns is not None:
            cells = list(zip(*(row.values for row in rows), strict=True))
            assert cells == list(map(tuple, chunk.columns))
        found += rows
    return found


PIECES = st.sampled_from(("a", "bc", ",", ",", '"', '""', "\n", "\n", "\r\n", "\\", " ", "é"))


@given(
    body=st.lists(PIECES, max_size=60).map("".join),
    header=st.booleans(),
    escaped=st.booleans(),
    size=st.integers(1, 4),
)
@example(body='a,b\n1,"two\nlines"\n3,4\n', header=True, escaped=False, size=2)
@example(body='a,b\n1,2\n\n"3,4\n5,6\n', header=True, escaped=False, size=3)
@example(body="a,b\n1\n2,3\n", header=False, escaped=True, size=4)
@settings(deadline=None, max_examples=300)
def test_rows_read_together_are_those_read_one_by_one(
    body: str, header: bool, escaped: bool, size: int
) -> None:
    fmt = Format(kind="csv", encoding="utf-8", delimiter=",", header=header, escaped=escaped)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "TOGETHER", size)
        path = Path(folder) / "a.csv"
        path.write_text(body, encoding="utf-8", newline="")
        one_by_one = rows_of(path, fmt, together=False)
        assert rows_of(path, fmt, together=True) == one_by_one
