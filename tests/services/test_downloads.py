"""Downloads: exact bytes of a known log, and the same values in every format."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from pyarrow import parquet

from dashboard.core.events import Event, Kind, Source
from dashboard.core.learner import Prediction
from dashboard.core.spec import make_spec
from dashboard.core.strategies import Decision
from dashboard.errors import BadInput, NotFound
from dashboard.services import downloads, encodings
from dashboard.services.container import Services
from dashboard.storage import log
from dashboard.storage.cells import Record
from dashboard.storage.export import Table
from dashboard.storage.log import Append
from dashboard.storage.streams import Sample

T0 = 1_795_342_830_123  # 2026-11-22T10:20:30.123Z

TEXTS = (
    "see you",
    "on my way",
    '=HYPERLINK("http://win.example","Prize")',
    'two\r\nlines, "quoted"',
    "-20 % today",
    "שלום 🎉",
    "  spaced  ",
    "@home\ttonight",
)
TRUTHS = (0, 0, 1, 0, 1, None, 0, 1)

LABELS_HEADER = (
    "experiment,sample_id,position,text,label,predicted,probability,entropy,query_probability,"
    "reason,annotator,shown_at,labeled_at,seconds,source,truth"
)
PREDICTIONS_HEADER = (
    "experiment,position,sample_id,predicted,p_ham,p_spam,entropy,query_probability,asked,reason,"
    "label,truth,correct,at"
)


def download(
    services: Services,
    slug: str,
    what: str,
    fmt: str = "csv",
    *,
    raw: bool = False,
    history: bool = False,
) -> bytes:
    return b"".join(downloads.stream(services.database, slug, what, fmt, raw=raw, history=history))


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def dicts(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def create(services: Services, texts: Sequence[str] = TEXTS, name: str = "Mail") -> str:
    items = (Sample(f"m{i}", {"text": t}, TRUTHS[i % 8]) for i, t in enumerate(texts))
    stream = services.experiments.add_stream(
        slug=name.lower(), title=name, kind="text", classes=["ham", "spam"], items=items, source=""
    )
    spec = make_spec("blog", text=True, classes=2)
    return services.experiments.create(name, stream=stream, spec=spec).slug


class Pen:
    """Writes made-up events with made-up predictions, one second apart."""

    def __init__(self, services: Services, slug: str):
        self.database = services.database
        self.id = services.experiments.find(slug).id
        self.seq = self.position = 0

    def write(self, kind: Kind, *scanned: tuple[float, str], **details: Any) -> None:
        """An event, and for each sample scanned the probability of spam and the reason."""
        first = self.position
        made = [predict(first + i, p, reason) for i, (p, reason) in enumerate(scanned)]
        self.position = details.pop("stop", first + len(made))
        truths = [TRUTHS[p.position % 8] for p in made]
        self.seq += 1
        event = Event(
            seq=self.seq, kind=kind, first=first, stop=self.position,
            at=T0 + 1000 * (self.seq - 1), **details,
        )  # fmt: skip
        with self.database.write() as connection:
            log.append(connection, self.id, Append(event, made, truths))


def predict(position: int, spam: float, reason: str) -> Prediction:
    ham = 1 - spam
    predicted = None if math.isnan(spam) else int(spam > ham)
    decision = Decision(0.5, 0.1 if reason == "" else 0.30000000000000004, bool(reason), reason)
    return Prediction(position, predicted, (ham, spam), decision)


@pytest.fixture
def mail(services: Services) -> str:
    """A log with a label that was changed, a pass, one retracted, one undone, and an open query."""
    slug = create(services)
    pen = Pen(services, slug)
    pen.write(Kind.SCAN, (0.25, ""), (math.nan, ""), (0.75, "entropy"))
    pen.write(Kind.LABEL, (0.25, "cold-start"), position=2, label=1, milliseconds=1500)
    pen.write(Kind.PASS, (0.125, "audit"), position=3, annotator="ann", milliseconds=7)
    pen.write(Kind.LABEL, (0.625, "entropy"), position=4, label=0, source=Source.ORACLE)
    pen.write(Kind.LABEL, (0.25, ""), (0.875, "entropy"), position=5, label=1, annotator="=bob")
    pen.write(Kind.UNDO, position=5, target=5, stop=6)
    pen.write(Kind.LABEL, (0.375, ""), (0.9375, "entropy"), position=5, label=0, milliseconds=250)
    pen.write(Kind.RELABEL, position=2, label=0, target=2, annotator="ann")
    pen.write(Kind.RETRACT, position=4, target=4)
    return slug


# Exact bytes -----------------------------------------------------------------------------------

PASSED = (
    'mail,m3,3,"two\r\nlines, ""quoted""",,ham,0.75,0.5,0.30000000000000004,cold-start,ann,'
    "2026-11-22T10:20:32.116Z,2026-11-22T10:20:32.123Z,0.007,person,ham"
)
SHALOM = (
    "mail,m5,5,שלום 🎉,ham,spam,0.625,0.5,0.30000000000000004,entropy,,"
    "2026-11-22T10:20:35.873Z,2026-11-22T10:20:36.123Z,0.25,person,"
)
PRIZE = (
    'mail,m2,2,"\'=HYPERLINK(""http://win.example"",""Prize"")",{label},spam,0.75,0.5,'
    "0.30000000000000004,entropy,{who}"
)
PRIZE_NOW = PRIZE.format(label="ham", who="ann,,2026-11-22T10:20:37.123Z,,person,spam")
PRIZE_THEN = PRIZE.format(
    label="spam",
    who=",2026-11-22T10:20:29.623Z,2026-11-22T10:20:31.123Z,1.5,person,spam",
)
RETRACTED = (
    "mail,m4,4,'-20 % today,ham,ham,0.875,0.5,0.30000000000000004,audit,,,"
    "2026-11-22T10:20:33.123Z,,oracle,spam"
)
UNDONE = (
    "mail,m5,5,שלום 🎉,spam,spam,0.625,0.5,0.30000000000000004,entropy,'=bob,,"
    "2026-11-22T10:20:34.123Z,,person,"
)


