"""Imports from claim to end: what is stored, what is left when they end before, appends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Conflict, NotFound, SluiceError, Unavailable
from dashboard.services.container import Services
from dashboard.services.importing import worker
from dashboard.services.importing.plan import Plan
from dashboard.services.importing.writing import Imported
from dashboard.storage import jobs, streams
from tests.importing import write
from tests.serving import ROOT

LABELS = ("ham", "spam")


def table(folder: Path, n: int, *, name: str = "t.csv", first: int = 0) -> Path:
    """A file of `n` labeled texts with ids."""
    rows = [[f"id-{i}", f"some text number {i}", LABELS[i % 2]] for i in range(first, first + n)]
    return write(folder / name, ["id", "text", "label"], rows)


def plan(services: Services, path: Path, **chosen: Any) -> Plan:
    found = services.importer.preview(path)
    made = {"name": path.stem, "text": found.text, "id": found.id, "label": found.label,
            "estimate": found.estimate, **chosen}  # fmt: skip
    return Plan(path=str(path), file=path.name, format=found.format, **made)


def run(services: Services, path: Path, **chosen: Any) -> Imported:
    return services.importer.run(plan(services, path, **chosen))


def stored(services: Services, slug: str) -> list[tuple[Any, ...]]:
    with services.database.read() as connection:
        stream = streams.find(connection, slug)
        assert stream is not None
        return [row for part in streams.stored(connection, stream.id) for row in part]


def rows_in(services: Services, name: str) -> int:
    with services.database.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() or 0)


def nothing_is_left(services: Services) -> bool:
    return rows_in(services, "streams") == rows_in(services, "samples") == 0


# What is stored --------------------------------------------------------------------------------


def test_a_table_becomes_a_stream(services, tmp_path):
    imported = run(services, table(tmp_path, 9_001), name="My Texts")
    stream = imported.stream
    assert (imported.rows, imported.labeled, imported.skipped, imported.missing) == (
        9_001, 9_001, 0, 0,
    )  # fmt: skip
    assert (stream.slug, stream.title, stream.kind) == ("my-texts", "My Texts", "text")
    assert (stream.samples, stream.truths, stream.classes) == (9_001, 9_001, LABELS)
    assert (stream.source, stream.columns) == ("imported from t.csv", {})
    assert stored(services, "my-texts") == [
        (f"id-{i}", f"some text number {i}", None, i % 2) for i in range(9_001)
    ]
    with services.database.read() as connection:
        assert stream.fingerprint == streams.fingerprint(connection, stream.id)
    assert services.experiments.streams() == [stream]
    assert services.importer.status("my-texts")["state"] == "done"


def test_rows_of_fields_become_a_stream(services, tmp_path):
    rows = [[i / 2, "red" if i % 3 else "green", f"2024-05-{i + 1:02d}", f"Words, {i}", i % 2]
            for i in range(20)]  # fmt: skip
    path = write(tmp_path / "rows.csv", ["price", "color", "day", "note", "class"], rows)
    found = services.importer.preview(path)
    types = {c.name: c.type for c in found.columns if c.name != "class"}
    assert types == {"price": "number", "color": "category", "day": "date", "note": "text"}
    stream = run(services, path, text="", fields=types).stream
    assert (stream.kind, dict(stream.columns), stream.classes) == ("rows", types, ("0", "1"))
    sample = services.labeling.samples.get(stream.id, 3)
    assert sample == ("sample-000003", {"price": 1.5, "color": "green", "day": "2024-05-04",
                                        "note": "Words, 3"}, 1)  # fmt: skip


def test_an_experiment_on_an_imported_stream(services, tmp_path):
    stream = run(services, table(tmp_path, 60)).stream
    spec = make_spec("blog", text=True, classes=2)
    slug = services.experiments.create("mine", stream=stream, spec=spec, warm_start=10).slug
    services.runs.warm_start(slug)
    assert services.runs.oracle(slug) > 0
    assert services.experiments.find(slug).position == 60
    assert services.verification.verify(slug).difference == ""


def test_without_labels_the_classes_are_given(services, tmp_path):
    path = write(tmp_path / "a.txt.csv", ["text"], [["one text"], ["another text"]])
    stream = run(services, path, label="", classes=("ja", "nein", "日本語")).stream
    assert (stream.classes, stream.truths) == (("ja", "nein", "日本語"), 0)
    assert [row[3] for row in stored(services, stream.slug)] == [None, None]


def test_given_classes_have_their_order(services, tmp_path):
    stream = run(services, table(tmp_path, 4), classes=("spam", "ham")).stream
    assert [row[3] for row in stored(services, stream.slug)] == [1, 0, 1, 0]


def test_labels_are_counted_for_the_dialog(services, tmp_path):
    rows = [["a text", label] for label in ("10", "9", "2", "10", "")]
    path = write(tmp_path / "t.csv", ["text", "label"], rows)
    told: list[tuple[int, int, str]] = []

    def watch(*progress: Any) -> bool:
        told.append(progress)
        return True

    made = plan(services, path, label="label")
    found = services.importer.labels(made, watch=watch)
    assert list(found.items()) == [("2", 1), ("9", 1), ("10", 2)]
    assert told[0][2] == "Looking for classes"
    assert services.importer.labels(made, watch=lambda *_: False) is None
    with pytest.raises(BadInput, match="Choose the label column first"):
        services.importer.labels(plan(services, path, label=""))


def test_bad_rows_are_skipped_and_listed(services, tmp_path):
    rows = [["a", "one text", "ham"], ["b", "", "ham"], ["a", "two texts", "spam"],
            ["c", "three texts", "spam"], ["d", "four texts", ""]]  # fmt: skip
    path = write(tmp_path / "t.csv", ["id", "text", "label"], rows)
    imported = run(services, path, skip_bad=True, missing="skip", id="id", label="label")
    assert (imported.rows, imported.skipped, imported.missing) == (2, 2, 1)
    assert sorted(imported.listed) == [
        "t.csv, row 3, column text: the text is empty; fill it in, or skip bad rows.",
        "t.csv, row 4, column id: the id 'a' is there twice; give each row its own, or skip bad "
        "rows.",
    ]
    assert [row[:2] for row in stored(services, "t")] == [("a", "one text"), ("c", "three texts")]


def test_ids_far_apart_are_compared(services, tmp_path):
    rows = [[f"id-{i}", "some text"] for i in range(12_000)]
    rows[11_000][0] = "id-17"
    path = write(tmp_path / "t.csv", ["id", "text"], rows)
    with pytest.raises(BadInput, match=r"t\.csv, row 11,002, column id: the id 'id-17' is there"):
        run(services, path, id="id", classes=LABELS)
    assert nothing_is_left(services)


def test_one_column_of_text_named_text_is_a_text(services, tmp_path):
    path = write(tmp_path / "t.csv", ["text", "label"], [["a b", "x"], ["c d", "y"]])
    stream = run(services, path, text="", fields={"text": "text"}, label="label", id="").stream
    assert stream.is_text
    assert stored(services, "t")[0] == ("sample-000000", "a b", None, 0)


# What is refused -------------------------------------------------------------------------------


def test_what_is_no_file(services, tmp_path):
    (tmp_path / "empty.csv").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, said in {
        "nope.csv": "there is no such file",
        "": "it is a folder",
        "empty.csv": "the file is empty",
        "pipe": "it is no regular file",
        "empty.csv/x": "there is no such file",
    }.items():
        with pytest.raises(BadInput, match=said):
            services.importer.preview(tmp_path / name)
    with pytest.raises(Unavailable, match="cannot be read"):
        services.importer.preview(tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"text": "", "fields": {}}, "either one text or some fields"),
        ({"fields": {"id": "text"}}, "either one text or some fields"),
        ({"text": "", "fields": {"id": "money"}}, "there is no type 'money'"),
        ({"label": "text"}, "it cannot be the label and something else"),
        ({"missing": "burn"}, "no way 'burn'"),
        ({"label": ""}, "Nobody can guess the classes"),
        ({"classes": ("ham",)}, "2 to 500 classes, and 1 is named"),
        ({"classes": ("ham", " ham ")}, "'ham' is named twice"),
        ({"classes": ("ham", "")}, "'' cannot be the name of a class"),
        ({"classes": tuple(map(str, range(501)))}, "and 501 are named"),
        ({"classes": ("ham", "eggs")}, "the label 'spam' is no class"),
        ({"name": "  "}, "needs a letter"),
        ({"name": "SMS spam"}, "There is a stream 'sms-spam' already"),
        ({"append": "nope"}, "no stream 'nope' to append to"),
        ({"append": "sms-spam"}, "sms-spam is built in"),
        ({"text": "words"}, "there is no column 'words'; there are id, text, label"),
    ],
)
def test_plans_that_make_no_sense(services, tmp_path, chosen, said):
    made = plan(services, table(tmp_path, 4), **chosen)
    with pytest.raises((BadInput, Conflict)) as caught:
        services.importer.run(made)
    assert said in str(caught.value)
    assert nothing_is_left(services)
    assert rows_in(services, "jobs WHERE state = 'running'") == 0


def test_one_label_is_no_task(services, tmp_path):
    path = write(tmp_path / "t.csv", ["text", "label"], [["a b", "x"], ["c d", "x"]])
    with pytest.raises(BadInput, match="the only label is 'x'; choose another label column"):
        run(services, path, label="label")
    path = write(tmp_path / "u.csv", ["text", "label"], [["a b", ""], ["c d", ""]])
    with pytest.raises(BadInput, match="no row has a label"):
        run(services, path, label="label")
    assert nothing_is_left(services)


def test_when_no_row_is_left(services, tmp_path):
    path = write(tmp_path / "t.csv", ["text", "label"], [["a b", "x"], ["c d", "y"]])
    with pytest.raises(BadInput, match=r"row 2, column label: the label 'x' is no class.*No row"):
        run(services, path, label="label", classes=("1", "2"), skip_bad=True)
    assert nothing_is_left(services)


def test_a_name_that_is_taken(services, tmp_path):
    path = table(tmp_path, 4)
    run(services, path)
    with pytest.raises(Conflict, match="stream 't' already"):
        run(services, path)
    assert rows_in(services, "samples") == 4


def test_a_mistake_at_the_end_leaves_nothing(services, tmp_path):
    path = table(tmp_path, 10_000)
    with path.open("a") as file:
        file.write("id-x,,ham\n")
    with pytest.raises(BadInput, match=r"t\.csv, row 10,002, column text: the text is empty"):
        run(services, path)
    assert nothing_is_left(services)
    status = services.importer.status("t")
    assert status["state"] == "failed"
    assert "row 10,002" in status["sentence"]


def test_more_memory_than_there_should_be(services, tmp_path, monkeypatch):
    """A row of JSON that is small on disk and large in memory."""
    path = tmp_path / "a.jsonl"
    lists = ",".join(["[[]]"] * 3_000_000)
    path.write_text(f'{{"text": "fine"}}\n{{"text": "x", "y": [{lists}]}}\n')
    with pytest.raises(BadInput, match=r"a\.jsonl: reading it takes more memory than a table"):
        services.importer.preview(path)


def test_a_parquet_file_that_fills_the_memory(services, tmp_path):
    """Half a gigabyte of text in one batch, from a file of a few kilobytes."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), ["x" * 1_000_000])
    pq.write_table(pa.table({"text": text}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(BadInput, match=r"a\.parquet: reading it takes more memory than a table"):
        services.importer.preview(tmp_path / "a.parquet")


def test_a_workbook_that_fills_the_memory(services, tmp_path):
    """A sheet of a gigabyte, packed into one megabyte: the library aborts, and only its process."""
    good = write(tmp_path / "good.xlsx", ["text", "label"], [["a b", "x"]])
    bomb = tmp_path / "a.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if not name.startswith("xl/worksheets/"):
                new.writestr(name, old.read(name))
                continue
            head, tail = old.read(name).decode().split("a b")
            with new.open(name, "w", force_zip64=True) as sheet:
                sheet.write(head.encode())
                for _ in range(1000):
                    sheet.write(b"x" * 1_000_000)
                sheet.write(tail.encode())
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(BadInput, match=r"a\.xlsx: reading it takes more memory than a table"):
        services.importer.preview(bomb)


def test_a_reader_that_falls_silent_or_dies(services, tmp_path, monkeypatch):
    path = table(tmp_path, 4)
    told = {"do": "preview", "path": str(path), "file": "t.csv", "wishes": {}}
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # nobody writes into it: whoever reads waits
    monkeypatch.setattr(worker, "SILENCE_SECONDS", 0.0)
    with pytest.raises(BadInput, match=r"t\.csv: reading it takes too long"):
        list(worker.ask({**told, "path": str(pipe)}, "t.csv"))
    monkeypatch.setattr(worker, "SILENCE_SECONDS", 60.0)
    with pytest.raises(BadInput, match=r"t\.csv: it made the reader fail"):
        list(worker.ask({"do": "nonsense"}, "t.csv"))


# Ends before the end ---------------------------------------------------------------------------


def test_cancel_leaves_nothing(services, tmp_path):
    told: list[int] = []

    def watch(done: int, total: int, sentence: str) -> bool:
        told.append(done)
        return done < 12_000

    made = plan(services, table(tmp_path, 40_000), classes=LABELS)
    imported = services.importer.run(made, watch=watch)
    assert imported.stream is None
    assert told == sorted(told)
    assert 12_000 <= told[-1] < 40_000
    assert nothing_is_left(services)
    assert services.importer.status("t")["state"] == "canceled"
    assert services.importer.run(made).rows == 40_000


def test_cancel_from_elsewhere(services, tmp_path, open_more):
    other, asked = open_more(), []

    def watch(done: int, total: int, sentence: str) -> bool:
        if done > 8_000 and not asked:
            status = other.importer.status("t")
            assert (status["state"], status["sentence"]) == ("running", "Importing rows")
            assert 0 < status["done"] <= done
            assert total == status["total"] > 30_000
            asked.append(other.importer.stop("t"))
        return True

    made = plan(services, table(tmp_path, 40_000), classes=LABELS)
    assert services.importer.run(made, watch=watch).stream is None
    assert asked == [True]
    assert nothing_is_left(services)
    assert not services.importer.stop("t")


def test_two_imports_of_one_name(services, tmp_path, open_more):
    other, tried = open_more(), []
    path = table(tmp_path, 9_000)

    def watch(done: int, total: int, sentence: str) -> bool:
        if done and not tried:
            with pytest.raises(Conflict, match="being imported into t already") as caught:
                run(other, path, classes=LABELS)
            tried.append(caught)
        return True

    made = plan(services, path, classes=LABELS)
    assert services.importer.run(made, watch=watch).rows == 9_000
    assert tried


def test_nobody_sees_a_stream_under_way(services, tmp_path, open_more):
    other, looked = open_more(), []

    def watch(done: int, total: int, sentence: str) -> bool:
        if rows_in(other, "samples"):
            looked.append(other.experiments.streams())
            with pytest.raises(NotFound, match="no stream 't'"):
                other.experiments.ensure_stream("t")
        return True

    services.importer.run(plan(services, table(tmp_path, 20_000), classes=LABELS), watch=watch)
    assert looked
    assert not any(looked)


_IMPORT = """
import sys
from dashboard.cli import run
sys.exit(run(["import", sys.argv[1], "--classes", "ham,spam", "--label-column", "label",
              *sys.argv[2:]]))
"""


@contextlib.contextmanager
def importing(
    services: Services, path: Path, *words: str, rows: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that imports, once it has written so many rows."""
    before = rows_in(services, "samples")
    process = subprocess.Popen(
        [sys.executable, "-c", _IMPORT, str(path), *words],
        cwd=ROOT,
        env={
            **os.environ,
            "SLUICE_DATA": str(services.settings.data),
            "PYTHONHASHSEED": "0",
            "DATABASE_URL": services.settings.database_url,
        },
        stderr=subprocess.DEVNULL,
        # Tests may themselves run in the background, where Ctrl+C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 120
        while rows_in(services, "samples") < before + rows:
            assert process.poll() is None, "the import ended too early"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


def test_kill_leaves_nothing_for_long(services, tmp_path, open_more):
    path = table(tmp_path, 100_000)
    with importing(services, path, "--name", "t", rows=4_000) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert rows_in(services, "samples") >= 4_000
    assert services.importer.status("t")["state"] == "died"
    assert services.experiments.streams() == []
    open_more()  # as at the next start
    assert nothing_is_left(services)
    assert services.importer.status("t")["state"] == "died"


def test_ctrl_c_leaves_nothing(services, tmp_path):
    path = table(tmp_path, 100_000)
    with importing(services, path, "--name", "t", rows=4_000) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert nothing_is_left(services)
    assert services.importer.status("t")["state"] == "canceled"


def test_others_alive_are_left_alone(services, tmp_path, open_more):
    path = table(tmp_path, 100_000)
    with importing(services, path, "--name", "t", rows=4_000):
        open_more()
        assert services.importer.status("t")["state"] == "running"
        assert rows_in(services, "samples") >= 4_000


def test_an_import_that_was_taken_for_dead_stops(services, tmp_path, open_more):
    other, taken = open_more(), []

    def watch(done: int, total: int, sentence: str) -> bool:
        if done > 4_000 and not taken:
            later = services.importer.clock() + 10 * jobs.STALE_MS
            other.importer.clock = lambda: later
            taken.append(other.importer.clear_abandoned())
        return True

    with pytest.raises(Conflict, match="was taken for dead and cleared up"):
        services.importer.run(plan(services, table(tmp_path, 40_000), classes=LABELS), watch=watch)
    assert nothing_is_left(services)
    assert services.importer.status("t")["state"] == "died"


# Appends ---------------------------------------------------------------------------------------


@pytest.fixture
def labeled(services, tmp_path) -> str:
    """An experiment that has come to the end of an imported stream of 50."""
    stream = run(services, table(tmp_path, 50)).stream
    spec = make_spec("blog", text=True, classes=2)
    slug: str = services.experiments.create("mine", stream=stream, spec=spec).slug
    services.runs.oracle(slug)
    services.labeling.settle()
    return slug


def test_an_append_continues_the_stream(services, tmp_path, labeled, open_more):
    before = services.verification.verify(labeled)
    model = services.labeling.learner(labeled)[1].fingerprint()
    assert services.views.view(labeled)["state"] == "exhausted"
    more = table(tmp_path, 30, name="more.csv", first=50)
    imported = run(services, more, append="t")
    assert (imported.rows, imported.stream.samples, imported.stream.truths) == (30, 80, 80)
    assert stored(services, "t")[49:51] == [
        (f"id-{i}", f"some text number {i}", None, i % 2) for i in (49, 50)
    ]
    after = services.verification.verify(labeled)
    assert (after.difference, after.fingerprint) == ("", before.fingerprint)
    assert services.labeling.learner(labeled)[1].fingerprint() == model
    assert open_more().labeling.learner(labeled)[1].fingerprint() == model
    assert services.views.view(labeled)["state"] in ("scanning", "ready")
    services.runs.oracle(labeled)
    assert services.experiments.find(labeled).position == 80
    assert services.verification.verify(labeled).difference == ""


def test_an_append_equals_one_import(services, tmp_path):
    run(services, table(tmp_path, 50))
    run(services, table(tmp_path, 30, name="more.csv", first=50), append="t")
    whole = run(services, table(tmp_path, 80, name="whole.csv")).stream
    with services.database.read() as connection:
        appended = streams.find(connection, "t")
    assert (appended.fingerprint, appended.samples) == (whole.fingerprint, 80)


def test_ids_must_not_come_again(services, tmp_path, labeled):
    again = table(tmp_path, 30, name="more.csv", first=40)
    with pytest.raises(BadInput, match=r"more\.csv, row 2, column id: the id 'id-40' is there"):
        run(services, again, append="t")
    assert len(stored(services, "t")) == rows_in(services, "samples") == 50
    imported = run(services, again, append="t", skip_bad=True)
    assert (imported.rows, imported.skipped, imported.stream.samples) == (20, 10, 70)
    assert services.verification.verify(labeled).difference == ""


def test_numbers_go_on_where_there_are_no_ids(services, tmp_path):
    run(services, table(tmp_path, 50), id="")
    run(services, table(tmp_path, 5, name="more.csv"), id="", append="t")
    assert [row[0] for row in stored(services, "t")][48:52] == [
        f"sample-{i:06d}" for i in range(48, 52)
    ]


def test_what_is_appended_has_to_fit(services, tmp_path, labeled):
    odd = write(tmp_path / "odd.csv", ["text", "label", "n"], [["a b c", "eggs", 1]])
    with pytest.raises(BadInput, match="the label 'eggs' is no class; the classes are ham, spam"):
        run(services, odd, append="t", label="label")
    with pytest.raises(BadInput, match="t has texts"):
        run(services, odd, append="t", text="", fields={"n": "number"}, label="label")
    with pytest.raises(BadInput, match="t has the classes ham, spam"):
        run(services, odd, append="t", classes=("spam", "ham"))
    rows = write(tmp_path / "rows.csv", ["a", "b"], [[1, 2], [3, 4]])
    run(services, rows, text="", fields={"a": "number"}, classes=LABELS)
    with pytest.raises(BadInput, match="rows has the fields a; choose the same ones"):
        run(services, rows, text="", fields={"b": "number"}, append="rows")
    assert len(stored(services, "t")) == 50
    assert services.verification.verify(labeled).difference == ""


def test_a_canceled_append_leaves_the_stream_as_it_was(services, tmp_path, labeled):
    before = stored(services, "t")
    reader_of = services.labeling.samples

    def watch(done: int, total: int, sentence: str) -> bool:
        if sentence == "Importing rows" and done > 8_000:
            with pytest.raises(IndexError):  # rows that may go are shown to nobody
                reader_of.get(1, 55)
            return False
        return True

    more = plan(services, table(tmp_path, 30_000, name="more.csv", first=50), append="t")
    assert services.importer.run(more, watch=watch).stream is None
    assert stored(services, "t") == before
    assert rows_in(services, "samples") == 50
    assert services.verification.verify(labeled).difference == ""
    assert services.importer.run(more).stream.samples == 30_050
    assert reader_of.get(1, 55).sample_id == "id-55"


def test_a_killed_append_leaves_the_stream_as_it_was(services, tmp_path, labeled, open_more):
    more = table(tmp_path, 100_000, name="more.csv", first=50)
    with importing(services, more, "--append", "t", "--id-column", "id", rows=4_000) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(stored(services, "t")) == 50
    assert services.verification.verify(labeled).difference == ""
    open_more()
    assert rows_in(services, "samples") == 50


def test_an_append_to_a_damaged_stream_is_refused(services, tmp_path, labeled):
    with services.database.write() as connection:
        connection.exec_driver_sql("UPDATE samples SET text = 'other' WHERE position = 7")
    with pytest.raises(SluiceError, match="samples of t are not those that were stored"):
        run(services, table(tmp_path, 30, name="more.csv", first=50), append="t")
    assert rows_in(services, "samples") == 50


# Beside labeling -------------------------------------------------------------------------------


def test_presses_get_in_while_an_import_runs(
    services, tmp_path, make_experiment, next_query, open_more
):
    """Every answer is taken within a second while another process writes as fast as it can."""
    slug = make_experiment(services, n=400)
    path = table(tmp_path, 100_000)
    took = []
    with importing(services, path, "--name", "t", rows=4_000) as process:
        while process.poll() is None and len(took) < 20:
            position = next_query(services, slug)
            began = time.monotonic()
            services.labeling.answer(slug, position=position, label=0, annotator="me")
            took.append(time.monotonic() - began)
    assert len(took) == 20
    assert sorted(took)[10] < 1
    assert max(took) < 5
