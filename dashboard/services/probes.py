"""What the model predicts on a fixed probe after every 25 labels, from the log alone.

A press has no part in it. Whoever asks for advice has the looks made that are missing, by a learner
of its own that learns the labels in force in their order: they are the same in every process, after
every restart, and after all copies were deleted. The probe is drawn once from the whole stream, by
a generator of its own.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy.engine import Connection

from dashboard.analytics.stability import EVERY, LOOKS, Look, wanted
from dashboard.core.learner import Fields, Learner
from dashboard.services.labeling import Labeling
from dashboard.services.lessons import Label, beginner, breathe, learn, lessons
from dashboard.storage import experiments, log, looks
from dashboard.storage.experiments import Experiment
from dashboard.storage.looks import StoredLook, pack_classes
from dashboard.storage.snapshots import runtime_version
from dashboard.storage.streams import Stream

PROBE = 500
MOST_LABELS = 20_000  # learned again for a look: some seconds
KEPT = 4


@dataclass
class _Course:
    """The labels of an experiment as far as they have been read.

    `marks` holds, for each 25th label, the digest of all up to it and the samples scanned then.
    """

    start: bytes
    head: int = 0
    labels: int = 0
    scanned: int = 0
    digest: Any = None
    marks: dict[int, tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256(self.start)

    def take(self, labels: Sequence[Label], *, head: int) -> None:
        self.head = head
        for position, label in labels:
            self.labels += 1
            self.scanned = max(self.scanned, position + 1)
            self.digest.update(b"%d:%d;" % (position, label))
            if self.labels % EVERY == 0:
                self.marks[self.labels] = self.digest.hexdigest(), self.scanned


@dataclass
class _Follower:
    """A learner that has learned so many labels, those that the digest is of."""

    learner: Learner
    labels: int = 0
    digest: str = ""


@dataclass
class _Known:
    """What this process holds of an experiment."""

    course: _Course
    probe: list[Fields]
    looks: dict[str, StoredLook]
    follower: _Follower | None = None


class Probes:
    """Predicts probes; changes neither the log nor the model that decides, and draws nothing.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def looks(self, experiment: Experiment, stream: Stream) -> list[Look] | None:
        """What advice needs, in order; None where too many labels would have to be learned again.

        Parameters
        ----------
        experiment, stream
            As of one moment; what was labeled since plays a part as well.

        """
        with self._lock:
            with self.labeling.database.read() as connection:
                known = self._at_head(connection, experiment, stream)
                marks = [(n, *known.course.marks[n]) for n in wanted(known.course.labels)]
                missing = [n for n, digest, _ in marks if digest not in known.looks]
                # Read in the same moment as the marks: a correction may come at any time.
                labels = log.labels_since(connection, experiment.id, 0) if missing else []
            if missing:
                if not self._make(experiment, known, missing, labels):
                    return None
                self._prune(known)
                looks.save(self.labeling.snapshots, experiment.uid, known.looks)
            return [Look(n, scanned, known.looks[d].classes) for n, d, scanned in marks]

    def _at_head(self, connection: Connection, experiment: Experiment, stream: Stream) -> _Known:
        start = _start(experiment, stream)
        known = self._known.get(experiment.uid)
        if known is None or known.course.start != start:
            kept = looks.load(self.labeling.snapshots, experiment.uid)
            known = _Known(_Course(start), self._probe(experiment, stream), kept)
        if log.corrected_since(connection, experiment.id, known.course.head):
            known.course = _Course(start)
        now = experiments.find(connection, experiment.uid)
        labels = log.labels_since(connection, experiment.id, known.course.head)
        known.course.take(labels, head=now.head if now else 0)
        self._known[experiment.uid] = known
        self._known.move_to_end(experiment.uid)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known

    def _probe(self, experiment: Experiment, stream: Stream) -> list[Fields]:
        return [
            self.labeling.samples.get(stream.id, position).fields
            for position in probe_of(stream, seed=experiment.spec.seed)
        ]

    def _make(
        self, experiment: Experiment, known: _Known, missing: Sequence[int], labels: list[Label]
    ) -> bool:
        """Make the looks that are missing; False where that would take too long."""
        follower = self._follower(experiment, known, missing[0])
        if missing[-1] - follower.labels > MOST_LABELS:
            return False
        rest = islice(labels, follower.labels, missing[-1])
        taught = lessons(self.labeling.samples, experiment, rest)
        for n in learn(follower.learner, taught, learned=follower.labels):
            if n in missing:
                digest, scanned = known.course.marks[n]
                known.looks[digest] = StoredLook(
                    n, scanned, _predict(follower.learner, known.probe)
                )
                follower.labels, follower.digest = n, digest
        # Where older looks had to be made, the learner that is farther on is worth more.
        if known.follower is None or known.follower.labels <= follower.labels:
            known.follower = follower
        return True

    @staticmethod
    def _follower(experiment: Experiment, known: _Known, first: int) -> _Follower:
        """A learner that has learned no more than so many labels, the same as in the log."""
        found = known.follower
        if found is not None:
            same = known.course.marks.get(found.labels, ("", 0))[0] == found.digest
            if same and found.labels <= first:
                known.follower = None  # should something fail, half caught up is of no use
                return found
            if not same:
                known.follower = None
        return _Follower(beginner(experiment))

    @staticmethod
    def _prune(known: _Known) -> None:
        """Forget what no later look is compared with."""
        oldest = next(iter(wanted(known.course.labels)), 0) - LOOKS * EVERY  # some may be undone
        kept = {digest for at, (digest, _) in known.course.marks.items() if at >= oldest}
        known.looks = {d: look for d, look in known.looks.items() if d in kept}


def probe_of(stream: Stream, *, seed: int) -> list[int]:
    """Positions of the probe, in order; of the whole stream, scanned or not.

    Parameters
    ----------
    stream
        The stream.
    seed
        Of the experiment.

    """
    chance = random.Random(f"probe {seed} {stream.fingerprint} {stream.samples}")
    return sorted(chance.sample(range(stream.samples), min(PROBE, stream.samples)))


def _start(experiment: Experiment, stream: Stream) -> bytes:
    """What a look is made from, beside the labels."""
    spec = experiment.spec
    facts = (
        runtime_version(), spec.pipeline, spec.seed, len(experiment.classes), stream.fingerprint,
        stream.samples, PROBE,
    )  # fmt: skip
    return repr(facts).encode()


def _predict(learner: Learner, probe: Sequence[Fields]) -> bytes:
    named = []
    for i, x in enumerate(probe):
        named.append(_named(learner.predict(x)))
        breathe(i)
    return pack_classes(named)


def _named(y_pred: Mapping[Any, float]) -> int:
    return int(max(y_pred, key=y_pred.__getitem__)) if y_pred else -1
