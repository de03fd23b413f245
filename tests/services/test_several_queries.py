"""Several open queries at once: any may be answered, and the log tells the same story."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.core.events import Kind
from dashboard.core.learner import Learner
from dashboard.services.container import Services
from dashboard.services.labeling import Outcome
from tests.telling import clean, events, in_force, open_now, state

GIVEN = 25  # answers before there are three queries
ALREADY = Outcome(False, "That sample was answered already; nothing was learned.")


def scan_past(services: Services, slug: str) -> int | None:
    """Scan to one more query, whatever is open; its position."""
    labeling = services.labeling
    with labeling.held(slug) as held:
        with services.database.read() as connection:
            current = labeling._current(connection, slug, held)
        scanned = labeling._scan(current, 3600.0)
        labeling._commit(current, scanned, kind=Kind.SCAN)
    last = scanned.predictions[-1]
    return last.position if last.decision.asked else None


@pytest.fixture
def answered(services: Services) -> Callable[..., Outcome]:
    """`answered(slug, position, label=1)`."""

    def answer(slug: str, position: int, label: int | None = 1) -> Outcome:
        return services.labeling.answer(slug, position=position, label=label)

    return answer


@pytest.fixture
def three(services: Services, make_experiment: Any, patient: None) -> tuple[str, list[int]]:
    """The slug of an experiment with three open queries, and where they are."""
    slug = make_experiment(services, preset="recommended", n=300)
    assert services.runs.oracle(slug, count=GIVEN) == GIVEN
    scan_past(services, slug)
    scan_past(services, slug)
    found = open_now(services, slug)
    assert len(found) == 3
    return slug, found


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_any_open_query_may_be_answered_and_the_last_scans_on(
    services, open_more, three, answered, order
):
    slug, found = three
    scanned = services.experiments.find(slug).position
    for count, which in enumerate(order, start=1):
        assert answered(slug, found[which], count % 2) == Outcome(True)
        left = [p for i, p in enumerate(found) if i not in order[:count]]
        assert open_now(services, slug)[: len(left)] == left
        if left:  # nothing is scanned while something is open
            assert services.experiments.find(slug).position == scanned
            assert services.views.view(slug)["query"]["position"] == left[0]
    assert len(open_now(services, slug)) == 1
    assert services.experiments.find(slug).position > scanned
    last = [e.stop - e.first > 0 for e in events(services, slug)][-3:]
    assert last == [False, False, True]
    with_restart = open_more().labeling.learner(slug)[1].fingerprint()
    assert with_restart == services.labeling.learner(slug)[1].fingerprint()
    assert clean(services, slug)


def test_the_model_learns_in_the_order_of_the_answers(services, three, answered):
    """Predictions are those of the model at their time: a bare loop that answers late."""
    slug, found = three
    experiment = services.experiments.find(slug)
    sample = services.labeling.samples.get
    for position in reversed(found):
        answered(slug, position, 1)
    bare = Learner(experiment.spec, n_classes=2)
    for event in events(services, slug):
        if event.label is not None:
            bare.learn(sample(experiment.stream_id, event.position).fields, event.label)
        for position in range(event.first, event.stop):
            bare.scan(position, sample(experiment.stream_id, position).fields)
    answers = [e.position for e in events(services, slug) if e.kind is Kind.LABEL]
    assert answers[-3:] == found[::-1]
    assert services.labeling.learner(slug)[1].fingerprint() == bare.fingerprint()


def test_what_is_not_open_is_refused_beside_others_that_are(services, three, answered):
    slug, found = three
    answered(slug, found[1])
    before = state(services, slug)
    told = {p for p, _, _ in in_force(services, slug)}
    skipped = next(p for p in range(found[-1]) if p not in found and p not in told)
    for position in (found[1], skipped, found[-1] + 1, 10_000, -1):
        assert answered(slug, position) == ALREADY
    assert state(services, slug) == before


def test_a_scan_waits_while_anything_is_open(services, three, answered):
    slug, found = three
    before = services.experiments.find(slug).head
    assert services.labeling.scan_on(slug)
    answered(slug, found[2])
    assert services.labeling.scan_on(slug)
    assert services.experiments.find(slug).head == before + 1


def test_undo_opens_each_again_in_turn(services, open_more, three, answered):
    slug, found = three
    passed = []
    for which in (1, 0, 2):
        passed.append(state(services, slug))
        answered(slug, found[which], None if which == 0 else 1)
    for number, before in enumerate(reversed(passed)):
        worker = open_more() if number == 1 else services
        assert worker.labeling.undo(slug) == Outcome(True)
        assert state(worker, slug) == before
    assert clean(services, slug)


def test_undo_of_a_branch_opens_what_others_in_it_had_answered(services, three, answered):
    """The later answer was taken back already; its query is older than the branch."""
    slug, found = three
    before = state(services, slug)
    answered(slug, found[2], 1)
    answered(slug, found[0], 1)
    services.labeling.correct(slug, position=found[0], label=None)
    assert services.labeling.undo(slug).done
    assert state(services, slug) == before
    assert clean(services, slug)


def test_undo_of_a_branch_drops_the_queries_scanned_in_it(services, three, answered):
    slug, found = three
    answered(slug, found[0])
    answered(slug, found[1])
    before = state(services, slug)
    answered(slug, found[2])
    scan_past(services, slug)
    scan_past(services, slug)
    assert len(open_now(services, slug)) == 3
    assert services.labeling.undo(slug).done
    assert state(services, slug) == before
    assert clean(services, slug)


def test_corrections_beside_open_queries(services, three, answered):
    slug, found = three
    answered(slug, found[1], 0)
    assert services.labeling.correct(slug, position=found[1], label=1).done
    assert open_now(services, slug) == [found[0], found[2]]
    assert in_force(services, slug)[GIVEN:] == [(found[1], 1, "label")]
    assert clean(services, slug)


def test_an_oracle_answers_all_of_them(services, three):
    slug, found = three
    assert services.runs.oracle(slug, count=4) == 4
    assert [a[0] for a in in_force(services, slug)][GIVEN : GIVEN + 3] == found
    assert clean(services, slug)


def test_a_warm_start_is_not_stopped_by_what_else_is_open(services, make_experiment, patient):
    """It answers what it comes to itself, and leaves the rest to people."""
    slug = make_experiment(services, preset="recommended", n=300, warm_start=120)
    left = [scan_past(services, slug), scan_past(services, slug)]
    assert services.views.view(slug)["start"] == "warm-start"
    services.runs.warm_start(slug)
    now = open_now(services, slug)
    assert [p for p in now if p < 120] == left[:1]
    assert services.experiments.find(slug).position >= 120
    view = services.views.view(slug)
    assert (view["state"], view["query"]["position"]) == ("ready", left[0])
    assert clean(services, slug)


def test_open_queries_are_in_no_download_and_no_count(services, three, answered):
    slug, found = three
    answered(slug, found[1])
    text = b"".join(services.downloads.stream(slug, "predictions", "csv")).decode()
    positions = [int(line.split(",")[1]) for line in text.splitlines()[1:]]
    expected = [p for p in range(found[2]) if p != found[0]]
    assert positions == expected
    assert services.views.view(slug)["counters"]["predictions"] == len(expected)
    page = services.records.page(slug, "predictions", params={}, first=0, stop=60)
    assert page.count == len(expected)
    assert [row["position"] for row in page.rows] == expected[::-1][:60]


def test_an_experiment_with_several_travels(services, three, answered, tmp_path):
    slug, found = three
    answered(slug, found[1])
    verdict = services.verification.verify(slug)
    file = tmp_path / "made.zip"
    file.write_bytes(b"".join(services.transfer.stream(slug)))
    brought = services.transfer.bring_in(file, name="Brought").experiment.slug
    assert open_now(services, brought) == [found[0], found[2]]
    assert services.verification.verify(brought) == verdict
    assert services.labeling.answer(brought, position=found[2], label=1).done
    assert clean(services, brought)


def test_random_histories_with_queries_opened_in_between(
    services, open_more, make_experiment, patient
):
    """Answers in any order, undo, relabel and more scans by two workers: all verifies."""
    for seed in range(4):
        slug = make_experiment(services, f"history {seed}", preset="recommended", n=300)
        rng, workers = random.Random(seed), [services, open_more()]
        stack: list[tuple[Any, ...]] = []
        for step in range(24):
            worker = workers[step % 2]
            now = open_now(worker, slug)
            what = rng.choice(("answer", "answer", "answer", "scan", "undo"))
            if what == "scan" or not now:
                stack = [] if scan_past(worker, slug) is None else stack
                stack.append(("scan",))
            elif what == "answer":
                stack.append(("answer", state(worker, slug)))
                position, label = rng.choice(now), rng.choice((0, 1, None))
                assert worker.labeling.answer(slug, position=position, label=label).done
            else:
                while stack and stack[-1][0] == "scan":
                    stack.pop()
                done = worker.labeling.undo(slug).done
                if stack and done:
                    assert state(worker, slug) == stack.pop()[1]
        assert clean(services, slug)
