"""The path of a label, through log and restarts, against a bare loop that runs beside it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from river import active, feature_extraction, linear_model

from dashboard.core.events import Source
from dashboard.core.learner import Learner, digest
from dashboard.core.spec import Spec, make_spec
from dashboard.errors import BadInput, NotFound, Unavailable
from dashboard.services import labeling as labeling_module
from dashboard.services.container import Services
from dashboard.services.labeling import WARM_COPIES, Outcome
from dashboard.storage import log, rollups, schema, streams
from dashboard.storage.database import Database
from dashboard.storage.snapshots import SnapshotStore

ROOT = Path(__file__).resolve().parents[2]

# What the service is compared with ------------------------------------------------------------


def truths_of(services: Services, slug: str) -> list[tuple[dict[str, Any], int | None]]:
    experiment = services.experiments.find(slug)
    stream = services.experiments.stream_of(experiment)
    read = services.labeling.samples
    return [(s.fields, s.truth) for s in (read.get(stream.id, p) for p in range(stream.samples))]


def bare_river(examples: list[tuple[dict[str, Any], int]], *, seed: int, discount: float) -> Any:
    """River's own classes in the loop of its documentation; what was asked, with which odds."""
    sampler = active.EntropySampler(
        feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression(),
        discount_factor=discount,
        seed=seed,
    )
    asked, said = [], []
    for position, (x, y) in enumerate(examples):
        y_pred = sampler.classifier.predict_proba_one(x)
        p = sampler._p(y_pred)
        ask = sampler._ask_for_label(x, y_pred)
        said.append((y_pred[False], y_pred[True], p))
        if ask:
            asked.append(position)
            sampler.learn_one(x, bool(y))
    weights = digest(sampler.classifier["LogisticRegression"].weights)
    return asked, said, weights, sampler._rng.getstate()


def bare_loop(examples: Any, spec: Spec, *, classes: int) -> tuple[list[int], list[Any], str]:
    """A plain loop over `core`, which `tests/core` compares with River."""
    learner = Learner(spec, n_classes=classes)
    asked, said = [], []
    for position, (x, y) in enumerate(examples):
        made = learner.scan(position, x)
        said.append(made)
        if made.decision.asked:
            asked.append(position)
            learner.learn(x, y)
    return asked, said, learner.fingerprint()


def logged(services: Services, slug: str) -> list[Any]:
    """The predictions in force, in order."""
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        rows = connection.execute(
            sa.select(schema.predictions)
            .where(
                schema.predictions.c.experiment_id == experiment.id,
                schema.predictions.c.voided == 0,
            )
            .order_by(schema.predictions.c.position)
        )
        return [log.prediction_of(row) for row in rows.mappings()]


def answers(services: Services, slug: str) -> list[tuple[int, int | None, str]]:
    """Position, label and what became of it, of all answers in force."""
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return [a[1:] for a in log.answers_in_force(connection, experiment.id)]


def fingerprint(services: Services, slug: str) -> str:
    return services.labeling.learner(slug)[1].fingerprint()


def events(services: Services, slug: str) -> list[Any]:
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return [log.event_of(row) for row in log.all_events(connection, experiment.id)]


def clean(services: Services, slug: str) -> bool:
    difference = services.verification.verify(slug).difference
    assert difference == ""
    return True


@pytest.fixture
def tell(next_query: Any) -> Any:
    """`tell(services, slug, count=None)`: answers with the truth; the positions it answered."""

    def answer(services: Services, slug: str, count: int | None = None) -> list[int]:
        told: list[int] = []
        known = truths_of(services, slug)
        while count is None or len(told) < count:
            position = next_query(services, slug)
            if position is None:
                break
            outcome = services.labeling.answer(slug, position=position, label=known[position][1])
            assert outcome == Outcome(True)
            told.append(position)
        next_query(services, slug)
        return told

    return answer


@pytest.fixture
def services(request, open_more, start_from, make_experiment) -> Services:
    """Over a copy of the saved experiment, where a test asks for one."""

    def build(made: Services) -> None:
        slug = make_experiment(made, n=140)
        for count in (20, 20, 16):
            assert made.runs.oracle(slug, count=count) == count
            made.labeling.settle()
        assert len(snapshots_of(made, slug)) == 2

    if "saved" in request.fixturenames:
        start_from("saved", build)
    return open_more()


# Same order as River --------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "discount"), [(42, 100), (7, 20)])
def test_through_the_log_equals_a_bare_river_loop(
    services, open_more, make_experiment, tell, seed, discount
):
    """In many small runs, each with services opened anew, as after a restart."""
    slug = make_experiment(services, seed=seed, discount_factor=discount, n=110)
    examples = truths_of(services, slug)
    asked, said, weights, random_state = bare_river(examples, seed=seed, discount=discount)
    assert 20 < len(asked) < len(examples)
    told: list[int] = []
    rng = random.Random(seed)
    while run := tell(restarted := open_more(), slug, rng.randint(1, 9)):
        told += run
    assert told == asked
    made = logged(restarted, slug)
    assert [(*p.probabilities, p.decision.query_probability) for p in made] == said
    assert [p.position for p in made if p.decision.asked] == asked
    learner = restarted.labeling.learner(slug)[1]
    assert digest(learner.sampler.classifier["LogisticRegression"].weights) == weights
    assert learner.sampler._rng.getstate() == random_state
    view = restarted.views.view(slug)
    right = sum((b > a) == bool(y) for (a, b, _), (_, y) in zip(said, examples, strict=True))
    assert view["state"] == "exhausted"
    assert view["counters"]["labels"] == len(asked)
    assert view["counters"]["predictions"] == len(examples)
    assert view["counters"]["accuracy"] == right / len(examples)
    assert clean(services, slug)


