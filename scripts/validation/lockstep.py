"""Many runs at once: the `recommended` learners in NumPy, all orders of a stream in step.

A run in `dashboard.core` takes 30 microseconds a sample, here it is one. The arithmetic is that
of River's AdPredictor and SoftmaxRegression and of `BudgetEntropySampler`, the draws are those of
its generator; `tests/analytics/test_estimates_validation.py` compares whole runs with the real
learner. Sums are added in another order, so that probabilities may differ in the last digits.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river.linear_model.ad_predictor import MAX_SURPRISE
from scipy.special import ndtr

from dashboard.core.pipelines import TEXT
from dashboard.core.simulation import Example
from dashboard.core.spec import Spec
from dashboard.core.strategies import BudgetEntropySampler

SKIPPED, STRATEGY, FLOOR, COLD = 0, 1, 2, 3
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Texts:
    """Examples as lists of feature numbers, one after the other.

    Parameters
    ----------
    examples
        Texts with the index of their class.
    vectorizer
        The first step of the pipeline.
    once
        Whether each sample is predicted once at most. A feature that no other sample has then
        never gets a weight that anything depends on, and is only counted.

    """

    def __init__(self, examples: Sequence[Example], vectorizer: Any, *, once: bool):
        tokens = [list(vectorizer.transform_one(x)) for x, _ in examples]
        often = Counter(token for found in tokens for token in found)
        kept = [[f for f in found if often[f] > 1 or not once] for found in tokens]
        numbers: dict[Any, int] = {}
        found = [[numbers.setdefault(f, len(numbers)) for f in one] for one in kept]
        self.features = len(numbers)
        self.alone = np.array([len(a) - len(b) for a, b in zip(tokens, kept, strict=True)], float)
        self.length = np.array([len(f) for f in found])
        self.first = np.concatenate([[0], np.cumsum(self.length)])
        self.flat = np.array([i for f in found for i in f], dtype=np.int64)
        self.truth = np.array([y for _, y in examples], dtype=np.int64)

    def of(self, sample: int) -> Ints:
        """Feature numbers of one sample."""
        return self.flat[self.first[sample] : self.first[sample + 1]]

    def gather(self, samples: Ints) -> tuple[Ints, Ints]:
        """Feature numbers of several samples, and which of them each belongs to."""
        length = self.length[samples]
        which = np.repeat(np.arange(len(samples)), length)
        start = np.cumsum(length) - length
        place = np.arange(len(which)) + np.repeat(self.first[samples] - start, length)
        return self.flat[place], which


class AdPredictors:
    """As many AdPredictors (beta 1, epsilon 0) as there are runs."""

    def __init__(self, texts: Texts, runs: int, n_classes: int):
        self.texts, self.n_classes = texts, n_classes
        # Mean and variance of each weight; the bias is the last; nothing is known of any yet.
        self.weights = np.zeros((runs, texts.features + 1, 2))
        self.weights[:, :, 1] = 1.0

    def predict(self, runs: Ints, samples: Ints) -> Floats:
        """Probability of each class for a sample of each run."""
        features, which = self.texts.gather(samples)
        mean, variance = self._totals(runs, samples, self.weights[runs[which], features], which)
        p = np.clip(ndtr(mean / np.sqrt(variance)), 1e-12, 1 - 1e-12)
        return np.stack([1 - p, p], axis=1)

    def _totals(
        self, runs: Ints, samples: Ints, found: Floats, which: Ints
    ) -> tuple[Floats, Floats]:
        bias, n = self.weights[runs, -1], len(samples)
        mean = np.bincount(which, found[:, 0], minlength=n) + bias[:, 0]
        variance = np.bincount(which, found[:, 1], minlength=n) + bias[:, 1]
        return mean, variance + self.texts.alone[samples] + 1.0

    def learn(self, runs: Ints, samples: Ints) -> None:
        """Learn the true class of a sample in each of some runs."""
        features, which = self.texts.gather(samples)
        own = self.weights[runs[which], features]
        mean, variance = self._totals(runs, samples, own, which)
        sign = np.where(self.texts.truth[samples] == 1, 1.0, -1.0)
        std = np.sqrt(variance)
        t = np.clip(sign * mean / std, -MAX_SURPRISE, MAX_SURPRISE)
        v = np.exp(-t * t / 2) / math.sqrt(2 * math.pi) / ndtr(t)
        push, shrink = sign / std * v, v * (v + t) / variance
        for at, weights, row in (
            ((runs[which], features), own, which),
            ((runs, self.texts.features), self.weights[runs, -1], np.arange(len(runs))),
        ):
            weights[:, 0] += weights[:, 1] * push[row]
            weights[:, 1] *= 1 - weights[:, 1] * shrink[row]
            self.weights[at] = weights


class Softmaxes:
    """As many softmax regressions (AdaGrad 0.3, binary counts) as there are runs."""

    def __init__(self, texts: Texts, runs: int, n_classes: int):
        self.texts, self.n_classes = texts, n_classes
        self.weights = np.zeros((runs, texts.features, n_classes))
        self.squares = np.zeros((runs, texts.features, n_classes))
        self.named = np.zeros((runs, n_classes), dtype=bool)

    def predict(self, runs: Ints, samples: Ints) -> Floats:
        """Probability of each class for a sample of each run; NaN for classes never learned."""
        features, which = self.texts.gather(samples)
        terms = self.weights[runs[which], features]
        logits = np.stack(
            [np.bincount(which, column, minlength=len(samples)) for column in terms.T], axis=1
        )
        named = self.named[runs]
        top = np.nan_to_num(np.where(named, logits, -np.inf).max(1, keepdims=True))
        powers = np.where(named, np.exp(np.minimum(logits - top, 0.0)), 0.0)
        return np.where(named, powers / np.maximum(powers.sum(1), 1e-300)[:, None], np.nan)

    def learn(self, runs: Ints, samples: Ints) -> None:
        """Learn the true class of a sample in each of some runs."""
        truth = self.texts.truth[samples]
        p = np.nan_to_num(self.predict(runs, samples))
        self.named[runs, truth] = True
        gradient = np.clip(p, 1e-15, 1 - 1e-15) - (np.arange(self.n_classes) == truth[:, None])
        features, which = self.texts.gather(samples)
        gradient = np.where(self.named[runs], gradient, 0.0)[which]
        at = runs[which], features
        squares = self.squares[at] + gradient**2
        self.squares[at] = squares
        self.weights[at] -= 0.3 / np.sqrt(squares + 1e-8) * gradient


OnLabel = Callable[[int, int, int, int], None]


def in_step(
    texts: Texts,
    orders: Ints,
    specs: Sequence[Spec],
    *,
    n_classes: int,
    on_label: Callable[[AdPredictors | Softmaxes], OnLabel] | None = None,
) -> tuple[NDArray[Any], ...]:
    """Scan many orders of a stream, sample by sample; an oracle answers.

    Parameters
    ----------
    texts
        The stream.
    orders
        Numbers of the samples: a row per run.
    specs
        The recipe of each run, alike but for the seed.
    n_classes
        How many classes there are.
    on_label
        Given the models, returns what is called after each label, with the run, its labels and
        samples so far, and the label.

    Returns
    -------
    tuple
        Predicted class (-1 for none), truth, probability, query probability and reason.

    """
    runs, n = orders.shape
    spec = specs[0]
    model = (AdPredictors if n_classes == 2 else Softmaxes)(texts, runs, n_classes)
    watch = on_label(model) if on_label else None
    every, labels = np.arange(runs), np.zeros(runs, np.int64)
    draws = _draws([s.seed for s in specs], n)
    log_discount = np.full(runs, np.log(spec.discount_factor))
    predicted, probability = np.full((runs, n), -1, np.int16), np.zeros((runs, n), np.float32)
    pi, reason = np.empty((runs, n)), np.zeros((runs, n), np.int8)
    for t in range(n):
        p = model.predict(every, orders[:, t])
        known = (~np.isnan(p)).sum(1)
        some = known > 0
        best = np.where(some, np.nan_to_num(p, nan=-1.0).argmax(1), -1)
        predicted[:, t] = best
        probability[some, t] = p[some, best[some]]
        strategy = _strategy(p, known, log_discount)
        pi[:, t] = np.where(known < 2, 1.0, np.minimum(1.0, np.maximum(strategy, spec.floor)))
        log_discount = np.clip(
            log_discount + 0.1 * (pi[:, t] - spec.budget),
            BudgetEntropySampler.LOWEST, BudgetEntropySampler.HIGHEST,
        )  # fmt: skip
        asked = (draws[:, t] < pi[:, t]) | (known < 2)
        why = np.where(known < 2, COLD, np.where(draws[:, t] < strategy, STRATEGY, FLOOR))
        reason[:, t] = np.where(asked, why, SKIPPED)
        here = np.flatnonzero(asked)
        if len(here):
            model.learn(here, orders[here, t])
            labels[here] += 1
        for run in here if watch else ():
            watch(run, int(labels[run]), t + 1, int(texts.truth[orders[run, t]]))
    return predicted, texts.truth[orders].astype(np.int16), probability, pi, reason


def _strategy(p: Floats, known: Ints, log_discount: Floats) -> Floats:
    """The query probability of budget entropy, before floor and cold start."""
    possible = np.nan_to_num(p)
    logs = np.log2(np.where(possible > 0, possible, 1.0))
    count = np.maximum((possible > 0).sum(1), 2)
    entropy = -(possible * logs).sum(1) / np.log2(count)
    entropy = np.where(((possible > 0).sum(1) > 1) & (known > 1), np.abs(entropy), 0.0)
    return np.where(entropy > 0, entropy ** np.exp(log_discount), 0.0)


def _draws(seeds: Iterable[int], n: int) -> Floats:
    made = []
    for seed in seeds:
        rng = random.Random(seed)
        made.append([rng.random() for _ in range(n)])
    return np.array(made)


def texts_of(examples: Sequence[Example], spec: Spec, *, once: bool = True) -> Texts:
    """The examples as the first step of a recipe's pipeline sees them."""
    vectorizer = next(iter(spec.build().classifier.steps.values()))
    vectorizer.transform_one({TEXT: ""})
    return Texts(examples, vectorizer, once=once)
