"""Replay a log from nothing and compare it with what is stored, bit for bit."""

from __future__ import annotations

import hashlib
import json
from array import array
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection, RowMapping

from dashboard.core import checks
from dashboard.core.events import ANSWERS, SCANNING, Kind
from dashboard.core.learner import Learner, Prediction
from dashboard.core.spec import Spec
from dashboard.core.strategies import SPOT_CHECK, State
from dashboard.core.weights import NONE
from dashboard.services.changes import keeps_state, recipe_of
from dashboard.services.labeling import Labeling, find_experiment
from dashboard.storage import checks as stored_checks
from dashboard.storage import log, rollups, streams
from dashboard.storage.experiments import Experiment
from dashboard.storage.snapshots import SnapshotStore
from dashboard.storage.states import state_of
from dashboard.storage.streams import SampleReader, Stream


class Verdict(NamedTuple):
    """What a replay found.

    Parameters
    ----------
    fingerprint
        Digest of log and model; equal for equal histories.
    difference
        The first difference in a sentence; empty when there is none.
    events, samples
        How much was replayed.

    """

    fingerprint: str
    difference: str
    events: int
    samples: int


_NO_CLASS, _ASKED = -1, -2


class _Different(Exception):
    """The first difference."""


class Verification:
    """Verifies experiments.

    Parameters
    ----------
    labeling
        Whose storage is checked, and whose live copy.

    """

    def __init__(self, labeling: Labeling):
        self.database = labeling.database
        self.snapshots = labeling.snapshots

    def verify(self, slug: str) -> Verdict:
        """Replay one experiment from its first event.

        Every prediction, probability, draw and reason is computed anew, those of undone branches
        too, and compared with the log; then counters, rollups, labels in force and the newest
        snapshot are compared with what follows from it.
        """
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            missing = experiment.head and not rollups.totals(connection, experiment.id)
        if missing:
            with self.database.write() as connection:
                rollups.rebuild(connection, experiment.id)
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            # Samples are read anew: what the service holds in memory proves nothing.
            samples = SampleReader(self.database)
            replay = _Replay(connection, experiment, samples, self.snapshots)
            try:
                replay.run()
                difference = ""
            except _Different as found:
                difference = str(found)
        return Verdict(replay.fingerprint(), difference, replay.events, replay.scanned)


