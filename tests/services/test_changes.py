"""Changes in the middle of an experiment: what stays, what follows, and that it can be replayed."""

from __future__ import annotations

import json
import random

import pytest

from dashboard.core.learner import Learner
from dashboard.errors import BadInput, Conflict
from dashboard.services.container import Services
from dashboard.storage import log, schema

pytestmark = pytest.mark.both


def label(services: Services, slug: str, n: int, *, classes: int = 2, seed: int = 0) -> list[int]:
    """Answer some queries; their positions."""
    rng = random.Random(seed)
    answered = []
    for _ in range(n):
        while services.views.view(slug)["query"] is None:
            if services.labeling.scan_on(slug) and services.views.view(slug)["query"] is None:
                return answered
        position = services.views.view(slug)["query"]["position"]
        services.labeling.answer(slug, position=position, label=rng.randrange(classes))
        answered.append(position)
    return answered


def verified(services: Services, slug: str) -> str:
    verdict = services.verification.verify(slug)
    assert verdict.difference == ""
    return verdict.fingerprint


def weights(services: Services, slug: str) -> str:
    return services.labeling.learner(slug)[1].fingerprint()


def rows(services: Services, slug: str) -> list[tuple]:
    """The predictions of an experiment as they are stored."""
    with services.database.read() as connection:
        mine = schema.predictions.c.experiment_id == services.experiments.find(slug).id
        return [tuple(r) for r in connection.execute(schema.predictions.select().where(mine))]


@pytest.fixture
def slug(services, make_experiment) -> str:
    made = make_experiment(services, n=400)
    services.labeling.scan_on(made)
    label(services, made, 12)
    return made


def test_another_strategy_leaves_the_log_and_the_model_alone(services, slug) -> None:
    before, model = rows(services, slug), services.labeling.learner(slug)[1]
    assert services.changes.strategy(slug, strategy="budget-entropy", budget=0.2).done
    experiment, learner = services.labeling.learner(slug)
    assert (experiment.spec.strategy, experiment.spec.budget) == ("budget-entropy", 0.2)
    assert rows(services, slug) == before
    x = {"text": "wina wine word"}
    assert learner.predict(x) == model.predict(x)
    label(services, slug, 10)
    assert {r[8] for r in rows(services, slug)[len(before) :]} >= {"budget-entropy"}
    verified(services, slug)


def test_the_rate_follows_the_change(services, make_experiment) -> None:
    asked = {}
    for budget in (0.1, 0.6):
        slug = make_experiment(services, f"rate {budget}", preset="recommended", n=400)
        services.labeling.scan_on(slug)
        label(services, slug, 5)
        first = services.experiments.find(slug).position
        services.changes.strategy(slug, budget=budget)
        services.runs.oracle(slug)
        asked[budget] = sum(1 for r in rows(services, slug) if r[1] >= first and r[8])
    assert asked[0.6] > 2 * asked[0.1]


def test_every_process_and_every_restart_honors_it(services, open_more, slug) -> None:
    other = open_more()
    label(other, slug, 1)
    services.changes.strategy(slug, strategy="margin-coin", margin=0.5)
    label(other, slug, 6)
    label(services, slug, 6)
    fresh = open_more()
    assert weights(services, slug) == weights(other, slug) == weights(fresh, slug)
    verified(fresh, slug)


def test_undo_across_a_change_goes_on_with_the_new_strategy(services, slug) -> None:
    services.changes.strategy(slug, strategy="budget-entropy", budget=0.3)
    began = services.experiments.find(slug).strategy_state
    query = services.views.view(slug)["last"]["position"]
    services.labeling.undo(slug)
    experiment = services.experiments.find(slug)
    assert services.views.view(slug)["query"]["position"] == query
    assert (experiment.spec.strategy, experiment.strategy_state) == ("budget-entropy", began)
    verified(services, slug)
    label(services, slug, 8)
    services.labeling.undo(slug)
    verified(services, slug)


def test_a_third_class_keeps_every_label(services, slug) -> None:
    before = rows(services, slug)
    with services.database.read() as connection:
        labels = log.labels_since(connection, services.experiments.find(slug).id, 0)
    services.changes.add_class(slug, "  Not   sure ")
    experiment, learner = services.labeling.learner(slug)
    assert [c.title for c in experiment.classes] == ["Win", "See", "Not sure"]
    assert rows(services, slug) == before
    bare = Learner(experiment.spec, n_classes=3)
    reader = services.labeling.samples
    bare.replay(
        ((reader.get(experiment.stream_id, p).fields, y) for p, y in labels),
        draws=experiment.position,
        state=experiment.strategy_state,
    )
    assert learner.fingerprint() == bare.fingerprint()
    label(services, slug, 30, classes=3)
    assert len(log.unpack(rows(services, slug)[-1][5])) == 3
    verified(services, slug)


def test_renaming_changes_no_model_and_no_label(services, slug) -> None:
    before = weights(services, slug)
    services.changes.edit_class(slug, 1, name="Junk", guideline="Wants money.")
    classes = services.experiments.find(slug).classes
    assert (classes[1].name, classes[1].title, classes[1].guideline) == (
        "Junk",
        "Junk",
        "Wants money.",
    )
    assert weights(services, slug) == before
    assert services.views.view(slug)["classes"][1]["title"] == "Junk"
    verified(services, slug)


