"""The path of a label: learn it, scan on to the next query, write both in one transaction.

Each process keeps its own copy of the learner, caught up from the log. Every step is decided
first, on that copy, and then committed at the head it was decided at; when someone else was
first, the copy is thrown away and the step decided anew.
"""

from __future__ import annotations

import logging
import math
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from sqlalchemy.engine import Connection

from dashboard.core.events import Event, Kind, Source
from dashboard.core.learner import Learner, Prediction
from dashboard.core.tally import Row
from dashboard.errors import BadInput, Conflict, NotFound, SluiceError
from dashboard.services.lessons import beginner, lessons
from dashboard.services.people import signed_in
from dashboard.services.turns import LEASE_SECONDS, Turns
from dashboard.storage import experiments, log
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.log import Append, HeadMoved, NotOpen
from dashboard.storage.snapshots import CACHE_ERRORS, SnapshotStore
from dashboard.storage.streams import SampleReader, Stream

logger = logging.getLogger(__name__)

T = TypeVar("T")

SCAN_SECONDS = 0.05
YIELD_SECONDS = 0.01  # after which a scan lets others through who wait for it
MAX_SCANNED = 5_000
SNAPSHOT_EVERY = 25
REPLAY_SECONDS_PER_LABEL = 0.0005
WARM_COPIES = 8
ATTEMPTS = 50


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Outcome(NamedTuple):
    """What became of a request: whether it changed anything, and a sentence where it did not."""

    done: bool
    notice: str = ""


@dataclass
class _Warm:
    """This process's copy of one experiment's learner."""

    uid: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    waiting: set[int] = field(default_factory=set)  # threads that want to enter
    learner: Learner | None = None
    head: int = 0
    position: int = 0
    saved_at: int = 0  # head of the last snapshot
    save_every: int = SNAPSHOT_EVERY

    def drop(self) -> None:
        self.learner = None

    def __enter__(self) -> _Warm:
        me = threading.get_ident()
        self.waiting.add(me)
        try:
            self.lock.acquire()
        finally:
            self.waiting.discard(me)
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()


class Current(NamedTuple):
    """An experiment as of now, in this process's hands."""

    experiment: Experiment
    stream: Stream
    learner: Learner
    warm: _Warm


class Scanned(NamedTuple):
    """What a scan made, and the known classes beside it."""

    predictions: list[Prediction]
    truths: list[int | None]


_NOTHING = Scanned([], [])

_REOPENED = "Your last answer was taken back; here is its question again."
_ELSEWHERE = "Your last answer was taken back; its question is with somebody else."
_RETRACTED = (
    "Your last answer was taken back. Others have answered since, so what was asked after it stays "
    "as it is; on the log page you can give that sample another label."
)


