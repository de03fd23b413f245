"""What the reader makes of files of every format, and what it says about those it cannot use."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.services.importing import binary, detect, lines, plan, records
from tests.importing import FORMATS, Refusal, labels, plan_for, preview, read, texts, write

ROWS = [
    ["a1", "Hello, how are you?", "ham"],
    ["a2", 'She said "hi"\nand left', "ham"],
    ["a3", "  spaces, stay  ", "spam"],
    ["a4", "日本語のテキスト 🎉 עברית", "ham"],
    ["a5", "=SUM(A1)", "spam"],
]


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, **chosen: object) -> str:
    """The sentence with which a file is refused, at whatever step."""
    with pytest.raises(Refusal) as caught:
        read(plan_for(path, **chosen))
    said = str(caught.value)
    assert said.startswith(path.name)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# Formats and encodings -------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_comes_back_equal(tmp_path, ending):
    path = write(tmp_path / f"t.{ending}", ["id", "text", "label"], ROWS)
    found = preview(path)
    assert found.names == ("id", "text", "label")
    assert (found.id, found.text, found.label) == ("id", "text", "label")
    assert (found.estimate, found.exact) == (5, True)
    assert [list(row) for row in found.rows] == ROWS
    made = plan_for(path, found, id="id", label="label", classes=("ham", "spam"))
    assert labels(made) == {"ham": 3, "spam": 2}
    samples = read(made).samples
    first = 1 if "parquet" in ending or "jsonl" in ending else 2
    assert samples == [
        (first + i, own, text, None, ("ham", "spam").index(label))
        for i, (own, text, label) in enumerate(ROWS)
    ]


ENCODINGS = [
    ("utf-8", "utf-8"),
    ("utf-8-sig", "utf-8-sig"),
    ("utf-16", "utf-16"),
    ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "utf-16-be"),
    ("utf-32", "utf-32"),
    ("latin-1", "cp1252"),
    ("cp1252", "cp1252"),
]


@pytest.mark.parametrize(("written", "found"), ENCODINGS)
def test_encodings_are_found(tmp_path, written, found):
    text = "text,label\n" + "".join(f"Ein Gruß aus Köln und ein Café № {i},x\n" for i in range(9))
    if found == "cp1252":
        text = text.replace("№", "n°")
    path = put(tmp_path, "a.csv", text.encode(written))
    seen = preview(path)
    assert seen.format.encoding == found
    assert seen.names == ("text", "label")
    assert texts(path) == [line.split(",")[0] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp1251", "Это сообщение написано по-русски, и его должно быть видно"),
        ("shift_jis", "これは日本語の文章です。ラベルを付けてください。"),
        ("gb18030", "这是一条中文消息，请给它贴上标签。"),
        ("cp949", "이것은 한국어 메시지입니다. 라벨을 붙여 주세요."),
        ("cp1253", "Αυτό είναι ένα μήνυμα στα ελληνικά και πρέπει να φαίνεται"),
    ],
)
def test_other_scripts_are_told_apart(tmp_path, encoding, line):
    path = put(tmp_path, "a.txt", "\n".join(f"{line} {i}" for i in range(40)).encode(encoding))
    assert texts(path)[0] == f"{line} 0"


def test_a_named_encoding_is_taken(tmp_path):
    path = put(tmp_path, "a.txt", "Žlutý kůň\nÚpěl".encode("cp1250"))
    found = preview(path, encoding="windows-1250")
    assert read(plan_for(path, found)).samples[0][2] == "Žlutý kůň"
    with pytest.raises(Refusal, match="no encoding 'klingon'"):
        preview(path, encoding="klingon")
    with pytest.raises(Refusal, match="no encoding 'base64'"):
        preview(path, encoding="base64")


def test_latin_1_where_cp1252_has_no_character(tmp_path):
    assert preview(put(tmp_path, "a.txt", b"caf\xe9 \x81\nna\xefve")).format.encoding == "latin-1"


@pytest.mark.parametrize(
    ("delimiter", "kind"), [(",", "csv"), (";", "csv"), ("|", "csv"), ("\t", "tsv")]
)
def test_delimiters_are_found(tmp_path, delimiter, kind):
    rows = [("text", "label"), *((f"one{i}, two; three", "x") for i in range(9))]
    body = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = preview(put(tmp_path, "a.csv", body))
    assert (found.format.delimiter, found.format.kind) == (delimiter, kind)
    assert found.names == ("text", "label")
    assert found.rows[0] == ("one0, two; three", "x")


def test_a_delimiter_of_ones_own(tmp_path):
    path = put(tmp_path, "a.csv", "text~label\na,b~x\nc,d~y\n")
    found = preview(path, delimiter="~")
    assert found.rows == (("a,b", "x"), ("c,d", "y"))
    with pytest.raises(Refusal, match="not one character"):
        preview(path, delimiter="~~")


def test_quotes_in_tsv_are_quotes_unless_cells_are_quoted(tmp_path):
    plain = "".join(f'ham\t"Hi" she said {i}\n' for i in range(9))
    assert preview(put(tmp_path, "a.tsv", plain)).rows[0] == ("ham", '"Hi" she said 0')
    quoted = "".join(f'ham\t"Hi\tthere {i}"\n' for i in range(9))
    assert preview(put(tmp_path, "b.tsv", quoted)).rows[0] == ("ham", "Hi\tthere 0")


def test_backslashes_before_quotes_are_understood(tmp_path):
    body = "text,label\n" + "".join(f'"a \\"b\\", c {i}",x\n' for i in range(9))
    path = put(tmp_path, "a.csv", body)
    assert preview(path).format.escaped
    assert texts(path)[0] == 'a "b", c 0'


def test_header_or_none(tmp_path):
    without = put(tmp_path, "a.csv", "ham,Go until jurong point\nspam,Free entry in a comp\n" * 5)
    assert preview(without).names == ("column 1", "column 2")
    assert len(texts(without, text="column 2")) == 10
    with_names = put(tmp_path, "b.csv", "kind,words\nham,Go until jurong point\n" * 1)
    assert preview(with_names, header=True).names == ("kind", "words")
    assert len(texts(without, found=preview(without, header=True), text="Go until jurong point"))


def test_strange_names_of_columns(tmp_path):
    path = put(tmp_path, "a.csv", "text,text,,label \nsome words here,b,c,d\n")
    assert preview(path).names == ("text", "text (2)", "column 3", "label")


def test_plain_text_is_one_sample_per_line(tmp_path):
    path = put(tmp_path, "a.txt", "first, line\r\n\r\n  second\u2028line  \r\n\tthird\x0bone\n")
    found = preview(path)
    assert (found.format.kind, found.names) == ("text", ("text",))
    samples = read(plan_for(path, found)).samples
    assert [(s[0], s[2]) for s in samples] == [
        (1, "first, line"), (3, "  second\u2028line  "), (4, "\tthird\x0bone"),
    ]  # fmt: skip


def test_a_file_without_a_telling_name(tmp_path):
    assert preview(put(tmp_path, "data", "ham\tGo home\nspam\tWin cash\n" * 9)).format.kind == "tsv"
    assert preview(put(tmp_path, "more", "Just some\nlines of text\n")).format.kind == "text"
    assert preview(put(tmp_path, "json", '{"text": "a"}\n{"text": "b"}\n')).format.kind == "jsonl"


def test_jsonl_has_the_keys_of_all_its_lines(tmp_path):
    objects = [{"text": "a b c"}, {"text": "d e", "label": "x", "n": 1.0}, {"text": "f", "o": [1]}]
    path = put(tmp_path, "a.jsonl", "\n".join(map(json.dumps, objects)))
    found = preview(path)
    assert found.names == ("text", "label", "n", "o")
    assert found.rows == (
        ("a b c", "", "", ""), ("d e", "x", "1", ""), ("f", "", "", "[1]"),
    )  # fmt: skip
    strings = put(tmp_path, "b.jsonl", '"one text"\n"another"\n')
    assert texts(strings) == ["one text", "another"]


def test_parquet_values_of_every_kind(tmp_path):
    when = datetime.datetime(2024, 5, 31, 17, 5, tzinfo=datetime.UTC)
    table = pa.table({
        "text": pa.array(["a", "b"]).dictionary_encode(),
        "when": pa.array([when, None], pa.timestamp("ns", tz="UTC")),
        "day": pa.array([when.date(), None]),
        "n": pa.array([1, None], pa.int64()),
        "x": pa.array([0.5, float("nan")]),
        "yes": pa.array([True, None]),
        "list": pa.array([[1, 2], None]),
        "bytes": pa.array([b"caf\xc3\xa9", None]),
        "money": pa.array([None, 12], pa.decimal128(9, 2)),
    })  # fmt: skip
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    found = preview(path)
    assert dict(zip(found.names, found.rows[0], strict=True)) == {
        "text": "a", "when": "2024-05-31T17:05:00+00:00", "day": "2024-05-31", "n": "1",
        "x": "0.5", "yes": "true", "list": "[1, 2]", "bytes": "café", "money": "",
    }  # fmt: skip
    types = {c.name: c.type for c in found.columns}
    assert types["when"] == types["day"] == "date"
    assert types["n"] == types["x"] == types["money"] == "number"
    assert types["yes"] == "category"
    fields = dict.fromkeys(("n", "x", "money"), "number") | {"yes": "category", "when": "date"}
    samples = read(plan_for(path, found, fields=fields, skip_bad=True)).samples
    rows = [json.loads(s[3]) for s in samples]
    assert rows[0] == {"n": 1, "x": 0.5, "money": None, "yes": "true",
                       "when": "2024-05-31T17:05:00+00:00"}  # fmt: skip
    assert rows[1] == {"n": None, "x": None, "money": 12.0, "yes": None, "when": None}


def test_sheets_and_the_rows_of_excel(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing here"])
    sheet = book.create_sheet("Data")
    for cell, value in {"B3": "text", "C3": "when", "B4": "one", "C4": datetime.date(2024, 5, 31),
                        "B6": "two", "C6": 7.0}.items():  # fmt: skip
        sheet[cell] = value
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert preview(path).format.sheets == ("Notes", "Data")
    found = preview(path, sheet="Data")
    assert found.names == ("text", "when")
    assert found.rows == (("one", "2024-05-31"), ("two", "7"))
    assert [s[0] for s in read(plan_for(path, found)).samples] == [4, 6]  # as Excel numbers them
    with pytest.raises(Refusal, match="no sheet 'Other'; there are Notes, Data"):
        preview(path, sheet="Other")


# Rows of fields --------------------------------------------------------------------------------


def test_fields_are_typed(tmp_path):
    rows = "price,color,seen,note,code\n" + "".join(
        f"{i}.50,{'red' if i % 2 else 'green'},2024-05-{i + 1:02d},Some words about {i},00{i}\n"
        for i in range(9)
    )
    path = put(tmp_path, "a.csv", rows + "n/a,,,,\n")
    found = preview(path)
    types = {c.name: c.type for c in found.columns}
    assert types == {"price": "text", "color": "category", "seen": "date", "note": "text",
                     "code": "text"}  # fmt: skip
    assert preview(put(tmp_path, "b.csv", rows)).columns[0].type == "number"
    made = plan_for(path, found, fields={**types, "price": "number"})
    samples = read(made).samples
    assert json.loads(samples[0][3]) == {"price": 0.5, "color": "green", "seen": "2024-05-01",
                                         "note": "Some words about 0", "code": "000"}  # fmt: skip
    # What does not fit its type says what it says.
    assert json.loads(samples[9][3]) == {"price": "n/a", "color": None, "seen": None, "note": "",
                                         "code": ""}  # fmt: skip


def test_a_row_without_any_field(tmp_path):
    path = put(tmp_path, "a.csv", "size,kind\n1,x\n,\n2,y\n")
    said = refusal(path, fields={"size": "number", "kind": "category"})
    assert said.startswith("a.csv, row 3: all its fields are empty")


# Bad rows --------------------------------------------------------------------------------------

BAD_ROWS = {
    "empty text": ("a1,,ham", "row 3, column text: the text is empty"),
    "blank text": ("a1,   ,ham", "row 3, column text: the text is empty"),
    "too few cells": ("a1,b", "row 3, column label: there are 2 cells, and the table has 3"),
    "too many cells": ("a1,b,c,d", "row 3, column label: there are 4 cells, and the table has 3"),
    "no class": ("a1,b,eggs", "row 3, column label: the label 'eggs' is no class; the classes are"),
    "no id": (",b,ham", "row 3, column id: the id is empty"),
    "a long id": (f"{'i' * 201},b,ham", "row 3, column id: the id has 201 characters"),
    "a NUL": ("a1,b\0c,ham", "row 3, column text: there is a NUL character in it"),
    "a long label": (f"a1,b,{'l' * 101}", "row 3, column label: the label has 101 characters"),
    "a quote that is not closed": ('a1,"b,ham', "row 3: a quote is opened and never closed"),
    "more after a quote": ('a1,"b"c,ham', "row 3: a closing quote is followed by more"),
    "a long text": (f"a1,{'b' * 1_000_001},ham", "row 3, column text: a cell has more than"),
}


@pytest.mark.parametrize(("row", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_named_or_skipped(tmp_path, row, said):
    around = "x{},some text,ham\n"
    path = put(tmp_path, "a.csv", f"id,text,label\n{around.format(1)}{row}\n{around.format(2)}")
    chosen = {"id": "id", "label": "label", "classes": ("ham", "spam")}
    fmt = preview(put(tmp_path, "good.csv", "id,text,label\n" + around.format(1) * 9))
    with pytest.raises(Refusal) as caught:
        read(plan_for(path, fmt, **chosen))
    assert str(caught.value).startswith(f"a.csv, {said}")
    got = read(plan_for(path, fmt, skip_bad=True, **chosen))
    assert [bad.sentence("a.csv").startswith(f"a.csv, {said}") for bad in got.bad] == [True]
    assert [(s[0], s[1]) for s in got.samples] == [(2, "x1"), (4, "x2")]


def test_the_line_is_said_where_it_is_not_the_row(tmp_path):
    path = put(tmp_path, "a.csv", 'text,label\n"one\ntwo\nthree",x\n\n,x\n')
    assert refusal(path).startswith("a.csv, row 4 (line 6), column text: the text is empty")


def test_bytes_that_are_not_in_the_encoding(tmp_path, monkeypatch):
    monkeypatch.setattr(detect, "READ", 10_000)
    body = b"text,label\n" + b"plain,x\n" * 3_000 + "Café,x\n".encode("latin-1")
    path = put(tmp_path, "a.csv", body)
    assert preview(path).format.encoding == "utf-8"  # told from its beginning
    assert refusal(path) == (
        "a.csv, row 3,002, column text: the byte 0xE9 is not in this encoding; name the "
        "encoding that the file was saved in."
    )


def test_half_a_character_in_json(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"text": "fine"}\n{"text": "not \\ud83d"}\n')
    assert "row 2, column text: there is half a character in it" in refusal(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json}", "it is no JSON"),
        ("[1, 2]", "it is an array"),
        ("17", "it is a number or truth value"),
        ("null", "it is null"),
        ("[" * 100_000, "it is no JSON (it is nested too deeply)"),
        ('{"n": ' + "9" * 5000 + "}", "it is no JSON (Exceeds the limit"),
    ],
)
def test_lines_that_are_no_objects(tmp_path, line, said):
    path = put(tmp_path, "a.jsonl", f'{{"text": "one"}}\n{line}\n{{"text": "two"}}\n')
    assert refusal(path).startswith(f"a.jsonl, row 2: {said}")
    assert [s[2] for s in read(plan_for(path, skip_bad=True)).samples] == ["one", "two"]


def test_json_may_hold_what_json_does_not_know(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"x": NaN, "y": 1e400, "z": 1}\n{"x": 1, "y": -Infinity}\n')
    fields = dict.fromkeys("xyz", "number")
    rows = [json.loads(s[3]) for s in read(plan_for(path, fields=fields)).samples]
    assert rows == [{"x": None, "y": "inf", "z": 1}, {"x": 1, "y": "-inf", "z": None}]


def test_open_quotes_do_not_swallow_the_rest(tmp_path):
    rows = [f"text {i},x" for i in range(50)]
    rows[10] = '"text 10,x'
    path = put(tmp_path, "a.csv", "\n".join(["text,label", *rows]))
    fmt = preview(put(tmp_path, "good.csv", 'text,label\n"a",x\n' * 9))
    got = read(plan_for(path, fmt, skip_bad=True))
    assert [bad.row for bad in got.bad] == [12]
    assert [s[2] for s in got.samples] == [f"text {i}" for i in range(50) if i != 10]


def test_too_many_open_quotes(tmp_path):
    body = "text,label\n" + '"open,x"y\n' * 2 * (records.OPEN_QUOTES + 5)
    path = put(tmp_path, "a.csv", body)
    fmt = preview(put(tmp_path, "good.csv", 'text,label\n"a",x\n' * 9))
    read(plan_for(path, fmt, skip_bad=True))


def test_missing_labels(tmp_path):
    path = put(tmp_path, "a.csv", "text,label\na,x\nb,\nc, y \n")
    chosen = {"label": "label", "classes": ("x", "y"), "text": "text"}
    kept = read(plan_for(path, **chosen)).samples
    assert [(s[2], s[4]) for s in kept] == [("a", 0), ("b", None), ("c", 1)]
    skipped = read(plan_for(path, missing="skip", **chosen))
    assert ([s[2] for s in skipped.samples], skipped.missing) == (["a", "c"], 1)
    said = refusal(path, missing="refuse", **chosen)
    assert said.startswith("a.csv, row 3, column label: the label is empty")


def test_too_many_labels(tmp_path):
    body = "text,label\n" + "".join(f"text {i},label {i}\n" for i in range(3000))
    path = put(tmp_path, "a.csv", body)
    with pytest.raises(Refusal, match=r"a\.csv, row 2,002, column label: it has 2,001 different"):
        labels(plan_for(path, label="label", text="text"))
    few = put(tmp_path, "b.csv", "".join(body.splitlines(keepends=True)[: plan.MAX_CLASSES + 2]))
    with pytest.raises(Refusal, match=r"b\.csv, column label: it has 501 different labels"):
        labels(plan_for(few, label="label", text="text"))


def test_a_column_that_is_not_there(tmp_path):
    path = put(tmp_path, "a.csv", "text,label\na b,x\nc d,y\n")
    assert "there is no column 'class'; there are text, label" in refusal(path, label="class")


# Bad files -------------------------------------------------------------------------------------

BAD_FILES = {
    "blank": ("a.csv", b" \n\n  ", "nothing but blank space"),
    "only a header": ("a.csv", b"text,label\n", "no row below the names"),
    "an old Excel file": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
    "a PDF": ("a.csv", b"%PDF-1.7 and so on", "PDF document"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "a picture"),
    "zeros": ("a.csv", b"\0" * 4096, "no text and no table"),
    "a pickle": ("a.csv", b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x04text\x94.",
                 "no text and no table"),
    "a JSON array": ("a.json", b'[{"text": "a"}, {"text": "b"}]', "one JSON array"),
    "an empty gzip file": ("a.csv.gz", gzip.compress(b""), "nothing in it"),
    "half a gzip file": ("a.csv.gz", gzip.compress(b"text,label\na,b\n" * 99)[:40], "cut off"),
    "a damaged gzip file": ("a.csv.gz", b"\x1f\x8b\x08\0" + b"\xff" * 60, "damaged"),
    "half a zip file": ("a.xlsx", b"PK\x03\x04" + b"\0" * 60, "no XLSX file"),
    "half a Parquet file": ("a.parquet", b"PAR1" + b"\0" * 60, "cannot be read"),
    "too many columns": ("a.csv", b",".join([b"x"] * 3000) + b"\n" * 2, "it has 3,000 columns"),
    "keys without end": ("a.jsonl", json.dumps(dict.fromkeys(map(str, range(2000)))).encode(),
                         "it has 2,000 columns"),
    "a line without end": ("a.txt", b"x" * 17_000_000, "longer than 16,000,000 characters"),
    "a name with a NUL": ("a.csv", b"te\0xt,label\na,b\n" * 1 + b"cc,dd\n" * 99, "NUL character"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_in_a_sentence(tmp_path, name, data, said):
    assert said in refusal(put(tmp_path, name, data))


def test_a_gzip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "PACKED_AT_LEAST", 1 << 20)
    body = b"text,label\n" + (b"a" * 99 + b",b\n") * 100_000
    path = put(tmp_path, "a.csv.gz", gzip.compress(body))
    assert path.stat().st_size < 100_000
    assert "unpacks to far more than a table would" in refusal(path)


def test_utf_16_that_breaks_off(tmp_path):
    data = "text,label\nsome words,x\n".encode("utf-16")[:-1]
    assert "not in this encoding" in refusal(put(tmp_path, "a.csv", data))


def test_a_parquet_file_with_two_columns_of_one_name(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["a"])] * 2, names=["x", "x"]), path)
    assert "two columns are called 'x'" in refusal(path)


def test_a_parquet_file_of_too_many_rows(tmp_path):
    zeros = pa.array([0] * 1000, pa.int8())
    huge = pa.chunked_array([zeros] * 10_001)
    pq.write_table(pa.table({"text": huge}), tmp_path / "a.parquet")
    assert "it has 10,001,000 rows, and up to 10,000,000" in refusal(tmp_path / "a.parquet")


@pytest.mark.parametrize("typed", [True, False])
def test_a_parquet_file_that_unpacks_without_end(tmp_path, monkeypatch, typed):
    """A long text and many references to it: 100 MB in a few kilobytes."""
    monkeypatch.setattr(binary, "BYTES_AT_LEAST", 1 << 20)
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), ["x" * 2000])
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": text if typed else text.dictionary_decode()}), path)
    assert path.stat().st_size < 20_000
    assert "unpacks to far more than a table of its size would" in refusal(path)


def test_a_parquet_file_with_a_cell_of_10_mb(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["a", "x" * 10_000_000]}), path)
    assert "row 2, column text: a cell has 10,000,000 bytes" in refusal(path)


@pytest.mark.parametrize("ending", ["jsonl", "txt"])
def test_a_cell_of_10_mb(tmp_path, ending):
    cell = "x" * 10_000_000
    body = f'{{"text": "a"}}\n{{"text": "{cell}"}}' if ending == "jsonl" else f"a\n{cell}"
    path = put(tmp_path, f"a.{ending}", body)
    assert "row 2, column text: it has 10,000,000 characters" in refusal(path, text="text")


def test_headers_are_told_from_rows():
    assert detect.has_header([["COMMENT_ID", "CONTENT"], ["z12", "Nice song"]])
    assert detect.has_header([["a", "b"], ["1", "2"]])
    assert not detect.has_header([["1", "2"], ["3", "4"]])
    assert not detect.has_header([["hello there", ""], ["x", "y"]])
    assert not detect.has_header([])
