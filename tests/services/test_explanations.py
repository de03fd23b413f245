"""Why, and what changed: told from the log, the same everywhere, and at nobody's cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.core.learner import digest
from dashboard.errors import BadInput
from dashboard.services import explanations
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.explanations import Explanations
from dashboard.storage import log

PIPELINES = {
    "shapes-adpredictor": 2,
    "bag-of-words-lr": 2,
    "tfidf-softmax": 3,
    "shapes-softmax": 3,
    "shapes-naive-bayes": 3,
    "rows-adpredictor": 2,
    "rows-steps-softmax": 3,
    "rows-tree": 2,
}


def answer(services: Services, slug: str, next_query: Any, label: int | None = 1) -> int:
    """Answer the next query; the number of the event."""
    position = next_query(services, slug)
    assert position is not None
    services.labeling.answer(slug, position=position, label=label)
    return services.views.view(slug)["last"]["seq"]


def row_of(services: Services, slug: str, seq: int) -> Any:
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        return next(
            row for row in log.recent_answers(connection, experiment.id, 6) if row["seq"] == seq
        )


@pytest.fixture
def make(make_experiment) -> Any:
    def create(services: Services, pipeline: str = "bag-of-words-lr", name: str = "why") -> str:
        return make_experiment(
            services,
            name,
            preset="recommended",
            n=600,
            text=not pipeline.startswith("rows"),
            classes=PIPELINES[pipeline],
            pipeline=pipeline,
        )

    return create


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_before_is_what_was_logged_and_after_is_what_the_model_says_then(
    services, make, next_query, pipeline
):
    slug = make(services, pipeline)
    services.runs.oracle(slug, count=12)
    answer(services, slug, next_query, 1)  # a class that naive Bayes may not have met
    for label in (1, 0, 1):
        row = row_of(services, slug, answer(services, slug, next_query, label))
        why = services.explanations.why(slug, row["seq"])
        assert why["before"] == log.unpack(row["probabilities"])[label]
        sample = services.labeling.samples.get(
            services.experiments.find(slug).stream_id, row["position"]
        )
        assert why["after"] == services.labeling.learner(slug)[1].predict(sample.fields)[label]
        if pipeline == "rows-tree":
            assert "tree" in why["silent"]
            assert why["pieces"] == why["moves"] == []
            continue
        assert why["after"] > why["before"]
        assert why["silent"] == ""
        assert why["toward"] == row["predicted"]
        assert why["against"] != why["toward"]
        assert "".join(text for text, _ in why["pieces"]) == sample.text
        assert 0 < len(why["moves"]) <= 5
        json.dumps(why, allow_nan=False)


def test_an_answer_that_was_another_is_what_is_held_against(services, make, next_query):
    slug = make(services, "shapes-softmax")
    services.runs.oracle(slug, count=20)
    position = next_query(services, slug)
    predicted = services.views.view(slug)["query"]["predicted"]
    for label in {0, 1, 2} - {predicted}:
        services.labeling.answer(slug, position=position, label=label)
        last = services.views.view(slug)["last"]
        why = services.explanations.why(slug, last["seq"])
        assert (why["toward"], why["against"]) == (predicted, label)
        services.labeling.undo(slug)


def test_a_pass_teaches_nothing(services, make, next_query):
    slug = make(services)
    services.runs.oracle(slug, count=10)
    why = services.explanations.why(slug, answer(services, slug, next_query, None))
    assert (why["label"], why["before"], why["after"], why["moves"]) == (None, None, None, [])
    assert any(push for _, push in why["pieces"])


def test_where_the_model_knew_no_two_classes(services, make, next_query):
    slug = make(services, "shapes-naive-bayes")
    why = services.explanations.why(slug, answer(services, slug, next_query, 2))
    assert "fewer than two classes" in why["silent"]
    assert (why["before"], why["after"]) == (None, 1.0)


def test_nothing_is_changed_by_telling(services, make, next_query):
    """Told after each answer, or never: the same decisions, weights and random state."""
    told, quiet = make(services, name="told"), make(services, name="quiet")
    for i in range(20):
        seq = answer(services, told, next_query, i % 2)
        assert seq == answer(services, quiet, next_query, i % 2)
        before = digest(services.labeling.learner(told)[1])
        services.explanations.why(told, seq)
        assert digest(services.labeling.learner(told)[1]) == before
    assert digest(services.labeling.learner(quiet)[1]) == before
    for slug in (told, quiet):
        assert services.verification.verify(slug).difference == ""
    with services.database.read() as connection:
        heads = [services.experiments.find(slug).head for slug in (told, quiet)]
        rows = [
            [
                (e["kind"], e["first"], e["stop"], e["position"], e["label"])
                for e in log.all_events(connection, services.experiments.find(slug).id)
            ]
            for slug in (told, quiet)
        ]
    assert heads[0] == heads[1]
    assert rows[0] == rows[1]


def test_every_process_says_the_same(services, open_more, make, next_query):
    """From one answer to the next, from a snapshot, and from nothing."""
    slug = make(services)
    other = open_more()
    for i in range(30):
        seq = answer(services, slug, next_query, i % 2)
        why = services.explanations.why(slug, seq)
        if i % 7 == 0:
            assert other.explanations.why(slug, seq) == why
    services.labeling.settle()
    assert open_more().explanations.why(slug, seq) == why
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        assert services.labeling.snapshots.load(connection, experiment, before=seq).head < seq
        services.labeling.snapshots.forget(
            services.labeling.snapshots.keys(connection, experiment.id)
        )
    assert open_more().explanations.why(slug, seq) == why


def test_an_older_answer_is_told_as_it_was(services, make, next_query):
    """Whether the follower or a snapshot is beyond it already, or neither is."""
    slug = make(services)
    told: list[tuple[int, Any]] = []
    kept = services.explanations
    for i in range(30):
        seq = answer(services, slug, next_query, i % 2)
        told.append((seq, kept.why(slug, seq)))
        if i > 2:
            services.labeling.settle()
            older, why = told[-3]
            assert kept.why(slug, older) == why
            assert Explanations(services.labeling).why(slug, older) == why


def test_what_fails_on_the_way_leaves_nothing_half_done(services, make, next_query, monkeypatch):
    slug = make(services)
    services.explanations.why(slug, answer(services, slug, next_query, 1))
    for i in range(5):
        seq = answer(services, slug, next_query, i % 2)

    def fail(*_: Any) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(explanations, "_told", fail)
        with pytest.raises(RuntimeError):
            services.explanations.why(slug, seq)
    told = services.explanations.why(slug, seq)
    assert told == Explanations(services.labeling).why(slug, seq)


def test_after_an_undo_the_answer_before_is_told_as_it_was(services, make, next_query):
    slug = make(services)
    services.runs.oracle(slug, count=10)
    first = answer(services, slug, next_query, 1)
    why = services.explanations.why(slug, first)
    second = answer(services, slug, next_query, 0)
    services.explanations.why(slug, second)
    services.labeling.undo(slug)
    with pytest.raises(BadInput, match="not among the last"):
        services.explanations.why(slug, second)
    assert services.explanations.why(slug, first) == why
    third = answer(services, slug, next_query, 1)
    fresh = services.explanations.why(slug, third)
    assert fresh["before"] == row_probability(services, slug, third, 1)


def row_probability(services: Services, slug: str, seq: int, label: int) -> float:
    return log.unpack(row_of(services, slug, seq)["probabilities"])[label]


def test_a_corrected_answer_is_told_with_its_new_label(services, open_more, make, next_query):
    slug = make(services)
    services.runs.oracle(slug, count=10)
    earlier = answer(services, slug, next_query, 1)
    seq = answer(services, slug, next_query, 1)
    old = services.explanations.why(slug, seq)
    position = row_of(services, slug, seq)["position"]
    services.labeling.correct(slug, position=position, label=0)
    new = services.explanations.why(slug, seq)
    assert (old["label"], new["label"]) == (1, 0)
    assert new["before"] == pytest.approx(1 - old["before"])
    services.labeling.correct(slug, position=row_of(services, slug, earlier)["position"], label=0)
    after = services.explanations.why(slug, seq)
    assert after["before"] > new["before"]
    assert open_more().explanations.why(slug, seq) == after


def test_after_a_class_was_added(services, make, next_query):
    slug = make(services)
    services.runs.oracle(slug, count=10)
    services.explanations.why(slug, answer(services, slug, next_query, 1))
    services.changes.add_class(slug, "Neither")
    seq = answer(services, slug, next_query, 2)
    why = services.explanations.why(slug, seq)
    assert (why["label"], why["before"]) == (2, None)
    assert why["after"] > 0
    again = answer(services, slug, next_query, 2)
    why = services.explanations.why(slug, again)
    assert why["before"] == row_probability(services, slug, again, 2)


def test_what_takes_too_long_is_not_worked_out(services, make, next_query, monkeypatch):
    slug = make(services)
    seqs = [answer(services, slug, next_query, i % 2) for i in range(5)]
    monkeypatch.setattr(explanations, "MOST_LABELS", 3)
    assert "Too many" in services.explanations.why(slug, seqs[-1])["silent"]
    assert services.explanations.why(slug, seqs[1])["pieces"]


def test_long_texts_are_cut(services, make, next_query, monkeypatch):
    slug = make(services)
    seq = answer(services, slug, next_query)
    text = services.views.view(slug)["last"]["text"]
    monkeypatch.setattr(explanations, "LONGEST", 7)
    why = services.explanations.why(slug, seq)
    assert why["cut"]
    assert "".join(piece for piece, _ in why["pieces"]) == text[:7]


def test_the_desk_tells_it_and_refuses_the_rest(services, make, next_query):
    slug = make(services)
    seq = answer(services, slug, next_query)
    reply = Desk(services).handle({"slug": slug, "do": "why", "seq": seq, "n": 7})
    assert reply == {"why": services.explanations.why(slug, seq), "n": 7}
    for wrong in (seq + 1, 0, None, "1", True, -1):
        reply = Desk(services).handle({"slug": slug, "do": "why", "seq": wrong, "n": 7})
        assert reply["refused"]
        assert "why" not in reply


def test_fields_of_a_row_are_lines(services, make, next_query):
    slug = make(services, "rows-adpredictor")
    services.runs.oracle(slug, count=10)
    why = services.explanations.why(slug, answer(services, slug, next_query))
    names = [text.split(":")[0] for text, push in why["pieces"] if push is not None]
    assert names == ["size", "count", "color"]
