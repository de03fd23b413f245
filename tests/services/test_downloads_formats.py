"""Downloads of logs that a person made: what the database holds, equal in every format."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pyarrow import parquet

from dashboard.core.events import Kind
from dashboard.core.spec import make_spec
from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings
from dashboard.storage import log, schema
from dashboard.storage.streams import Sample

SLUG = "busy"


def download(
    services: Services, what: str, fmt: str = "csv", *, raw: bool = False, history: bool = False
) -> bytes:
    return b"".join(services.downloads.stream(SLUG, what, fmt, raw=raw, history=history))


def dicts(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def stored(services: Services, table: sa.Table) -> list[sa.RowMapping]:
    with services.database.read() as connection:
        return list(connection.execute(sa.select(table)).mappings())


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with a log of answers, passes, undoes and corrections at random; only read."""
    opened = open_services(read_settings({"SLUICE_DATA": str(tmp_path_factory.mktemp("busy"))}))
    rng = random.Random(5)
    words = [f"word{i}" for i in range(30)]
    stream = opened.experiments.add_stream(
        slug=SLUG, title=SLUG, kind="text", classes=["win", "see", "pay"], source="",
        items=(
            Sample(f"s{i}", {"text": " ".join(rng.choices(words, k=6))}, (0, 1, 2, None)[i % 4])
            for i in range(150)
        ),
    )  # fmt: skip
    spec = make_spec("river-docs", text=True, classes=3)
    opened.experiments.create(SLUG, stream=stream, spec=spec)
    for step in range(200):
        act(opened, rng, step)
    yield opened
    opened.labeling.settle()
    opened.database.close()


def act(services: Services, rng: random.Random, step: int) -> None:
    """What a person might do next."""
    services.runs.scan(SLUG)
    with services.database.read() as connection:
        experiment_id = services.experiments.find(SLUG).id
        query = log.open_query(connection, experiment_id)
        answers = log.answers_in_force(connection, experiment_id)
    chance, label = rng.random(), rng.choice((0, 1, 2, None))
    if chance < 0.15:
        services.labeling.undo(SLUG)
    elif chance < 0.3 and answers:
        services.labeling.correct(SLUG, position=rng.choice(answers)[1], label=label)
    elif query is not None:
        services.labeling.answer(
            SLUG, position=query["position"], label=label,
            milliseconds=rng.choice((None, step)), annotator=rng.choice(("", "ann")),
        )  # fmt: skip


def test_labels_are_those_of_the_log(services: Services) -> None:
    experiment = services.experiments.find(SLUG)
    names = ["win", "see", "pay", ""]
    with services.database.read() as connection:
        answers = log.answers_in_force(connection, experiment.id)
    expected = {
        (position, names[3 if label is None else label]) for _, position, label, answer in answers
        if answer != "retracted"
    }  # fmt: skip
    rows = dicts(download(services, "labels"))
    assert len(rows) == len(expected) > 30
    assert {(int(r["position"]), r["label"]) for r in rows} == expected
    assert sorted(rows, key=lambda r: int(r["position"])) == rows


def test_history_has_each_answer_once_with_its_own_prediction(services: Services) -> None:
    kinds = (Kind.LABEL, Kind.PASS, Kind.RELABEL)
    events = [e for e in stored(services, schema.events) if e["kind"] in kinds]
    predictions = stored(services, schema.predictions)
    expected = []
    for e in sorted(events, key=lambda e: (e["position"], e["seq"])):
        # The last one made before the answer is what the person saw.
        seen = max(
            (p for p in predictions if p["position"] == e["position"] and p["seq"] < e["seq"]),
            key=lambda p: p["seq"],
        )
        expected.append((e["position"], seen["entropy"], e["retracted_at"] is not None))
    rows = dicts(download(services, "labels", history=True))
    assert [
        (int(r["position"]), float(r["entropy"]), r["retracted_at"] != "") for r in rows
    ] == expected
    in_force = [{k: r[k] for k in r if k != "retracted_at"} for r in rows if not r["retracted_at"]]
    assert in_force == dicts(download(services, "labels"))


def test_floats_read_back_equal(services: Services) -> None:
    rows = [p for p in stored(services, schema.predictions) if p["voided"] == 0]
    closed = [p for p in rows if p["reason"] == "" or p["answered"] is not None]
    # Written as bytes, because NaN, for a class not known yet, equals nothing.
    expected = [
        p["probabilities"] + log.pack((p["entropy"], p["query_probability"])) for p in closed
    ]
    names = ("p_win", "p_see", "p_pay", "entropy", "query_probability")
    found = dicts(download(services, "predictions"))
    assert [log.pack([float(row[n] or "nan") for n in names]) for row in found] == expected
    assert "" in {row["p_pay"] for row in found}


@pytest.mark.parametrize(("what", "history"), [("labels", True), ("predictions", False)])
def test_all_formats_hold_the_same_values(services: Services, what: str, history: bool) -> None:
    rows = dicts(download(services, what, raw=True, history=history))
    lines = download(services, what, "jsonl", history=history).decode().split("\n")
    objects = [json.loads(line) for line in lines[:-1]]
    packed = download(services, what, "parquet", history=history)
    assert parquet.read_table(io.BytesIO(packed)).to_pylist() == objects
    assert [list(o) for o in objects] == [list(r) for r in rows]
    spelled = {True: "true", False: "false", None: ""}
    assert [
        {k: spelled[v] if v is None or isinstance(v, bool) else str(v) for k, v in o.items()}
        for o in objects
    ] == rows