class Labeling:
    """Answers, passes, undoes, relabels and scans.

    Parameters
    ----------
    database, snapshots, samples
        The storage.
    clock
        Milliseconds since 1970 UTC.
    lease_seconds
        How long a query that one person was shown is not shown to another.

    """

    def __init__(
        self,
        database: Database,
        snapshots: SnapshotStore,
        samples: SampleReader,
        *,
        clock: Callable[[], int] = now_ms,
        lease_seconds: int = LEASE_SECONDS,
    ):
        self.database = database
        self.snapshots = snapshots
        self.samples = samples
        self.clock = clock
        self.turns = Turns(database, lambda: self.clock(), seconds=lease_seconds)
        self._warm: OrderedDict[str, _Warm] = OrderedDict()
        self._lock = threading.Lock()
        self._saver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot")

    # Commands ------------------------------------------------------------------------------

    def answer(
        self,
        slug: str,
        *,
        position: int,
        label: int | None,
        key: str | None = None,
        milliseconds: int | None = None,
        annotator: str = "",
        source: Source = Source.PERSON,
    ) -> Outcome:
        """Answer any open query with a class, or pass with `label=None`.

        Where no other query is open, the sampler then scans on to the next one; where several
        people label, where no other is free for this one.

        Parameters
        ----------
        slug
            The experiment.
        position
            The sample that was on the screen.
        label
            Index of the class, or None for "don't know".
        key
            Idempotency key, made once per sample shown.
        milliseconds
            From shown to answered.
        annotator
            Who answered.
        source
            On whose knowledge.

        Returns
        -------
        Outcome
            `done` is False where nothing was learned: the answer had been recorded before, or
            someone else answered first.

        """
        budgets = _budgets(SCAN_SECONDS)

        def step() -> Outcome:
            seconds = next(budgets) if signed_in(annotator) else SCAN_SECONDS
            return self._answer(
                slug, position, label, key, milliseconds, annotator, source, seconds
            )

        return self.retrying(step)

    def undo(
        self, slug: str, *, target: int | None = None, key: str | None = None, annotator: str = ""
    ) -> Outcome:
        """Take back the annotator's own last answer; its query stands open again.

        Where others have answered since, only the label is taken back, as by `correct`: what was
        predicted and asked since happened.

        Parameters
        ----------
        slug
            The experiment.
        target
            The answer that the page showed as the last; a stale page undoes nothing.
        key
            Idempotency key.
        annotator
            Who asks.

        """
        return self.retrying(lambda: self._undo(slug, target, key, annotator))

    def correct(
        self,
        slug: str,
        *,
        position: int,
        label: int | None,
        key: str | None = None,
        annotator: str = "",
    ) -> Outcome:
        """Relabel an answered sample, or retract its label with `label=None`.

        Queries and predictions made since stay as they were: they happened. The model becomes
        that of the corrected labels.
        """
        return self.retrying(lambda: self._correct(slug, position, label, key, annotator))

    def scan_on(
        self,
        slug: str,
        *,
        seconds: float = SCAN_SECONDS,
        warm_start: bool = False,
        annotator: str = "",
    ) -> bool:
        """Scan for a while unless a query is open; True when there is one, or the stream ended.

        Parameters
        ----------
        slug
            The experiment.
        seconds
            For how long.
        warm_start
            A warm start answers the queries that it comes to: what else is open does not stop it.
        annotator
            For whom: what is with others is not open for them.

        """
        budgets = _budgets(seconds)
        return self.retrying(lambda: self._scan_on(slug, next(budgets), warm_start, annotator))

    # Decisions, made under the lock of this process's copy ---------------------------------

    def _answer(
        self,
        slug: str,
        position: int,
        label: int | None,
        key: str | None,
        milliseconds: int | None,
        annotator: str,
        source: Source,
        seconds: float,
    ) -> Outcome:
        person = annotator if source is Source.PERSON and signed_in(annotator) else ""
        with self.held(slug) as held:
            with self.database.read() as connection:
                current = self._current(connection, slug, held)
                experiment = current.experiment
                self._check_label(experiment, label)
                refuse_archived(experiment)
                if key and log.find_key(connection, experiment.id, key):
                    return Outcome(False, "That answer was recorded before.")
                query, others = self.turns.asked(connection, experiment, position, person)
            if query is None:
                return Outcome(False, "That sample was answered already; nothing was learned.")
            # From here until the commit is known to have worked, the copy is ahead of the log.
            held.drop()
            if label is not None:
                sample = self.samples.get(current.stream.id, position)
                current.learner.learn(sample.fields, label)
            # The sampler goes on where nobody would have anything to answer otherwise.
            scanned = _NOTHING if others else self._scan(current, seconds, yields=bool(person))
            self._commit(
                current,
                scanned,
                kind=Kind.PASS if label is None else Kind.LABEL,
                position=position,
                label=label,
                key=key,
                milliseconds=milliseconds,
                annotator=annotator,
                source=source,
                query=log.query_of(query),
                person=person,
            )
        return Outcome(True)

    def _scan_on(self, slug: str, seconds: float, warm_start: bool, annotator: str) -> bool:
        person = annotator if signed_in(annotator) else ""
        with self.held(slug) as held:
            with self.database.read() as connection:
                current = self._current(connection, slug, held)
                refuse_archived(current.experiment)
                experiment = current.experiment
                if warm_start:
                    found = stands_at(connection, experiment) < experiment.position
                else:
                    found = self.turns.is_free(connection, experiment, person)
            if found:
                return True
            if experiment.position >= current.stream.samples:
                return True
            held.drop()
            scanned = self._scan(current, seconds, yields=bool(person))
            self._commit(current, scanned, kind=Kind.SCAN, person=person)
            last = scanned.predictions[-1]
            return last.decision.asked or last.position + 1 == current.stream.samples

    def _undo(self, slug: str, target: int | None, key: str | None, annotator: str) -> Outcome:
        person = annotator if signed_in(annotator) else ""
        with self.held(slug) as held:
            with self.database.read() as connection:
                experiment = find_experiment(connection, slug)
                refuse_archived(experiment)
                if key and log.find_key(connection, experiment.id, key):
                    return Outcome(False, "That step was undone before.")
                last = log.last_answer(connection, experiment.id, annotator=person)
                if last is None:
                    return Outcome(False, "There is nothing to undo yet.")
                if last["source"] == Source.WARM_START:
                    return Outcome(False, "The warm start is not undone; reset starts over.")
                if target is not None and target != last["seq"]:
                    return Outcome(False, "The last answer is another one by now.")
                state = log.state_before(connection, experiment.id, last["seq"])
                retract = person and log.others_since(
                    connection, experiment.id, last["seq"], person
                )
            held.drop()
            event = Event(
                seq=experiment.head + 1,
                kind=Kind.RETRACT if retract else Kind.UNDO,
                first=experiment.position,
                stop=experiment.position if retract else last["first"],
                at=self.clock(),
                position=last["position"],
                target=last["seq"],
                strategy_state=experiment.strategy_state if retract else state,
                annotator=annotator,
                key=key,
            )
            with self.database.write() as connection:
                log.append(connection, experiment.id, Append(event))
                if not retract:
                    back = self.turns.go_back(connection, experiment, person, last["position"])
        if not person:
            return Outcome(True)
        return Outcome(True, _RETRACTED if retract else _REOPENED if back else _ELSEWHERE)

    def _correct(
        self, slug: str, position: int, label: int | None, key: str | None, annotator: str
    ) -> Outcome:
        with self.held(slug) as held:
            with self.database.read() as connection:
                experiment = find_experiment(connection, slug)
                refuse_archived(experiment)
                self._check_label(experiment, label)
                if key and log.find_key(connection, experiment.id, key):
                    return Outcome(False, "That correction was recorded before.")
                target = log.answered_by(connection, experiment.id, position)
                if target is None:
                    raise NotFound(f"The sample at position {position} has no answer to change.")
            held.drop()
            event = Event(
                seq=experiment.head + 1,
                kind=Kind.RETRACT if label is None else Kind.RELABEL,
                first=experiment.position,
                stop=experiment.position,
                at=self.clock(),
                position=position,
                label=label,
                target=target,
                strategy_state=experiment.strategy_state,
                annotator=annotator,
                key=key,
            )
            with self.database.write() as connection:
                log.append(connection, experiment.id, Append(event))
        return Outcome(True)

    # The copy ------------------------------------------------------------------------------

    def learner(self, slug: str) -> tuple[Experiment, Learner]:
        """The experiment and a learner at its head, for display: predict with it, never scan."""
        with self.held(slug) as held, self.database.read() as connection:
            current = self._current(connection, slug, held)
            return current.experiment, pickle.loads(pickle.dumps(current.learner, protocol=5))

    def held(self, slug: str) -> _Warm:
        """This process's copy of an experiment, to be entered before it is used."""
        with self._lock:
            warm = self._warm.setdefault(slug, _Warm())
            self._warm.move_to_end(slug)
            while len(self._warm) > WARM_COPIES:
                self._warm.popitem(last=False)
            return warm

    def _current(self, connection: Connection, slug: str, warm: _Warm) -> Current:
        """The experiment at its head, from the warm copy, else a snapshot, else from nothing."""
        experiment, stream = find_with_stream(connection, slug)
        if (
            warm.learner is None
            or warm.uid != experiment.uid
            or (
                warm.head != experiment.head
                and log.corrected_since(connection, experiment.id, warm.head)
            )
        ):
            self._reload(connection, experiment, warm)
        learner = warm.learner
        assert learner is not None
        if warm.head != experiment.head:
            # Should something fail on the way, half caught up is of no use to anybody.
            warm.drop()
            labels = log.labels_since(connection, experiment.id, warm.head)
            learner.replay(
                lessons(self.samples, experiment, labels),
                draws=experiment.position - warm.position,
                state=experiment.strategy_state,
            )
            warm.learner, warm.head, warm.position = learner, experiment.head, experiment.position
        return Current(experiment, stream, learner, warm)

    def _reload(self, connection: Connection, experiment: Experiment, warm: _Warm) -> None:
        snapshot = self.snapshots.load(connection, experiment)
        warm.uid = experiment.uid
        if snapshot is None:
            warm.learner = beginner(experiment)
            warm.head = warm.position = warm.saved_at = 0
        else:
            warm.learner, warm.head = snapshot.learner, snapshot.head
            warm.position, warm.saved_at = snapshot.position, snapshot.head

    def _scan(self, current: Current, seconds: float, *, yields: bool = False) -> Scanned:
        """Scan from the head's position to the next query, the end, or out of time.

        Where several people label, time is short while another thread waits for this copy: it
        has an answer to save, and whoever has no query yet asks again.
        """
        predictions: list[Prediction] = []
        truths: list[int | None] = []
        first = current.experiment.position
        stop = min(current.stream.samples, first + MAX_SCANNED)
        began = time.perf_counter()
        waiting = current.warm.waiting
        scan = current.learner.scan
        samples = self.samples.walk(current.stream.id, first, stop)
        for position, (_, fields, truth) in enumerate(samples, start=first):
            prediction = scan(position, fields)
            predictions.append(prediction)
            truths.append(truth)
            if prediction.decision.asked:
                break
            if position % 16 == 0:
                took = time.perf_counter() - began
                if took > seconds or (yields and waiting and took > YIELD_SECONDS):
                    break
        return Scanned(predictions, truths)

    def _commit(
        self,
        current: Current,
        scanned: Scanned,
        *,
        kind: Kind,
        query: Row | None = None,
        person: str = "",
        **details: object,
    ) -> None:
        experiment, warm = current.experiment, current.warm
        stop = experiment.position + len(scanned.predictions)
        event = Event(
            seq=experiment.head + 1,
            kind=kind,
            first=experiment.position,
            stop=stop,
            at=self.clock(),
            strategy_state=current.learner.sampler.state,
            **details,  # type: ignore[arg-type]
        )
        with self.database.write() as connection:
            log.append(connection, experiment.id, Append(event, *scanned, query))
            self.turns.pass_on(connection, experiment, person, event.position)
        warm.learner, warm.head, warm.position = current.learner, event.seq, stop
        if event.seq - warm.saved_at >= warm.save_every:
            warm.saved_at = event.seq
            self._saver.submit(self._save, experiment, warm)

    def _save(self, experiment: Experiment, warm: _Warm) -> None:
        """Save a snapshot, after the reply. Large models are saved less often."""
        with warm.lock:
            if warm.learner is None or warm.uid != experiment.uid:
                return
            began = time.perf_counter()
            blob = pickle.dumps(warm.learner, protocol=5)
            took = time.perf_counter() - began
            head, position = warm.head, warm.position
            warm.save_every = max(SNAPSHOT_EVERY, math.ceil(took / REPLAY_SECONDS_PER_LABEL))
        try:
            self.snapshots.put(experiment, blob, head=head, position=position, at=self.clock())
        except (*CACHE_ERRORS, SluiceError) as error:  # only a copy: it never fails a label
            logger.warning("No snapshot of %s at %d: %s", experiment.slug, head, error)

    def settle(self) -> None:
        """Wait until snapshots under way are saved."""
        self._saver.submit(lambda: None).result()

    def retrying(self, step: Callable[[], T]) -> T:
        """Decide a step anew for as long as others come first."""
        for _ in range(ATTEMPTS):
            try:
                return step()
            except (HeadMoved, NotOpen):
                continue
        raise Conflict("Too many answers came in at the same moment; try again.")

    @staticmethod
    def _check_label(experiment: Experiment, label: int | None) -> None:
        if label is not None and not 0 <= label < len(experiment.classes):
            names = ", ".join(c.name for c in experiment.classes)
            raise BadInput(f"There is no class number {label}; the classes are {names}.")


