"""Classifiers of our own are River's: same predictions, with a state that a replay finds again."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from river import datasets, naive_bayes, tree

from dashboard.core.bayes import NaiveBayes
from dashboard.core.learner import digest
from dashboard.core.trees import HoeffdingTree


def words(n: int, *, classes: int, seed: int = 0) -> list[tuple[dict[str, int], int]]:
    rng = random.Random(seed)
    made = []
    for _ in range(n):
        label = rng.randrange(classes)
        drawn = [f"{label}-{rng.randrange(9)}" if rng.random() < 0.4 else f"w{rng.randrange(60)}"
                 for _ in range(12)]  # fmt: skip
        made.append(({w: drawn.count(w) for w in drawn}, label))
    return made


@pytest.mark.parametrize("alpha", [0.1, 1])
@pytest.mark.parametrize("classes", [2, 40])
def test_naive_bayes_equals_rivers(alpha, classes):
    river, ours = naive_bayes.MultinomialNB(alpha=alpha), NaiveBayes(alpha=alpha)
    assert ours.predict_proba_one({"w1": 1}) == {}
    for i, (x, y) in enumerate(words(400, classes=classes)):
        if i:
            theirs = river.predict_proba_one(x)
            mine = ours.predict_proba_one(x)
            assert list(mine) == list(theirs)
            assert mine == pytest.approx(theirs, abs=1e-9)
        river.learn_one(x, y)
        ours.learn_one(x, y)
    assert ours.feature_counts == river.feature_counts


def test_naive_bayes_learns_an_empty_text_first():
    """River's divides by zero: no word was counted yet."""
    model = NaiveBayes(alpha=0.1)
    model.learn_one({}, 3)
    assert model.predict_proba_one({"word": 1}) == {3: 1.0}
    model.learn_one({}, 5)
    assert model.predict_proba_one({"word": 1}) == {3: 0.5, 5: 0.5}


def test_naive_bayes_is_faster_with_many_classes():
    river, ours = naive_bayes.MultinomialNB(alpha=0.1), NaiveBayes(alpha=0.1)
    made = words(600, classes=77)
    for x, y in made:
        river.learn_one(x, y)
        ours.learn_one(x, y)
    took = []
    for model in (river, ours):
        began = time.process_time()
        for x, _ in made[:200]:
            model.predict_proba_one(x)
        took.append(time.process_time() - began)
    assert took[1] < took[0] / 2


@pytest.mark.parametrize(
    "data", [datasets.Phishing(), datasets.Bananas(), datasets.ImageSegments().take(800)],
    ids=["phishing", "bananas", "segments"],
)  # fmt: skip
def test_tree_equals_rivers_and_survives_replay(data):
    """With a category beside the numbers, whose values come and go."""
    river = tree.HoeffdingTreeClassifier(grace_period=50)
    live, replayed = HoeffdingTree(grace_period=50), HoeffdingTree(grace_period=50)
    for i, (x, y) in enumerate(data):
        row = {**x, "kind": f"k{i % 7}"}
        if i % 5 == 0:
            del row["kind"]
        assert live.predict_proba_one(row) == river.predict_proba_one(row)
        for model in (river, live, replayed):
            model.learn_one(row, y)
    assert (live.height, live.n_nodes) == (river.height, river.n_nodes)
    assert digest(live) == digest(replayed)


def test_tree_splits_on_categories():
    model, river = HoeffdingTree(grace_period=20), tree.HoeffdingTreeClassifier(grace_period=20)
    rng = random.Random(3)
    kinds = [rng.choice("abcdefgh") for _ in range(400)]
    for last, kind in pairwise(kinds):
        row = {"kind": kind, "last": last}
        assert model.predict_proba_one(row) == river.predict_proba_one(row)
        for one in (model, river):
            one.learn_one(row, kind in "aceg")
    assert model.height == river.height == 2
    assert model.predict_one({"kind": "a"})
    assert not model.predict_one({"kind": "b"})