@pytest.mark.both
def test_labels_are_the_answers_in_force(services: Services, mail: str) -> None:
    lines = [LABELS_HEADER, PRIZE_NOW, PASSED, SHALOM, ""]
    assert download(services, mail, "labels") == "\r\n".join(lines).encode()


@pytest.mark.both
def test_history_adds_what_was_changed_undone_or_retracted(services: Services, mail: str) -> None:
    lines = [
        f"{LABELS_HEADER},retracted_at",
        f"{PRIZE_THEN},2026-11-22T10:20:37.123Z",
        f"{PRIZE_NOW},",
        f"{PASSED},",
        f"{RETRACTED},2026-11-22T10:20:38.123Z",
        f"{UNDONE},2026-11-22T10:20:35.123Z",
        f"{SHALOM},",
        "",
    ]
    assert download(services, mail, "labels", history=True) == "\r\n".join(lines).encode()


def test_flags_and_notes_are_added_at_the_end_where_there_are_any(
    services: Services, mail: str
) -> None:
    services.marks.mark(mail, position=3, flag=True, note="=1+1, really?")
    services.marks.mark(mail, position=0, flag=True)  # never asked about, so it has no row
    lines = [
        f"{LABELS_HEADER},flag,note",
        f"{PRIZE_NOW},false,",
        f'{PASSED},true,"\'=1+1, really?"',
        f"{SHALOM},false,",
        "",
    ]
    assert download(services, mail, "labels") == "\r\n".join(lines).encode()
    history = download(services, mail, "labels", history=True).decode().splitlines()
    assert history[0] == f"{LABELS_HEADER},retracted_at,flag,note"
    rows = [json.loads(line) for line in download(services, mail, "labels", "jsonl").splitlines()]
    assert [(row["flag"], row["note"]) for row in rows] == [
        (False, None), (True, "=1+1, really?"), (False, None),
    ]  # fmt: skip
    table = parquet.read_table(io.BytesIO(download(services, mail, "labels", "parquet")))
    assert table.column_names[-2:] == ["flag", "note"]
    assert table["flag"].to_pylist() == [False, True, False]
    for position in (0, 3):
        services.marks.mark(mail, position=position, flag=False, note="")
    assert download(services, mail, "labels").decode().splitlines()[0] == LABELS_HEADER


@pytest.mark.both
def test_predictions_leave_out_the_open_query(services: Services, mail: str) -> None:
    lines = [
        PREDICTIONS_HEADER,
        "mail,0,m0,ham,0.75,0.25,0.5,0.1,false,,,ham,true,2026-11-22T10:20:30.123Z",
        "mail,1,m1,,,,0.5,0.1,false,,,ham,false,2026-11-22T10:20:30.123Z",
        "mail,2,m2,spam,0.25,0.75,0.5,0.30000000000000004,true,entropy,ham,spam,true,"
        "2026-11-22T10:20:30.123Z",
        "mail,3,m3,ham,0.75,0.25,0.5,0.30000000000000004,true,cold-start,,ham,true,"
        "2026-11-22T10:20:31.123Z",
        "mail,4,m4,ham,0.875,0.125,0.5,0.30000000000000004,true,audit,,spam,false,"
        "2026-11-22T10:20:32.123Z",
        "mail,5,m5,spam,0.375,0.625,0.5,0.30000000000000004,true,entropy,ham,,false,"
        "2026-11-22T10:20:33.123Z",
        "mail,6,m6,ham,0.625,0.375,0.5,0.1,false,,,ham,true,2026-11-22T10:20:36.123Z",
        "",
    ]
    assert download(services, mail, "predictions") == "\r\n".join(lines).encode()


