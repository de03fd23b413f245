"""How samplers decide: River's probability, the floor, the cold start, the steering budget."""

from __future__ import annotations

import math
import random

import pytest
from river import active, linear_model

from dashboard.core.catalog import STRATEGIES
from dashboard.core.learner import Learner, digest
from dashboard.core.pipelines import PIPELINES
from dashboard.core.simulation import simulate
from dashboard.core.spec import Spec, make_spec
from dashboard.core.strategies import (
    BudgetEntropySampler,
    EntropySampler,
    RandomSampler,
    Sampler,
    normalized_entropy,
)


def some_predictions(n: int, *, classes: int = 2, seed: int = 0) -> list[dict[int, float]]:
    """Probabilities of all kinds, certain ones too."""
    rng = random.Random(seed)
    made = []
    for _ in range(n):
        weights = [rng.random() ** rng.choice((1, 6, 40)) for _ in range(classes)]
        if rng.random() < 0.1:
            weights = [1.0, *[0.0] * (classes - 1)]
        made.append({i: w / sum(weights) for i, w in enumerate(weights)})
    return made


def build(strategy: str, *, floor: float = 0.0, seed: int = 42) -> Sampler:
    model = linear_model.LogisticRegression()
    chosen: dict[str, float] = {"discount_factor": 8} if strategy == "entropy" else {}
    if STRATEGIES[strategy].has_budget:
        chosen = {"budget": 0.3}
    return STRATEGIES[strategy].sampler(model, floor=floor, seed=seed, **chosen)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_entropy_equals_rivers_to_the_last_bit(classes):
    river = active.EntropySampler(None, discount_factor=1)
    made = some_predictions(500, classes=classes, seed=classes)
    assert [normalized_entropy(p) for p in made] == [river._p(p) for p in made]


@pytest.mark.parametrize("discount_factor", [0, 0.5, 3, 100, 1e6])
def test_query_probability_equals_rivers_to_the_last_bit(discount_factor):
    river = active.EntropySampler(None, discount_factor=discount_factor)
    ours = EntropySampler(None, discount_factor=discount_factor)
    made = some_predictions(500, seed=1)
    assert [ours.decide(p).query_probability for p in made] == [river._p(p) for p in made]


@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
def test_decisions_and_random_state_equal_rivers(seed):
    river = active.EntropySampler(None, discount_factor=8, seed=seed)
    ours = build("entropy", seed=seed)
    made = some_predictions(800, classes=3, seed=seed)
    theirs = [river._ask_for_label({}, p) for p in made]
    assert 0 < sum(theirs) < len(made)
    assert [ours.decide(p).asked for p in made] == theirs
    assert ours._rng.getstate() == river._rng.getstate()


@pytest.mark.parametrize("floor", [0.0, 0.02, 0.3, 1.0])
@pytest.mark.parametrize("discount_factor", [3, 100])
def test_floor(floor, discount_factor):
    """Asked iff u < max(p, floor), for the one u River draws; an audit iff p <= u < floor."""
    seed = 17
    sampler = EntropySampler(None, discount_factor=discount_factor, floor=floor, seed=seed)
    river = active.EntropySampler(None, discount_factor=discount_factor)
    draws = random.Random(seed)
    reasons = []
    for y_pred in some_predictions(1500, seed=2):
        p, u = river._p(y_pred), draws.random()
        made = sampler.decide(y_pred)
        expected = "entropy" if u < p else "audit" if u < floor else ""
        assert made.query_probability == max(p, floor)
        assert (made.asked, made.reason) == (u < max(p, floor), expected)
        assert made.entropy == normalized_entropy(y_pred)
        reasons.append(made.reason)
    assert ("audit" in reasons) == (floor > 0)
    assert "entropy" in reasons
    assert ("" in reasons) == (floor < 1)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("y_pred", [{}, {"only": 1.0}])
