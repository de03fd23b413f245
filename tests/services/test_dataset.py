"""The labeled data set: everybody's labels, the model's for the rest, and nothing is changed."""

from __future__ import annotations

import csv
import io
import json
import os
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from dashboard.core.events import Kind
from dashboard.core.learner import Learner
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Conflict, NotFound, Unavailable
from dashboard.services.completion import FORMATS
from dashboard.services.container import Services
from dashboard.storage import log, prepared
from dashboard.storage.prepared import Answer, Facts, Shelf
from dashboard.storage.streams import Sample, Stream

HEADER = ["experiment", "sample_id", "position", "text", "label", "labeled_by", "probability",
          "truth"]  # fmt: skip
STEMS = ("win", "see")


def whole(services: Services, slug: str, fmt: str = "csv", **choices: Any) -> bytes:
    return b"".join(services.completion.stream(slug, fmt, **choices))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def open_position(services: Services, slug: str) -> int:
    return services.views.view(slug)["query"]["position"]


def stream_of(services: Services, slug: str) -> Stream:
    return services.experiments.stream_of(services.experiments.find(slug))


def sample(services: Services, slug: str, position: int) -> Sample:
    return services.labeling.samples.get(stream_of(services, slug).id, position)


def state(services: Services, slug: str) -> tuple[Any, ...]:
    """All that a download must not change."""
    verdict = services.verification.verify(slug)
    assert verdict.difference == ""
    experiment, learner = services.labeling.learner(slug)
    with services.database.read() as connection:
        events = [tuple(row.values()) for row in log.all_events(connection, experiment.id)]
    logs = [b"".join(services.downloads.stream(slug, w, "csv")) for w in ("labels", "predictions")]
    return verdict, experiment, learner.fingerprint(), events, logs


@pytest.fixture
def mixed(services: Services, make_experiment: Callable[..., str]) -> str:
    """Warm start, oracle, a person's label and pass, a relabel, a retraction, an undo."""
    slug = make_experiment(services, preset="recommended", n=200, warm_start=30, seed=3, budget=0.3)
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=8)
    for label in (1, None, 0):
        position = open_position(services, slug)
        services.labeling.answer(slug, position=position, label=label, annotator="ann")
        services.runs.scan(slug)
    with services.database.read() as connection:
        told = log.answers_in_force(connection, services.experiments.find(slug).id)
    services.labeling.undo(slug)
    services.labeling.correct(slug, position=told[1][1], label=1 - (told[1][2] or 0))
    services.labeling.correct(slug, position=told[2][1], label=None)
    return slug


# What is in it ---------------------------------------------------------------------------------


def expected(services: Services, slug: str) -> dict[int, tuple[int | None, str]]:
    """Label and source of every answer in force, told from the events alone."""
    experiment = services.experiments.find(slug)
    found: dict[int, tuple[int | None, str]] = {}
    with services.database.read() as connection:
        for event in log.all_events(connection, experiment.id):
            if event["voided"] or event["kind"] not in (Kind.LABEL, Kind.RELABEL, Kind.RETRACT):
                continue
            found[event["position"]] = event["label"], event["source"]
    return {position: said for position, said in found.items() if said[0] is not None}


def test_everybody_who_labeled_is_named_and_the_model_does_the_rest(
    services: Services, mixed: str
) -> None:
    content = whole(services, mixed)
    rows = rows_of(content)
    assert content.decode().partition("\r\n")[0].split(",") == HEADER
    assert [int(r["position"]) for r in rows] == list(range(200))
    assert [r["text"] for r in rows] == [sample(services, mixed, p).text for p in range(200)]
    told = expected(services, mixed)
    assert {source for _, source in told.values()} == {"warm-start", "oracle", "person"}
    for position, (label, source) in told.items():
        row = rows[position]
        assert (row["label"], row["labeled_by"], row["probability"]) == (STEMS[label], source, "")
    rest = [r for p, r in enumerate(rows) if p not in told]
    assert {r["labeled_by"] for r in rest} == {"model"}
    assert len(rest) > 100


def test_the_model_is_that_of_the_labels_in_force(services: Services, mixed: str) -> None:
    experiment = services.experiments.find(mixed)
    bare = Learner(experiment.spec, n_classes=2)
    with services.database.read() as connection:
        for position, label in log.labels_since(connection, experiment.id, 0):
            bare.learn(sample(services, mixed, position).fields, label)
    guessed = [r for r in rows_of(whole(services, mixed)) if r["labeled_by"] == "model"]
    for row in guessed:
        y_pred = bare.predict(sample(services, mixed, int(row["position"])).fields)
        best = max(y_pred, key=y_pred.__getitem__)
        assert (row["label"], float(row["probability"])) == (STEMS[int(best)], y_pred[best])
    assert {r["label"] for r in guessed} == set(STEMS)


