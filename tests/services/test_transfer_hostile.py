"""Files that are not what they say: one sentence each, and nothing is left behind."""

from __future__ import annotations

import json
import math
import pickle
import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard.errors import BadInput, SluiceError
from dashboard.services import tables, transfer_file
from dashboard.services.container import Services, open_services
from dashboard.services.transfer_file import (
    EVENTS,
    EXPERIMENT,
    MANIFEST,
    PREDICTIONS,
    SAMPLES,
    STREAM,
    TABLES,
    Part,
    manifest,
)
from dashboard.services.zips import zipped
from dashboard.settings import read_settings
from dashboard.storage import schema

Records = dict[str, list[Any]]
Change = Callable[[Records], Any]

ALL = ("streams", "samples", "experiments", "events", "predictions", "rollups", "snapshots")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, make_experiment: Callable[..., str]) -> Path:
    """The file of a small experiment with an undo, a pass, a change and a mark."""
    folder = tmp_path_factory.mktemp("good")
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    slug = make_experiment(services, "Good", preset="recommended", n=40, budget=0.4)
    services.runs.oracle(slug, count=8)
    position = services.views.view(slug)["query"]["position"]
    services.labeling.answer(slug, position=position, label=None)
    services.labeling.undo(slug)
    services.marks.mark(slug, position=0, flag=True, note="odd")
    services.changes.strategy(slug, budget=0.5)
    services.runs.oracle(slug, count=2)
    path = folder / "good.zip"
    path.write_bytes(b"".join(services.transfer.stream(slug)))
    services.labeling.settle()
    services.database.close()
    return path


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over an empty folder: whatever is brought in has to leave it empty."""
    folder = tmp_path_factory.mktemp("there")
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    yield services
    services.labeling.settle()
    services.database.close()


def empty(services: Services) -> bool:
    with services.database.read() as connection:
        return not any(
            connection.scalar(sa.select(sa.func.count()).select_from(getattr(schema, name)))
            for name in ALL
        )


def read(path: Path) -> Records:
    with zipfile.ZipFile(path) as archive:
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name != MANIFEST
        }


def remade(path: Path, records: Records, **facts: Any) -> Path:
    """A file of these records, whose manifest tells the truth of them."""
    parts: dict[str, Part] = {}

    def members() -> Iterator[tuple[str, Any]]:
        for name, lines in records.items():
            parts[name] = Part()
            yield name, parts[name].count(lines)
        yield MANIFEST, [manifest(parts, made_at="", runtime="", **facts)]

    path.write_bytes(b"".join(zipped(members(), at=0)))
    return path


def refused(services: Services, path: Path, *parts: str) -> None:
    """One sentence that names the file, and nothing left behind."""
    with pytest.raises(BadInput) as caught:
        services.transfer.bring_in(path)
    said = str(caught.value)
    assert path.name in said
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 500
    for part in parts:
        assert part in said
    assert empty(services)


def test_remade_as_it_was_it_is_taken(good: Path, open_more: Any, tmp_path: Path) -> None:
    services = open_more()
    brought = services.transfer.bring_in(remade(tmp_path / "same.zip", read(good)))
    assert services.verification.verify(brought.experiment.slug).difference == ""


# What is no such file --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + bytes(10),
        b"experiment,sample_id\r\na,b\r\n",
        pickle.dumps({"model": print}),
        bytes(200_000),
    ],
    ids=["nothing", "two bytes", "half an end", "a table", "a pickle", "zeros"],
)
def test_something_else(there: Services, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.zip").write_bytes(content)
    refused(there, tmp_path / "some.zip", "is no whole zip file", "choose")


def test_a_folder_and_a_file_that_is_not_there(there: Services, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.zip"):
        with pytest.raises(BadInput, match="cannot be read"):
            there.transfer.bring_in(path)


def test_another_zip(there: Services, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("word/document.xml", "<xml/>")
    refused(there, tmp_path / "other.zip", "no experiment that Sluice exported")


def test_cut_anywhere(there: Services, good: Path, tmp_path: Path) -> None:
    content = good.read_bytes()
    for length in (len(content) - 1, len(content) - 30, len(content) // 2, 100):
        (tmp_path / "cut.zip").write_bytes(content[:length])
        refused(there, tmp_path / "cut.zip")


def tampered(good: Path, path: Path, *, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The same members with other bytes, under the old manifest."""
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


