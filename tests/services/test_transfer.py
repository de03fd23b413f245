"""A whole experiment taken out here and brought in there: the same in every bit, or not at all."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Conflict, NotFound, Unavailable
from dashboard.services import hidden, transfer_in
from dashboard.services.container import Services
from dashboard.services.transfer import filename
from dashboard.services.transfer_file import MANIFEST, MEMBERS
from dashboard.settings import read_settings
from dashboard.storage import jobs, log, schema
from dashboard.storage.streams import Sample
from tests.serving import ROOT

Open = Callable[..., Services]

TABLES = ("streams", "samples", "experiments", "events", "predictions", "rollups", "snapshots")


@pytest.fixture
def elsewhere(open_more: Open, tmp_path: Path) -> Services:
    """Services over another data folder."""
    return open_more(read_settings({"SLUICE_DATA": str(tmp_path / "elsewhere")}))


@pytest.fixture
def taken_out(services: Services, tmp_path: Path) -> Callable[[str], Path]:
    """`taken_out(slug)`: its file."""

    def take(slug: str) -> Path:
        path = tmp_path / filename(slug)
        path.write_bytes(b"".join(services.transfer.stream(slug)))
        return path

    return take


def counts(services: Services) -> dict[str, int]:
    """How many rows each table has."""
    with services.database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(getattr(schema, name)))
            for name in TABLES
        }


def rows(services: Services, table: sa.Table, slug: str) -> list[tuple[Any, ...]]:
    """What is stored of an experiment, but for the numbers of its rows."""
    experiment = services.experiments.find(slug)
    owner = "stream_id" if table is schema.samples else "experiment_id"
    mine = experiment.stream_id if table is schema.samples else experiment.id
    columns = [c for c in table.columns if c.name != owner]
    with services.database.read() as connection:
        found = connection.execute(sa.select(*columns).where(table.c[owner] == mine))
        return sorted(map(tuple, found), key=repr)


def verified(services: Services, slug: str) -> str:
    verdict = services.verification.verify(slug)
    assert verdict.difference == ""
    return verdict.fingerprint


def answer(services: Services, slug: str, label: int | None) -> bool:
    services.runs.scan(slug)
    position = services.views.view(slug)["query"]["position"]
    return services.labeling.answer(slug, position=position, label=label, milliseconds=700).done


def everything(services: Services, slug: str) -> None:
    """Every kind of event there is."""
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=12)
    for label in (None, 0, 1, None):
        answer(services, slug, label)
    for _ in range(3):
        services.labeling.undo(slug, annotator="ann")
    services.runs.oracle(slug, count=5)
    with services.database.read() as connection:
        told = log.answers_in_force(connection, services.experiments.find(slug).id)
    labeled = [position for _, position, label, _ in told if label is not None]
    services.labeling.correct(slug, position=labeled[3], label=1)
    services.labeling.correct(slug, position=labeled[3], label=0)
    services.labeling.correct(slug, position=labeled[7], label=None)
    services.marks.mark(slug, position=labeled[1], flag=True, note="two\nlines 🎉")
    services.changes.strategy(slug, budget=0.5)
    services.runs.oracle(slug, count=3)
    services.changes.add_class(slug, "ещё")
    answer(services, slug, 2)
    services.labeling.undo(slug)


@pytest.fixture
def eventful(services: Services, make_experiment: Callable[..., str]) -> str:
    slug = make_experiment(
        services, "Eventful", preset="recommended", n=250, warm_start=20, seed=5, budget=0.3
    )
    everything(services, slug)
    kinds = {row[1] for row in rows(services, schema.events, slug)}
    assert kinds >= {"label", "pass", "undo", "relabel", "retract", "change", "mark"}
    services.advisor.set_target(slug, "95", "2")
    return slug


# The same, bit for bit -------------------------------------------------------------------------


def assert_same(here: Services, slug: str, there: Services, other: str) -> None:
    for table in (schema.events, schema.predictions, schema.samples, schema.rollups):
        assert rows(there, table, other) == rows(here, table, slug), table.name
    assert verified(there, other) == verified(here, slug)
    one, two = here.experiments.find(slug), there.experiments.find(other)
    same = ("name", "spec", "classes", "head", "position", "strategy_state", "warm_start",
            "warm_until", "created_at", "note", "archived_at", "archived_from",
            "target")  # fmt: skip
    assert [getattr(two, name) for name in same] == [getattr(one, name) for name in same]
    assert two.uid != one.uid or here is not there
    for what in ("labels", "predictions"):
        for fmt in ("csv", "jsonl"):
            first, second = (
                b"".join(s.downloads.stream(name, what, fmt))
                for s, name in ((here, slug), (there, other))
            )
            assert second.replace(other.encode(), b"?") == first.replace(slug.encode(), b"?")


def test_an_eventful_log_is_the_same_elsewhere(
    services: Services, elsewhere: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    brought = elsewhere.transfer.bring_in(taken_out(eventful))
    assert brought is not None
    assert (brought.experiment.slug, brought.notice) == (eventful, "")
    assert_same(services, eventful, elsewhere, eventful)
    history = [
        b"".join(s.downloads.stream(eventful, "labels", "csv", history=True))
        for s in (services, elsewhere)
    ]
    assert history[0] == history[1]
    assert elsewhere.experiments.last_used() == eventful


def test_labeling_goes_on_there_as_it_would_have_here(
    services: Services, elsewhere: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    elsewhere.transfer.bring_in(taken_out(eventful))
    for each in (services, elsewhere):
        assert each.labeling.undo(eventful).done
        each.runs.oracle(eventful, count=10)
        answer(each, eventful, None)
    views = [each.views.view(eventful) for each in (services, elsewhere)]
    assert views[0]["query"] == views[1]["query"]
    assert views[0]["counters"] == views[1]["counters"]
    learners = [each.labeling.learner(eventful)[1].fingerprint() for each in (services, elsewhere)]
    assert learners[0] == learners[1]
    for each in (services, elsewhere):
        verified(each, eventful)


@pytest.mark.parametrize(
    "choices",
    [
        {"text": False},
        {"text": False, "classes": 3},
        {"classes": 4},  # probabilities of classes not met yet are no numbers
        {"strategy": "variable-uncertainty"},
        {"strategy": "biqf"},
    ],
)
def test_other_kinds_of_experiments(
    services: Services,
    elsewhere: Services,
    make_experiment: Callable[..., str],
    taken_out: Callable[[str], Path],
    choices: dict[str, Any],
) -> None:
    slug = make_experiment(services, "Kind", preset="recommended", n=90, **choices)
    services.runs.oracle(slug, count=9)
    services.labeling.undo(slug)
    assert elsewhere.transfer.bring_in(taken_out(slug)) is not None
    assert_same(services, slug, elsewhere, slug)


def test_one_that_has_seen_nothing(
    services: Services,
    elsewhere: Services,
    make_experiment: Callable[..., str],
    taken_out: Callable[[str], Path],
) -> None:
    slug = make_experiment(services, "Fresh", n=30, warm_start=5)
    elsewhere.transfer.bring_in(taken_out(slug))
    assert_same(services, slug, elsewhere, slug)
    elsewhere.runs.warm_start(slug)
    assert elsewhere.views.view(slug)["state"] == "ready"


def test_one_put_aside_stays_aside(
    services: Services, elsewhere: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    archived = services.experiments.archive(eventful).slug
    brought = elsewhere.transfer.bring_in(taken_out(archived))
    assert brought is not None
    assert brought.experiment.slug == archived
    assert_same(services, archived, elsewhere, archived)
    assert elsewhere.experiments.last_used() is None
    assert elsewhere.experiments.reopen(archived).slug == eventful


def test_the_file_holds_no_pickle_and_says_what_it_holds(
    eventful: str, taken_out: Callable[[str], Path]
) -> None:
    with zipfile.ZipFile(taken_out(eventful)) as archive:
        assert set(archive.namelist()) == MEMBERS
        assert archive.testzip() is None
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts[MANIFEST])
    assert (manifest["format"], manifest["version"]) == ("sluice-experiment", 1)
    for name, told in manifest["parts"].items():
        lines = parts[name].decode().splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)
        assert told["records"] == len(lines)
        assert told["sha256"] == hashlib.sha256(parts[name]).hexdigest()


def test_taking_it_out_changes_nothing(
    services: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    before = counts(services), verified(services, eventful), services.experiments.find(eventful)
    taken_out(eventful)
    after = counts(services), verified(services, eventful), services.experiments.find(eventful)
    assert after == before


def test_one_moment_is_taken_out(services: Services, elsewhere: Services, eventful: str,
                                 tmp_path: Path) -> None:  # fmt: skip
    before = verified(services, eventful)
    chunks = services.transfer.stream(eventful)
    content = next(chunks)
    answer(services, eventful, 1)
    path = tmp_path / "then.zip"
    path.write_bytes(content + b"".join(chunks))
    elsewhere.transfer.bring_in(path)
    assert verified(elsewhere, eventful) == before


# Names and streams -----------------------------------------------------------------------------


def test_an_identical_stream_is_shared(
    services: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    before = counts(services)
    brought = services.transfer.bring_in(taken_out(eventful))
    assert brought is not None
    assert brought.experiment.slug == f"{eventful}-2"
    assert brought.experiment.stream_id == services.experiments.find(eventful).stream_id
    after = counts(services)
    assert (after["streams"], after["samples"]) == (before["streams"], before["samples"])
    assert after["experiments"] == before["experiments"] + 1
    assert_same(services, eventful, services, f"{eventful}-2")
    again = services.transfer.bring_in(taken_out(eventful))
    assert again is not None
    assert again.experiment.slug == f"{eventful}-3"


def test_a_stream_of_the_same_name_and_another_content_is_another_stream(
    services: Services,
    elsewhere: Services,
    make_experiment: Callable[..., str],
    make_stream: Callable[..., Any],
    taken_out: Callable[[str], Path],
) -> None:
    slug = make_experiment(services, "Mine", n=40)
    services.runs.oracle(slug, count=3)
    name = services.experiments.stream_of(services.experiments.find(slug)).slug
    make_stream(elsewhere, slug=name, n=40, seed=99)
    elsewhere.transfer.bring_in(taken_out(slug))
    found = elsewhere.experiments.stream_of(elsewhere.experiments.find(slug))
    assert found.slug == f"{name}-2"
    assert_same(services, slug, elsewhere, slug)


def test_a_built_in_name_stays_with_what_is_built_in(
    services: Services, elsewhere: Services, taken_out: Callable[[str], Path]
) -> None:
    stream = services.experiments.ensure_stream("phishing")
    slug = services.experiments.create(
        "P", stream=stream, spec=make_spec(text=False, classes=2)
    ).slug
    path = taken_out(slug)
    brought = elsewhere.transfer.bring_in(path)
    assert brought is not None
    assert elsewhere.experiments.stream_of(brought.experiment).slug == "phishing-imported"
    elsewhere.experiments.ensure_stream("phishing")
    assert brought.experiment.stream_id != elsewhere.experiments.ensure_stream("phishing").id


def test_a_name_of_ones_own(
    services: Services, elsewhere: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    path = taken_out(eventful)
    brought = elsewhere.transfer.bring_in(path, name="  Crème brûlée ")
    assert brought is not None
    assert (brought.experiment.slug, brought.experiment.name) == ("creme-brulee", "Crème brûlée")
    before = counts(elsewhere)
    with pytest.raises(Conflict, match="'creme-brulee' already"):
        elsewhere.transfer.bring_in(path, name="Creme Brulee")
    with pytest.raises(BadInput, match="needs a letter"):
        elsewhere.transfer.bring_in(path, name="!!!")
    assert counts(elsewhere) == before


def test_other_versions_are_told(
    services: Services, elsewhere: Services, eventful: str, taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = taken_out(eventful)
    monkeypatch.setattr(transfer_in, "runtime_version", lambda: "another")
    brought = elsewhere.transfer.bring_in(path)
    assert brought is not None
    assert "other versions" in brought.notice


def test_an_unknown_experiment_is_told_before_the_first_chunk(services: Services) -> None:
    with pytest.raises(NotFound, match="no experiment 'nobody'"):
        services.transfer.stream("nobody")


# Nothing half written --------------------------------------------------------------------------


def test_until_all_of_it_is_there_nobody_sees_it(
    services: Services,
    elsewhere: Services,
    eventful: str,
    taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transfer_in, "BATCH", 40)
    seen = []

    def watch(done: int, total: int, sentence: str) -> bool:
        seen.append((done, total))
        assert elsewhere.experiments.every() == []
        assert elsewhere.experiments.last_used() is None
        assert elsewhere.experiments.streams() == []
        assert elsewhere.overviews.glance().summaries == ()
        for name in (eventful, *uids(elsewhere)):
            with pytest.raises(NotFound):
                elsewhere.experiments.find(name)
            with pytest.raises(NotFound):
                elsewhere.views.view(name)
        assert sentence == "Bringing in"
        return True

    def uids(each: Services) -> list[str]:
        with each.database.read() as connection:
            return list(connection.execute(sa.select(schema.experiments.c.uid)).scalars())

    elsewhere.transfer.bring_in(taken_out(eventful), watch=watch)
    assert len(seen) > 10
    assert (
        seen[-1][0]
        == seen[-1][1]
        == sum(counts(services)[name] for name in ("samples", "events", "predictions"))
    )
    assert [e.slug for e in elsewhere.experiments.every()] == [eventful]
    assert counts(elsewhere)["streams"] == 1


@pytest.mark.parametrize("after", [1, 5, 9, 12])
def test_stopped_on_the_way_nothing_is_left(
    elsewhere: Services,
    eventful: str,
    taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    monkeypatch.setattr(transfer_in, "BATCH", 40)
    seen = []

    def watch(*told: object) -> bool:
        seen.append(told)
        return len(seen) < after

    assert elsewhere.transfer.bring_in(taken_out(eventful), watch=watch) is None
    assert len(seen) == after
    assert not any(counts(elsewhere).values())


def test_an_interrupt_leaves_nothing(
    elsewhere: Services, eventful: str, taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(transfer_in, "BATCH", 40)
    seen = []

    def watch(*told: object) -> bool:
        seen.append(told)
        if len(seen) == 8:
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        elsewhere.transfer.bring_in(taken_out(eventful), watch=watch)
    assert not any(counts(elsewhere).values())


KILLED = """
import sys, time
from pathlib import Path
from dashboard.services import transfer_in
from dashboard.services.container import open_services
from dashboard.settings import read_settings