def test_the_truth_of_what_may_yet_be_asked_is_not_told(services: Services, mixed: str) -> None:
    experiment = services.experiments.find(mixed)
    query = open_position(services, mixed)
    rows = rows_of(whole(services, mixed))
    for position, row in enumerate(rows):
        settled = position < experiment.position and position != query
        truth = STEMS[sample(services, mixed, position).truth or 0] if settled else ""
        assert row["truth"] == truth, position
    assert 0 < query < experiment.position < 200
    assert rows[query]["labeled_by"] == "model"


def test_where_the_model_names_nothing_nothing_is_claimed(
    services: Services, make_experiment: Callable[..., str]
) -> None:
    slug = make_experiment(services, preset="recommended", n=20, classes=3)
    rows = rows_of(whole(services, slug))
    assert {(r["label"], r["labeled_by"], r["probability"]) for r in rows} == {("", "", "")}
    services.runs.oracle(slug, count=6)
    assert Counter(r["labeled_by"] for r in rows_of(whole(services, slug))) == {
        "oracle": 6, "model": 14,
    }  # fmt: skip


# Nothing is changed ----------------------------------------------------------------------------


def test_the_experiment_is_as_it_was(services: Services, mixed: str) -> None:
    before = state(services, mixed)
    for fmt in FORMATS:
        whole(services, mixed, fmt)
    assert services.completion.prepare(mixed) == before[1].head
    assert services.jobs.run("dataset", mixed).state == "done"
    whole(services, mixed)
    assert state(services, mixed) == before


def test_the_next_questions_are_those_of_one_who_never_asked(
    services: Services, make_experiment: Callable[..., str]
) -> None:
    slugs = [make_experiment(services, name, n=200, seed=9) for name in ("curious", "calm")]
    for _ in range(25):
        for slug in slugs:
            services.runs.scan(slug)
            position = open_position(services, slug)
            label = sample(services, slug, position).truth
            assert services.labeling.answer(slug, position=position, label=label).done
        whole(services, "curious")
        services.completion.prepare("curious")
    verdicts = [services.verification.verify(slug) for slug in slugs]
    assert [v.difference for v in verdicts] == ["", ""]
    learners = [services.labeling.learner(slug)[1].fingerprint() for slug in slugs]
    assert learners[0] == learners[1]
    logs = [b"".join(services.downloads.stream(s, "predictions", "csv")) for s in slugs]
    without_time = [
        [line.split(",")[1:-1] for line in content.decode().splitlines()[1:]] for content in logs
    ]
    assert without_time[0] == without_time[1]


# Formats ---------------------------------------------------------------------------------------


def test_all_formats_say_the_same(services: Services, mixed: str) -> None:
    rows = rows_of(whole(services, mixed))
    lines = [json.loads(line) for line in whole(services, mixed, "jsonl").splitlines()]
    table = parquet.read_table(io.BytesIO(whole(services, mixed, "parquet")))
    assert table.to_pylist() == lines
    assert str(table.schema.field("probability").type) == "double"
    assert str(table.schema.field("position").type) == "int64"
    assert list(lines[0]) == HEADER
    shown = [
        {name: "" if value is None else str(value) for name, value in line.items()}
        for line in lines
    ]
    assert shown == rows  # the repr of a float reads back equal


def test_texts_that_a_spreadsheet_would_run(services: Services) -> None:
    texts = ("=1+1", "-0.5 below", "plain", "\tindented")
    stream = services.experiments.add_stream(
        slug="risky", title="Risky", kind="text", classes=["a", "b"], source="",
        items=(Sample(f"={i}", {"text": t}, None) for i, t in enumerate(texts)),
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2)
    slug = services.experiments.create("Risky", stream=stream, spec=spec).slug
    rows = rows_of(whole(services, slug))
    assert [r["text"] for r in rows] == ["'=1+1", "'-0.5 below", "plain", "'\tindented"]
    assert rows[0]["sample_id"] == "'=0"
    assert [r["text"] for r in rows_of(whole(services, slug, raw=True))] == list(texts)
    assert json.loads(whole(services, slug, "jsonl").splitlines()[0])["text"] == "=1+1"


def test_rows_have_their_fields_with_their_types(
    services: Services, make_experiment: Callable[..., str]
) -> None:
    slug = make_experiment(services, preset="recommended", n=40, text=False)
    services.runs.oracle(slug, count=5)
    table = parquet.read_table(io.BytesIO(whole(services, slug, "parquet")))
    types = {f.name: str(f.type) for f in table.schema if f.name.startswith("x.")}
    assert types == {"x.size": "double", "x.count": "int64", "x.color": "string"}
    fields = [sample(services, slug, p).fields for p in range(40)]
    stored = table.to_pylist()
    assert [{n: r[f"x.{n}"] for n in fields[0]} for r in stored] == fields
    assert [float(r["x.size"]) for r in rows_of(whole(services, slug))] == [
        f["size"] for f in fields
    ]