@pytest.mark.parametrize(
    ("preset", "text", "classes"),
    [("recommended", True, 2), ("recommended", True, 4), ("recommended", False, 2),
     ("recommended", False, 3), ("river-docs", True, 3)],
)  # fmt: skip
def test_every_kind_of_recipe_equals_a_bare_loop(
    services, open_more, make_experiment, tell, preset, text, classes
):
    slug = make_experiment(services, preset=preset, text=text, classes=classes, n=150, seed=3)
    experiment = services.experiments.find(slug)
    asked, said, model = bare_loop(truths_of(services, slug), experiment.spec, classes=classes)
    told: list[int] = []
    while run := tell(restarted := open_more(), slug, 11):
        told += run
    assert told == asked
    assert repr(logged(restarted, slug)) == repr(said)
    assert fingerprint(restarted, slug) == model
    assert clean(restarted, slug)


def test_scanning_in_the_smallest_steps_changes_nothing(
    services, make_experiment, tell, monkeypatch
):
    """Out of time at once: every answer scans at most to the next multiple of sixteen."""
    monkeypatch.setattr(labeling_module, "SCAN_SECONDS", -1.0)
    monkeypatch.setattr("dashboard.services.runs.CHUNK_SECONDS", -1.0)
    slug = make_experiment(services, discount_factor=300, n=200)
    asked, said, *_ = bare_river(truths_of(services, slug), seed=42, discount=300)
    assert tell(services, slug) == asked
    made = logged(services, slug)
    assert [(*p.probabilities, p.decision.query_probability) for p in made] == said
    kinds = Counter(e.kind.value for e in events(services, slug))
    assert kinds["scan"] > 5
    assert kinds["label"] == len(asked)
    assert clean(services, slug)


def test_at_most_so_many_samples_in_one_transaction(services, make_experiment, tell, monkeypatch):
    monkeypatch.setattr(labeling_module, "MAX_SCANNED", 3)
    slug = make_experiment(services, discount_factor=300, n=80)
    asked, *_ = bare_river(truths_of(services, slug), seed=42, discount=300)
    assert tell(services, slug) == asked
    assert max(e.stop - e.first for e in events(services, slug)) == 3
    assert clean(services, slug)


# Several workers ------------------------------------------------------------------------------


@pytest.mark.both
def test_two_workers_taking_turns(services, open_more, make_experiment, tell):
    """Each catches up with what the other did."""
    other = open_more()
    slug = make_experiment(services, n=110)
    asked, said, *_ = bare_river(truths_of(services, slug), seed=42, discount=100)
    told: list[int] = []
    turn = 0
    while run := tell((services, other)[turn % 2], slug, 1 + turn % 3):
        told += run
        turn += 1
    assert told == asked
    assert [(*p.probabilities, p.decision.query_probability) for p in logged(other, slug)] == said
    assert fingerprint(services, slug) == fingerprint(other, slug)
    assert clean(services, slug)


@pytest.mark.both
@pytest.mark.slow
def test_four_threads_over_two_workers_at_once(services, open_more, make_experiment, next_query):
    """No label is lost, none is learned twice, and the order is still River's."""
    workers = (services, open_more())
    slug = make_experiment(services, n=130)
    examples = truths_of(services, slug)
    asked, said, *_ = bare_river(examples, seed=42, discount=100)
    gate = threading.Barrier(4)
    next_query(services, slug)

    def annotate(number: int) -> list[int]:
        mine = workers[number % 2]
        done: list[int] = []
        gate.wait()
        while (position := next_query(mine, slug)) is not None:
            outcome = mine.labeling.answer(
                slug, position=position, label=examples[position][1], annotator=f"p{number}",
                key=f"{number}-{position}",
            )  # fmt: skip
            if outcome.done:
                done.append(position)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(annotate, range(4)))
    assert sorted(p for mine in done for p in mine) == asked
    assert [a[0] for a in answers(services, slug)] == asked
    by_annotator = Counter(e.annotator for e in events(services, slug) if e.annotator)
    assert by_annotator == Counter({f"p{i}": len(mine) for i, mine in enumerate(done) if mine})
    made = logged(services, slug)
    assert [(*p.probabilities, p.decision.query_probability) for p in made] == said
    assert clean(services, slug)


@pytest.mark.both
def test_the_same_answer_from_four_threads_is_learned_once(
    services, open_more, make_experiment, next_query
):
    workers = [services, open_more()]
    slug = make_experiment(services)
    for _ in range(8):
        position = next_query(services, slug)
        gate = threading.Barrier(4)

        def press(number: int, position: Any = position, gate: Any = gate) -> bool:
            gate.wait()
            mine = workers[number % 2].labeling
            return mine.answer(slug, position=position, label=1, key=f"shown-{position}").done

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(press, range(4))) == [False, False, False, True]
    assert len(answers(services, slug)) == 8
    assert clean(services, slug)


def test_more_experiments_than_warm_copies(services, make_experiment, next_query):
    slugs = [make_experiment(services, f"number {i}", n=60, seed=i) for i in range(WARM_COPIES + 3)]
    known = truths_of(services, slugs[0])
    told: dict[str, list[int]] = {slug: [] for slug in slugs}
    for _ in range(3):
        for slug in slugs:
            position = next_query(services, slug)
            services.labeling.answer(slug, position=position, label=known[position][1])
            told[slug].append(position)
    assert len(services.labeling._warm) == WARM_COPIES
    for i, slug in enumerate(slugs):
        assert told[slug] == bare_river(known, seed=i, discount=100)[0][:3]
        assert clean(services, slug)


# What does not learn --------------------------------------------------------------------------


def test_the_same_request_twice_learns_once(services, open_more, make_experiment, next_query):
    slug = make_experiment(services)
    position = next_query(services, slug)
    request = {"position": position, "label": 1, "key": "shown-once"}
    assert services.labeling.answer(slug, **request) == Outcome(True)
    model, head = fingerprint(services, slug), services.experiments.find(slug).head
    recorded = Outcome(False, "That answer was recorded before.")
    assert services.labeling.answer(slug, **request) == recorded
    assert open_more().labeling.answer(slug, **request) == recorded
    assert open_more().labeling.answer(slug, **{**request, "label": 0}) == recorded
    assert (fingerprint(services, slug), services.experiments.find(slug).head) == (model, head)
    assert answers(services, slug) == [(position, 1, "label")]


