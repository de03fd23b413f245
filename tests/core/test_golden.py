"""The engine against River itself: golden figures, and equality with a bare loop bit for bit."""

from __future__ import annotations

from typing import Any

import pytest
from river import active, feature_extraction, linear_model, metrics

from dashboard.core import scores
from dashboard.core.learner import Learner, digest
from dashboard.core.pipelines import PIPELINES
from dashboard.core.simulation import shuffled, simulate
from dashboard.core.spec import Spec, make_spec


def bare_river(model: Any, stream: Any, *, discount_factor: float, seed: int) -> dict[str, Any]:
    """The loop of River's documentation, which every run of Sluice is expected to equal."""
    sampler = active.EntropySampler(model, discount_factor=discount_factor, seed=seed)
    predictions, asked = [], []
    for position, (x, y) in enumerate(stream):
        y_pred, ask = sampler.predict_proba_one(x)
        predictions.append(tuple(y_pred[c] for c in (False, True)))
        if ask:
            asked.append(position)
            sampler.learn_one(x, y)
    return {
        "predictions": predictions,
        "asked": asked,
        "random": sampler._rng.getstate(),
        "weights": digest(sampler.classifier["LogisticRegression"].weights)
        if "LogisticRegression" in sampler.classifier.steps
        else digest(sampler.classifier),
    }


def sluice(spec: Spec, examples: Any) -> dict[str, Any]:
    learner = Learner(spec, n_classes=2)
    predictions, asked = [], []
    for position, (x, truth) in enumerate(examples):
        made = learner.scan(position, x)
        predictions.append(made.probabilities)
        if made.decision.asked:
            asked.append(position)
            learner.learn(x, truth)
    model = learner.sampler.classifier
    return {
        "predictions": predictions,
        "asked": asked,
        "random": learner.sampler._rng.getstate(),
        "weights": digest(model["LogisticRegression"].weights)
        if "LogisticRegression" in model.steps
        else digest(model),
    }


@pytest.mark.parametrize(
    ("preset", "labels", "accuracy", "f1"),
    [
        ("blog", 683, 0.9547900968783638, 0.8045),
        ("river-docs", 1921, 0.8659849300322928, 0.0),
    ],
)
def test_golden_figures(sms_examples, preset, labels, accuracy, f1):
    outcome = simulate(sms_examples, make_spec(preset, text=True, classes=2), n_classes=2)
    assert (outcome.samples, outcome.labels) == (5574, labels)
    assert scores.accuracy(outcome.confusion) == accuracy
    assert scores.f1(outcome.confusion, n_classes=2) == pytest.approx(f1, abs=5e-4)


def test_recommended_pipeline_with_plain_entropy(sms_examples):
    spec = make_spec("recommended", text=True, classes=2, discount_factor=30, floor=0)
    assert (spec.pipeline, spec.strategy) == ("shapes-adpredictor", "entropy")
    outcome = simulate(sms_examples, spec, n_classes=2)
    assert outcome.labels <= 230
    accuracy = scores.accuracy(outcome.confusion)
    assert accuracy is not None
    assert accuracy >= 0.987
    assert scores.f1(outcome.confusion, n_classes=2) >= 0.95


@pytest.mark.parametrize(
    ("seed", "discount_factor"), [(42, 100), (7, 300), (0, 30), (2**32 - 1, 3)]
)
def test_blog_pipeline_equals_a_bare_river_loop_on_sms(sms, sms_examples, seed, discount_factor):
    model = feature_extraction.BagOfWords(on="body") | linear_model.LogisticRegression()
    bare = bare_river(model, sms, discount_factor=discount_factor, seed=seed)
    spec = make_spec("blog", text=True, classes=2, seed=seed, discount_factor=discount_factor)
    assert sluice(spec, sms_examples) == bare


@pytest.mark.parametrize(("seed", "discount_factor"), [(42, 3), (1, 60)])
def test_tfidf_pipeline_equals_a_bare_river_loop_on_sms(sms, sms_examples, seed, discount_factor):
    model = feature_extraction.TFIDF(on="body") | linear_model.LogisticRegression()
    bare = bare_river(model, sms, discount_factor=discount_factor, seed=seed)
    spec = make_spec("river-docs", text=True, classes=2, seed=seed, discount_factor=discount_factor)
    assert sluice(spec, sms_examples) == bare