def test_what_cannot_be_asked_for(services: Services, mixed: str) -> None:
    with pytest.raises(NotFound, match="no experiment 'nobody'"):
        services.completion.stream("nobody", "csv")
    with pytest.raises(BadInput, match="choose one of csv, jsonl, parquet"):
        services.completion.stream(mixed, "xlsx")
    with pytest.raises(Conflict, match="as of event 3 is not kept any more"):
        services.completion.stream(mixed, "csv", head=3)


# Prepared --------------------------------------------------------------------------------------


@pytest.fixture
def unpredicted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`unpredicted()`: from now on a prediction fails the test."""

    def forbid() -> None:
        def predict(*_: object) -> None:
            raise AssertionError("predicted, although all of it was prepared")

        monkeypatch.setattr(Learner, "predict", predict)

    return forbid


def test_what_was_prepared_is_what_comes(
    services: Services, mixed: str, unpredicted: Callable[[], None]
) -> None:
    live = {fmt: whole(services, mixed, fmt) for fmt in FORMATS}
    head = services.completion.prepare(mixed)
    ready = services.completion.readiness(mixed)
    assert (ready.head, ready.current, ready.quick) == (head, True, True)
    unpredicted()
    assert {fmt: whole(services, mixed, fmt) for fmt in FORMATS} == live
    assert services.completion.prepare(mixed) == head


def test_it_is_always_that_of_now_unless_another_head_is_named(
    services: Services, mixed: str
) -> None:
    then = whole(services, mixed)
    head = services.completion.prepare(mixed)
    services.runs.oracle(mixed, count=3)
    now = whole(services, mixed)
    assert now != then
    assert len(expected(services, mixed)) == sum(r["labeled_by"] != "model" for r in rows_of(now))
    assert whole(services, mixed, head=head) == then
    ready = services.completion.readiness(mixed)
    assert (ready.head, ready.current) == (head, False)
    services.completion.prepare(mixed)
    with pytest.raises(Conflict, match="not kept any more"):  # one per experiment is kept
        services.completion.stream(mixed, "csv", head=head)
    assert whole(services, mixed) == now


def test_the_truth_of_what_was_undone_since_is_not_told_either(
    services: Services, mixed: str
) -> None:
    query = open_position(services, mixed)
    truth = sample(services, mixed, query).truth
    services.labeling.answer(mixed, position=query, label=truth)
    services.runs.scan(mixed)
    head, reached = services.completion.prepare(mixed), services.experiments.find(mixed).position
    told = [r["truth"] for r in rows_of(whole(services, mixed, head=head))]
    assert told[query] == STEMS[truth or 0]
    assert services.labeling.undo(mixed).done
    now = services.experiments.find(mixed).position
    assert open_position(services, mixed) == query < now < reached
    told = [r["truth"] for r in rows_of(whole(services, mixed, head=head))]
    assert told[query] == ""
    assert set(told[now:]) == {""}


def exports(services: Services) -> list[Path]:
    folder = services.settings.exports
    return sorted(folder.iterdir()) if folder.exists() else []


def test_stopped_on_the_way_nothing_is_kept(
    services: Services, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.storage.completion.AT_ONCE", 50)
    seen = []

    def watch(done: int, total: int, _sentence: str) -> bool:
        seen.append((done, total))
        return done < 100

    assert services.completion.prepare(mixed, watch=watch) is None
    assert seen == [(50, 200), (100, 200)]
    assert exports(services) == []


@pytest.mark.parametrize("harm", ["cut", "garbage", "flipped", "empty", "other version"])
def test_a_file_that_is_damaged_or_of_another_release_is_not_believed(
    services: Services, mixed: str, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = whole(services, mixed)
    services.completion.prepare(mixed)
    (path,) = exports(services)
    content = path.read_bytes()
    middle = len(content) // 2
    harmed = {
        "cut": content[:-9],
        "garbage": os.urandom(300),
        "empty": b"",
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
    }
    if harm == "other version":
        monkeypatch.setattr(prepared, "runtime_version", lambda: "another")
    else:
        path.write_bytes(harmed[harm])
    assert whole(services, mixed) == live
    assert services.completion.prepare(mixed) is not None
    assert len(exports(services)) == 1
    assert exports(services)[0].read_bytes() != harmed.get(harm)


def test_files_of_an_experiment_go_with_it(services: Services, mixed: str) -> None:
    services.completion.prepare(mixed)
    assert len(exports(services)) == 1
    services.experiments.delete(mixed)
    assert exports(services) == []


def test_a_job_killed_while_it_writes_leaves_nothing_for_long(
    services: Services, mixed: str
) -> None:
    uid = services.experiments.find(mixed).uid
    services.settings.exports.mkdir()
    (services.settings.exports / f"{uid}-01ABC.part").write_bytes(b"half of it")
    assert services.completion.readiness(mixed).head is None
    services.completion.prepare(mixed)
    assert [p.suffix for p in exports(services)] == [".parquet"]


def test_a_stream_that_has_grown_is_predicted_anew(services: Services, mixed: str) -> None:
    head = services.completion.prepare(mixed)
    shelf, stored = services.completion.shelf, None
    uid = services.experiments.find(mixed).uid
    stored = shelf.find(uid, head)
    assert stored is not None
    shorter = Facts(**{**vars(stored.facts), "samples": 150})
    shelf.put(shorter, (answer for answer, _ in zip(stored.answers(), range(150), strict=False)))
    assert len(rows_of(whole(services, mixed))) == 200
    assert services.completion.prepare(mixed) == head
    assert shelf.find(uid, head).facts.samples == 200  # type: ignore[union-attr]


def test_a_full_disk_is_a_sentence(
    services: Services, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(Unavailable, match="No space left on device"):
        services.completion.prepare(mixed)
    assert exports(services) == []


def test_labels_and_model_are_of_one_head(
    services: Services, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody answers between the copy of the model and the reading of the labels."""
    labeling, made = services.labeling, services.labeling.learner
    raced = []

    def learner(slug: str) -> Any:
        found = made(slug)
        if not raced:
            raced.append(slug)
            assert labeling.answer(mixed, position=open_position(services, mixed), label=1).done
        return found

    monkeypatch.setattr(labeling, "learner", learner)
    raced_rows = whole(services, mixed)
    assert raced
    monkeypatch.undo()
    assert raced_rows == whole(services, mixed)


