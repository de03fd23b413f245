"""Strategies that keep more than one number: stored with every event, and found again by replay."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from dashboard.core.catalog import STRATEGIES
from dashboard.core.learner import Learner
from dashboard.services.container import Services
from dashboard.storage import log
from dashboard.storage.schema import events, experiments

SEVERAL = ["variable-uncertainty", "biqf"]


def stored(services: Services, slug: str) -> list[tuple[float | None, str | None]]:
    """Both columns of every event, in order, and at the end those of the experiment."""
    columns = (events.c.strategy_state, events.c.strategy_memory)
    head = (experiments.c.strategy_state, experiments.c.strategy_memory)
    with services.database.read() as connection:
        found = services.experiments.find(slug)
        rows = connection.execute(
            sa.select(*columns).where(events.c.experiment_id == found.id).order_by(events.c.seq)
        ).all()
        last = connection.execute(sa.select(*head).where(experiments.c.id == found.id)).all()
    return [(row[0], row[1]) for row in (*rows, *last)]


def answer(services: Services, slug: str, label: int | None) -> int:
    position: int = services.views.view(slug)["query"]["position"]
    services.labeling.answer(slug, position=position, label=label)
    services.runs.scan(slug)
    return position


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_run_equals_one_in_memory_and_verifies(
    services, make_experiment, make_examples, strategy
):
    """Answers, a restart in the middle, and what is stored: all as if nothing had been stored."""
    slug = make_experiment(services, n=150, seed=3, strategy=strategy, budget=0.3)
    services.runs.oracle(slug)
    spec = services.experiments.find(slug).spec
    learner = Learner(spec, n_classes=2)
    for position, (x, y) in enumerate(make_examples(150, seed=0)):
        if learner.scan(position, x).decision.asked:
            learner.learn(x, y)
    experiment, model = services.labeling.learner(slug)
    assert (experiment.position, experiment.strategy_state) == (150, learner.sampler.state)
    assert model.fingerprint() == learner.fingerprint()
    assert services.verification.verify(slug).difference == ""


@pytest.mark.parametrize("strategy", SEVERAL)
def test_the_memory_is_in_the_log_as_json(services, make_experiment, strategy):
    slug = make_experiment(services, n=60, strategy=strategy, budget=0.3)
    services.runs.oracle(slug, count=8)
    rows = stored(services, slug)
    assert all(state is None for state, _ in rows)
    memories = [json.loads(memory or "") for _, memory in rows]
    assert memories[-1] == memories[-2]
    assert all(type(number) is float for memory in memories for number in memory)
    assert len({repr(memory) for memory in memories}) == len(memories) - 1
    assert services.experiments.find(slug).strategy_state == tuple(memories[-1])


@pytest.mark.parametrize("strategy", SEVERAL)
def test_undo_brings_the_memory_back(services, open_more, make_experiment, strategy):
    """In this process and in one that has to read it; and the same answers lead to the same end."""
    slug = make_experiment(services, n=120, strategy=strategy, budget=0.3)
    services.runs.oracle(slug, count=10)
    before = services.experiments.find(slug).strategy_state
    first = answer(services, slug, 1)
    then = services.experiments.find(slug)
    second = answer(services, slug, None)
    for expected in (then.strategy_state, before):
        assert services.labeling.undo(slug).done
        assert services.experiments.find(slug).strategy_state == expected
    with services.database.read() as connection:
        seq = log.last_answer(connection, then.id)["seq"]
        state = log.state_before(connection, then.id, seq + 1)
    assert state == before

    other = open_more()
    assert [answer(other, slug, 1), answer(services, slug, None)] == [first, second]
    again = services.experiments.find(slug)
    assert again.position > then.position
    assert other.verification.verify(slug).difference == ""


@pytest.mark.parametrize("strategy", SEVERAL)
def test_a_relabel_leaves_the_memory_as_it_is(services, open_more, make_experiment, strategy):
    slug = make_experiment(services, n=120, strategy=strategy, budget=0.3)
    services.runs.scan(slug)
    position = answer(services, slug, 0)
    services.runs.oracle(slug, count=10)
    before = services.experiments.find(slug).strategy_state
    for label in (1, None):
        assert services.labeling.correct(slug, position=position, label=label).done
        assert services.experiments.find(slug).strategy_state == before
        _, model = services.labeling.learner(slug)
        assert model.sampler.state == before
        assert open_more().labeling.learner(slug)[1].fingerprint() == model.fingerprint()
    services.runs.oracle(slug)
    assert services.verification.verify(slug).difference == ""


@pytest.mark.parametrize("strategy", SEVERAL)
def test_verify_finds_a_changed_memory(services, make_experiment, strategy):
    slug = make_experiment(services, n=60, strategy=strategy, budget=0.3)
    services.runs.oracle(slug, count=5)
    experiment = services.experiments.find(slug)
    with services.database.write() as connection:
        mine = sa.and_(events.c.experiment_id == experiment.id, events.c.seq == 3)
        memory = json.loads(
            connection.execute(sa.select(events.c.strategy_memory).where(mine)).scalar_one()
        )
        memory[1] += 1e-9
        connection.execute(events.update().where(mine).values(strategy_memory=json.dumps(memory)))
    difference = services.verification.verify(slug).difference
    assert difference.startswith("At event 3, the strategy's state: stored is ")
