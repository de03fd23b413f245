"""Warm starts, oracle runs and the first start: stopped anywhere, they go on where the log is."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.events import Source
from dashboard.core.learner import Learner
from dashboard.errors import BadInput, NotFound, Unavailable
from dashboard.services import datasets
from dashboard.services import labeling as labeling_module
from dashboard.services import runs as runs_module
from dashboard.services.container import Services
from dashboard.settings import read_settings
from dashboard.storage import log, schema
from dashboard.storage.streams import Sample


def events(services: Services, slug: str) -> list[Any]:
    """The log, but for the time and the experiment's own number."""
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return [
            dataclasses.replace(log.event_of(row), at=0)
            for row in log.all_events(connection, experiment.id)
        ]


def history(services: Services, slug: str) -> tuple[Any, ...]:
    """Everything that two runs have to share."""
    experiment, learner = services.labeling.learner(slug)
    with services.database.read() as connection:
        rows = connection.execute(
            sa.select(schema.predictions)
            .where(schema.predictions.c.experiment_id == experiment.id)
            .order_by(schema.predictions.c.position)
        ).mappings()
        made = [(repr(log.prediction_of(row)), row["label"], row["answered"]) for row in rows]
    return events(services, slug), made, learner.fingerprint()


def queries_of(services: Services, slug: str) -> tuple[list[int], list[int | None]]:
    """What a bare loop with an oracle asks about, and the truth of every sample."""
    experiment = services.experiments.find(slug)
    stream = services.experiments.stream_of(experiment)
    learner = Learner(experiment.spec, n_classes=len(experiment.classes))
    asked, truths = [], []
    for position in range(stream.samples):
        sample = services.labeling.samples.get(stream.id, position)
        truths.append(sample.truth)
        if learner.scan(position, sample.fields).decision.asked:
            asked.append(position)
            learner.learn(sample.fields, sample.truth)
    return asked, truths


def told(services: Services, slug: str) -> list[tuple[int, int | None, Source]]:
    """Position, label and source of each answer."""
    return [(e.position, e.label, e.source) for e in events(services, slug) if e.kind != "scan"]


def open_position(services: Services, slug: str) -> int | None:
    query = services.views.view(slug)["query"]
    return None if query is None else query["position"]


@pytest.fixture(autouse=True)
def _patient(patient, monkeypatch) -> None:
    """No run is cut into pieces by a slow machine: logs can be compared event by event."""
    monkeypatch.setattr(runs_module, "CHUNK_SECONDS", 3600.0)


# Warm start -----------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.parametrize("warm_start", [0, 1, 37, 60, 120])
def test_a_warm_start_answers_the_queries_of_the_first_samples(
    services, make_experiment, warm_start
):
    """And no other: the first query that is left is that of the first start's bare loop."""
    slug = make_experiment(services, preset="recommended", warm_start=warm_start, budget=0.3)
    assert services.runs.warm_start(slug) is True
    asked, truths = queries_of(services, slug)
    first = [p for p in asked if p < warm_start]
    assert told(services, slug) == [(p, truths[p], Source.WARM_START) for p in first]
    assert open_position(services, slug) == next((p for p in asked if p >= warm_start), None)
    state = services.views.view(slug)["state"]
    assert state == ("exhausted" if warm_start == 120 else "ready")
    assert services.verification.verify(slug).difference == ""


def test_a_warm_start_changes_nothing_but_who_answered(services, make_experiment):
    """Rule 3: the run goes on as if a person had given every answer."""
    by_hand = make_experiment(services, "by hand")
    warmed = make_experiment(services, "warmed", warm_start=50)
    services.runs.warm_start(warmed)
    services.runs.oracle(warmed)
    services.runs.oracle(by_hand)
    (one, made, model), (other, made_too, model_too) = (
        history(services, slug) for slug in (by_hand, warmed)
    )
    assert (made, model) == (made_too, model_too)
    same = [dataclasses.replace(e, source=Source.ORACLE) for e in other if e.kind != "scan"]
    assert same == [e for e in one if e.kind != "scan"]


def test_a_warm_start_that_is_over_does_nothing(services, make_experiment):
    slug = make_experiment(services, warm_start=30)
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=2)
    before = history(services, slug)
    assert services.runs.warm_start(slug) is True
    assert history(services, slug) == before


