"""The strategies from the literature, each against its rule written down once more."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from dashboard.core.simulation import simulate
from dashboard.core.spec import make_spec
from dashboard.core.uncertainty import (
    BudgetMarginSampler,
    MarginCoinSampler,
    QuantileSampler,
    VariableUncertaintySampler,
)


def predictions(n: int, *, classes: int = 3, seed: int = 0) -> list[dict[int, float]]:
    rng = random.Random(seed)
    made = []
    for _ in range(n):
        weights = [rng.random() ** rng.choice((1, 6, 30)) for _ in range(classes)]
        made.append({i: w / sum(weights) for i, w in enumerate(weights)})
    return made


@pytest.mark.parametrize("margin", [0.03, 0.1, 1.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_margin_coin(margin, classes):
    sampler, draws = MarginCoinSampler(None, margin=margin, seed=3), random.Random(3)
    asked = []
    for y_pred in predictions(600, classes=classes):
        second, best = sorted(y_pred.values())[-2:]
        p = margin / (margin + abs(math.log(best / second)))
        made = sampler.decide(y_pred)
        assert made.query_probability == pytest.approx(p, rel=1e-12)
        assert made.asked == (draws.random() < made.query_probability)
        asked.append(made.asked)
    assert 0 < sum(asked) < 600


def test_margin_coin_at_the_ends():
    sampler = MarginCoinSampler(None, margin=0.1)
    assert sampler.decide({0: 0.5, 1: 0.5}).query_probability == 1.0
    assert sampler.decide({0: 1.0, 1: 0.0}).query_probability == 0.0
    assert 0 < sampler.decide({0: 1.0, 1: 5e-324}).query_probability < 1e-3
    assert sampler.state is None


def test_budget_margin_steers_by_the_whole_query_probability_and_stays_in_its_limits():
    sampler = BudgetMarginSampler(None, budget=0.1, rate=0.5, margin=2.0, floor=0.05)
    log_b = math.log(2.0)
    for y_pred in predictions(400):
        coin = MarginCoinSampler(None, margin=math.exp(log_b)).decide(y_pred)
        assert sampler.decide(y_pred).query_probability == max(coin.query_probability, 0.05)
        log_b = min(7.0, max(-12.0, log_b - 0.5 * (max(coin.query_probability, 0.05) - 0.1)))
        assert sampler.state == log_b
    for y_pred, limit in (({0: 0.5, 1: 0.5}, -12.0), ({0: 1.0, 1: 0.0}, 7.0)):
        for _ in range(2000):
            sampler.decide(y_pred)
        assert sampler.state == limit


@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_variable_uncertainty(floor):
    sampler = VariableUncertaintySampler(
        None, budget=0.2, step=0.05, window=40, floor=floor, seed=9
    )
    draws, threshold, spent = random.Random(9), 1.0, 0.0
    held_back = 0
    for y_pred in predictions(800, seed=4):
        within = spent / 40 < 0.2
        asks = within and max(y_pred.values()) < threshold
        if within:
            threshold *= 0.95 if asks else 1.05
        held_back += not within
        asked = draws.random() < max(asks, floor)
        spent = spent * 39 / 40 + asked
        made = sampler.decide(y_pred)
        assert made.query_probability == max(asks, floor)
        assert made.asked == asked
        assert made.reason == ("variable-uncertainty" if asks else "audit" if asked else "")
        assert sampler.state == (threshold, spent)
    assert held_back


def test_variable_uncertainty_counts_cold_starts():
    sampler = VariableUncertaintySampler(None, budget=0.5, window=2)
    sampler.decide({})
    assert sampler.state == (1.0, 1.0)
    assert not sampler.decide({0: 0.5, 1: 0.5}).asked
    assert sampler.state == (1.0, 0.5)


@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_quantile_filter(floor):
    """The rule of Kottke et al. with NumPy's quantile."""
    sampler = QuantileSampler(None, budget=0.15, window=50, tolerance=20, floor=floor, seed=2)
    draws = random.Random(2)
    entropies: list[float] = []
    asked = 0
    for seen, y_pred in enumerate(predictions(700, seed=5), start=1):
        made = sampler.decide(y_pred)
        entropies = [*entropies, made.entropy][-50:]
        span = max(entropies) - min(entropies)
        bar = np.quantile(entropies, 0.85) - span * (0.15 * seen - asked) / 20
        wanted = made.entropy >= bar if span else 0.15 * seen - asked > 0
        assert made.query_probability == max(wanted, floor)
        assert made.asked == (draws.random() < made.query_probability)
        asked += made.asked
        left, *kept = sampler.state
        assert left == pytest.approx(0.15 * seen - asked, abs=1e-9)
        assert kept == entropies
    assert asked == pytest.approx(0.15 * 700, rel=0.1)


def test_a_budget_changed_on_the_way_counts_from_then_on():
    """What was allowed and asked before stays: nothing is made up for at a stroke."""
    before, after = QuantileSampler(None, budget=0.05), QuantileSampler(None, budget=0.3)
    made = predictions(1000, seed=6)
    asked = sum(before.decide(p).asked for p in made[:500])
    after.advance(500, state=before.state)
    assert asked == pytest.approx(25, abs=3)
    assert sum(after.decide(p).asked for p in made[500:]) == pytest.approx(150, abs=6)


def test_quantile_filter_keeps_its_budget_where_all_are_alike():
    """Entropies of exactly 0, as an overconfident model gives, would all reach their quantile."""
    sampler = QuantileSampler(None, budget=0.1)
    asked = sum(sampler.decide({0: 1.0, 1: 0.0}).asked for _ in range(500))
    assert asked == 50


@pytest.mark.parametrize("strategy", ["budget-margin", "variable-uncertainty", "biqf"])
@pytest.mark.parametrize("budget", [0.05, 0.2])
@pytest.mark.parametrize("floor", [0.0, 0.02])
def test_budgets_are_kept(make_examples, strategy, budget, floor):
    spec = make_spec(text=True, classes=2, strategy=strategy, budget=budget, floor=floor)
    outcome = simulate(make_examples(3000, seed=1), spec, n_classes=2)
    # Variable uncertainty spends at most its budget, the others about as much.
    low = 0.5 if strategy == "variable-uncertainty" else 0.85
    assert low * budget <= outcome.labels / outcome.samples <= 1.3 * budget
