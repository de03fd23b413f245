"""The model at work: prediction changes nothing, replay equals a live run, digests tell all."""

from __future__ import annotations

import math
import pickle
import random
from typing import Any

import pytest
from river import preprocessing

from dashboard.core.catalog import STRATEGIES
from dashboard.core.learner import Learner, Prediction, digest
from dashboard.core.pipelines import PIPELINES, Scaler, word_shapes
from dashboard.core.spec import Spec

# Each once; test_catalog.py takes every pair.
ALL = [(p, "budget-entropy") for p in PIPELINES] + [("bag-of-words-lr", s) for s in STRATEGIES]
Examples = list[tuple[dict[str, Any], int]]


def classes_of(pipeline: str) -> int:
    return 2 if PIPELINES[pipeline].binary else 4


def fresh(pipeline: str, strategy: str = "entropy", *, seed: int = 42) -> Learner:
    spec = Spec(
        preset="recommended",
        pipeline=pipeline,
        strategy=strategy,
        discount_factor=3.0,
        budget=0.3,
        floor=0.05,
        seed=seed,
    )
    return Learner(spec, n_classes=classes_of(pipeline))


@pytest.fixture
def examples_for(make_examples) -> Any:
    """`examples_for(pipeline, n)`: text or rows, in as many classes as it can tell apart."""

    def make(pipeline: str, n: int) -> Examples:
        return make_examples(n, text=PIPELINES[pipeline].text, classes=classes_of(pipeline), seed=7)

    return make


def run(learner: Learner, examples: Examples, *, first: int = 0) -> list[tuple[Prediction, int]]:
    """Scan and learn what is asked; a pass for every seventh question."""
    made = []
    for position, (x, y) in enumerate(examples, start=first):
        prediction = learner.scan(position, x)
        told = y if prediction.decision.asked and position % 7 else -1
        if told >= 0:
            learner.learn(x, told)
        made.append((prediction, told))
    return made


def as_bytes(predictions: list[tuple[Prediction, int]]) -> str:
    """Comparable although NaN equals nothing."""
    return repr(predictions)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_prediction_changes_nothing(examples_for, pipeline):
    examples = examples_for(pipeline, 60)
    learner = fresh(pipeline)
    unseen = examples_for(pipeline, 90)[60:]
    for step in (0, 20, 40):
        run(learner, examples[step : step + 20], first=step)
        before = learner.fingerprint()
        said = [learner.predict(x) for x, _ in unseen]
        assert learner.fingerprint() == before
        assert [learner.predict(x) for x, _ in unseen] == said


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_prediction_of_a_model_that_has_learned_nothing_changes_nothing(examples_for, pipeline):
    learner = fresh(pipeline)
    before = learner.fingerprint()
    for x, _ in examples_for(pipeline, 10):
        learner.predict(x)
    assert learner.fingerprint() == before == fresh(pipeline).fingerprint()


@pytest.mark.parametrize("pipeline", ["rows-lr", "rows-softmax", "rows-steps-softmax"])
def test_fields_that_come_and_go_are_only_learned_when_they_are_learned(pipeline):
    """River's scaler makes an entry for every field it is asked about, in that order."""
    live, replayed = fresh(pipeline), fresh(pipeline)
    live.predict({"late": 1.5, "size": 2, "color": "r"})
    for learner in (live, replayed):
        learner.learn({"size": 3, "color": "g"}, 1)
    live.predict({"never": 0.5, "shape": "round"})
    for learner in (live, replayed):
        learner.learn({"late": 2.5, "size": 1}, 0)
    assert live.fingerprint() == replayed.fingerprint()


def test_the_scaler_scales_as_rivers_does(make_rows):
    rivers, ours = preprocessing.StandardScaler(), Scaler()
    for x, _ in make_rows(200):
        numbers = {"size": x["size"], "count": x["count"]}
        if x["color"] == "g":
            numbers["late"] = x["size"] ** 2
        assert ours.transform_one({**numbers, "never": 5}) == rivers.transform_one(
            {**numbers, "never": 5}
        )
        ours.learn_one(numbers)
        rivers.learn_one(numbers)


@pytest.mark.parametrize(("pipeline", "strategy"), ALL)
def test_digest_survives_pickling(examples_for, pipeline, strategy):
    examples = examples_for(pipeline, 80)
    learner = fresh(pipeline, strategy)
    run(learner, examples[:50])
    copy = pickle.loads(pickle.dumps(learner, protocol=5))
    assert copy.fingerprint() == learner.fingerprint()
    assert as_bytes(run(copy, examples[50:], first=50)) == as_bytes(
        run(learner, examples[50:], first=50)
    )
    assert copy.fingerprint() == learner.fingerprint()