class Halt(Exception):
    """What a killed process does not even raise."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["warm-start", "oracle"])
def test_stopped_and_continued_anywhere_the_log_is_the_same(
    services, open_more, make_experiment, kind
):
    def go(worker: Services, slug: str, watch: Any) -> Any:
        if kind == "warm-start":
            return worker.runs.warm_start(slug, watch=watch)
        return worker.runs.oracle(slug, watch=watch)

    whole = make_experiment(services, "whole", warm_start=40, n=60)
    calls: list[int] = []
    go(services, whole, lambda done, total, said: calls.append(done) is None)
    assert len(calls) > 20
    expected = history(services, whole)
    for allowed in (0, 1, 2, 7, len(calls) - 1):
        for how in ("stop", "crash"):
            slug = make_experiment(services, f"after {allowed} {how}", warm_start=40, n=60)
            left = [allowed]

            def watch(*_: Any, left: list[int] = left, how: str = how) -> bool:
                left[0] -= 1
                if left[0] < 0 and how == "crash":
                    raise Halt
                return left[0] >= 0

            if how == "crash":
                with pytest.raises(Halt):
                    go(services, slug, watch)
            elif kind == "warm-start":
                assert go(services, slug, watch) is False
            else:
                assert go(services, slug, watch) < len(told(services, whole))
            assert len(events(services, slug)) < len(expected[0])
            go(open_more(), slug, runs_module.keep_going)
            assert history(services, slug) == expected


def test_a_stop_at_every_single_step(services, make_experiment):
    whole, slug = (make_experiment(services, name, warm_start=40, n=60) for name in "ab")
    services.runs.warm_start(whole)

    def once() -> Any:
        left = iter((True, False))
        return lambda *_: next(left)

    rounds = 0
    while not services.runs.warm_start(slug, watch=once()):
        rounds += 1
    assert rounds > 10
    assert history(services, slug) == history(services, whole)


def test_progress_goes_up_to_the_end(services, make_experiment):
    slug = make_experiment(services, warm_start=80)
    seen: list[tuple[int, int, str]] = []
    services.runs.warm_start(slug, watch=lambda *said: seen.append(said) is None)
    done = [d for d, _, _ in seen]
    assert done == sorted(done)
    assert {(total, said) for _, total, said in seen} == {(80, "Warm start")}
    assert max(done) < 80


def test_a_person_takes_over_a_stopped_warm_start(services, make_experiment):
    """After "Stop" the open query is theirs, and the page does not fall back to warming."""
    slug = make_experiment(services, warm_start=60)
    left = iter([True] * 9 + [False])
    assert services.runs.warm_start(slug, watch=lambda *_: next(left)) is False
    assert services.views.view(slug)["state"] == "warming"
    position = open_position(services, slug)
    services.experiments.cut_warm_start(slug)
    view = services.views.view(slug)
    assert (view["state"], view["start"], view["query"]["position"]) == ("ready", "", position)
    assert services.experiments.find(slug).warm_until == position
    assert services.experiments.find(slug).warm_start == 60
    assert services.runs.warm_start(slug) is True
    assert open_position(services, slug) == position
    assert services.labeling.answer(slug, position=position, label=0).done
    assert services.verification.verify(slug).difference == ""
    services.experiments.cut_warm_start(slug)  # over: nothing to cut
    assert services.experiments.find(slug).warm_until == position


def test_a_warm_start_cut_before_anything_was_scanned(services, make_experiment):
    slug = make_experiment(services, warm_start=60)
    services.experiments.cut_warm_start(slug)
    services.runs.scan(slug)
    assert services.experiments.find(slug).warm_until == 0
    assert services.views.view(slug)["state"] == "ready"


# Oracle ---------------------------------------------------------------------------------------


def test_the_oracle_counts_its_answers(services, make_experiment):
    slug = make_experiment(services)
    asked, truths = queries_of(services, slug)
    assert services.runs.oracle(slug, count=0) == 0
    assert open_position(services, slug) == asked[0]
    assert services.runs.oracle(slug, count=1, annotator="Zoë") == 1
    assert services.runs.oracle(slug, count=5) == 5
    assert open_position(services, slug) == asked[6]
    assert services.runs.oracle(slug, count=10_000) == len(asked) - 6
    assert services.runs.oracle(slug, count=3) == services.runs.oracle(slug) == 0
    assert told(services, slug) == [(p, truths[p], Source.ORACLE) for p in asked]
    names = [e.annotator for e in events(services, slug) if e.kind == "label"]
    assert names == ["Zoë"] + [""] * (len(asked) - 1)
    assert services.views.view(slug)["state"] == "exhausted"


def test_an_oracle_without_a_count_goes_to_the_end(services, make_experiment):
    slug = make_experiment(services)
    seen: list[tuple[int, int, str]] = []
    given = services.runs.oracle(slug, watch=lambda *said: seen.append(said) is None)
    assert given == len(queries_of(services, slug)[0])
    assert [d for d, _, _ in seen] == sorted(d for d, _, _ in seen)
    assert {(total, said) for _, total, said in seen} == {(120, "Labeling from known truth")}


def test_an_oracle_that_is_stopped_says_how_far_it_came(services, make_experiment):
    slug = make_experiment(services)
    left = iter([True] * 4 + [False])
    given = services.runs.oracle(slug, watch=lambda *_: next(left))
    assert given == len(told(services, slug))
    assert 3 <= given <= 4


@pytest.mark.both
def test_an_oracle_beside_a_person(services, open_more, make_experiment):
    """Someone answers between the oracle's look and its answer: that one is not counted."""
    slug, other = make_experiment(services), open_more()
    asked, truths = queries_of(services, slug)
    services.runs.scan(slug)
    answer = services.labeling.answer
    theirs: list[int] = []

    def interrupted(slug: str, *, position: int, label: int, **details: Any) -> Any:
        if position in asked[2:5]:
            other.labeling.answer(slug, position=position, label=truths[position])
            theirs.append(position)
        return answer(slug, position=position, label=label, **details)

    services.labeling.answer = interrupted
    assert services.runs.oracle(slug, count=6) == 6
    assert theirs == asked[2:5]
    assert [p for p, _, _ in told(services, slug)] == asked[:9]
    people = [p for p, _, source in told(services, slug) if source is Source.PERSON]
    assert people == theirs


