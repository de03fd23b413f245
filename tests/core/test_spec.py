"""The recipe: presets fitted to the data, and one sentence for each value that will not do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import PRESETS, STRATEGIES, Spec, make_spec
from dashboard.core.strategies import BudgetEntropySampler, EntropySampler, RandomSampler
from dashboard.errors import BadInput


@pytest.mark.parametrize(
    ("preset", "text", "classes", "expected"),
    [
        ("recommended", True, 2, ("shapes-adpredictor", "budget-entropy", 3.0, 0.05, 0.02)),
        ("recommended", True, 5, ("shapes-softmax", "budget-entropy", 3.0, 0.1, 0.02)),
        ("recommended", False, 2, ("rows-lr", "budget-entropy", 3.0, 0.05, 0.02)),
        ("recommended", False, 7, ("rows-softmax", "budget-entropy", 3.0, 0.1, 0.02)),
        ("blog", True, 2, ("bag-of-words-lr", "entropy", 100.0, 0.1, 0.0)),
        ("blog", True, 3, ("bag-of-words-softmax", "entropy", 100.0, 0.1, 0.0)),
        ("river-docs", True, 2, ("tfidf-lr", "entropy", 3.0, 0.1, 0.0)),
        ("river-docs", True, 3, ("tfidf-softmax", "entropy", 3.0, 0.1, 0.0)),
    ],
)
def test_presets(preset, text, classes, expected):
    spec = make_spec(preset, text=text, classes=classes)
    assert (
        spec.pipeline, spec.strategy, spec.discount_factor, spec.budget, spec.floor
    ) == expected  # fmt: skip
    assert (spec.preset, spec.seed) == (preset, 42)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_spec_survives_json(preset):
    spec = make_spec(preset, text=True, classes=2, seed=7, floor=0.01)
    assert Spec(**json.loads(json.dumps(spec.to_dict()))) == spec


def test_choices_override_the_preset():
    spec = make_spec("recommended", text=True, classes=2, seed=0, budget=0.2, floor=0.1)
    assert (spec.seed, spec.strategy, spec.budget, spec.floor) == (0, "budget-entropy", 0.2, 0.1)
    plain = make_spec("recommended", text=True, classes=2, discount_factor=30, floor=0)
    assert (plain.strategy, plain.discount_factor, plain.floor) == ("entropy", 30.0, 0.0)
    both = make_spec(text=True, classes=2, discount_factor=30, strategy="budget-entropy")
    assert (both.strategy, both.discount_factor) == ("budget-entropy", 30.0)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("entropy", EntropySampler),
        ("budget-entropy", BudgetEntropySampler),
        ("random", RandomSampler),
    ],
)
def test_build_hands_every_parameter_on(strategy, expected):
    spec = make_spec(
        "blog", text=True, classes=2, strategy=strategy, seed=9, budget=0.25, floor=0.125
    )
    sampler = spec.build()
    assert type(sampler) is expected
    assert (sampler.name, sampler.seed, sampler.floor) == (strategy, 9, 0.125)
    if strategy == "entropy":
        assert sampler.discount_factor == 100
    else:
        assert sampler.budget == 0.25
    if strategy == "budget-entropy":
        assert sampler.discount_factor == 100
    assert repr(sampler.classifier) == repr(PIPELINES[spec.pipeline].build())


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"preset": "best"}, "There is no preset 'best'; choose one of recommended, blog, "
                             "river-docs."),
        ({"strategy": "margin"}, "There is no strategy 'margin'; choose one of entropy, "
                                 "budget-entropy, random."),
        ({"seed": -1}, "The seed has to be a whole number from 0 to 4294967295, not -1."),
        ({"seed": 2**32}, "The seed has to be a whole number from 0 to 4294967295, not "
                          "4294967296."),
        ({"discount_factor": -0.5}, "The discount factor has to be a number from 0 to 1e+06, "
                                    "not -0.5."),
        ({"discount_factor": 1.1e6}, "The discount factor has to be a number from 0 to 1e+06, "
                                     "not 1.1e+06."),
        ({"discount_factor": float("nan")}, "The discount factor has to be a number from 0 to "
                                            "1e+06, not nan."),
        ({"discount_factor": float("inf")}, "The discount factor has to be a number from 0 to "
                                            "1e+06, not inf."),
        ({"floor": -0.1}, "The floor has to be a number from 0 to 1, not -0.1."),
        ({"floor": 1.5}, "The floor has to be a number from 0 to 1, not 1.5."),
        ({"floor": float("nan")}, "The floor has to be a number from 0 to 1, not nan."),
        ({"budget": 0}, "The budget has to be a number from 1e-06 to 1, not 0."),
        ({"budget": 2}, "The budget has to be a number from 1e-06 to 1, not 2."),
        ({"floor": 0.05}, "The floor (0.05) has to be below the budget (0.05), or nothing but "
                          "the floor would ever ask; lower the floor or raise the budget."),
        ({"budget": 0.01}, "The floor (0.02) has to be below the budget (0.01), or nothing but "
                           "the floor would ever ask; lower the floor or raise the budget."),
        ({"discount_factor": 0, "strategy": "budget-entropy"},
         "The discount factor of budget-entropy has to be above 0."),
    ],
)  # fmt: skip
def test_one_sentence_for_what_will_not_do(choices: dict[str, Any], sentence):
    with pytest.raises(BadInput) as caught:
        make_spec(**{"preset": "recommended", "text": True, "classes": 2, **choices})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("preset", ["blog", "river-docs"])
def test_text_presets_refuse_rows(preset):
    with pytest.raises(BadInput) as caught:
        make_spec(preset, text=False, classes=2)
    assert str(caught.value) == (
        f"The preset {preset!r} needs texts, and this stream has rows of fields; use 'recommended'."
    )


@pytest.mark.parametrize(
    "choices",
    [
        {"seed": 0}, {"seed": 2**32 - 1}, {"floor": 0.0}, {"floor": 0.0499}, {"budget": 1},
        {"discount_factor": 0}, {"discount_factor": 1e6}, {"discount_factor": 3, "floor": 1},
        {"strategy": "random", "floor": 0.05}, {"strategy": "entropy", "floor": 0.9},
    ],
)  # fmt: skip
def test_the_ends_of_each_range_will_do(choices: dict[str, Any]):
    spec = make_spec("recommended", text=True, classes=2, **choices)
    assert {name: getattr(spec, name) for name in choices} == choices


def test_every_strategy_has_a_test_above():
    assert STRATEGIES == ("entropy", "budget-entropy", "random")