@pytest.mark.parametrize(("pipeline", "strategy"), ALL)
def test_replay_equals_a_live_run(examples_for, pipeline, strategy):
    """Labels in order, one draw per sample, the strategy's state: nothing else is needed."""
    examples = examples_for(pipeline, 100)
    live = fresh(pipeline, strategy)
    made = run(live, examples[:70])
    labels = [(examples[p.position][0], told) for p, told in made if told >= 0]
    assert 0 < len(labels) < 70

    replayed = fresh(pipeline, strategy)
    replayed.replay(labels, draws=70, state=live.sampler.state)
    assert replayed.fingerprint() == live.fingerprint()
    assert as_bytes(run(replayed, examples[70:], first=70)) == as_bytes(
        run(live, examples[70:], first=70)
    )
    assert replayed.fingerprint() == live.fingerprint()


@pytest.mark.parametrize(("pipeline", "strategy"), ALL)
def test_replay_through_a_pickle_in_the_middle_equals_a_live_run(examples_for, pipeline, strategy):
    examples = examples_for(pipeline, 90)
    live = fresh(pipeline, strategy)
    made = run(live, examples[:40])
    middle = pickle.dumps(live, protocol=5)
    made += run(live, examples[40:], first=40)
    labels = [(examples[p.position][0], told) for p, told in made if told >= 0 and p.position >= 40]
    caught_up = pickle.loads(middle)
    caught_up.replay(labels, draws=50, state=live.sampler.state)
    assert caught_up.fingerprint() == live.fingerprint()


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_fingerprint_sees_a_label_its_order_and_a_draw(examples_for, pipeline):
    examples = examples_for(pipeline, 20)
    (a, _), (b, _) = examples[0], next(e for e in examples if e[1] != examples[0][1])
    prints = set()
    for labels, draws in (
        ([], 0), ([], 1), ([(a, 0)], 0), ([(a, 1)], 0), ([(a, 0), (b, 1)], 0),
        ([(b, 1), (a, 0)], 0), ([(a, 0), (a, 0)], 0),
    ):  # fmt: skip
        learner = fresh(pipeline)
        learner.replay(labels, draws=draws, state=None)
        prints.add(learner.fingerprint())
    assert len(prints) == 7


def test_probabilities_are_in_class_order_with_nan_for_unknown_classes():
    learner = fresh("bag-of-words-softmax")
    first = learner.scan(0, {"text": "hello there"})
    assert first.predicted is None
    assert all(map(math.isnan, first.probabilities))
    learner.learn({"text": "hello there"}, 2)
    learner.learn({"text": "good night"}, 0)
    y_pred = learner.predict({"text": "hello"})
    made = learner.scan(1, {"text": "hello"})
    assert made.predicted == 2
    assert (made.probabilities[0], made.probabilities[2]) == (y_pred[0], y_pred[2])
    assert math.isnan(made.probabilities[1])
    assert math.isnan(made.probabilities[3])


def test_a_tie_goes_to_the_class_river_would_name():
    """An untrained logistic regression says one half each; River names False, the first."""
    learner = fresh("bag-of-words-lr")
    made = learner.scan(0, {"text": "hello"})
    assert made.probabilities == (0.5, 0.5)
    river: bool = learner.sampler.classifier.predict_one({"text": "hello"})
    assert (made.predicted, river) == (0, False)


def test_binary_pipelines_learn_rivers_booleans():
    learner = fresh("bag-of-words-lr")
    learner.learn({"text": "hello"}, 1)
    assert set(learner.predict({"text": "hello"})) == {False, True}
    assert all(type(c) is bool for c in learner.predict({"text": "hello"}))
    assert learner.predict({"text": "hello"})[True] > 0.5


class Box:
    """Something with state."""

    def __init__(self, **state: Any):
        self.__dict__.update(state)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1, math.nextafter(0.1, 1)),
        (0.0, -0.0),
        (1, 1.0),
        (1, True),
        ("1", 1),
        (b"a", "a"),
        ([1, 2], (1, 2)),
        ([1, [2]], [[1], 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),  # River iterates over dictionaries: order is state
        ({1, 2}, {1, 3}),
        (Box(a=1), Box(a=2)),
        (random.Random(1), random.Random(2)),
        (word_shapes, digest),
        (None, "None"),
    ],
)
def test_digest_tells_things_apart(one, other):
    assert digest(one) != digest(other)


def test_digest_does_not_care_what_is_shared_in_memory():
    shared = ["a word that is long enough"]
    apart = [["a word that is long enough"], ["a word that is long enough"[:]]]
    assert digest([shared, shared]) == digest(apart)
    assert digest({3, 1, 2}) == digest({2, 3, 1})
    assert digest("\ud800") == digest("\ud800")


def test_digest_refuses_what_refers_to_itself():
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="refers to itself"):
        digest(loop)