@pytest.mark.parametrize("part", [EXPERIMENT, STREAM, *TABLES])
def test_a_part_that_is_not_what_the_manifest_says(
    there: Services, good: Path, tmp_path: Path, part: str
) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"0", b"1", 1) if name == part else content

    # Whatever a check of the content finds first: it is the manifest that would find it at last.
    refused(there, tampered(good, tmp_path / "t.zip", change=change), part)
    spaced = tampered(
        good, tmp_path / "s.zip", change=lambda n, c: c[:-1] + b" \n" if n == part else c
    )
    refused(there, spaced, part, "is not what the manifest says")


@pytest.mark.parametrize("part", [EXPERIMENT, STREAM, MANIFEST, *TABLES])
def test_a_part_that_is_missing(there: Services, good: Path, tmp_path: Path, part: str) -> None:
    path = tampered(good, tmp_path / "m.zip", change=lambda n, c: None if n == part else c)
    refused(there, path, part)


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil", "samples.jsonl", "extra.pkl"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_too_many(there: Services, good: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "more.zip"
    shutil.copy(good, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    refused(there, path, repr(name))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["more.zip"]


def test_a_directory_of_many_files_is_not_even_read(
    there: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(2_000):
            archive.writestr(f"{i}.txt", "")

    def forbidden(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(zipfile, "ZipFile", forbidden)
    refused(there, path, "too many files")


def test_one_that_is_encrypted(there: Services, good: Path, tmp_path: Path) -> None:
    content = bytearray(good.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    (tmp_path / "e.zip").write_bytes(content)
    refused(there, tmp_path / "e.zip", "encrypted")


def test_a_newer_format_and_another_format(there: Services, good: Path, tmp_path: Path) -> None:
    records = read(good)
    newer = remade(tmp_path / "n.zip", records, version=2)
    refused(there, newer, "newer Sluice", "update Sluice")
    refused(there, remade(tmp_path / "o.zip", records, format="other"), "no experiment")
    refused(there, remade(tmp_path / "v.zip", records, version="1"), "newer Sluice")
    lying = json.loads(zipfile.ZipFile(good).read(MANIFEST))
    lying["parts"][SAMPLES]["records"] = "40"
    path = tampered(
        good, tmp_path / "l.zip",
        change=lambda n, c: json.dumps(lying).encode() if n == MANIFEST else c,
    )  # fmt: skip
    refused(there, path, SAMPLES)


# Bombs -----------------------------------------------------------------------------------------


def test_a_small_file_that_unpacks_to_much(
    there: Services, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_file, "UNSUSPICIOUS", 1 << 20)
    path = tampered(
        good, tmp_path / "b.zip", change=lambda n, c: b" " * (30 << 20) if n == SAMPLES else c
    )
    assert path.stat().st_size < 100_000
    refused(there, path, "times its size")
    monkeypatch.setattr(transfer_file, "UNSUSPICIOUS", 64 << 20)
    monkeypatch.setattr(transfer_file, "MAX_UNPACKED", 20 << 20)
    refused(there, path, "unpack to")


def test_a_line_without_an_end(
    there: Services, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_file, "MAX_LINE", 1 << 20)
    path = tampered(
        good, tmp_path / "b.zip", change=lambda n, c: b"[" * (3 << 20) if n == EVENTS else c
    )
    refused(there, path, EVENTS, "line of more than 1 MiB")


def test_a_document_without_an_end(there: Services, good: Path, tmp_path: Path) -> None:
    for part in (EXPERIMENT, MANIFEST):
        path = tampered(
            good, tmp_path / "d.zip", change=lambda n, c, p=part: b" " * (17 << 20) if n == p else c
        )
        refused(there, path, part, "more than 16 MiB")


def test_more_in_a_part_than_the_directory_says(
    there: Services, good: Path, tmp_path: Path
) -> None:
    content = bytearray(good.read_bytes())
    at = content.rindex(SAMPLES.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, at + 24, 50)
    (tmp_path / "lie.zip").write_bytes(content)
    refused(there, tmp_path / "lie.zip", SAMPLES)


# Records ---------------------------------------------------------------------------------------


def put(part: str, line: int, field: str, value: Any) -> Change:
    def change(records: Records) -> None:
        records[part][line][field] = value

    return change


def drop(part: str, line: int, field: str) -> Change:
    return lambda records: records[part][line].pop(field)


def spec(field: str, value: Any) -> Change:
    return lambda records: records[EXPERIMENT][0]["spec"].update({field: value})


def last_of(kind: str, field: str, value: Any) -> Change:
    def change(records: Records) -> None:
        [event for event in records[EVENTS] if event["kind"] == kind][-1][field] = value

    return change


def classes(*names: str) -> Change:
    made = [{"name": n, "title": n or "x"} for n in names]
    return put(EXPERIMENT, 0, "classes", made)


def swap(part: str, one: int, two: int) -> Change:
    def change(records: Records) -> None:
        lines = records[part]
        lines[one], lines[two] = lines[two], lines[one]

    return change


WRONG: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a name without letters": (put(EXPERIMENT, 0, "name", "???"), (EXPERIMENT, "name")),
    "a name that is none": (put(EXPERIMENT, 0, "name", None), (EXPERIMENT, "has no name")),
    "a slug that is a path": (put(EXPERIMENT, 0, "slug", "../x"), (EXPERIMENT, "slug")),
    "a target that is none": (put(EXPERIMENT, 0, "target", "high"), ("target",)),
    "a target out of range": (
        put(EXPERIMENT, 0, "target", '{"accuracy": 1e400, "within": 1}'),
        ("target",),
    ),
    "an archived slug that is none": (put(EXPERIMENT, 0, "archived_from", "A B"), ("archived",)),
    "a position beyond": (put(EXPERIMENT, 0, "position", 41), (EXPERIMENT, "position", "0 to 40")),
    "a head that is another": (put(EXPERIMENT, 0, "head", 3), (EVENTS,)),
    "a head beyond": (put(EXPERIMENT, 0, "head", 900), ("belong together",)),
    "a position before": (put(EXPERIMENT, 0, "position", 2), ("belong together",)),
    "a year beyond": (put(EXPERIMENT, 0, "created_at", 10**16), ("created_at",)),
    "an unknown field": (put(EXPERIMENT, 0, "evil", 1), (EXPERIMENT, "'evil'")),
    "a memory that is no JSON": (put(EXPERIMENT, 0, "strategy_memory", "{"), ("JSON",)),
    "no spec": (drop(EXPERIMENT, 0, "spec"), (EXPERIMENT, "spec")),
    "an unknown pipeline": (spec("pipeline", "evil"), ("spec",)),
    "an unknown strategy": (spec("strategy", "evil"), ("spec",)),
    "a pipeline for rows": (spec("pipeline", "rows-lr"), ("spec",)),
    "an unknown part of the spec": (spec("evil", 1), ("spec", "'evil'")),
    "a seed that is a text": (spec("seed", "42"), ("spec", "seed")),
    "a seed beyond": (spec("seed", 2**40), ("spec", "seed")),
    "a floor beyond": (spec("floor", 2), ("spec", "floor")),
    "one class": (classes("a"), (EXPERIMENT, "2 to")),
    "two classes of one name": (classes("a", "a"), (EXPERIMENT, "one name")),
    "a class without a name": (classes("a", ""), (EXPERIMENT, "without a name")),
    "a class of something": (put(EXPERIMENT, 0, "classes", [1, 2]), (EXPERIMENT, "class")),
    "a kind of stream": (put(STREAM, 0, "kind", "evil"), (STREAM, "kind")),
    "rows that are texts": (put(STREAM, 0, "kind", "rows"), (SAMPLES, "line 1 ")),
    "a stream with more samples": (put(STREAM, 0, "samples", 41), (STREAM, "samples")),
    "another fingerprint": (put(STREAM, 0, "fingerprint", "0" * 64), (STREAM, "samples")),
    "a text that changed": (put(SAMPLES, 3, "text", "other"), (STREAM, "samples")),
    "a text with a NUL": (put(SAMPLES, 3, "text", "a\0b"), (SAMPLES, "line 4 ", "NUL")),
    "half a character": (put(SAMPLES, 3, "text", "a\udc80"), (SAMPLES, "line 4 ", "half")),
    "a text and fields": (put(SAMPLES, 3, "fields", "{}"), (SAMPLES, "line 4 ")),
    "a truth that is no class": (put(SAMPLES, 3, "truth", 2), (SAMPLES, "line 4 ", "0 to 1")),
    "a truth that is a word": (put(SAMPLES, 3, "truth", "ham"), (SAMPLES, "whole number")),
    "samples out of order": (swap(SAMPLES, 3, 4), (SAMPLES, "line 4 ")),
    "a sample without an id": (drop(SAMPLES, 3, "sample_id"), (SAMPLES, "sample_id")),
    "an unknown kind of event": (put(EVENTS, 1, "kind", "evil"), (EVENTS, "line 2 ", "evil")),
    "an unknown source": (put(EVENTS, 1, "source", "evil"), (EVENTS, "line 2 ", "evil")),
    "a label that is no class": (put(EVENTS, 1, "label", 7), (EVENTS, "line 2 ", "label is 7")),
    "no label": (put(EVENTS, 1, "label", None), (EVENTS, "line 2 ", "no label")),
    "no sample": (put(EVENTS, 1, "position", None), (EVENTS, "line 2 ", "names no sample")),
    "events out of order": (swap(EVENTS, 1, 2), (EVENTS, "line 2 ")),
    "an event twice": (lambda r: r[EVENTS].insert(1, r[EVENTS][1]), (EVENTS, "line 3 ")),
    "an undo of the future": (last_of("undo", "target", 10**6), (EVENTS, "target")),
    "an undo of nothing": (last_of("undo", "target", None), (EVENTS, "corrects")),
    "a change to nothing": (last_of("change", "payload", "{}"), (EVENTS, "before")),
    "a change without words": (last_of("change", "payload", None), (EVENTS, "before")),
    "a mark of another kind": (last_of("mark", "payload", '{"flag":1}'), (EVENTS, "flag")),
    "an event scanned backward": (put(EVENTS, 1, "stop", 0), (EVENTS, "backward")),
    "voided before it happened": (put(EVENTS, 5, "voided", 2), (EVENTS, "voided")),
    "a time that is a float": (put(EVENTS, 1, "at", 1.5), (EVENTS, "whole number")),
    "a time that is true": (put(EVENTS, 1, "at", True), (EVENTS, "whole number")),
    "endless milliseconds": (put(EVENTS, 1, "milliseconds", 2**52), (EVENTS, "milliseconds")),
    "a key that is endless": (put(EVENTS, 1, "key", "k" * 999), (EVENTS, "key")),
    "a prediction left out": (lambda r: r[PREDICTIONS].pop(4), (PREDICTIONS, "line 5 ")),
    "a prediction twice": (
        lambda r: r[PREDICTIONS].insert(4, r[PREDICTIONS][4]), (PREDICTIONS, "out of order")),
    "predictions cut short": (lambda r: r[PREDICTIONS].pop(), ("belong together",)),
    "a predicted class that is none": (put(PREDICTIONS, 4, "predicted", 2), ("predicted",)),
    "too many probabilities": (
        put(PREDICTIONS, 4, "probabilities", "A" * 32 * 4), ("eight bytes",)),
    "no probabilities": (put(PREDICTIONS, 4, "probabilities", "AAAA"), ("eight bytes",)),
    "probabilities that are no Base64": (
        put(PREDICTIONS, 4, "probabilities", "?!"), ("Base64",)),
    "an endless entropy": (put(PREDICTIONS, 4, "entropy", "inf"), ("entropy", "number")),
    "more entropy than there is": (put(PREDICTIONS, 4, "entropy", 1.5), ("entropy", "0 to 1")),
    "no entropy": (put(PREDICTIONS, 4, "entropy", [0.5]), ("entropy", "number")),
    "an unknown answer": (put(PREDICTIONS, 0, "answer", "evil"), (PREDICTIONS, "answer")),
    "half an answer": (put(PREDICTIONS, 0, "answered", None), ("half answered",)),
    "a number of a million digits": (put(PREDICTIONS, 0, "label", 10**400), ("label",)),
    "a prediction of no event": (put(PREDICTIONS, 4, "seq", 0), (PREDICTIONS, "seq")),
    "an answer nobody asked for": (put(EVENTS, 2, "position", 39), (EVENTS, "line 3 ", "asked")),
    "a line that is a list": (lambda r: r[EVENTS].insert(0, [1]), (EVENTS, "line 1 ", "object")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_records_that_cannot_be(there: Services, good: Path, tmp_path: Path, name: str) -> None:
    change, parts = WRONG[name]
    records = read(good)
    change(records)
    refused(there, remade(tmp_path / "wrong.zip", records), *parts)


def test_two_events_of_one_key(there: Services, good: Path, tmp_path: Path) -> None:
    records = read(good)
    for line in (1, 2):
        records[EVENTS][line]["key"] = "the-same-key"
    refused(there, remade(tmp_path / "k.zip", records), EVENTS, "the same one")


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e}', b"\xff\xfe{}", b"{", b"null", b""]
)
def test_lines_that_are_no_json(there: Services, good: Path, tmp_path: Path, line: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        return line + b"\n" + content if name == EVENTS else content

    refused(there, tampered(good, tmp_path / "j.zip", change=change), EVENTS, "line 1 ")


# What nobody thought of ------------------------------------------------------------------------


def shown(services: Services, slug: str) -> None:
    """All that is drawn and downloaded of an experiment."""
    services.views.view(slug)
    services.overviews.glance()
    services.verification.verify(slug)
    for what in ("labels", "predictions"):
        for fmt in ("csv", "jsonl"):
            b"".join(services.downloads.stream(slug, what, fmt))
    b"".join(services.downloads.stream(slug, "labels", "csv", history=True))
    b"".join(services.completion.stream(slug, "csv"))
    b"".join(services.transfer.stream(slug))
    for chart in tables.CHARTS:
        b"".join(tables.chart_csv(services.reports, slug, chart=chart, params={}))
    for position in (0, 5):
        services.records.story(slug, position)


def brought_or_refused(services: Services, path: Path) -> None:
    """Refused with a sentence; or taken, and then whatever there is to see can be seen."""
    said = "."
    try:
        brought = services.transfer.bring_in(path)
    except SluiceError as error:
        said = str(error)
    else:
        assert brought is not None
        try:
            shown(services, brought.experiment.slug)
        finally:
            services.experiments.delete(brought.experiment.slug)
            with services.database.write() as connection:  # no way yet to delete a stream
                connection.execute(schema.samples.delete())
                connection.execute(schema.streams.delete())
    assert said.endswith(".")
    assert empty(services)


fuzz = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.slow
@fuzz
@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_bit_of_the_file(
    there: Services, good: Path, tmp_path: Path, at: int, bit: int
) -> None:
    content = bytearray(good.read_bytes())
    content[at % len(content)] ^= 1 << bit
    (tmp_path / "bit.zip").write_bytes(content)
    brought_or_refused(there, tmp_path / "bit.zip")


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 60), st.integers(), st.floats(), st.text(max_size=9),
    st.sampled_from(["", "label", "entropy", "{}", "[]", "nan", "AAAAAAAA8D8="]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)  # fmt: skip


@pytest.mark.slow
@fuzz
@given(
    part=st.sampled_from([EXPERIMENT, STREAM, *TABLES]),
    seed=st.integers(0, 10**6),
    value=VALUES,
)
def test_any_value_of_any_record(
    there: Services, good: Path, tmp_path: Path, part: str, seed: int, value: Any
) -> None:
    records, rng = read(good), random.Random(seed)
    record = rng.choice(records[part])
    if part == EXPERIMENT and rng.random() < 0.4:
        record = record["spec"]
    endless = isinstance(value, float) and not math.isfinite(value)
    record[rng.choice(sorted(record))] = str(value) if endless else value
    brought_or_refused(there, remade(tmp_path / "value.zip", records))


PLAUSIBLE = st.sampled_from([None, 0, 1, 2, 3, 5, 9, 0.5, "", "label", "pass", "entropy", "undo"])


@pytest.mark.slow
@fuzz
@given(part=st.sampled_from([EVENTS, PREDICTIONS]), seed=st.integers(0, 10**6), value=PLAUSIBLE)
def test_a_log_that_is_only_just_wrong(
    there: Services, good: Path, tmp_path: Path, part: str, seed: int, value: Any
) -> None:
    records, rng = read(good), random.Random(seed)
    record = rng.choice(records[part])
    record[rng.choice(sorted(record))] = value
    brought_or_refused(there, remade(tmp_path / "just.zip", records))