class _Replay:
    """One pass over the log of one experiment."""

    def __init__(
        self,
        connection: Connection,
        experiment: Experiment,
        samples: SampleReader,
        snapshots: SnapshotStore,
    ):
        self.connection = connection
        self.experiment = experiment
        self.samples = samples
        self.snapshots = snapshots
        self.stream: Stream = streams.get(connection, experiment.stream_id)
        self.recipe = _first_recipe(connection, experiment)
        self.learner = self._fresh()
        self.answers: list[tuple[int, int, int | None, str]] = []  # seq, position, label, answer
        self.asked: set[int] = set()
        self.passed_over = array("h")  # by position: the class predicted, or one of those below
        self.turns: dict[int, tuple[int, int]] = {}  # of spot-checks: event, place in its draw
        self.changes: set[int] = set()
        self.steps: list[tuple[int, int, State]] = []  # seq, first, strategy's state
        self.begun = False  # whether the log has told a strategy's state yet
        self.position = self.events = self.scanned = 0
        self.log = hashlib.sha256()

    def _fresh(self) -> Learner:
        spec = Spec(**self.recipe["spec"])
        return Learner(spec, n_classes=len(self.recipe["classes"]))

    def fingerprint(self) -> str:
        """Digest of the log and of the model that follows from it."""
        return hashlib.sha256(self.log.digest() + self.learner.fingerprint().encode()).hexdigest()

    def run(self) -> None:
        """Replay and compare; raises `_Different` at the first difference."""
        for event in log.all_events(self.connection, self.experiment.id):
            self._step(event)
        self._compare_head()
        self._compare_recipe()
        _same(
            f"the stream {self.stream.slug}",
            "the digest of its samples",
            self.stream.fingerprint,
            streams.fingerprint(self.connection, self.stream.id),
        )
        self._compare_answers()
        self._compare_rollups()
        self._compare_snapshot()

    def _step(self, event: RowMapping) -> None:
        self.events += 1
        _same(f"event {event['seq']}", "its number", event["seq"], self.events)
        kind = Kind(event["kind"])
        if kind in SCANNING:
            self._answer_and_scan(event, kind)
        elif kind is Kind.UNDO:
            self._undo(event)
        elif kind is Kind.CHANGE:
            self._change(event)
        elif kind is Kind.CHECK:
            self._check(event)
        elif kind is not Kind.MARK:
            self._correct(event)
        self.begun = self.begun or state_of(event) is not None
        self.log.update(repr(_told(event)).encode())

    def _answer_and_scan(self, event: RowMapping, kind: Kind) -> None:
        seq, position = event["seq"], event["position"]
        if kind in ANSWERS:
            if position not in self.asked:
                raise _Different(f"Event {seq} answers position {position}, which was not asked.")
            self.asked.discard(position)
            self.answers.append((seq, position, event["label"], kind.value))
            if kind is Kind.LABEL:
                self.learner.learn(self._fields(position), event["label"])
        _same(f"event {seq}", "where its scan begins", event["first"], self.position)
        rows = log.scanned_by(self.connection, self.experiment.id, event)
        _same(f"event {seq}", "scanned predictions", len(rows), event["stop"] - event["first"])
        for row in rows:
            self._scan(row)
        state = self.learner.sampler.state
        _same(f"event {seq}", "the strategy's state", state_of(event), state)
        self.steps.append((seq, event["first"], state))

    def _scan(self, row: RowMapping) -> None:
        made = self.learner.scan(self.position, self._fields(self.position))
        _same_prediction(log.prediction_of(row), made)
        truth = self.samples.get(self.stream.id, self.position).truth
        _same(f"position {self.position}", "the truth", row["truth"], truth)
        self.passed_over.append(_NO_CLASS if made.predicted is None else made.predicted)
        if made.decision.asked:
            self.asked.add(self.position)
            self.passed_over[-1] = _ASKED
        self.position += 1
        self.scanned += 1
        self.log.update(row["probabilities"])

    def _undo(self, event: RowMapping) -> None:
        target, position = event["target"], event["position"]
        gone = [a for a in self.answers if a[0] >= target]
        if not gone or gone[0][:2] != (target, position):
            raise _Different(f"Event {event['seq']} undoes event {target}, which is no answer.")
        self.answers = [a for a in self.answers if a[0] < target]
        first = next(first for seq, first, _ in self.steps if seq == target)
        # A change of the strategy stays: what is undone is asked about by the new one.
        self.steps = [s for s in self.steps if s[0] < target or s[0] in self.changes]
        state = self.steps[-1][2] if self.steps else None
        where = f"event {event['seq']}"
        _same(where, "where it goes back to", event["stop"], first)
        _same(where, "the strategy's state", state_of(event), state)
        self.position = first
        self.asked = {p for p in self.asked if p < self.position} | {
            a[1] for a in gone if a[1] < self.position
        }
        del self.passed_over[first:]
        self.turns = {p: turn for p, turn in self.turns.items() if p < self.position}
        self._rebuild(state)

    def _check(self, event: RowMapping) -> None:
        """Draw again, from the same generator, out of the same samples."""
        where, payload = f"event {event['seq']}", json.loads(event["payload"])
        stored = checks.from_payload(event["seq"], payload)
        _same(where, "the strategy's state", state_of(event), self.learner.sampler.state)
        if stored is None:
            for position in payload["taken_back"]:
                if position not in self.turns or position not in self.asked:
                    raise _Different(f"At {where}, position {position} is taken back, undrawn.")
                del self.turns[position]
                self.asked.discard(position)
            return
        made = checks.make(
            self._skipped(stored.among), len(stored.positions), seed=self.recipe["spec"]["seed"],
            seq=event["seq"], stop=self.position, among=stored.among,
        )  # fmt: skip
        _same(where, "what was drawn", stored, made)
        self.turns.update({p: (event["seq"], i) for i, p in enumerate(made.positions)})
        self.asked.update(made.positions)

    def _skipped(self, among: str) -> list[int]:
        """Positions that nobody was asked about, or drew: what a check may draw from."""
        wanted = {checks.ALL: None, NONE: _NO_CLASS}.get(among, among)
        return [
            position
            for position, predicted in enumerate(self.passed_over)
            if predicted != _ASKED
            and position not in self.turns
            and (wanted is None or predicted == int(wanted))
        ]

    def _correct(self, event: RowMapping) -> None:
        label = event["label"]
        answer = "retracted" if label is None else "label"
        known = [a[0] for a in self.answers]
        if event["target"] not in known:
            raise _Different(
                f"Event {event['seq']} corrects event {event['target']}, which is no "
                "answer in force."
            )
        index = known.index(event["target"])
        seq, position, _, _ = self.answers[index]
        self.answers[index] = (seq, position, label, answer)
        state = self.learner.sampler.state
        _same(f"event {event['seq']}", "the strategy's state", state_of(event), state)
        self._rebuild(state)

    def _rebuild(self, state: State) -> None:
        self.learner = self._fresh()
        self.learner.replay(
            ((self._fields(p), label) for _, p, label, _ in self.answers if label is not None),
            draws=self.position,
            state=state,
        )

    def _fields(self, position: int) -> dict[str, object]:
        return self.samples.get(self.stream.id, position).fields

    def _change(self, event: RowMapping) -> None:
        payload = json.loads(event["payload"])
        where = f"event {event['seq']}"
        _same(where, "the recipe before it", payload["before"], self.recipe)
        kept = self.learner.sampler.state
        self.recipe = payload["after"]
        stays = self.begun and keeps_state(payload["before"], payload["after"])
        state = kept if stays else self._fresh().sampler.state
        _same(where, "the strategy's state", self._stored(state_of(event), state), state)
        self.changes.add(event["seq"])
        self.steps.append((event["seq"], event["first"], state))
        self._rebuild(state)

    def _stored(self, told: State, begins: State) -> State:
        """A state as stored; before the first scan none says that the strategy has just begun."""
        return begins if told is None and not self.begun else told

    def _compare_recipe(self) -> None:
        stored = recipe_of(self.experiment)
        _same(f"experiment {self.experiment.slug}", "the recipe", stored, self.recipe)

    def _compare_head(self) -> None:
        what = f"experiment {self.experiment.slug}"
        _same(what, "the head", self.experiment.head, self.events)
        _same(what, "the position", self.experiment.position, self.position)
        state = self.learner.sampler.state
        stored = self._stored(self.experiment.strategy_state, state)
        _same(what, "the strategy's state", stored, state)

    def _compare_answers(self) -> None:
        stored = log.answers_in_force(self.connection, self.experiment.id)
        for kept, made in zip(stored, sorted(self.answers), strict=False):
            _same(f"the answer at position {made[1]}", "the label in force", kept, made)
        _same("the log", "answers in force", len(stored), len(self.answers))
        open_now = log.open_positions(self.connection, self.experiment.id)
        _same("the log", "open queries", open_now, sorted(self.asked))
        answered = {position for _, position, _, _ in self.answers}
        made_turns = {
            position: (*turn, SPOT_CHECK if position in answered else "")
            for position, turn in self.turns.items()
        }
        drawn = stored_checks.turns(self.connection, self.experiment.id)
        _same("the log", "spot-checks", sorted(drawn.items()), sorted(made_turns.items()))

    def _compare_rollups(self) -> None:
        stored = rollups.stored(self.connection, self.experiment.id)
        counted = rollups.recount(self.connection, self.experiment.id)
        for key in sorted(stored.keys() | counted.keys()):
            _same(f"rollup {key[0]} {key[1]}", "the counts", stored.get(key), counted.get(key))

    def _compare_snapshot(self) -> None:
        snapshot = self.snapshots.load(self.connection, self.experiment)
        if snapshot is None:
            return
        labels = log.labels_since(self.connection, self.experiment.id, snapshot.head)
        snapshot.learner.replay(
            ((self._fields(p), label) for p, label in labels),
            draws=self.experiment.position - snapshot.position,
            state=self.experiment.strategy_state,
        )
        _same(
            f"the snapshot at {snapshot.head}",
            "the model caught up from it",
            snapshot.learner.fingerprint(),
            self.learner.fingerprint(),
        )