@pytest.mark.both
def test_the_same_request_after_an_undo_learns_nothing(
    services, open_more, make_experiment, next_query
):
    """A retry that was long under way: its query is open again, and still it has been heard."""
    slug = make_experiment(services)
    position = next_query(services, slug)
    request = {"position": position, "label": 1, "key": "shown-once"}
    services.labeling.answer(slug, **request)
    assert services.labeling.undo(slug, key="undone-once") == Outcome(True)
    model = fingerprint(services, slug)
    recorded = Outcome(False, "That answer was recorded before.")
    for worker in (services, open_more()):
        assert worker.labeling.answer(slug, **request) == recorded
        assert worker.labeling.undo(slug, key="undone-once") == Outcome(
            False, "That step was undone before."
        )
    assert fingerprint(services, slug) == model
    assert answers(services, slug) == []
    assert services.labeling.answer(slug, position=position, label=0, key="again") == Outcome(True)
    assert answers(services, slug) == [(position, 0, "label")]


def test_the_same_undo_and_correction_twice_count_once(services, make_experiment, tell):
    slug = make_experiment(services)
    told = tell(services, slug, 3)
    assert services.labeling.undo(slug, key="u").done
    assert not services.labeling.undo(slug, key="u").done
    assert [a[0] for a in answers(services, slug)] == told[:2]
    assert services.labeling.correct(slug, position=told[0], label=None, key="c").done
    head = services.experiments.find(slug).head
    assert services.labeling.correct(slug, position=told[0], label=1, key="c") == Outcome(
        False, "That correction was recorded before."
    )
    assert services.experiments.find(slug).head == head


def test_an_answer_to_what_is_not_open_learns_nothing(services, make_experiment, tell, next_query):
    slug = make_experiment(services, discount_factor=300)
    told = tell(services, slug, 6)
    now = next_query(services, slug)
    skipped = next(p for p in range(now) if p not in told)
    before = fingerprint(services, slug), services.experiments.find(slug).head
    for position in (told[0], told[-1], skipped, now + 1, 10_000, -1):
        assert services.labeling.answer(slug, position=position, label=1) == Outcome(
            False, "That sample was answered already; nothing was learned."
        )
    assert (fingerprint(services, slug), services.experiments.find(slug).head) == before
    assert next_query(services, slug) == now


def test_an_answer_when_the_stream_has_ended_learns_nothing(services, make_experiment, tell):
    slug = make_experiment(services, n=20)
    told = tell(services, slug)
    before = fingerprint(services, slug)
    assert not services.labeling.answer(slug, position=told[-1], label=1).done
    assert services.labeling.scan_on(slug)
    assert fingerprint(services, slug) == before


@pytest.mark.parametrize("label", [-1, 2, 99])
def test_a_label_out_of_range(services, make_experiment, tell, next_query, label):
    slug = make_experiment(services)
    told = tell(services, slug, 2)
    before = fingerprint(services, slug), services.experiments.find(slug).head
    sentence = f"There is no class number {label}; the classes are win, see."
    for refused in (
        lambda: services.labeling.answer(slug, position=next_query(services, slug), label=label),
        lambda: services.labeling.correct(slug, position=told[0], label=label),
    ):
        with pytest.raises(BadInput) as caught:
            refused()
        assert str(caught.value) == sentence
    assert (fingerprint(services, slug), services.experiments.find(slug).head) == before


def test_an_unknown_slug(services):
    sentence = (
        "There is no experiment 'no-such'; see the Experiments page, or `python -m dashboard "
        "experiments list`."
    )
    for refused in (
        lambda: services.labeling.answer("no-such", position=0, label=1),
        lambda: services.labeling.undo("no-such"),
        lambda: services.labeling.correct("no-such", position=0, label=1),
        lambda: services.labeling.scan_on("no-such"),
        lambda: services.labeling.learner("no-such"),
        lambda: services.verification.verify("no-such"),
    ):
        with pytest.raises(NotFound) as caught:
            refused()
        assert str(caught.value) == sentence


def test_a_correction_of_what_has_no_answer(services, make_experiment, next_query):
    slug = make_experiment(services)
    position = next_query(services, slug)
    for wrong in (position, 119, 10_000):
        with pytest.raises(NotFound) as caught:
            services.labeling.correct(slug, position=wrong, label=1)
        assert str(caught.value) == f"The sample at position {wrong} has no answer to change."


# Pass -----------------------------------------------------------------------------------------


def test_pass_scans_on_and_teaches_nothing(services, open_more, make_experiment, next_query):
    slug = make_experiment(services, n=60)
    known = truths_of(services, slug)
    learner = Learner(services.experiments.find(slug).spec, n_classes=2)
    queries, passed = 0, []
    for position, (x, y) in enumerate(known):
        if not learner.scan(position, x).decision.asked:
            continue
        assert next_query(services, slug) == position
        label = None if queries % 3 == 0 else y
        if label is None:
            passed.append(position)
        else:
            learner.learn(x, label)
        assert services.labeling.answer(slug, position=position, label=label).done
        queries += 1
    next_query(services, slug)
    assert len(passed) > 5
    assert [a[0] for a in answers(services, slug) if a[2] == "pass"] == passed
    assert fingerprint(open_more(), slug) == fingerprint(services, slug) == learner.fingerprint()
    counters = services.views.view(slug)["counters"]
    assert (counters["labels"], counters["passes"]) == (queries - len(passed), len(passed))
    assert clean(services, slug)


# Undo -----------------------------------------------------------------------------------------


