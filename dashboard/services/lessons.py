"""The labels of a log learned again, by a learner of one's own, in the order of the answers.

Whoever wants to know what a model thought then, or one that had learned less, has such a learner:
it predicts and never scans, so the one that decides and its random state are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from dashboard.core.learner import Fields, Learner
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import SampleReader

BREATH = 8  # steps between pauses: a press need not wait for them

Label = tuple[int, int]  # position and class
Lesson = tuple[Fields, int]  # what is known of the sample there, and the class


def beginner(experiment: Experiment) -> Learner:
    """A learner of an experiment that has learned nothing yet."""
    return Learner(experiment.spec, n_classes=len(experiment.classes))


def lessons(
    samples: SampleReader, experiment: Experiment, labels: Iterable[Label]
) -> Iterator[Lesson]:
    """Each label with the sample that it is of.

    Parameters
    ----------
    samples
        Where samples are read.
    experiment
        Whose labels they are.
    labels
        In the order of the answers.

    """
    for position, label in labels:
        yield samples.get(experiment.stream_id, position).fields, label


def learn(learner: Learner, of: Iterable[Lesson], *, learned: int = 0) -> Iterator[int]:
    """Learn one lesson after the other; yields how many were learned, after each.

    Parameters
    ----------
    learner
        Who learns.
    of
        The lessons.
    learned
        How many labels the learner knew before.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> learner = Learner(make_spec("blog", text=True, classes=2), n_classes=2)
    >>> list(learn(learner, [({"text": "free prize"}, 1), ({"text": "see you"}, 0)], learned=3))
    [4, 5]
    >>> y_pred = learner.predict({"text": "a prize"})
    >>> max(y_pred, key=y_pred.get)
    True

    """
    for n, (fields, label) in enumerate(of, start=learned + 1):
        learner.learn(fields, label)
        yield n
        breathe(n)


def breathe(step: int) -> None:
    """Let others have the processor now and then."""
    if step % BREATH == 0:
        time.sleep(0)
