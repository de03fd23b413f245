"""Answers that a model which did not learn them finds very unlikely: worth a second look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

from dashboard.core.learner import Fields, Learner

FOLDS = 5


class Opinion(NamedTuple):
    """What a model that did not learn an answer thinks of it.

    Parameters
    ----------
    answer
        Which of the answers, by index.
    likelihood
        Probability of the label that was given.
    predicted
        The most probable class.
    confidence
        Probability of that class.

    """

    answer: int
    likelihood: float
    predicted: int
    confidence: float


def opinions(
    answers: Sequence[tuple[Fields, int]],
    make: Callable[[], Learner],
    *,
    folds: int = FOLDS,
    breathe: Callable[[], None] = lambda: None,
) -> Iterator[Opinion]:
    """Cross-fitted probabilities: each answer as seen by a model of the other folds.

    Every fold is each `folds`-th answer, so that nothing is left to chance and all of them reach
    over the whole time. The answers are learned in their order. Northcutt, Jiang and Chuang 2021,
    "Confident learning: Estimating uncertainty in dataset labels", section 3.1. Answers of a class
    that a model has not met are left out: of those it cannot think anything.

    Parameters
    ----------
    answers
        Samples and labels, in the order in which they were learned.
    make
        A fresh learner.
    folds
        How many models are made.
    breathe
        Called after each step, for those who share the processor.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> spec = make_spec("recommended", text=True, classes=2)
    >>> answers = [({"text": ("good morning", "free prize")[i % 2]}, i % 2) for i in range(30)]
    >>> answers[11] = ({"text": "free prize"}, 0)
    >>> found = opinions(answers, lambda: Learner(spec, n_classes=2))
    >>> worst = min(found, key=lambda opinion: opinion.likelihood)
    >>> worst.answer, round(worst.likelihood, 2), worst.predicted
    (11, 0.02, 1)

    """
    for fold in range(min(folds, len(answers))):
        learner = make()
        for i, (x, label) in enumerate(answers):
            if i % folds != fold:
                learner.learn(x, label)
                breathe()
        for i in range(fold, len(answers), folds):
            x, label = answers[i]
            y_pred = learner.predict(x)
            if label in y_pred and len(y_pred) > 1:
                best = max(y_pred, key=y_pred.__getitem__)
                yield Opinion(i, float(y_pred[label]), int(best), float(y_pred[best]))
            breathe()


def suspects(found: Iterable[Opinion], labels: Sequence[int]) -> list[Opinion]:
    """The answers that are rather another class, the least likely first.

    A model that is hardly ever sure is not asked to be: to speak against an answer it has to give
    another class at least what it gives that class on average where it was the answer (the
    thresholds of confident learning, the same section).

    Parameters
    ----------
    found
        Opinions.
    labels
        The answers they are about.

    Examples
    --------
    >>> found = [Opinion(0, 0.6, 1, 0.6), Opinion(1, 0.45, 1, 0.55), Opinion(2, 0.3, 1, 0.7)]
    >>> suspects(found, labels=[1, 0, 0])
    [Opinion(answer=2, likelihood=0.3, predicted=1, confidence=0.7)]

    """
    found = list(found)
    own: dict[int, list[float]] = {}
    for opinion in found:
        own.setdefault(labels[opinion.answer], []).append(opinion.likelihood)
    usual = {label: fmean(likelihoods) for label, likelihoods in own.items()}
    against = [
        opinion
        for opinion in found
        if opinion.predicted != labels[opinion.answer]
        and opinion.confidence >= usual.get(opinion.predicted, 1.0)
    ]
    return sorted(against, key=lambda opinion: opinion.likelihood)