def test_nothing_known_means_nothing_to_be_correct_about(services: Services) -> None:
    slug = create(services)
    Pen(services, slug).write(Kind.SCAN, *[(0.25, "")] * 6)
    last = dicts(download(services, slug, "predictions"))[-1]
    assert (last["truth"], last["label"], last["correct"]) == ("", "", "")


def test_a_label_undone_does_not_tell_the_truth(services: Services) -> None:
    slug = create(services)
    pen = Pen(services, slug)
    pen.write(Kind.SCAN, (0.75, "entropy"))
    pen.write(Kind.LABEL, (0.75, "entropy"), position=0, label=1)
    pen.write(Kind.LABEL, (0.75, "entropy"), position=1, label=1)
    pen.write(Kind.UNDO, position=1, target=3, stop=2)
    pen.write(Kind.UNDO, position=0, target=2, stop=1)
    assert dicts(download(services, slug, "labels")) == []
    rows = dicts(download(services, slug, "labels", history=True))
    assert [(r["position"], r["label"], r["truth"]) for r in rows] == [
        ("0", "spam", ""),
        ("1", "spam", ""),
    ]
    pen.write(Kind.LABEL, (0.25, ""), position=0, label=0)
    rows = dicts(download(services, slug, "labels", history=True))
    assert [(r["position"], r["label"], r["truth"]) for r in rows] == [
        ("0", "spam", "ham"),
        ("0", "ham", "ham"),
        ("1", "spam", "ham"),
    ]


@pytest.mark.parametrize(
    ("what", "header"), [("labels", LABELS_HEADER), ("predictions", PREDICTIONS_HEADER)]
)
def test_an_empty_log_has_its_header(services: Services, what: str, header: str) -> None:
    slug = create(services)
    assert download(services, slug, what) == f"{header}\r\n".encode()
    assert download(services, slug, what, "jsonl") == b""
    table = parquet.read_table(io.BytesIO(download(services, slug, what, "parquet")))
    assert (",".join(table.column_names), table.num_rows) == (header, 0)


# Texts -----------------------------------------------------------------------------------------


def test_raw_keeps_formulas(services: Services, mail: str) -> None:
    plain = download(services, mail, "labels", history=True).decode()
    raw = download(services, mail, "labels", raw=True, history=True).decode()
    assert raw == plain.replace("'=", "=").replace("'-", "-")
    assert "'" not in raw


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_only_text_is_escaped(first: str) -> None:
    row = (f"{first}1", f" {first}1", -1, -1.5, True, False, None, "", "1", "'")
    table = csv_of([row])
    assert table == [[f"'{first}1", f" {first}1", "-1", "-1.5", "true", "false", "", "", "1", "'"]]
    assert csv_of([row], raw=True)[0][:2] == [f"{first}1", f" {first}1"]


def csv_of(rows: list[Record], *, raw: bool = False) -> list[list[str]]:
    return read_csv(b"".join(downloads._csv(nullcontext(table_of(rows)), raw)))[1:]


def table_of(rows: list[Record]) -> Table:
    return Table({f"c{i}": object for i in range(len(rows[0]))}, (row for row in rows))


AWKWARD = (
    'say "hi", then\nleave\r\n',
    "\r",
    "",
    "a\x00b",
    "🇩🇪👩‍👩‍👧 e\u0301 \ufeff",
    "‏مرحبا, \"عالم\"",
    "line\u2028separator\x85",
    "'quoted'",
    "1e5",
)  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_texts_come_back_as_they_are(text: str) -> None:
    assert csv_of([(text, "next")], raw=True) == [[text, "next"]]
    lines = b"".join(downloads._jsonl(nullcontext(table_of([(text, "next")])), True))
    assert [json.loads(line) for line in lines.decode().split("\n")[:-1]] == [
        {"c0": text, "c1": "next"}
    ]