def where(services: Services, slug: str) -> tuple[Any, ...]:
    """Everything that undo has to bring back."""
    experiment, learner = services.labeling.learner(slug)
    with services.database.read() as connection:
        query = log.open_query(connection, experiment.id)
        totals = rollups.stored(connection, experiment.id)
    return (
        learner.fingerprint(),
        learner.sampler._rng.getstate(),
        experiment.position,
        experiment.strategy_state,
        (query["position"], query["probabilities"], query["reason"], query["query_probability"]),
        totals,
    )


@pytest.mark.both
@pytest.mark.parametrize(
    ("preset", "text", "classes"),
    [("blog", True, 2), ("recommended", True, 2), ("recommended", True, 3),
     ("recommended", False, 2)],
)  # fmt: skip
def test_undo_all_the_way_back(
    services, open_more, make_experiment, next_query, patient, preset, text, classes
):
    """Model, random state, open query and counts are those recorded on the way forward."""
    slug = make_experiment(services, preset=preset, text=text, classes=classes, n=400)
    known = truths_of(services, slug)
    rng = random.Random(1)
    position = next_query(services, slug)
    passed = []
    while position is not None and len(passed) < 36:
        passed.append(where(services, slug))
        label = None if rng.random() < 0.2 else known[position][1]
        assert services.labeling.answer(slug, position=position, label=label).done
        position = next_query(services, slug)
    assert len(passed) > 28  # more than one snapshot
    services.labeling.settle()
    for steps, before in enumerate(reversed(passed)):
        worker = open_more() if steps % 9 == 0 else services
        assert worker.labeling.undo(slug) == Outcome(True)
        assert where(worker, slug) == before
    nothing = Outcome(False, "There is nothing to undo yet.")
    assert services.labeling.undo(slug) == nothing
    assert where(services, slug) == passed[0]
    assert clean(services, slug)


def test_undo_takes_scans_that_followed_with_it(services, make_experiment, next_query, monkeypatch):
    monkeypatch.setattr(labeling_module, "MAX_SCANNED", 1)
    slug = make_experiment(services, discount_factor=1e5, n=200)
    passed = []
    for label in (0, 1, 0, 0, 1, 0, 1, 0):
        position = next_query(services, slug)
        passed.append(where(services, slug))
        services.labeling.answer(slug, position=position, label=label)
    next_query(services, slug)
    assert any(e.kind == "scan" and e.seq > 2 for e in events(services, slug))
    for before in reversed(passed):
        assert services.labeling.undo(slug).done
        assert where(services, slug) == before
    assert clean(services, slug)


def test_undo_then_another_answer(services, open_more, make_experiment, tell, next_query):
    """What follows is what follows from the other answer, as if the first had never been."""
    slug = make_experiment(services, n=90)
    known = truths_of(services, slug)
    told = tell(services, slug, 5)
    services.labeling.undo(slug)
    assert next_query(services, slug) == told[-1]
    other = 1 - known[told[-1]][1]
    services.labeling.answer(slug, position=told[-1], label=other)
    tell(services, slug)
    changed = [(x, other if p == told[-1] else y) for p, (x, y) in enumerate(known)]
    asked, said, *_ = bare_river(changed, seed=42, discount=100)
    assert [a[0] for a in answers(services, slug)] == asked
    made = logged(open_more(), slug)
    assert [(*p.probabilities, p.decision.query_probability) for p in made] == said
    assert clean(services, slug)


def test_undo_does_not_cross_the_warm_start(services, make_experiment, tell):
    slug = make_experiment(services, warm_start=40)
    services.runs.warm_start(slug)
    warm = answers(services, slug)
    tell(services, slug, 2)
    assert services.labeling.undo(slug).done
    assert services.labeling.undo(slug).done
    before = where(services, slug)
    assert services.labeling.undo(slug) == Outcome(
        False, "The warm start is not undone; reset starts over."
    )
    assert where(services, slug) == before
    assert answers(services, slug) == warm
    assert clean(services, slug)


def test_a_stale_undo_does_nothing(services, open_more, make_experiment, tell):
    slug = make_experiment(services)
    told = tell(services, slug, 3)
    shown = services.views.view(slug)["last"]["seq"]
    tell(open_more(), slug, 1)
    before = where(services, slug)
    stale = Outcome(False, "The last answer is another one by now.")
    assert services.labeling.undo(slug, target=shown) == stale
    assert where(services, slug) == before
    assert services.labeling.undo(slug, target=services.views.view(slug)["last"]["seq"]).done
    assert services.labeling.undo(slug, target=shown).done
    assert services.labeling.undo(slug, target=shown) == stale
    assert [a[0] for a in answers(services, slug)] == told[:2]


def test_a_warm_copy_is_given_up_when_another_worker_undoes(
    services, open_more, make_experiment, tell, next_query
):
    """Catching up would keep the label that was taken back."""
    slug = make_experiment(services, n=90)
    other = open_more()
    known = truths_of(services, slug)
    told = tell(services, slug, 6)
    assert next_query(other, slug) is not None
    assert fingerprint(other, slug) == fingerprint(services, slug)  # both are warm now
    for _ in range(2):
        services.labeling.undo(slug)
    for _ in told[4:]:
        services.labeling.answer(slug, position=next_query(services, slug), label=1)
    expected = fingerprint(services, slug)
    assert fingerprint(open_more(), slug) == expected
    assert fingerprint(other, slug) == expected
    tell(other, slug, 3)
    labels = [(known[p][0], label) for p, label, _ in answers(services, slug)]
    bare = feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression()
    for x, label in labels:
        bare.learn_one(x, bool(label))
    model = other.labeling.learner(slug)[1].sampler.classifier
    assert digest(model["LogisticRegression"].weights) == digest(bare["LogisticRegression"].weights)
    assert clean(other, slug)