transfer_in.BATCH = 40

def watch(done, total, sentence):
    if done > total * 0.7:
        print("now", flush=True)
        time.sleep(60)
    return True

services = open_services(read_settings({"SLUICE_DATA": sys.argv[1]}))
services.transfer.bring_in(Path(sys.argv[2]), watch=watch)
"""


def test_what_a_killed_one_leaves_is_swept_up_by_the_next(
    services: Services,
    elsewhere: Services,
    eventful: str,
    taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = taken_out(eventful)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(elsewhere.settings.data), str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        # One that is at work is left alone, however long it says nothing.
        hidden.sweep(elsewhere.database, at=elsewhere.transfer.clock() + 10 * jobs.STALE_MS)
        process.send_signal(signal.SIGKILL)
    left = counts(elsewhere)
    assert min(left["experiments"], left["events"], left["predictions"]) > 0
    assert elsewhere.experiments.every() == []
    # Not at once either: it might be a process of another machine.
    elsewhere.transfer.bring_in(path)
    assert counts(elsewhere)["experiments"] == 2
    later = elsewhere.transfer.clock() + jobs.STALE_MS + 1
    hidden.sweep(elsewhere.database, at=later)
    assert [e.slug for e in elsewhere.experiments.every()] == [eventful]
    now, alone = counts(elsewhere), counts(services)
    assert {n: now[n] for n in TABLES[:6]} == {n: alone[n] for n in TABLES[:6]}
    assert_same(services, eventful, elsewhere, eventful)


def test_one_that_was_swept_away_too_soon_says_so(
    elsewhere: Services, eventful: str, taken_out: Callable[[str], Path]
) -> None:
    def watch(done: int, total: int, _sentence: str) -> bool:
        if done == total:
            with elsewhere.database.write() as connection:
                connection.execute(schema.jobs.update().values(state="died", heartbeat_at=0))
            hidden.sweep(elsewhere.database, at=elsewhere.transfer.clock())
        return True

    with pytest.raises(Conflict, match="cleared away"):
        elsewhere.transfer.bring_in(taken_out(eventful), watch=watch)
    assert not any(counts(elsewhere).values())


def test_no_room_is_told_before_anything_is_written(
    elsewhere: Services,
    eventful: str,
    taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = taken_out(eventful)
    monkeypatch.setattr(
        "dashboard.services.transfer_in.shutil.disk_usage",
        lambda _folder: type("Usage", (), {"free": 1000}),
    )
    with pytest.raises(Unavailable, match="make room"):
        elsewhere.transfer.bring_in(path)
    assert not any(counts(elsewhere).values())


# Size ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_memory_does_not_grow_with_the_experiment(
    services: Services, elsewhere: Services, tmp_path: Path
) -> None:
    n = 20_000
    stream = services.experiments.add_stream(
        slug="long", title="Long", kind="text", classes=["a", "b"], source="",
        items=(Sample(f"s{i}", {"text": f"a text of some length {i} " * 6}, i % 2)
               for i in range(n)),
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2, discount_factor=1e6)
    slug = services.experiments.create("Long", stream=stream, spec=spec).slug
    services.runs.oracle(slug)
    path = tmp_path / "long.zip"
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            for chunk in services.transfer.stream(slug):
                file.write(chunk)
        out = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert elsewhere.transfer.bring_in(path) is not None
        back = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    unpacked = sum(i.file_size for i in zipfile.ZipFile(path).infolist())
    assert unpacked > 8_000_000
    assert out < 4_000_000
    assert back < 12_000_000
    assert verified(elsewhere, slug) == verified(services, slug)


def test_presses_get_in_between(
    services: Services,
    elsewhere: Services,
    eventful: str,
    make_experiment: Callable[..., str],
    taken_out: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each batch is a transaction of its own: an answer between two of them waits for none."""
    monkeypatch.setattr(transfer_in, "BATCH", 40)
    slug = make_experiment(elsewhere, "Here", n=120)
    given = []

    def watch(*_: object) -> bool:
        began = time.monotonic()
        given.append(answer(elsewhere, slug, 0))
        assert time.monotonic() - began < 30  # the lock would be waited for for a minute
        return True

    elsewhere.transfer.bring_in(taken_out(eventful), watch=watch)
    assert all(given)
    assert len(given) > 10
    verified(elsewhere, slug)
    verified(elsewhere, eventful)