def _budgets(seconds: float) -> Iterator[float]:
    """Others who answer all the while let only shorter steps through."""
    while True:
        yield seconds
        seconds /= 2


def stands_at(connection: Connection, experiment: Experiment) -> int:
    """Where a warm start has come to: the sample scanned last if its query is open, or the next."""
    last = experiment.position - 1
    under_way = 0 <= last < experiment.warm_until
    query = log.open_at(connection, experiment.id, last) if under_way else None
    if query is None or query["checked"] is not None:  # a spot-check of what was skipped
        return experiment.position
    return last


def find_experiment(connection: Connection, slug: str) -> Experiment:
    """The experiment of a slug.

    Raises
    ------
    NotFound
        With the way to see which there are.

    """
    experiment = experiments.find(connection, slug)
    if experiment is None:
        raise _not_found(slug)
    return experiment


def find_with_stream(connection: Connection, slug: str) -> tuple[Experiment, Stream]:
    """The experiment of a slug and its stream.

    Raises
    ------
    NotFound
        With the way to see which there are.

    """
    found = experiments.find_with_stream(connection, slug)
    if found is None:
        raise _not_found(slug)
    return found


def _not_found(slug: str) -> NotFound:
    return NotFound(
        f"There is no experiment {slug!r}; see the Experiments page, or "
        "`python -m dashboard experiments list`."
    )


def refuse_archived(experiment: Experiment) -> None:
    """Nothing happens any more in an archived experiment."""
    if experiment.archived_at is not None:
        raise BadInput(f"{experiment.slug} is archived; reopen it to label on.")