def test_a_warm_copy_is_given_up_when_the_experiment_was_reset(
    services, open_more, make_experiment, tell
):
    """The slug is the same, the head may be too; the experiment is another one."""
    slug = make_experiment(services)
    other = open_more()
    tell(services, slug, 4)
    before = fingerprint(other, slug)
    services.experiments.reset(slug)
    told = tell(services, slug, 4)
    assert fingerprint(other, slug) == fingerprint(services, slug) == before
    services.experiments.reset(slug)
    fresh = Learner(services.experiments.find(slug).spec, n_classes=2).fingerprint()
    assert fingerprint(other, slug) == fingerprint(services, slug) == fresh
    assert tell(other, slug, 4) == told
    assert clean(other, slug)


# Corrections ----------------------------------------------------------------------------------


def taught(spec: Spec, examples: Any, in_force: Any, *, scanned: int, state: Any) -> str:
    """The model of these labels, learned one after the other by a fresh learner."""
    learner = Learner(spec, n_classes=2)
    for position, label, _ in in_force:
        if label is not None:
            learner.learn(examples[position][0], label)
    for _ in range(scanned):
        learner.sampler._rng.random()
    learner.sampler.state = state
    return learner.fingerprint()


@pytest.mark.parametrize("preset", ["blog", "recommended"])
def test_corrections_change_the_model_and_nothing_that_happened(
    services, open_more, make_experiment, tell, preset
):
    slug = make_experiment(services, preset=preset, n=300)
    known = truths_of(services, slug)
    told = tell(services, slug, 30)
    services.labeling.settle()
    other = open_more()
    fingerprint(other, slug)
    happened = repr(logged(services, slug))
    expected = {p: known[p][1] for p in told}
    rng = random.Random(4)
    for step in range(12):
        position, label = rng.choice(told), rng.choice((0, 1, None))
        worker = (services, other)[step % 2]
        assert worker.labeling.correct(slug, position=position, label=label) == Outcome(True)
        expected[position] = label
        in_force = [
            (p, label, "retracted" if label is None else "label") for p, label in expected.items()
        ]
        assert answers(services, slug) == in_force
        assert repr(logged(services, slug)) == happened
        now = services.experiments.find(slug)
        model = taught(now.spec, known, in_force, scanned=now.position, state=now.strategy_state)
        assert fingerprint(services, slug) == fingerprint(other, slug) == model
    assert fingerprint(open_more(), slug) == model
    labels = sum(label is not None for label in expected.values())
    assert services.views.view(slug)["counters"]["labels"] == labels
    assert clean(services, slug)
    tell(other, slug, 5)
    assert clean(services, slug)


@pytest.mark.both
def test_a_relabel_then_undo_then_another_answer(
    services, open_more, make_experiment, tell, next_query
):
    slug = make_experiment(services)
    known = truths_of(services, slug)
    told = tell(services, slug, 6)
    first_label = 1 - known[told[0]][1]
    services.labeling.correct(slug, position=told[0], label=first_label)
    services.labeling.correct(slug, position=told[-1], label=None)
    services.labeling.correct(slug, position=told[-1], label=1)
    # The last answer, relabeled meanwhile, is the one that is taken back, with its corrections.
    assert services.labeling.undo(slug).done
    assert next_query(services, slug) == told[-1]
    in_force = [(told[0], first_label, "label"), *((p, known[p][1], "label") for p in told[1:-1])]
    assert answers(services, slug) == in_force
    now = services.experiments.find(slug)
    model = taught(now.spec, known, in_force, scanned=now.position, state=None)
    assert fingerprint(services, slug) == fingerprint(open_more(), slug) == model
    services.labeling.answer(slug, position=told[-1], label=0)
    assert answers(services, slug) == [*in_force, (told[-1], 0, "label")]
    assert clean(services, slug)


def test_undo_passes_over_a_retracted_answer(services, make_experiment, tell, next_query):
    """It has been taken back already; undo goes for the one before, and both branches go."""
    slug = make_experiment(services)
    told = tell(services, slug, 3)
    services.labeling.correct(slug, position=told[2], label=None)
    assert services.labeling.undo(slug).done
    assert next_query(services, slug) == told[1]
    assert [a[0] for a in answers(services, slug)] == told[:1]
    assert tell(services, slug, 2) == told[1:]
    assert clean(services, slug)


def test_a_pass_can_be_labeled_later(services, open_more, make_experiment, next_query):
    slug = make_experiment(services)
    position = next_query(services, slug)
    services.labeling.answer(slug, position=position, label=None)
    assert services.labeling.correct(slug, position=position, label=1).done
    assert answers(services, slug) == [(position, 1, "label")]
    assert fingerprint(open_more(), slug) == fingerprint(services, slug)
    assert services.views.view(slug)["counters"]["passes"] == 0
    assert clean(services, slug)


steps = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from((0, 1, None))),
    st.tuples(st.just("answer"), st.sampled_from((0, 1))),
    st.tuples(st.just("undo"), st.none()),
    st.tuples(st.just("correct"), st.tuples(st.integers(0, 9), st.sampled_from((0, 1, None)))),
    st.tuples(st.just("restart"), st.none()),
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=3, max_size=14), st.sampled_from(("blog", "recommended")))
def test_random_histories_by_two_workers(
    open_more, make_experiment, next_query, settings, history, preset
):
    """Answers equal a model of a few lines, weights those of a fresh learner, in all workers."""
    workers = [open_more(), open_more()]
    services = workers[0]
    slug = make_experiment(services, f"history {len(services.experiments.every())}", preset=preset)
    in_force: list[tuple[int, int | None, str]] = []
    for number, (step, detail) in enumerate(history):
        worker = workers[number % 2]
        position = next_query(worker, slug)
        if step == "answer" and position is not None:
            assert worker.labeling.answer(slug, position=position, label=detail).done
            in_force.append((position, detail, "pass" if detail is None else "label"))
        elif step == "undo":
            live = [i for i, a in enumerate(in_force) if a[2] != "retracted"]
            assert worker.labeling.undo(slug).done == bool(live)
            if live:
                assert next_query(worker, slug) == in_force[live[-1]][0]
                del in_force[live[-1] :]
        elif step == "correct" and in_force:
            which, label = detail[0] % len(in_force), detail[1]
            changed = in_force[which][0]
            assert worker.labeling.correct(slug, position=changed, label=label).done
            in_force[which] = changed, label, "retracted" if label is None else "label"
        elif step == "restart":
            workers[(number + 1) % 2] = open_more()
        assert answers(worker, slug) == in_force
    experiment = services.experiments.find(slug)
    model = taught(
        experiment.spec, truths_of(services, slug), in_force, scanned=experiment.position,
        state=experiment.strategy_state,
    )  # fmt: skip
    assert [fingerprint(worker, slug) for worker in workers] == [model, model]
    assert clean(services, slug)


