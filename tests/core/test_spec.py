"""The recipe: presets fitted to the data, and one sentence for each value that will not do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.core.catalog import STRATEGIES
from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import PRESETS, Spec, make_spec
from dashboard.errors import BadInput


@pytest.mark.parametrize(
    ("preset", "text", "classes", "expected"),
    [
        ("recommended", True, 2, ("shapes-adpredictor", "budget-entropy", 3.0, 0.05, 0.02)),
        ("recommended", True, 3, ("shapes-softmax", "budget-entropy", 3.0, 0.1, 0.02)),
        ("recommended", True, 20, ("shapes-softmax", "budget-entropy", 3.0, 0.1, 0.02)),
        ("recommended", True, 21, ("shapes-naive-bayes", "budget-margin", 3.0, 0.1, 0.02)),
        ("recommended", False, 2, ("rows-adpredictor", "budget-entropy", 3.0, 0.05, 0.02)),
        ("recommended", False, 7, ("rows-steps-softmax", "budget-entropy", 3.0, 0.1, 0.02)),
        ("recommended", False, 100, ("rows-steps-softmax", "budget-margin", 3.0, 0.1, 0.02)),
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
    assert hash(Spec(**json.loads(json.dumps(spec.to_dict())))) == hash(spec)


COLUMNS = {"title": "text", "price": "number", "shop": "category", "sold": "date"}


def test_a_spec_carries_the_types_of_its_fields():
    spec = make_spec(text=False, classes=2, columns=COLUMNS)
    again = Spec(**json.loads(json.dumps(spec.to_dict())))
    assert again == spec
    assert again.columns == COLUMNS
    features = again.build().classifier.transform_one(
        {"title": "Red hat", "price": 3, "shop": "A", "sold": "2024-05-31"}
    )
    assert {"title: red", "shop=A", "sold month=5", "price>0.0"} <= set(features)
    assert make_spec(text=True, classes=2, columns=COLUMNS).columns == {}


def test_a_spec_from_before_fields_had_types():
    """Experiments made by the first release know neither `columns` nor `margin`."""
    old = {"preset": "recommended", "pipeline": "rows-lr", "strategy": "entropy",
           "discount_factor": 3.0, "budget": 0.05, "floor": 0.02, "seed": 42}  # fmt: skip
    spec = Spec(**old)
    assert (spec.columns, spec.margin) == ({}, 0.1)
    assert spec.build().classifier.predict_proba_one({"a": 1.5, "b": "x"}) == {
        False: 0.5,
        True: 0.5,
    }


def test_choices_override_the_preset():
    spec = make_spec("recommended", text=True, classes=2, seed=0, budget=0.2, floor=0.1)
    assert (spec.seed, spec.strategy, spec.budget, spec.floor) == (0, "budget-entropy", 0.2, 0.1)
    plain = make_spec("recommended", text=True, classes=2, discount_factor=30, floor=0)
    assert (plain.strategy, plain.discount_factor, plain.floor) == ("entropy", 30.0, 0.0)
    both = make_spec(text=True, classes=2, discount_factor=30, strategy="budget-entropy")
    assert (both.strategy, both.discount_factor) == ("budget-entropy", 30.0)
    coin = make_spec(text=True, classes=2, margin=0.5)
    assert (coin.strategy, coin.margin) == ("margin-coin", 0.5)
    other = make_spec(text=True, classes=2, pipeline="tfidf-lr", strategy="biqf")
    assert (other.preset, other.pipeline, other.strategy) == ("recommended", "tfidf-lr", "biqf")


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("entropy", {"discount_factor": 100}),
        ("budget-entropy", {"discount_factor": 100, "budget": 0.25}),
        ("margin-coin", {"margin": 0.75}),
        ("budget-margin", {"budget": 0.25}),
        ("variable-uncertainty", {"budget": 0.25}),
        ("biqf", {"budget": 0.25}),
        ("random", {"budget": 0.25}),
    ],
)
def test_build_hands_every_parameter_on(strategy, expected):
    spec = make_spec(
        "blog", text=True, classes=2, strategy=strategy, seed=9, budget=0.25, floor=0.125,
        margin=0.75,
    )  # fmt: skip
    sampler = spec.build()
    assert type(sampler) is STRATEGIES[strategy].sampler
    assert (sampler.name, sampler.seed, sampler.floor) == (strategy, 9, 0.125)
    assert {name: getattr(sampler, name) for name in expected} == expected
    assert repr(sampler.classifier) == repr(PIPELINES[spec.pipeline].build())


def test_wrap_keeps_what_a_pipeline_has_learned():
    """For a strategy that is changed in the middle of an experiment."""
    spec = make_spec("blog", text=True, classes=2)
    model = spec.build().classifier
    model.learn_one({"text": "win cash"}, True)
    said = model.predict_proba_one({"text": "win"})
    sampler = make_spec("blog", text=True, classes=2, strategy="biqf").wrap(model)
    assert (sampler.name, sampler.classifier) == ("biqf", model)
    assert sampler.classifier.predict_proba_one({"text": "win"}) == said


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"preset": "best"}, "There is no preset 'best'; choose one of recommended, blog, "
                             "river-docs."),
        ({"strategy": "margin"}, "There is no strategy 'margin'; choose one of entropy, "
                                 "budget-entropy, margin-coin, budget-margin, "
                                 "variable-uncertainty, biqf, random."),
        ({"pipeline": "shapes-lr"}, "There is no pipeline 'shapes-lr'; choose one of "
                                    f"{', '.join(PIPELINES)}."),
        ({"pipeline": "rows-tree"}, "The pipeline 'rows-tree' learns rows of fields, and this "
                                    "stream has texts; use one of shapes-adpredictor, "
                                    "shapes-softmax, shapes-naive-bayes, bag-of-words-lr, "
                                    "bag-of-words-softmax, tfidf-lr, tfidf-softmax."),
        ({"pipeline": "tfidf-lr", "classes": 3},
         "The pipeline 'tfidf-lr' tells two classes apart, and there are 3; use one of "
         "shapes-softmax, shapes-naive-bayes, bag-of-words-softmax, tfidf-softmax."),
        ({"text": False, "pipeline": "rows-tree", "columns": {"a": "text", "b": "text"}},
         "The pipeline 'rows-tree' reads no texts, and every field of this stream is one; use "
         "another pipeline."),
        ({"text": False, "columns": {"a": "number", "b": "money"}},
         "The field 'b' cannot be of the type 'money'; types are number, category, date, text."),
        ({"margin": 0}, "The margin has to be a number from 1e-06 to 1e+06, not 0."),
        ({"strategy": "biqf", "floor": 0.05},
         "The floor (0.05) has to be below the budget (0.05), or nothing but the floor would "
         "ever ask; lower the floor or raise the budget."),
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
    assert list(STRATEGIES) == [
        "entropy", "budget-entropy", "margin-coin", "budget-margin", "variable-uncertainty",
        "biqf", "random",
    ]  # fmt: skip