# Columns that came later count only where they say something: an old log keeps its fingerprint.
_LATER = ("strategy_memory", "payload")


def _told(event: RowMapping) -> list[Any]:
    """An event without the number of its experiment, which another database counts otherwise."""
    return [
        value
        for name, value in event.items()
        if name != "experiment_id" and (value is not None or name not in _LATER)
    ]


def _first_recipe(connection: Connection, experiment: Experiment) -> dict[str, Any]:
    """What the experiment was made of before anything was changed."""
    payload = log.first_change(connection, experiment.id)
    if payload is None:
        return recipe_of(experiment)
    before: dict[str, Any] = json.loads(payload)["before"]
    return before


def _same(where: str, what: str, stored: object, replayed: object) -> None:
    if stored != replayed:
        raise _Different(f"At {where}, {what}: stored is {stored!r}, replayed is {replayed!r}.")


def _same_prediction(stored: Prediction, made: Prediction) -> None:
    where = f"position {made.position}"
    _same(where, "the position", stored.position, made.position)
    # Compared as bytes: NaN, for a class not known yet, equals nothing.
    _same(
        where,
        "the probabilities",
        log.pack(stored.probabilities).hex(),
        log.pack(made.probabilities).hex(),
    )
    _same(where, "the predicted class", stored.predicted, made.predicted)
    _same(where, "the decision", tuple(stored.decision), tuple(made.decision))
