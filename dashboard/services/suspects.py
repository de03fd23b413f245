"""Answers worth a second look: those that a model of the other answers finds very unlikely."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from sqlalchemy.engine import Connection

from dashboard.core.suspects import opinions, suspects
from dashboard.services.labeling import Labeling
from dashboard.services.lessons import beginner, lessons
from dashboard.storage import log
from dashboard.storage.experiments import Experiment

MOST_LABELS = 5_000  # learned again, four times each: some seconds
LISTED = 100
KEPT = 8
# Someone may be labeling: what was found holds until so many answers have come, or this share.
STALE, STALE_SHARE = 10, 0.05


class Suspect(NamedTuple):
    """An answer worth a second look.

    Parameters
    ----------
    position
        The sample.
    label
        The answer then; with another one by now it is no suspect any more.
    likelihood
        Probability of that answer by a model that did not learn it.

    """

    position: int
    label: int
    likelihood: float


class _Found(NamedTuple):
    head: int
    stale: int
    suspects: tuple[Suspect, ...]


class Suspects:
    """Looks for mistakes among the last answers; reads only.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._lock = threading.Lock()

    def among(self, connection: Connection, experiment: Experiment) -> tuple[Suspect, ...]:
        """The least likely of the last answers, the worst first; none of them may be wrong."""
        with self._lock:
            found = self._found.get(experiment.uid)
            if found is None or not found.head <= experiment.head < found.stale:
                found = self._look(connection, experiment)
                self._found[experiment.uid] = found
            self._found.move_to_end(experiment.uid)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found.suspects

    def _look(self, connection: Connection, experiment: Experiment) -> _Found:
        labels = log.last_labels(connection, experiment.id, MOST_LABELS)
        thought = opinions(
            list(lessons(self.labeling.samples, experiment, labels)),
            lambda: beginner(experiment),
            breathe=lambda: time.sleep(0),  # a press need not wait for it
        )
        worst = suspects(thought, [label for _, label in labels])[:LISTED]
        listed = tuple(Suspect(*labels[o.answer], o.likelihood) for o in worst)
        stale = experiment.head + max(STALE, int(STALE_SHARE * len(labels)))
        return _Found(experiment.head, stale, listed)
