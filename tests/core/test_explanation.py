"""Explanations: terms that add up to the model's own score, and that change nothing."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from river import linear_model, utils

from dashboard.core.bayes import NaiveBayes
from dashboard.core.explanation import Pair, explain, features_of, moved, pair_of
from dashboard.core.highlights import as_read, by_field, pieces
from dashboard.core.learner import Learner, digest
from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import make_spec
from dashboard.core.tokens import shapes, spans
from tests.core.test_catalog import examples_for, fresh

SUMS = [name for name in PIPELINES if name != "rows-tree"]
TEXTS = [name for name in SUMS if PIPELINES[name].text]
ROWS = [name for name in SUMS if not PIPELINES[name].text]
STRANGE = [
    "",
    " \n ",
    "FREE entry 08001234567!!",
    "İstanbul İİ and a Straße, ÇA VA?",
    "ΟΔΟΣ ΣΊΣΥΦΟΣ",
    "שלום, this is מעורב 😀",
    "日本語のテキスト 🎌\n二行目",
    "ﬁne 👩‍👩‍👧 e\u0301te\u0301 ½ ﷺ",
    "delivered delivered don't 5 55555 55555",
    "\ud83d half a character",
]


def taught(pipeline: str, n: int = 60) -> Learner:
    learner = fresh(pipeline, "entropy")
    for x, y in examples_for(pipeline, n):
        learner.learn(x, y)
    return learner


def own_score(classifier: Any, x: Any, pair: Pair) -> float:
    """The model's own figure, from its own methods."""
    if isinstance(classifier, linear_model.LogisticRegression):
        return classifier._raw_dot_one(x) * (1 if pair.toward else -1)
    if isinstance(classifier, linear_model.AdPredictor):
        mean, _ = classifier._total_mean_variance([i for i, value in x.items() if value])
        return mean * (1 if pair.toward else -1)
    if isinstance(classifier, NaiveBayes):
        found = classifier.joint_log_likelihood(x)
        return found[pair.toward] - found[pair.against]
    return utils.math.dot(classifier.weights[pair.toward], x) - utils.math.dot(
        classifier.weights[pair.against], x
    )


@pytest.mark.parametrize("name", SUMS)
def test_the_terms_add_up_to_the_models_own_score(name):
    learner = taught(name)
    pipeline = learner.sampler.classifier
    classifier = list(pipeline.steps.values())[-1]
    for x, _ in examples_for(name, 30, seed=5):
        pair = pair_of(learner.predict(x))
        assert pair is not None
        for way in (pair, Pair(*reversed(pair))):
            found = explain(pipeline, x, way)
            assert found is not None
            expected = own_score(classifier, features_of(pipeline, x), way)
            assert found.score == pytest.approx(expected, abs=1e-9)
        assert own_score(classifier, features_of(pipeline, x), pair) >= 0


@pytest.mark.parametrize("name", SUMS)
def test_the_score_gives_the_probability(name):
    learner = taught(name)
    pipeline = learner.sampler.classifier
    classifier = list(pipeline.steps.values())[-1]
    for x, _ in examples_for(name, 10, seed=6):
        y_pred = learner.predict(x)
        pair = pair_of(y_pred)
        found = explain(pipeline, x, pair)
        if isinstance(classifier, linear_model.AdPredictor):
            _, variance = classifier._total_mean_variance(list(found.weights))
            p = utils.math.norm_cdf(found.score / math.sqrt(variance))
            assert y_pred[pair.toward] == pytest.approx(p, abs=1e-9)
        else:
            ratio = math.log(y_pred[pair.toward] / y_pred[pair.against])
            assert found.score == pytest.approx(ratio, abs=1e-9)