def test_a_change_is_made_once(services, slug) -> None:
    head = services.experiments.find(slug).head
    for _ in range(2):
        services.changes.strategy(slug, discount_factor=7.0, key="k" * 20)
    services.changes.strategy(slug, discount_factor=7.0)
    assert services.experiments.find(slug).head == head + 1


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda c, s: c.strategy(s, budget=3.0), BadInput, "budget"),
        (lambda c, s: c.strategy(s, strategy="guess"), BadInput, "no strategy"),
        (lambda c, s: c.add_class(s, " "), BadInput, "needs a name"),
        (lambda c, s: c.add_class(s, "x" * 201), BadInput, "at most 200"),
        (lambda c, s: c.add_class(s, "SEE"), Conflict, "a class 'SEE' already"),
        (lambda c, s: c.edit_class(s, 9, name="x"), BadInput, "no class number 9"),
    ],
)
def test_what_cannot_be_is_refused(services, slug, change, error, sentence) -> None:
    head = services.experiments.find(slug).head
    with pytest.raises(error, match=sentence):
        change(services.changes, slug)
    assert services.experiments.find(slug).head == head


BEFORE_THE_FIRST_SCAN = {
    "rename": lambda c, s: c.edit_class(s, 0, name="Junk"),
    "rate": lambda c, s: c.strategy(s, budget=0.3),
    "floor": lambda c, s: c.strategy(s, floor=0.03),
    "class": lambda c, s: c.add_class(s, "third"),
    "strategy": lambda c, s: c.strategy(s, strategy="margin-coin"),
    "discount": lambda c, s: c.strategy(s, discount_factor=9.0),
}


@pytest.mark.parametrize("strategy", ["entropy", "budget-entropy", "variable-uncertainty", "biqf"])
@pytest.mark.parametrize("change", sorted(BEFORE_THE_FIRST_SCAN))
def test_what_is_changed_before_the_first_scan_verifies(
    services, open_more, make_experiment, strategy, change
) -> None:
    chosen = {} if strategy == "budget-entropy" else {"strategy": strategy}
    slug = make_experiment(services, preset="recommended", n=200, **chosen)
    assert services.experiments.find(slug).spec.strategy == strategy
    assert BEFORE_THE_FIRST_SCAN[change](services.changes, slug).done
    assert BEFORE_THE_FIRST_SCAN["rename"](services.changes, slug).done == (change != "rename")
    experiment, learner = services.labeling.learner(slug)
    bare = Learner(experiment.spec, n_classes=len(experiment.classes))
    assert learner.fingerprint() == bare.fingerprint()
    assert experiment.strategy_state == bare.sampler.state
    verified(services, slug)
    label(services, slug, 5)
    services.labeling.undo(slug)
    verified(services, slug)
    while services.labeling.undo(slug).done:  # past all answers, back to the first scan
        pass
    assert weights(services, slug) == weights(open_more(), slug)
    label(services, slug, 3)
    verified(services, slug)


def as_older_releases_told_it(services: Services, slug: str, seq: int) -> None:
    """No state beside a change made before the first scan."""
    experiment_id = services.experiments.find(slug).id
    nothing = {"strategy_state": None, "strategy_memory": None}
    events, experiments = schema.events.c, schema.experiments.c
    with services.database.write() as connection:
        mine = (events.experiment_id == experiment_id, events.seq == seq)
        connection.execute(schema.events.update().where(*mine).values(nothing))
        if services.experiments.find(slug).head == seq:
            one = experiments.id == experiment_id
            connection.execute(schema.experiments.update().where(one).values(nothing))


def test_a_log_of_an_older_release_that_tells_no_state_verifies(services, make_experiment) -> None:
    slug = make_experiment(services, preset="recommended", n=200)
    for seq, change in enumerate(("rename", "floor"), start=1):
        BEFORE_THE_FIRST_SCAN[change](services.changes, slug)
        as_older_releases_told_it(services, slug, seq)
        verified(services, slug)
    BEFORE_THE_FIRST_SCAN["rate"](services.changes, slug)
    label(services, slug, 5)
    services.labeling.undo(slug)
    verified(services, slug)
    as_older_releases_told_it(services, slug, 4)  # the first scan: that one always told it
    assert "event 4, the strategy's state" in services.verification.verify(slug).difference


def test_an_archived_experiment_stays_as_it_is(services, slug) -> None:
    archived = services.experiments.reset(slug).slug
    with pytest.raises(BadInput, match="archived"):
        services.changes.add_class(archived, "third")


def test_a_forged_change_is_found(services, slug) -> None:
    services.changes.strategy(slug, strategy="budget-entropy", budget=0.3)
    label(services, slug, 3)
    with services.database.write() as connection:
        table = schema.experiments
        spec = services.experiments.find(slug).spec.to_dict() | {"budget": 0.4}
        connection.execute(table.update().where(table.c.slug == slug).values(spec=json.dumps(spec)))
    assert "recipe" in services.verification.verify(slug).difference