def test_nobody_knows_the_labels(services, make_stream):
    stream = make_stream(services, slug="unknown", truth=False, n=40)
    spec = runs_module.make_spec("blog", text=True, classes=2)
    services.experiments.create("unknown", stream=stream, spec=spec)
    with pytest.raises(BadInput) as caught:
        services.runs.oracle("unknown")
    assert str(caught.value) == "Nobody knows the labels of unknown; label it by hand."
    assert events(services, "unknown") == []


def test_some_labels_are_not_known(services, make_texts):
    """The oracle stops where it has no answer; what it answered stays, the query stands open."""
    items = [
        Sample(f"s{i}", {"text": text}, None if i == 6 else y)
        for i, (text, y) in enumerate(make_texts(40))
    ]
    stream = services.experiments.add_stream(
        slug="some", title="Some", kind="text", classes=["win", "see"], items=iter(items),
        source="",
    )  # fmt: skip
    spec = runs_module.make_spec("river-docs", text=True, classes=2)
    services.experiments.create("some", stream=stream, spec=spec)
    with pytest.raises(BadInput) as caught:
        services.runs.oracle("some")
    assert str(caught.value) == (
        "The label of the sample at position 6 is not known; answer it by hand."
    )
    assert open_position(services, "some") == 6
    assert [p for p, _, _ in told(services, "some")] == [0, 1, 2, 3, 4, 5]
    services.labeling.answer("some", position=6, label=None)
    assert services.runs.oracle("some", count=3) == 3


@pytest.mark.parametrize("run", ["oracle", "warm_start"])
def test_an_archived_experiment_is_refused(services, make_experiment, run):
    """Its answers are not taken: a run over it would never end."""
    slug = make_experiment(services, warm_start=20)
    services.runs.scan(slug)
    archived = services.experiments.archive(slug).slug
    position = open_position_of_archived(services, archived)
    for attempt in (
        lambda: services.labeling.answer(archived, position=position, label=0),
        lambda: services.labeling.undo(archived),
        lambda: services.labeling.correct(archived, position=0, label=0),
        lambda: services.labeling.scan_on(archived),
        lambda: getattr(services.runs, run)(archived),
    ):
        with pytest.raises(BadInput) as caught:
            attempt()
        assert str(caught.value) == f"{archived} is archived; reopen it to label on."
    assert told(services, archived) == []


def open_position_of_archived(services: Services, slug: str) -> int:
    with services.database.read() as connection:
        return log.open_query(connection, services.experiments.find(slug).id)["position"]


# Scan -----------------------------------------------------------------------------------------


def test_a_scan_can_be_stopped_and_goes_on(services, make_experiment, monkeypatch):
    slug = make_experiment(services, discount_factor=300, n=150)
    asked, truths = queries_of(services, slug)
    before = next(i for i in range(len(asked) - 1) if asked[i + 1] - asked[i] > 6)
    services.runs.oracle(slug, count=before)
    position = asked[before]
    monkeypatch.setattr(runs_module, "CHUNK_SECONDS", -1.0)
    monkeypatch.setattr(labeling_module, "MAX_SCANNED", 1)
    services.labeling.answer(slug, position=position, label=truths[position])
    view = services.views.view(slug)
    assert (view["state"], view["start"], view["query"]) == ("scanning", "scan", None)
    seen: list[int] = []

    def three(done: int, total: int, sentence: str) -> bool:
        assert (total, sentence) == (150, "Looking for the next question")
        seen.append(done)
        return len(seen) < 3

    assert services.runs.scan(slug, watch=three) is False
    assert seen == [position + 3, position + 4, position + 5]
    assert open_position(services, slug) is None
    assert services.runs.scan(slug) is True
    assert open_position(services, slug) == asked[before + 1]