@pytest.mark.parametrize("name", PIPELINES)
def test_explaining_changes_no_bit(name):
    learner = taught(name)
    pipeline = learner.sampler.classifier
    before, state = digest(learner), pickle.dumps(learner)
    unknown = {"text": "never seen 12345 日本"} if PIPELINES[name].text else {"new": "one"}
    for x in [unknown, *(x for x, _ in examples_for(name, 5, seed=9))]:
        found = explain(pipeline, x, Pair(1, 0))
        assert (found is None) == (name == "rows-tree")
        if found is not None and PIPELINES[name].text:
            pieces(pipeline, x["text"], found.pushes)
        elif found is not None:
            by_field(pipeline, x, found.pushes)
    assert digest(learner) == before
    assert pickle.dumps(learner) == state


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", STRANGE)
def test_pieces_join_to_the_text_and_add_up(name, text):
    learner = taught(name, 20)
    for _ in range(3):
        learner.learn({"text": text}, 1)
    pipeline = learner.sampler.classifier
    found = explain(pipeline, {"text": text}, Pair(1, 0))
    cut = pieces(pipeline, text, found.pushes)
    assert "".join(piece.text for piece in cut) == text
    total = sum(piece.push for piece in cut if piece.push is not None)
    assert found.bias + total == pytest.approx(found.score, abs=1e-9)
    assert all(piece.text for piece in cut)


@pytest.mark.parametrize("text", STRANGE)
def test_a_text_as_read_is_what_the_vectorizer_reads(text):
    for name in TEXTS:
        vectorizer = next(iter(PIPELINES[name].build().steps.values()))
        read, origin = as_read(vectorizer, text)
        expected = {"text": text}
        for step in vectorizer.processing_steps[:-1]:
            expected = step(expected)
        assert read == expected
        assert len(origin) == len(read)
        assert origin == sorted(origin)


@pytest.mark.parametrize("text", STRANGE)
def test_spans_are_the_tokens(text):
    low = text.lower()
    assert [token for token, _ in spans(low)] == list(shapes(low))


def test_spans_of_every_sms(sms_examples):
    for x, _ in sms_examples[::7]:
        low = x["text"].lower()
        assert [token for token, _ in spans(low)] == list(shapes(low))


def test_words_are_marked_where_they_stand():
    learner = Learner(make_spec("blog", text=True, classes=2), n_classes=2)
    for _ in range(20):
        learner.learn({"text": "WIN a prize"}, 1)
        learner.learn({"text": "see you"}, 0)
    pipeline = learner.sampler.classifier
    text = "Win 😀 and see"
    cut = pieces(pipeline, text, explain(pipeline, {"text": text}, Pair(1, 0)).pushes)
    assert [piece.text for piece in cut] == ["Win", " 😀 ", "and", " ", "see"]
    assert cut[0].push > 0 > cut[4].push
    assert cut[1].push is None
    assert cut[2].push == 0


@pytest.mark.parametrize("name", ROWS)
def test_fields_add_up(name):
    learner = taught(name)
    pipeline = learner.sampler.classifier
    for x, _ in examples_for(name, 20, seed=3):
        found = explain(pipeline, x, pair_of(learner.predict(x)))
        fields = by_field(pipeline, x, found.pushes)
        assert list(fields) == list(x)
        total = sum(push for push in fields.values() if push is not None)
        assert found.bias + total == pytest.approx(found.score, abs=1e-9)
        assert all(push is None for name, push in fields.items() if x[name] is None)


def test_two_fields_that_share_a_feature_share_what_it_adds():
    pipeline = PIPELINES["rows-lr"].build()
    x = {"a": "b=c", "a=b": "c"}
    assert by_field(pipeline, x, {"a=b=c": 1.0}) == {"a": 0.5, "a=b": 0.5}


@pytest.mark.parametrize("name", SUMS)
def test_what_an_answer_moves(name):
    learner = taught(name)
    pipeline = learner.sampler.classifier
    x, _ = examples_for(name, 1, seed=11)[0]
    pair = pair_of(learner.predict(x))
    before = explain(pipeline, x, pair)
    assert moved(before, before) == []
    learner.learn(x, pair.against)
    moves = moved(before, explain(pipeline, x, pair))
    assert 0 < len(moves) <= 5
    far = [abs(m.after - m.before) for m in moves]
    assert far == sorted(far, reverse=True)


def test_a_pair_takes_the_answer_where_it_was_another():
    y_pred = {False: 0.25, True: 0.75}
    assert pair_of(y_pred) == pair_of(y_pred, 1) == pair_of(y_pred, 0) == Pair(1, 0)
    assert pair_of({0: 0.5, 1: 0.5}) == Pair(0, 1)
    assert pair_of({2: 0.5, 0: 0.3, 7: 0.2}, 7) == Pair(2, 7)
    assert pair_of({2: 0.5, 0: 0.3}, 7) == Pair(2, 0)
    assert pair_of({}) is None