# Snapshots ------------------------------------------------------------------------------------


def snapshots_of(services: Services, slug: str) -> list[Any]:
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        rows = connection.execute(
            sa.select(schema.snapshots)
            .where(schema.snapshots.c.experiment_id == experiment.id)
            .order_by(schema.snapshots.c.seq)
        )
        return list(rows.all())


def loaded(services: Services, slug: str) -> Any:
    """What a process that starts now would take for a snapshot."""
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return services.labeling.snapshots.load(connection, experiment)


@pytest.fixture
def saved() -> str:
    """The slug of an experiment of 56 answers, with two snapshots on disk."""
    return "made"


def test_a_snapshot_is_what_the_log_says(services, open_more, saved):
    """Catching up from it equals replaying from nothing."""
    model = fingerprint(services, saved)
    newest = snapshots_of(services, saved)[-1]
    restarted = open_more()
    snapshot = loaded(restarted, saved)
    assert (snapshot.head, snapshot.position) == (newest.seq, newest.position)
    assert snapshot.learner.fingerprint() != model
    assert fingerprint(restarted, saved) == model
    assert clean(restarted, saved)


@pytest.mark.both
def test_a_snapshot_with_a_voided_label_is_refused(services, open_more, saved):
    rows = snapshots_of(services, saved)
    while services.experiments.find(saved).position >= rows[-1].position:
        services.labeling.undo(saved)
    restarted = open_more()
    assert loaded(restarted, saved).head == rows[-2].seq
    experiment = services.experiments.find(saved)
    model = taught(
        experiment.spec, truths_of(services, saved), answers(services, saved),
        scanned=experiment.position, state=None,
    )  # fmt: skip
    assert fingerprint(restarted, saved) == fingerprint(services, saved) == model
    assert clean(restarted, saved)


def test_a_snapshot_with_a_relabeled_label_is_refused(services, open_more, saved):
    first = answers(services, saved)[0][0]
    services.labeling.correct(saved, position=first, label=None)
    restarted = open_more()
    assert loaded(restarted, saved) is None
    experiment = services.experiments.find(saved)
    model = taught(
        experiment.spec, truths_of(services, saved), answers(services, saved),
        scanned=experiment.position, state=None,
    )  # fmt: skip
    assert fingerprint(restarted, saved) == fingerprint(services, saved) == model