def test_what_a_format_cannot_hold_does_not_stop_it() -> None:
    row: Record = ("half \ud83d", math.inf)
    assert csv_of([row]) == [["half ?", "inf"]]
    lines = b"".join(downloads._jsonl(nullcontext(table_of([row])), True))
    assert lines == b'{"c0": "half \\ud83d", "c1": null}\n'
    assert json.loads(lines)["c0"] == "half \ud83d"
    assert encodings.column(str, row[:1]) == ["half ?"]


# Rows of fields --------------------------------------------------------------------------------

ROWS: tuple[dict[str, Any], ...] = (
    {"size": 1, "=hue": "red", "ok": True, "mixed": 1, "huge": 1, "tags": ["a"], "gone": None},
    {"size": -2.5, "=hue": "=red", "ok": False, "mixed": "x", "huge": 2**63, "late": 1},
    {"size": math.nan, "=hue": "", "ok": None, "mixed": True, "huge": None, "tags": {"k": "é"}},
)


@pytest.fixture
def things(services: Services) -> str:
    stream = services.experiments.add_stream(
        slug="things", title="Things", kind="rows", classes=["ham", "spam"], source="",
        items=(Sample(f"r{i}", x, None) for i, x in enumerate(ROWS)),
    )  # fmt: skip
    spec = make_spec(text=False, classes=2)
    slug = services.experiments.create("Things", stream=stream, spec=spec).slug
    pen = Pen(services, slug)
    pen.write(Kind.SCAN, (0.75, "entropy"))
    for position in range(2):
        pen.write(Kind.LABEL, (0.75, "entropy"), position=position, label=1)
    pen.write(Kind.LABEL, position=2, label=0)
    return slug


def test_rows_have_a_column_for_each_field(services: Services, things: str) -> None:
    header, *rows = read_csv(download(services, things, "labels"))
    fields = ["x.size", "x.=hue", "x.ok", "x.mixed", "x.huge", "x.tags", "x.gone"]
    assert header == LABELS_HEADER.replace("text", ",".join(fields)).split(",")
    assert [row[1:12] for row in rows] == [
        ["r0", "0", "1", "red", "true", "1", "1", '["a"]', "", "spam", "spam"],
        ["r1", "1", "-2.5", "'=red", "false", "x", "9223372036854775808", "", "", "spam", "spam"],
        ["r2", "2", "", "", "", "true", "", '{"k": "é"}', "", "ham", "spam"],
    ]


def test_fields_are_typed_where_all_samples_agree(services: Services, things: str) -> None:
    table = parquet.read_table(io.BytesIO(download(services, things, "labels", "parquet")))
    x = {name: table.column(name) for name in table.column_names if name.startswith("x.")}
    assert {name: (str(column.type), column.to_pylist()) for name, column in x.items()} == {
        "x.size": ("double", [1.0, -2.5, None]),
        "x.=hue": ("string", ["red", "=red", ""]),
        "x.ok": ("bool", [True, False, None]),
        "x.mixed": ("string", ["1", "x", "true"]),
        "x.huge": ("string", ["1", "9223372036854775808", None]),
        "x.tags": ("string", ['["a"]', None, '{"k": "é"}']),
        "x.gone": ("string", [None, None, None]),
    }


def test_parquet_has_proper_types(services: Services, mail: str) -> None:
    packed = download(services, mail, "predictions", "parquet")
    schema = parquet.read_schema(io.BytesIO(packed))
    assert {f.name: str(f.type) for f in schema if str(f.type) != "string"} == {
        "position": "int64", "p_ham": "double", "p_spam": "double", "entropy": "double",
        "query_probability": "double", "asked": "bool", "correct": "bool",
    }  # fmt: skip


# What is asked for -----------------------------------------------------------------------------


def test_an_unknown_experiment_is_told_before_the_first_chunk(services: Services) -> None:
    with pytest.raises(NotFound, match="no experiment 'nobody'"):
        services.downloads.stream("nobody", "labels", "csv")


def test_choices_are_named(services: Services, mail: str) -> None:
    with pytest.raises(BadInput, match="choose one of labels, predictions"):
        services.downloads.stream(mail, "models", "csv")
    with pytest.raises(BadInput, match="choose one of csv, jsonl, parquet"):
        services.downloads.stream(mail, "labels", "xlsx")
    with pytest.raises(BadInput, match="Only labels have a history"):
        services.downloads.stream(mail, "predictions", "csv", history=True)
    with pytest.raises(BadInput, match="choose one of csv"):
        downloads.content_type("xlsx")
    with pytest.raises(BadInput, match="choose one of labels"):
        downloads.filename(mail, "models", "csv")
