"""What of a sample spoke for which class: the terms of a model's own sum, and nothing guessed.

All models here but the tree add up one term per feature. Those terms are told as they are, for a
pair of classes: positive ones speak for the one, negative ones for the other. Everything reads,
by look-ups that leave nothing behind; no model is changed by being explained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, NamedTuple

from river import compose, linear_model

from dashboard.core.bayes import NaiveBayes

Features = Mapping[Any, Any]

_AD_BIAS = "__bias__"  # River's name for it


class Pair(NamedTuple):
    """Two classes, by index: what is positive speaks for `toward`, the rest for `against`."""

    toward: int
    against: int


class Explanation(NamedTuple):
    """A score as a sum: the bias, and for each feature its weight times its value.

    Parameters
    ----------
    pair
        The classes it decides between.
    bias
        What holds for every sample.
    weights
        Of each feature of the sample.
    values
        Of each feature of the sample.

    """

    pair: Pair
    bias: float
    weights: dict[Any, float]
    values: dict[Any, float]

    @property
    def pushes(self) -> dict[Any, float]:
        """What each feature adds."""
        return {i: weight * self.values[i] for i, weight in self.weights.items()}

    @property
    def score(self) -> float:
        """The sum: log-odds of the pair; for AdPredictor the mean of its normal distribution."""
        return self.bias + sum(self.pushes.values())


def features_of(pipeline: compose.Pipeline, x: Features) -> Features:
    """A sample as the classifier at the end of a pipeline sees it.

    Examples
    --------
    >>> from river import feature_extraction
    >>> features_of(
    ...     feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression(),
    ...     {"text": "Free, free prize"},
    ... )
    {'free': 2, 'prize': 1}

    """
    for step in list(pipeline.steps.values())[:-1]:
        x = step.transform_one(x)
    return x


def pair_of(y_pred: Mapping[Any, float], label: int | None = None) -> Pair | None:
    """The predicted class, and the one to hold against it: the answer, else the next best.

    Parameters
    ----------
    y_pred
        Probability of each class.
    label
        The answer, if there is one. One that the model does not know cannot be held against.

    Examples
    --------
    >>> pair_of({0: 0.5, 1: 0.2, 2: 0.3})
    Pair(toward=0, against=2)
    >>> pair_of({0: 0.5, 1: 0.2, 2: 0.3}, label=1)
    Pair(toward=0, against=1)
    >>> pair_of({0: 1.0}, label=1) is None
    True

    """
    if len(y_pred) < 2:
        return None
    # Sorting is stable: ties go to the class that River's own predict_one would name.
    best, second, *_ = sorted(y_pred, key=lambda c: -y_pred[c])
    return Pair(int(best), int(second if label in (None, best) or label not in y_pred else label))


def explain(pipeline: compose.Pipeline, x: Features, pair: Pair) -> Explanation | None:
    """The terms of a prediction; None for a model that has no sum, as a tree.

    Parameters
    ----------
    pipeline
        Transformers, then a classifier.
    x
        The sample.
    pair
        The classes to decide between; the model knows both.

    Examples
    --------
    >>> from river import feature_extraction
    >>> model = feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression()
    >>> for _ in range(50):
    ...     model.learn_one({"text": "free prize"}, True)
    ...     model.learn_one({"text": "good morning"}, False)
    >>> found = explain(model, {"text": "A free morning"}, Pair(toward=1, against=0))
    >>> {word: round(push, 3) for word, push in found.pushes.items()}
    {'free': 0.222, 'morning': -0.222}

    """
    return terms(list(pipeline.steps.values())[-1], features_of(pipeline, x), pair)


@singledispatch
def terms(classifier: Any, x: Features, pair: Pair) -> Explanation | None:
    """What a classifier adds up for the features of a sample."""
    return None


@terms.register
def _(classifier: linear_model.AdPredictor, x: Features, pair: Pair) -> Explanation:
    """Means of the weights of what is there, whatever its value; their sum is a probit's.

    Graepel et al. 2010, "Web-scale Bayesian click-through rate prediction", equation 3.
    """
    sign, means = _sign(pair), classifier.means
    weights = {i: sign * means.get(i, 0.0) for i, value in x.items() if value}
    return Explanation(pair, sign * means.get(_AD_BIAS, 0.0), weights, dict.fromkeys(weights, 1.0))


@terms.register
def _(classifier: linear_model.LogisticRegression, x: Features, pair: Pair) -> Explanation:
    sign, known = _sign(pair), classifier._weights
    weights = {i: sign * known.get(i, 0.0) for i in x}
    return Explanation(pair, sign * classifier.intercept, weights, dict(x))


@terms.register
def _(classifier: linear_model.SoftmaxRegression, x: Features, pair: Pair) -> Explanation:
    one: Features = classifier.weights.get(pair.toward, {})
    other: Features = classifier.weights.get(pair.against, {})
    weights = {i: one.get(i, 0.0) - other.get(i, 0.0) for i in x}
    return Explanation(pair, 0.0, weights, dict(x))


@terms.register
def _(classifier: NaiveBayes, x: Features, pair: Pair) -> Explanation:
    """Log-ratios of what the classes say about each word; the bias is that of their shares.

    McCallum and Nigam 1998, "A comparison of event models for naive Bayes text classification",
    equations 4 to 6.
    """
    alpha, log = classifier.alpha, math.log
    total = alpha * max(1, classifier.n_terms)
    counts, sums = classifier.class_counts, classifier.class_totals
    every = log(sums[pair.against] + total) - log(sums[pair.toward] + total)
    weights = {}
    for i in x:
        seen = classifier.feature_counts.get(i, {})
        one, other = (log(seen.get(c, 0) + alpha) for c in pair)
        weights[i] = one - other + every
    return Explanation(pair, log(counts[pair.toward] / counts[pair.against]), weights, dict(x))


def _sign(pair: Pair) -> float:
    """Binary models have one weight a feature, for the second class."""
    return 1.0 if pair.toward else -1.0


class Move(NamedTuple):
    """A weight before and after an answer was learned; without a feature it is the bias."""

    feature: Any
    before: float
    after: float


def moved(before: Explanation, after: Explanation, *, most: int = 5) -> list[Move]:
    """The weights of a sample that an answer moved most, the furthest first.

    Parameters
    ----------
    before, after
        The same sample and pair, with the model of before and of after the answer.
    most
        How many.

    Examples
    --------
    >>> pair = Pair(1, 0)
    >>> old = Explanation(pair, 0.0, {"free": 0.25, "now": 0.5}, {"free": 1.0, "now": 1.0})
    >>> new = Explanation(pair, 0.125, {"free": 0.75, "now": 0.5}, {"free": 1.0, "now": 1.0})
    >>> moved(old, new)
    [Move(feature='free', before=0.25, after=0.75), Move(feature=None, before=0.0, after=0.125)]

    """
    both = [
        Move(i, weight, after.weights[i])
        for i, weight in before.weights.items()
        if i in after.weights
    ]
    changed = [m for m in (*both, Move(None, before.bias, after.bias)) if m.before != m.after]
    return sorted(changed, key=lambda m: -abs(m.after - m.before))[:most]
