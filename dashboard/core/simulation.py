"""A whole run with an oracle, in memory: what would a preset have done on this stream?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dashboard.core.learner import Fields, Learner
from dashboard.core.spec import Spec
from dashboard.errors import BadInput

Example = tuple[Fields, int]


class Outcome(NamedTuple):
    """What a simulation came to.

    Parameters
    ----------
    samples
        Scanned samples.
    labels
        Labels that the oracle gave.
    confusion
        Counts by (true class, predicted class) over all scanned samples, each predicted before
        it could be learned.
    holdout
        The same over the samples held out, predicted by the final model; empty for none.

    """

    samples: int
    labels: int
    confusion: dict[tuple[int, int | None], int]
    holdout: dict[tuple[int, int | None], int]


def shuffled(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples in a random order that depends on nothing but the seed."""
    order = list(examples)
    random.Random(seed).shuffle(order)
    return order


def split(examples: Sequence[Example], share: float) -> tuple[Sequence[Example], Sequence[Example]]:
    """Cut off the last share of the examples, to be predicted but never learned.

    Examples
    --------
    >>> split([({}, 0)] * 10, 0.2)[1]
    [({}, 0), ({}, 0)]

    """
    if not 0 <= share < 1:
        raise BadInput(f"The holdout has to be a share from 0 to below 1, not {share:g}.")
    cut = len(examples) - round(len(examples) * share)
    if cut == 0:
        raise BadInput("The holdout leaves nothing to learn from; make it smaller.")
    return examples[:cut], examples[cut:]


def evaluate(learner: Learner, examples: Sequence[Example]) -> dict[tuple[int, int | None], int]:
    """Confusion counts of a model on examples that it does not learn."""
    confusion: Counter[tuple[int, int | None]] = Counter()
    for x, truth in examples:
        y_pred = learner.predict(x)
        confusion[truth, int(max(y_pred, key=y_pred.__getitem__)) if y_pred else None] += 1
    return dict(confusion)


def simulate(
    examples: Sequence[Example],
    spec: Spec,
    *,
    n_classes: int,
    holdout: float = 0.0,
    on_label: Callable[[int, Learner], None] | None = None,
) -> Outcome:
    """Scan a stream once; an oracle answers each query with the known truth.

    Parameters
    ----------
    examples
        Samples with the index of their true class, in order.
    spec
        The recipe of the sampler.
    n_classes
        How many classes there are.
    holdout
        Share of the examples, at the end, kept for evaluation alone.
    on_label
        Called after each label with their number so far and the learner.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> from dashboard.core import scores
    >>> stream = [({"text": t}, y) for t, y in [("win cash", 1), ("see you", 0)] * 20]
    >>> outcome = simulate(stream, make_spec("blog", text=True, classes=2), n_classes=2)
    >>> outcome.samples, outcome.labels, scores.accuracy(outcome.confusion)
    (40, 33, 0.95)

    """
    stream, kept = split(examples, holdout)
    learner = Learner(spec, n_classes=n_classes)
    confusion: Counter[tuple[int, int | None]] = Counter()
    labels = 0
    for position, (x, truth) in enumerate(stream):
        prediction = learner.scan(position, x)
        confusion[truth, prediction.predicted] += 1
        if prediction.decision.asked:
            learner.learn(x, truth)
            labels += 1
            if on_label:
                on_label(labels, learner)
    return Outcome(len(stream), labels, dict(confusion), evaluate(learner, kept))