def spoil(services: Services, slug: str, how: str) -> None:
    """Damage the newest snapshot, in the cache or in the database."""
    rows = snapshots_of(services, slug)
    row, cache = rows[-1], services.labeling.snapshots.cache
    table = schema.snapshots
    mine = sa.and_(table.c.experiment_id == row.experiment_id, table.c.seq == row.seq)
    blob = cache.get(row.key)
    if how == "missing":
        cache.delete(row.key)
    elif how == "one bit":
        cache.set(row.key, blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:])
    elif how == "cut off":
        cache.set(row.key, blob[: len(blob) // 2])
    elif how == "empty":
        cache.set(row.key, b"")
    elif how == "no bytes":
        cache.set(row.key, "a string")
    elif how == "swapped":
        cache.set(row.key, cache.get(rows[0].key))
    elif how == "another model":
        other = Learner(make_spec("blog", text=True, classes=2, seed=1), n_classes=2)
        cache.set(row.key, pickle.dumps(other, protocol=5))
    elif how == "other version":
        with services.database.write() as connection:
            connection.execute(table.update().where(mine).values(version="1-3.9.0-0.10-1.0"))
    else:
        raise AssertionError(how)


SPOILED = ("missing", "one bit", "cut off", "empty", "no bytes", "swapped", "another model",
           "other version")  # fmt: skip


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_snapshot_is_replaced_by_the_log(services, open_more, saved, caplog, how):
    model = fingerprint(services, saved)
    older = snapshots_of(services, saved)[-2]
    spoil(services, saved, how)
    restarted = open_more()
    assert loaded(restarted, saved).head == older.seq
    assert ("missing or damaged; the log replaces it" in caplog.text) == (how != "other version")
    assert fingerprint(restarted, saved) == model
    assert clean(restarted, saved)


SPRUNG: list[str] = []


def spring(how: str) -> None:
    SPRUNG.append(how)


class Trap:
    """Unpickled, it does what it was never asked to do."""

    def __reduce__(self) -> Any:
        return spring, ("unpickled",)


def test_a_foreign_pickle_is_never_read(services, open_more, saved):
    for row in snapshots_of(services, saved):
        services.labeling.snapshots.cache.set(row.key, pickle.dumps(Trap(), protocol=5))
    model = fingerprint(services, saved)
    SPRUNG.clear()
    restarted = open_more()
    assert loaded(restarted, saved) is None
    assert fingerprint(restarted, saved) == model
    assert SPRUNG == []
    pickle.loads(pickle.dumps(Trap(), protocol=5))
    assert SPRUNG == ["unpickled"]  # the trap works


@pytest.mark.parametrize("what", ["cache", "rows", "folder", "garbage", "rollups", "everything"])
def test_all_that_is_disposable_may_be_deleted(
    settings, services, open_more, saved, next_query, tell, what
):
    """Snapshots and rollups gone while stopped: same model, same next query, `verify` clean."""
    model, query = fingerprint(services, saved), next_query(services, saved)
    experiment_id = services.experiments.find(saved).id
    with services.database.read() as connection:
        counted = rollups.stored(connection, experiment_id)
    services.labeling.snapshots.cache.close()
    if what in ("cache", "everything"):
        services.labeling.snapshots.cache.clear()
    if what in ("folder", "garbage", "everything"):
        for file in sorted(settings.snapshots.rglob("*"), reverse=True):
            if file.is_dir():
                file.rmdir()
            elif what == "garbage":
                file.write_bytes(b"garbage" * 100)
            else:
                file.unlink()
    with services.database.write() as connection:
        if what in ("rows", "everything"):
            connection.execute(schema.snapshots.delete())
        if what in ("rollups", "everything"):
            connection.execute(schema.rollups.delete())
    restarted = open_more()
    assert next_query(restarted, saved) == query
    assert fingerprint(restarted, saved) == model
    assert clean(restarted, saved)
    with restarted.database.read() as connection:
        assert rollups.stored(connection, experiment_id) == counted
    tell(restarted, saved)
    asked, *_ = bare_river(truths_of(services, saved), seed=42, discount=100)
    assert [a[0] for a in answers(restarted, saved)] == asked
    assert clean(open_more(), saved)


def test_labeling_goes_on_when_rollups_were_deleted(services, open_more, saved, tell):
    """The next answer counts everything anew, before anyone asks `verify`."""
    with services.database.write() as connection:
        connection.execute(schema.rollups.delete())
    restarted = open_more()
    tell(restarted, saved, 1)
    assert restarted.views.view(saved)["counters"]["labels"] == 57
    assert clean(restarted, saved)


def test_a_snapshot_that_cannot_be_written_fails_no_label(
    services, make_experiment, tell, monkeypatch, caplog
):
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SnapshotStore, "put", refuse)
    slug = make_experiment(services)
    assert len(tell(services, slug, 30)) == 30
    services.labeling.settle()
    assert "No snapshot of made at" in caplog.text
    assert snapshots_of(services, slug) == []
    assert clean(services, slug)


def test_old_snapshots_are_deleted_file_and_row(services, make_experiment):
    slug = make_experiment(services)
    experiment, learner = services.labeling.learner(slug)
    store = services.labeling.snapshots
    for head in range(1, 13):
        learner.learn({"text": "wina"}, head % 2)
        store.put(experiment, pickle.dumps(learner), head=head, position=head, at=head)
    rows = snapshots_of(services, slug)
    assert [row.seq for row in rows] == list(range(5, 13))
    assert sorted(store.cache.iterkeys()) == sorted(row.key for row in rows)
    assert [row.sha256 for row in rows] == [
        hashlib.sha256(store.cache.get(row.key)).hexdigest() for row in rows
    ]


# When something fails -------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before writing", "after writing", "after the commit"])
@pytest.mark.parametrize("step", ["answer", "pass", "undo", "correct", "scan"])
def test_a_commit_that_fails(
    services, open_more, make_experiment, tell, next_query, monkeypatch, when, step
):
    """Copy and log stay together; a retry with the same key takes effect exactly once."""
    slug = make_experiment(services, n=90, discount_factor=300)
    told = tell(services, slug, 4)
    position = next_query(services, slug)
    if step == "scan":
        monkeypatch.setattr(labeling_module, "SCAN_SECONDS", -1.0)
        monkeypatch.setattr(labeling_module, "MAX_SCANNED", 1)
        while position is not None:
            services.labeling.answer(slug, position=position, label=0)
            with services.database.read() as connection:
                row = log.open_query(connection, services.experiments.find(slug).id)
            position = None if row is None else row["position"]

    def act() -> Any:
        labeling = services.labeling
        if step in ("answer", "pass"):
            label = None if step == "pass" else 1
            return labeling.answer(slug, position=position, label=label, key="k").done
        if step == "undo":
            return labeling.undo(slug, key="k").done
        if step == "correct":
            return labeling.correct(slug, position=told[0], label=None, key="k").done
        return labeling.scan_on(slug)

    def state(worker: Services) -> tuple[Any, ...]:
        found = worker.experiments.find(slug)
        return (found.head, found.position, answers(worker, slug), fingerprint(worker, slug))

    before = state(services)
    append, write = log.append, Database.write
    failed = []

    def fail() -> None:
        failed.append(True)
        raise Unavailable("The disk says no.")

    def failing_append(*arguments: Any) -> None:
        if when == "after writing":
            append(*arguments)
        fail()

    @contextmanager
    def failing_write(database: Database) -> Iterator[Any]:
        """Commits, and then loses the news."""
        with write(database) as connection:
            yield connection
        fail()

    with monkeypatch.context() as patch:
        if when == "after the commit":
            patch.setattr(Database, "write", failing_write)
        else:
            patch.setattr(log, "append", failing_append)
        with pytest.raises(Unavailable, match="The disk says no"):
            act()
    assert failed == [True]
    # This process's own copy and one made from the log alone agree.
    assert state(services) == state(open_more())
    if when == "after the commit":
        assert services.experiments.find(slug).head == before[0] + 1
        if step != "scan":
            assert act() is False
    else:
        assert state(services) == before
        act()
        assert services.experiments.find(slug).head == before[0] + 1
    assert state(services) == state(open_more())
    next_query(services, slug)
    assert clean(services, slug)


def test_an_error_while_catching_up_teaches_nothing_twice(
    services, open_more, make_experiment, tell, monkeypatch
):
    """The copy has learned some of what it missed when the disk fails."""
    slug = make_experiment(services)
    other = open_more()
    tell(services, slug, 3)
    fingerprint(other, slug)
    tell(services, slug, 4)
    get, calls = other.labeling.samples.get, []

    def failing_get(stream_id: int, position: int) -> Any:
        calls.append(position)
        if len(calls) == 3:
            raise Unavailable("The disk says no.")
        return get(stream_id, position)

    with monkeypatch.context() as patch:
        patch.setattr(other.labeling.samples, "get", failing_get)
        with pytest.raises(Unavailable):
            other.labeling.learner(slug)
    assert len(calls) == 3
    assert fingerprint(other, slug) == fingerprint(services, slug)


def rows_of(services: Services) -> dict[str, int]:
    with services.database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in schema.metadata.tables.items()
        }


