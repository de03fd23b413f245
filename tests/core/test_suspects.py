"""Suspected mistakes: found among answers that were changed on purpose, by every pipeline."""

from __future__ import annotations

import random

import pytest

from dashboard.core.learner import Learner
from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import make_spec
from dashboard.core.suspects import Opinion, opinions, suspects
from tests.core.test_catalog import examples_for, fresh


def spoiled(n: int, share: float, name: str) -> tuple[list, set[int]]:
    rng = random.Random(3)
    made, wrong = examples_for(name, n), set()
    for i, (x, y) in enumerate(made):
        if rng.random() < share:
            classes = 2 if PIPELINES[name].binary else 4
            made[i] = x, (y + rng.randrange(1, classes)) % classes
            wrong.add(i)
    return made, wrong


@pytest.mark.parametrize("name", [name for name in PIPELINES if name != "rows-tree"])
def test_changed_answers_are_found(name):
    made, wrong = spoiled(200, 0.06, name)
    found = suspects(opinions(made, lambda: fresh(name, "entropy")), [y for _, y in made])
    listed = [opinion.answer for opinion in found]
    assert len(wrong) >= 8
    hits = len(set(listed) & wrong)
    assert hits >= 0.6 * len(wrong)
    assert hits >= 0.5 * len(listed)
    assert len(set(listed[:hits]) & wrong) >= 0.6 * hits  # they stand above the false alarms


def test_an_opinion_is_that_of_a_model_of_the_other_folds(make_examples):
    made = make_examples(23)
    spec = make_spec("blog", text=True, classes=2)
    found = {o.answer: o for o in opinions(made, lambda: Learner(spec, n_classes=2), folds=4)}
    assert set(found) == set(range(23))
    for i in (0, 5, 22):
        learner = Learner(spec, n_classes=2)
        for j, (x, y) in enumerate(made):
            if j % 4 != i % 4:
                learner.learn(x, y)
        y_pred = learner.predict(made[i][0])
        best = max(y_pred, key=y_pred.__getitem__)
        assert found[i] == Opinion(i, y_pred[made[i][1]], int(best), y_pred[best])


def test_few_answers_or_one_class_give_none():
    def make() -> Learner:
        return fresh("shapes-naive-bayes", "entropy")

    assert list(opinions([], make)) == []
    assert list(opinions([({"text": "one"}, 0)], make)) == []
    assert list(opinions([({"text": "one"}, 0)] * 9, make)) == []
    assert suspects([], []) == []


def test_it_breathes_and_learns_what_it_is_given_in_order(make_examples):
    made = make_examples(10)
    breaths: list[int] = []
    spec = make_spec("blog", text=True, classes=2)
    found = opinions(made, lambda: Learner(spec, n_classes=2), breathe=lambda: breaths.append(1))
    assert len(list(found)) == 10
    assert len(breaths) == 4 * 10 + 10
