"""Who answers for a sample of the data set: whoever labeled it, else the model."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dashboard.core.learner import Learner
from dashboard.storage.completion import fields_of
from dashboard.storage.prepared import Answer

MODEL = "model"

_NOBODY = Answer(None, None, None)

Row = Any
Answers = Callable[[Row], Answer]


class Given:
    """Labels in force, in little memory.

    Parameters
    ----------
    labels
        Position, label and source of each, by position.

    """

    def __init__(self, labels: Iterator[tuple[int, int, str]]):
        self.names: list[str] = []
        self._positions, self._labels, self._names = array("q"), array("h"), array("b")
        for position, label, name in labels:
            if name not in self.names:
                self.names.append(name)
            self._positions.append(position)
            self._labels.append(label)
            self._names.append(self.names.index(name))

    def in_order(self) -> Callable[[int], Answer | None]:
        """A function from a position, in order, to its answer."""
        next_ = 0

        def find(position: int) -> Answer | None:
            nonlocal next_
            if next_ == len(self._positions) or self._positions[next_] != position:
                return None
            next_ += 1
            return Answer(self._labels[next_ - 1], self.names[self._names[next_ - 1]], None)

        return find


def live_answers(given: Given, learner: Learner) -> Answers:
    """Answers from the labels, else from the model."""
    find, predict = given.in_order(), learner.predict

    def answer(row: Row) -> Answer:
        return find(row.position) or _guess(predict(fields_of(row)))

    return answer


def _guess(y_pred: Mapping[Any, float]) -> Answer:
    """The model's answer.

    Examples
    --------
    >>> _guess({False: 0.25, True: 0.75})
    Answer(label=1, by='model', probability=0.75)
    >>> _guess({})
    Answer(label=None, by=None, probability=None)

    """
    if not y_pred:
        return _NOBODY
    # Ties go to the class that River's own predict_one would name: the first in its order.
    best = max(y_pred, key=y_pred.__getitem__)
    probability = float(y_pred[best])
    return Answer(int(best), MODEL, None if math.isnan(probability) else probability)