def test_river_metrics_agree_on_the_golden_run(sms, sms_examples):
    """The counters come from River's own documentation example, run here beside ours."""
    model = feature_extraction.BagOfWords(on="body") | linear_model.LogisticRegression()
    sampler = active.EntropySampler(model, discount_factor=100, seed=42)
    accuracy, f1, balanced = metrics.Accuracy(), metrics.F1(), metrics.BalancedAccuracy()
    labels = 0
    for x, y in sms:
        y_pred, ask = sampler.predict_one(x)
        for metric in (accuracy, f1, balanced):
            metric.update(y, y_pred)
        if ask:
            labels += 1
            sampler.learn_one(x, y)
    outcome = simulate(sms_examples, make_spec("blog", text=True, classes=2), n_classes=2)
    assert outcome.labels == labels
    assert scores.accuracy(outcome.confusion) == accuracy.get()
    assert scores.f1(outcome.confusion, n_classes=2) == pytest.approx(f1.get(), abs=1e-12)
    assert scores.balanced_accuracy(outcome.confusion) == pytest.approx(balanced.get(), abs=1e-12)


BINARY_TEXT = [p.name for p in PIPELINES.values() if p.binary and p.text]


@pytest.mark.parametrize("pipeline", BINARY_TEXT)
@pytest.mark.parametrize(("seed", "discount_factor"), [(42, 100), (3, 30), (11, 2.5)])
def test_binary_pipelines_equal_a_bare_river_loop(make_texts, pipeline, seed, discount_factor):
    made = make_texts(250, seed=seed)
    spec = Spec(
        preset="recommended",
        pipeline=pipeline,
        strategy="entropy",
        discount_factor=discount_factor,
        budget=0.1,
        floor=0.0,
        seed=seed,
    )
    model = PIPELINES[pipeline].build()
    model.predict_proba_one({"text": ""})  # AdPredictor makes its bias at the first prediction
    stream = [({"text": text}, bool(y)) for text, y in made]
    bare = bare_river(model, stream, discount_factor=discount_factor, seed=seed)
    assert 0 < len(bare["asked"]) < len(made)
    assert sluice(spec, [({"text": text}, y) for text, y in made]) == bare


def test_simulation_asks_what_a_hand_written_loop_asks(make_examples):
    examples = make_examples(200, seed=5)
    spec = make_spec("blog", text=True, classes=2, seed=9)
    run = sluice(spec, examples)
    told: list[int] = []
    outcome = simulate(examples, spec, n_classes=2, on_label=lambda n, _: told.append(n))
    assert told == list(range(1, len(run["asked"]) + 1))
    assert (outcome.samples, outcome.labels) == (200, len(run["asked"]))
    predicted = [int(b > a) for a, b in run["predictions"]]
    right = sum(p == y for p, (_, y) in zip(predicted, examples, strict=True))
    assert scores.accuracy(outcome.confusion) == right / 200
    assert outcome.holdout == {}


def test_holdout_is_predicted_by_the_final_model_and_never_learned(make_examples):
    examples = make_examples(200, seed=5)
    spec = make_spec("blog", text=True, classes=2)
    outcome = simulate(examples, spec, n_classes=2, holdout=0.25)
    learner = Learner(spec, n_classes=2)
    for position, (x, truth) in enumerate(examples[:150]):
        if learner.scan(position, x).decision.asked:
            learner.learn(x, truth)
    expected: dict[tuple[int, int | None], int] = {}
    for x, truth in examples[150:]:
        cell = truth, int(learner.predict(x)[True] > 0.5)
        expected[cell] = expected.get(cell, 0) + 1
    assert outcome.samples == 150
    assert outcome.holdout == expected


def test_shuffling_depends_on_the_seed_alone_and_loses_nothing(make_examples):
    examples = make_examples(60)
    once, again, other = shuffled(examples, 1), shuffled(examples, 1), shuffled(examples, 2)
    assert once == again
    assert once != other
    assert sorted(map(repr, once)) == sorted(map(repr, examples))
    assert examples == make_examples(60)