def test_unknown_slugs(services):
    for run in (services.runs.scan, services.runs.warm_start, services.runs.oracle):
        with pytest.raises(NotFound, match="There is no experiment 'no-such'"):
            run("no-such")


# First start ----------------------------------------------------------------------------------


def test_the_first_start_with_the_real_messages(services, river_data, monkeypatch):
    monkeypatch.setenv("RIVER_DATA", str(river_data))
    slug = services.runs.first_start()
    experiment = services.experiments.find(slug)
    assert slug == "sms-spam"
    assert (experiment.spec.preset, experiment.spec.seed) == ("recommended", 42)
    assert (experiment.warm_start, experiment.note) == (1000, "")
    assert [(c.name, c.title) for c in experiment.classes] == [("ham", "Ham"), ("spam", "Spam")]
    stream = services.experiments.stream_of(experiment)
    assert (stream.slug, stream.samples, stream.truths) == ("sms-spam", 5574, 5574)
    asked, truths = queries_of(services, slug)
    assert told(services, slug) == [(p, truths[p], Source.WARM_START) for p in asked if p < 1000]
    assert open_position(services, slug) == next(p for p in asked if p >= 1000)
    head = experiment.head
    assert services.runs.first_start() == slug
    assert services.experiments.find(slug).head == head
    assert len(services.experiments.every()) == 1


@pytest.fixture
def no_network(tmp_path, monkeypatch) -> None:
    """River's data folder is empty, and nothing can be had from elsewhere."""

    def refuse(data: Any, _progress: Any) -> None:
        raise Unavailable(f"{data.url} could not be downloaded (no route).")

    monkeypatch.setenv("RIVER_DATA", str(tmp_path / "empty"))
    monkeypatch.setattr(datasets, "download", refuse)


def test_the_first_start_without_a_network(services, no_network):
    slug = services.runs.first_start()
    experiment = services.experiments.find(slug)
    stream = services.experiments.stream_of(experiment)
    assert (slug, stream.slug) == ("sample-messages", "sample-messages")
    assert experiment.note.startswith(
        "These are made-up messages, because the real ones could not be had: http"
    )
    assert experiment.note.endswith("could not be downloaded (no route).")
    assert stream.samples == stream.truths > 1000
    asked, truths = queries_of(services, slug)
    assert told(services, slug) == [(p, truths[p], Source.WARM_START) for p in asked if p < 1000]
    view = services.views.view(slug)
    assert (view["state"], view["note"]) == ("ready", experiment.note)
    with pytest.raises(Unavailable):
        services.experiments.ensure_stream("sms-spam")
    assert services.runs.first_start() == slug


def test_a_first_start_cut_short_is_finished_by_the_page(services, no_network):
    left = iter([True] * 12 + [False] * 99)
    slug = services.runs.first_start(watch=lambda *_: next(left))
    view = services.views.view(slug)
    assert (view["state"], view["start"]) == ("warming", "warm-start")
    assert services.runs.warm_start(slug) is True
    assert services.views.view(slug)["state"] == "ready"


def test_nothing_half_downloaded_is_left_behind(tmp_path, monkeypatch):
    """River's own download leaves a broken archive; here the server hangs up in the middle."""
    archive = tmp_path / "served.zip"
    archive.write_bytes(b"PK\x03\x04 and then nothing that would unpack")
    data = river_sms(monkeypatch, tmp_path / "river", archive.as_uri())
    with pytest.raises(Unavailable) as caught:
        datasets.download(data, lambda _done, _total: None)
    folder = tmp_path / "river" / "SMSSpam"
    assert str(caught.value) == (
        f"{archive.as_uri()} could not be downloaded (File is not a zip file). To use it, "
        f"download it elsewhere, unpack it, and put SMSSpamCollection into {folder}."
    )
    assert list(folder.iterdir()) == []


def river_sms(monkeypatch: pytest.MonkeyPatch, folder: Any, url: str) -> Any:
    monkeypatch.setenv("RIVER_DATA", str(folder))
    data = datasets.datasets.SMSSpam()
    data.url = url
    return data


def test_settings_of_another_folder_share_nothing(services, open_more, make_experiment, tmp_path):
    make_experiment(services)
    other = open_more(read_settings({"SLUICE_DATA": str(tmp_path / "other")}))
    assert other.experiments.every() == []


@pytest.mark.both
def test_a_run_stays_with_its_experiment_when_that_is_reset(services, make_experiment):
    """The slug goes to a new experiment; the answers under way must not go there."""
    slug = make_experiment(services)
    seen = []

    def reset_in_the_middle(done: int, _total: int, _sentence: str) -> bool:
        seen.append(done)
        if done == 3:
            services.experiments.reset(slug)
        return True

    with pytest.raises(BadInput, match="archived"):
        services.runs.oracle(slug, count=10, watch=reset_in_the_middle)
    assert told(services, slug) == []
