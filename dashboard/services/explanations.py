"""Why the model thought what it thought of an answered sample, and what the answer changed.

Nothing of it is worked out while an answer is taken. Whoever wants to know asks for it afterwards,
and each process then keeps a learner of its own that follows the log up to just before the answer
in question: from one answer to the next it has one label to learn. What is told is the same in
every process and after every restart, for it comes from the log alone.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection, RowMapping

from dashboard.core.explanation import Explanation, Pair, explain, moved, pair_of
from dashboard.core.highlights import Piece, by_field, pieces
from dashboard.core.learner import Learner
from dashboard.core.pipelines import PIPELINES, TEXT
from dashboard.errors import BadInput
from dashboard.services.kept import Kept
from dashboard.services.labeling import Labeling, find_with_stream
from dashboard.services.lessons import beginner, learn, lessons
from dashboard.services.people import signed_in
from dashboard.services.views import RECENT, Data
from dashboard.storage import log
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Sample

FOLLOWERS = 2  # each is a model in memory
REPLIES_KEPT = 16
MOST_LABELS = 5_000  # learned again for one answer: some seconds
LONGEST = 4_000  # characters of a text

_UNKNOWN = "The model knew fewer than two classes then, so there was nothing to weigh."
_TREE = "A decision tree adds up no weights, so no field can be given its share."
_TOO_LARGE = "The weights are too large to be told."


@dataclass
class _Follower:
    """A learner that has learned all labels up to an event, as they stood when it was read."""

    learner: Learner
    head: int


class Explanations:
    """Explains answers; changes neither the log nor the model that decides.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling
        self._followers: OrderedDict[str, _Follower] = OrderedDict()
        self._told = Kept[Data](REPLIES_KEPT)
        self._lock = threading.Lock()

    def why(self, slug: str, seq: int, *, annotator: str = "") -> Data:
        """What spoke for which class in the sample of one of the last answers.

        Parameters
        ----------
        slug
            The experiment.
        seq
            The event that was the answer.
        annotator
            Whose last answers are looked at, where several people label.

        Returns
        -------
        dict
            `pieces` join to the text of the sample; each has what it adds for the class `toward`
            or, where that is negative, for `against`, and `bias` what every sample begins with.
            `before` and `after` are probabilities of the answer, `moves` the weights that it
            moved most. `silent` says why there is nothing to tell, or is empty.

        Raises
        ------
        BadInput
            Where the answer is none of the last ones, or was undone.

        """
        with self._lock, self.labeling.database.read() as connection:
            experiment, stream = find_with_stream(connection, slug)
            person = annotator if signed_in(annotator) else ""
            answers = log.recent_answers(connection, experiment.id, RECENT, annotator=person)
            row = next((a for a in answers if a["seq"] == seq), None)
            if row is None:
                raise BadInput("That answer is not among the last ones any more.")
            sample = self.labeling.samples.get(stream.id, row["position"])
            key = experiment.uid, experiment.head, seq
            return self._told.get(key, lambda: self._tell(connection, experiment, row, sample))

    def _tell(
        self, connection: Connection, experiment: Experiment, row: RowMapping, sample: Sample
    ) -> Data:
        reply: Data = {"seq": row["seq"], "label": row["label"], **_NOTHING}
        # Should something fail on the way, half caught up is of no use to anybody.
        follower = self._before(connection, experiment, row["seq"])
        if follower is None:
            return {**reply, "silent": "Too many answers would have to be learned again for it."}
        reply.update(_told(follower.learner, sample, row["label"]))
        follower.head = row["seq"]
        self._followers[experiment.uid] = follower
        while len(self._followers) > FOLLOWERS:
            self._followers.popitem(last=False)
        return reply

    def _before(self, connection: Connection, experiment: Experiment, seq: int) -> _Follower | None:
        """A learner as it was before an answer; None where too much would have to be learned."""
        follower = self._followers.pop(experiment.uid, None)
        if (
            follower is None
            or follower.head >= seq
            or log.corrected_since(connection, experiment.id, follower.head)
        ):
            follower = self._load(connection, experiment, seq)
        labels = log.labels_between(connection, experiment.id, follower.head, seq)
        if len(labels) > MOST_LABELS:
            return None
        for _ in learn(follower.learner, lessons(self.labeling.samples, experiment, labels)):
            pass
        return follower

    def _load(self, connection: Connection, experiment: Experiment, seq: int) -> _Follower:
        snapshot = self.labeling.snapshots.load(connection, experiment, before=seq)
        if snapshot is not None:
            return _Follower(snapshot.learner, snapshot.head)
        return _Follower(beginner(experiment), 0)


_NOTHING: Data = {
    "toward": None,
    "against": None,
    "bias": 0.0,
    "pieces": [],
    "cut": False,
    "before": None,
    "after": None,
    "moves": [],
    "silent": "",
}


def _told(learner: Learner, sample: Sample, label: int | None) -> Data:
    """What there is to tell; the learner has learned the answer afterwards."""
    x, pipeline = sample.fields, learner.pipeline
    y_pred = learner.predict(x)
    pair = pair_of(y_pred, label)
    before = explain(pipeline, x, pair) if pair else None
    told: Data = {"silent": _silence(pair, before)}
    if pair and before and not told["silent"]:
        marked, cut = _clip(_marked(learner, sample, before))
        told.update(pair._asdict(), bias=before.bias, pieces=marked, cut=cut)
    if label is None:
        return told
    learner.learn(x, label)
    told.update(before=_probability(y_pred, label), after=_probability(learner.predict(x), label))
    after = explain(pipeline, x, pair) if pair else None
    if before and after and not told["silent"] and math.isfinite(after.score):
        told["moves"] = [list(move) for move in moved(before, after)]
    return told


def _silence(pair: Pair | None, explanation: Explanation | None) -> str:
    if pair is None:
        return _UNKNOWN
    if explanation is None:
        return _TREE
    return "" if math.isfinite(explanation.score) else _TOO_LARGE


def _probability(y_pred: Mapping[Any, float], label: int) -> float | None:
    p = y_pred.get(label)
    return None if p is None or math.isnan(p) else float(p)


def _marked(learner: Learner, sample: Sample, explanation: Explanation) -> list[Piece]:
    """The text of a sample in pieces, as it is shown; a row has a line for each field."""
    pipeline, pushes = learner.pipeline, explanation.pushes
    if PIPELINES[learner.spec.pipeline].text:
        return pieces(pipeline, sample.fields[TEXT], pushes)
    fields = by_field(pipeline, sample.fields, pushes)
    if set(fields) == {TEXT}:
        return [Piece(sample.text, fields[TEXT])]
    lines = [Piece(f"{name}: {sample.fields[name]}", push) for name, push in fields.items()]
    return [piece for line in lines for piece in (Piece("\n", None), line)][1:]


def _clip(marked: list[Piece]) -> tuple[list[Piece], bool]:
    """As many pieces as are read with pleasure, and whether there were more.

    Examples
    --------
    >>> _clip([Piece("free", 0.5)])
    ([Piece(text='free', push=0.5)], False)

    """
    length = 0
    kept: list[Piece] = []
    for piece in marked:
        if length + len(piece.text) > LONGEST:
            return [*kept, Piece(piece.text[: LONGEST - length], piece.push)], True
        length += len(piece.text)
        kept.append(piece)
    return kept, False