# As a job --------------------------------------------------------------------------------------


def test_the_job_tells_how_far_it_is_and_labeling_goes_on(services: Services, mixed: str) -> None:
    seen = []

    def wanted() -> bool:
        seen.append(services.views.view(mixed)["state"])
        position = open_position(services, mixed)
        assert services.labeling.answer(mixed, position=position, label=0).done
        services.runs.scan(mixed)
        return True

    before = services.experiments.find(mixed).head
    receipt = services.jobs.run("dataset", mixed, wanted=wanted)
    assert receipt.state == "done"
    assert seen
    assert set(seen) == {"ready"}
    ready = services.completion.readiness(mixed)
    assert (ready.head, ready.current) == (before, False)


def test_the_job_is_stopped_by_its_own_wish_only(
    services: Services, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.storage.completion.AT_ONCE", 10)
    monkeypatch.setattr("dashboard.services.jobs.BEAT_SECONDS", 0)
    asked = []

    def wanted() -> bool:
        asked.append(services.jobs.stop(mixed))  # that of labeling: there is none
        if len(asked) == 5:
            assert services.jobs.stop(mixed, kind="dataset")
        return True

    assert services.jobs.run("dataset", mixed, wanted=wanted).state == "canceled"
    assert asked == [False] * 5
    assert exports(services) == []


# Long streams ----------------------------------------------------------------------------------


@pytest.fixture
def long(services: Services) -> str:
    stream = services.experiments.add_stream(
        slug="long", title="Long", kind="text", classes=["a", "b"], source="",
        items=(Sample(f"s{i}", {"text": f"a text of some length {i}"}, None)
               for i in range(30_000)),
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2)
    return services.experiments.create("Long", stream=stream, spec=spec).slug


def test_memory_does_not_grow_with_the_stream(services: Services, long: str) -> None:
    assert services.completion.readiness(long).quick is False
    list(services.completion.stream(long, "csv"))  # what is made once is not counted
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in services.completion.stream(long, "csv"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_500_000 < size


def test_a_download_holds_no_transaction(services: Services, long: str) -> None:
    chunks = services.completion.stream(long, "csv")
    next(chunks)
    assert services.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    chunks.close()  # type: ignore[attr-defined]


def test_a_shelf_reads_back_what_it_was_given(tmp_path: Path) -> None:
    answers = [Answer(1, "model", 0.1 + 0.2), Answer(None, None, None), Answer(0, "person", None)]
    facts = Facts(
        uid="U", head=3, samples=3, position=2, open=(1,), runtime=prepared.runtime_version()
    )
    shelf = Shelf(tmp_path / "exports")
    shelf.put(facts, answers)
    stored = shelf.find("U", 3)
    assert stored is not None
    assert (stored.facts, list(stored.answers())) == (facts, answers)
    assert (tmp_path / "exports").stat().st_mode & 0o777 == 0o700
    assert shelf.find("U", 4) is None
    assert shelf.newest("U") == 3