@pytest.mark.sqlite
def test_a_full_disk(services, open_more, make_experiment, tell, next_query):
    """A sentence, nothing half written, and it works again when there is room."""
    slug = make_experiment(services, n=300, discount_factor=3, warm_start=0)
    tell(services, slug, 3)
    database = services.database
    limit = [2**31]

    @sa.event.listens_for(database.engine, "checkout")
    def _limit(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    with database.read() as connection:
        limit[0] = connection.exec_driver_sql("PRAGMA page_count").scalar()
    known = truths_of(services, slug)
    while True:  # up to the end of the pages there are
        position = next_query(services, slug)
        before = rows_of(services), fingerprint(services, slug), answers(services, slug)
        request = {"position": position, "label": known[position][1], "key": f"k{position}"}
        try:
            services.labeling.answer(slug, **request)
        except Unavailable as error:
            sentence = str(error)
            break
    where = database.settings.data / "sluice.db"
    assert sentence == (
        f"The disk that holds {where} is full; nothing was changed. Make room and try again."
    )
    assert (rows_of(services), fingerprint(services, slug), answers(services, slug)) == before
    assert next_query(services, slug) == position
    assert open_more().views.view(slug)["query"]["position"] == position
    with pytest.raises(Unavailable):
        services.labeling.answer(slug, **request)
    limit[0] = 2**31
    assert services.labeling.answer(slug, **request) == Outcome(True)
    assert services.labeling.answer(slug, **request).done is False
    assert answers(services, slug) == [*before[2], (position, known[position][1], "label")]
    tell(services, slug, 2)
    assert clean(services, slug)


CHILD = """
import json, os, signal, sys
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from dashboard.storage import log

services = open_services(read_settings())
slug, truths, count = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
for _ in range(count):
    services.runs.scan(slug)
    position = services.views.view(slug)["query"]["position"]
    key = f"shown-{position}"
    if services.labeling.answer(slug, position=position, label=truths[position], key=key).done:
        print(position, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.both
@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9(settings, services, make_experiment, next_query):
    """The process dies in the moment after its last acknowledgment, which never arrives."""
    slug = make_experiment(services, n=90)
    known = truths_of(services, slug)
    asked, *_ = bare_river(known, seed=42, discount=100)
    acknowledged: list[int] = []
    for count in (3, 28):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, slug, json.dumps([y for _, y in known]), str(count)],
            env={**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONPATH": str(ROOT),
                 "DATABASE_URL": settings.database_url},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert child.returncode == -signal.SIGKILL, child.stderr
        acknowledged += map(int, child.stdout.split())
        assert [a[0] for a in answers(services, slug)] == acknowledged
        last = acknowledged[-1]
        again = services.labeling.answer(
            slug, position=last, label=known[last][1], key=f"shown-{last}"
        )
        assert again == Outcome(False, "That answer was recorded before.")
        assert next_query(services, slug) == asked[len(acknowledged)]
    assert acknowledged == asked[:31]
    assert clean(services, slug)


@pytest.mark.sqlite
def test_an_acknowledged_answer_is_in_the_file(settings, services, make_experiment, next_query):
    """Seen by another library in a copy made right after the reply."""
    slug = make_experiment(services)
    for number in range(1, 4):
        position = next_query(services, slug)
        services.labeling.answer(slug, position=position, label=1, key=f"k{number}")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "sluice.db"
            with services.database.read() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql(f"VACUUM INTO '{copy}'")
                connection.exec_driver_sql("BEGIN")
            there = sqlite3.connect(copy)
            keys = there.execute("SELECT key FROM events WHERE kind = 'label'").fetchall()
            there.close()
        assert keys == [(f"k{i}",) for i in range(1, number + 1)]


@pytest.mark.both
def test_source_annotator_and_time_are_logged(services, make_experiment, next_query):
    slug = make_experiment(services)
    services.labeling.clock = lambda: 1_700_000_000_123
    position = next_query(services, slug)
    services.labeling.answer(
        slug, position=position, label=1, key="k", milliseconds=2345, annotator="Zoë",
        source=Source.ORACLE,
    )  # fmt: skip
    made = events(services, slug)[-1]
    assert (made.annotator, made.source, made.key, made.milliseconds, made.at) == (
        "Zoë", Source.ORACLE, "k", 2345, 1_700_000_000_123,
    )  # fmt: skip
    with services.database.read() as connection:
        stored = streams.get(connection, services.experiments.find(slug).stream_id)
    assert stored.samples == 120


def test_looking_draws_nothing(services, make_experiment, tell, next_query):
    """Views, verdicts and display copies: the next decisions are those that would have been."""
    slug = make_experiment(services, preset="recommended")
    tell(services, slug, 3)
    before = where(services, slug)
    learner = services.labeling.learner(slug)[1]
    learner.scan(0, {"text": "a copy may do what it likes"})
    learner.learn({"text": "even learn"}, 1)
    for _ in range(3):
        services.views.view(slug)
        services.verification.verify(slug)
    assert where(services, slug) == before
    asked, *_ = bare_loop(
        truths_of(services, slug), services.experiments.find(slug).spec, classes=2
    )
    tell(services, slug)
    assert [a[0] for a in answers(services, slug)] == asked