def test_fewer_than_two_classes_are_asked_about_for_sure(strategy, y_pred):
    """River's draw is made all the same: the next decision uses the second number."""
    sampler = build(strategy, seed=5)
    draws = random.Random(5)
    for _ in range(20):
        made = sampler.decide(y_pred)
        assert made == (0.0, 1.0, True, "cold-start")
        draws.random()
    assert sampler._rng.getstate() == draws.getstate()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "pipeline", [p.name for p in PIPELINES.values() if p.text and not p.binary]
)
def test_never_silent_from_cold_nor_after_one_class(make_texts, strategy, pipeline):
    """River's own sampler never asks a softmax anything: it begins certain, and stays so."""
    texts = [({"text": t}, y) for t, y in make_texts(60, classes=3, seed=4)]
    one_class_first = sorted(texts, key=lambda item: item[1] != 0)
    first_other = sum(y == 0 for _, y in texts)

    river = active.EntropySampler(PIPELINES[pipeline].build(), discount_factor=3, seed=1)
    silent = 0
    for x, y in one_class_first:
        _, ask = river.predict_proba_one(x)
        silent += not ask
        if ask:
            river.learn_one(x, y)
    assert silent == len(texts)

    spec = Spec(preset="", pipeline=pipeline, strategy=strategy, discount_factor=3.0,
                budget=0.2, floor=0.02, seed=1)  # fmt: skip
    learner = Learner(spec, n_classes=3)
    for position, (x, y) in enumerate(one_class_first):
        made = learner.scan(position, x)
        if position <= first_other:
            assert (made.decision.asked, made.decision.reason) == (True, "cold-start")
        if made.decision.asked:
            learner.learn(x, y)
    assert len(learner.predict({"text": "see"})) > 1


@pytest.mark.parametrize("budget", [0.05, 0.2])
@pytest.mark.parametrize("floor", [0.0, 0.02])
def test_budget_is_approached(make_examples, budget, floor):
    spec = make_spec("recommended", text=True, classes=2, budget=budget, floor=floor)
    outcome = simulate(make_examples(5000, seed=1), spec, n_classes=2)
    assert outcome.labels / outcome.samples == pytest.approx(budget, rel=0.25)


def test_budget_steers_by_the_whole_query_probability_and_stays_in_its_limits():
    sampler = BudgetEntropySampler(None, budget=0.1, rate=0.5, discount_factor=3, floor=0.05)
    expected = math.log(3)
    for y_pred in some_predictions(400, seed=8):
        p = active.EntropySampler(None, discount_factor=math.exp(expected))._p(y_pred)
        assert sampler.decide(y_pred).query_probability == max(p, 0.05)
        expected = min(12.0, max(-7.0, expected + 0.5 * (max(p, 0.05) - 0.1)))
        assert sampler.state == expected
    for y_pred, limit in (({0: 0.5, 1: 0.5}, 12.0), ({0: 1.0, 1: 0.0}, -7.0)):
        for _ in range(2000):
            sampler.decide(y_pred)
        assert sampler.state == limit


def test_budget_counts_cold_starts():
    sampler = BudgetEntropySampler(None, budget=0.1, rate=0.5, discount_factor=3)
    sampler.decide({})
    assert sampler.state == math.log(3) + 0.5 * (1.0 - 0.1)


def test_random_asks_with_its_budget_whatever_the_prediction():
    sampler = RandomSampler(None, budget=0.3, floor=0.1, seed=6)
    draws = random.Random(6)
    for y_pred in some_predictions(500, seed=3):
        u = draws.random()
        made = sampler.decide(y_pred)
        assert (made.query_probability, made.asked) == (0.3, u < 0.3)
        assert made.reason == ("random" if u < 0.3 else "")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("n", [0, 1, 700])
def test_rewind_and_advance_equal_a_live_run(strategy, n):
    made = some_predictions(1000, seed=9)
    live = build(strategy, floor=0.02)
    for y_pred in made[:n]:
        live.decide(y_pred)
    here = digest(live)
    state = live.state

    advanced = build(strategy, floor=0.02)
    advanced.advance(n, state=state)
    assert digest(advanced) == here

    in_two_steps = build(strategy, floor=0.02)
    in_two_steps.advance(n // 3, state=None)
    in_two_steps.advance(n - n // 3, state=state)
    assert digest(in_two_steps) == here

    for y_pred in made[n:]:
        live.decide(y_pred)
    assert digest(live) != here
    live.rewind(n, state=state)
    assert digest(live) == here
    rest = [live.decide(p) for p in made[n:]]
    assert rest == [advanced.decide(p) for p in made[n:]]


def test_one_class_that_is_almost_certain_has_no_entropy():
    """River divides by zero: the others underflowed to 0, and 1 - 1e-16 has some entropy left."""
    assert normalized_entropy({0: 1 - 1e-16, 1: 0.0}) == 0.0
    assert EntropySampler(None).decide({0: 1 - 1e-16, 1: 0.0}).query_probability == 0.0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_state_none_is_the_beginning(strategy):
    sampler = build(strategy)
    fresh = digest(sampler)
    for y_pred in some_predictions(50):
        sampler.decide(y_pred)
    sampler.rewind(0, state=None)
    assert digest(sampler) == fresh
