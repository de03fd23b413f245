"""Rollups equal a recount, and the log equals a model of a few lines, after random histories."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.analytics.buckets import make_buckets
from dashboard.analytics.estimates import counters
from dashboard.analytics.estimates.answers import (
    NO_CLASS,
    NO_LABEL,
    Answers,
    bins_of,
    cells_of,
    evidence_of,
)
from dashboard.analytics.estimates.evidence import Weighted
from dashboard.core.events import Event, Kind, Source
from dashboard.core.learner import Prediction
from dashboard.core.spec import make_spec
from dashboard.core.strategies import Decision
from dashboard.settings import read_settings
from dashboard.storage import experiments, log, rollups, schema, streams
from dashboard.storage.database import Database
from dashboard.storage.experiments import LabelClass
from dashboard.storage.log import Append
from dashboard.storage.streams import Sample

CLASSES = 3
FLOOR = 0.05
HOUR = 3_600_000


@dataclass
class Answer:
    seq: int
    position: int
    first: int
    label: int | None
    answer: str
    source: Source = Source.PERSON


@dataclass
class History:
    """Writes random steps to a log, and keeps by itself what should follow from them."""

    database: Database
    experiment_id: int
    rng: random.Random
    head: int = 0
    rows: list[tuple[Prediction, int | None]] = field(default_factory=list)  # those in force
    answers: list[Answer] = field(default_factory=list)
    open: int | None = None

    def write(self, scanned: list[tuple[Prediction, int | None]] = (), **details: Any) -> None:
        self.head += 1
        first = details.pop("first", len(self.rows))
        stop = details.pop("stop", first + len(scanned))
        event = Event(seq=self.head, first=first, stop=stop, at=self.head * HOUR // 3, **details)
        with self.database.write() as connection:
            log.append(
                connection,
                self.experiment_id,
                Append(event, [p for p, _ in scanned], [t for _, t in scanned]),
            )
        self.rows += scanned
        if scanned:
            asked = scanned[-1][0].decision.asked
            self.open = scanned[-1][0].position if asked else None

    def some(self, skipped: int, *, ask: bool) -> list[tuple[Prediction, int | None]]:
        made = []
        for position in range(len(self.rows), len(self.rows) + skipped + ask):
            asked = ask and position == len(self.rows) + skipped
            reason = self.rng.choice(("entropy", "audit", "cold-start")) if asked else ""
            decision = Decision(self.rng.random(), self.rng.random(), asked, reason)
            predicted = self.rng.choice((None, 0, 1, 2))
            truth = self.rng.choice((None, 0, 1, 2))
            probabilities = tuple(self.rng.random() for _ in range(CLASSES))
            made.append((Prediction(position, predicted, probabilities, decision), truth))
        return made

    def scan(self, skipped: int, ask: bool) -> None:
        if self.open is None and (scanned := self.some(skipped, ask=ask)):
            self.write(scanned, kind=Kind.SCAN)

    def answer(self, label: int | None, skipped: int, ask: bool) -> None:
        if self.open is None:
            return
        position, source = self.open, self.rng.choice(tuple(Source))
        kind = Kind.PASS if label is None else Kind.LABEL
        self.answers.append(
            Answer(self.head + 1, position, len(self.rows), label, kind.value, source)
        )
        self.open = None
        milliseconds = self.rng.choice((None, 700))
        self.write(
            self.some(skipped, ask=ask),
            kind=kind,
            position=position,
            label=label,
            source=source,
            milliseconds=milliseconds,
        )

    def undo(self) -> None:
        in_force = [i for i, a in enumerate(self.answers) if a.answer != "retracted"]
        if not in_force:
            return
        target = self.answers[in_force[-1]]
        self.write(
            kind=Kind.UNDO, target=target.seq, position=target.position, first=len(self.rows),
            stop=target.first,
        )  # fmt: skip
        self.answers = self.answers[: in_force[-1]]
        self.rows = self.rows[: target.first]
        self.open = target.position

    def correct(self, which: int, label: int | None) -> None:
        if not self.answers:
            return
        chosen = self.answers[which % len(self.answers)]
        kind = Kind.RETRACT if label is None else Kind.RELABEL
        self.write(kind=kind, target=chosen.seq, position=chosen.position, label=label)
        chosen.label, chosen.answer = label, "retracted" if label is None else "label"

    def expected_totals(self) -> Counter[str]:
        """Counted in another way than `tally` does, from what this class knows."""
        told = {a.position: a for a in self.answers}
        totals: Counter[str] = Counter()
        for prediction, truth in self.rows:
            answer = told.get(prediction.position)
            if prediction.decision.asked and answer is None:
                continue
            judge = truth if truth is not None or answer is None else answer.label
            totals["n"] += 1
            totals["asked"] += prediction.decision.asked
            totals["known"] += judge is not None
            totals["correct"] += judge is not None and judge == prediction.predicted
            for kind, name in (("label", "labels"), ("pass", "passes"), ("retracted", "retracted")):
                totals[name] += answer is not None and answer.answer == kind
        return +totals

    def expected_answers(self) -> Answers:
        """What estimates are made of, one by one."""
        predictions = [self.rows[a.position][0] for a in self.answers]
        return Answers(
            np.array([a.position for a in self.answers], dtype=np.int64),
            np.array([named(p) for p in predictions], dtype=np.int64),
            np.array([NO_LABEL if a.label is None else a.label for a in self.answers], np.int64),
            np.array([confidence(p) for p in predictions], dtype=float),
            np.array([p.decision.query_probability for p in predictions], dtype=float),
            np.array([p.decision.reason for p in predictions], dtype=object),
        )

    def closed(self) -> list[Prediction]:
        return [p for p, _ in self.rows if p.position != self.open]


def named(prediction: Prediction) -> int:
    return NO_CLASS if prediction.predicted is None else prediction.predicted


def confidence(prediction: Prediction) -> float:
    """Of the predicted class; it plays no part where there is none."""
    return 0.0 if prediction.predicted is None else prediction.probabilities[prediction.predicted]


labels = st.sampled_from((0, 1, 2, None))
skips = st.integers(0, 4)
steps = st.one_of(
    st.tuples(st.just("scan"), skips, st.booleans()),
    st.tuples(st.just("answer"), labels, skips, st.booleans()),
    st.tuples(st.just("answer"), labels, skips, st.just(True)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("correct"), st.integers(0, 9), labels),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("rollups")
    opened = Database(read_settings({"SLUICE_DATA": str(folder)}))
    yield opened
    opened.close()


def begin(database: Database, seed: int = 0) -> History:
    """An experiment of its own, over a stream that only has to exist."""
    with database.write() as connection:
        stream = streams.find(connection, "any") or streams.add(
            connection, slug="any", title="", kind="text", classes=["a", "b", "c"],
            items=[Sample("s0", {"text": ""}, None)], source="", at=0,
        )  # fmt: skip
        name = f"history-{len(experiments.every(connection))}"
        experiments.add(
            connection, uid=name, slug=name, name=name, stream_id=stream.id,
            spec=make_spec("blog", text=True, classes=CLASSES), warm_start=0, at=0,
            classes=[LabelClass(c, c) for c in stream.classes],
        )  # fmt: skip
        found = experiments.find(connection, name)
    assert found is not None
    return History(database, found.id, random.Random(seed))


def check(history: History) -> None:
    experiment_id = history.experiment_id
    with history.database.read() as connection:
        assert log.answers_in_force(connection, experiment_id) == [
            (a.seq, a.position, a.label, a.answer) for a in history.answers
        ]
        assert log.labels_since(connection, experiment_id, 0) == [
            (a.position, a.label) for a in history.answers if a.label is not None
        ]
        now_open = [] if history.open is None else [history.open]
        assert log.open_positions(connection, experiment_id) == now_open
        stored = rollups.stored(connection, experiment_id)
        assert stored == rollups.recount(connection, experiment_id)
        totals = rollups.totals(connection, experiment_id)
        hours = rollups.series(connection, experiment_id, "hour")
    expected = history.expected_totals()
    assert {name: totals[name] for name in expected} == dict(expected)
    assert {name for name in ("n", "asked", "labels", "passes", "retracted") if totals[name]} == (
        set(expected) & {"n", "asked", "labels", "passes", "retracted"}
    )
    by_source = Counter(f"from:{a.source.value}" for a in history.answers)
    counted: Counter[str] = Counter()
    for _, counts in hours:
        counted.update({k: n for k, n in counts.items() if k.startswith("from:")})
    assert counted == by_source
    check_estimates(history)


def check_estimates(history: History) -> None:
    """The sums in the rollups are those of the answers themselves, up to their rounding."""
    answers, closed = history.expected_answers(), history.closed()
    with history.database.read() as connection:
        series = {
            kind: rollups.series(connection, history.experiment_id, kind)
            for kind in ("all", "25", "cell", "confidence")
        }
    predicted = np.array([named(p) for p in closed], dtype=np.int64)
    sure = np.array([confidence(p) for p in closed if p.predicted is not None], dtype=float)
    totals = series["all"][0][1] if series["all"] else Counter()
    same(
        counters.cells_from(series["cell"], totals, n_classes=CLASSES, floor=FLOOR),
        cells_of(answers, predicted, n_classes=CLASSES, floor=FLOOR),
    )
    same(
        counters.bins_from(series["confidence"], floor=FLOOR),
        bins_of(answers, sure, floor=FLOOR),
    )
    if not closed:
        return
    along = counters.evidence_along(make_buckets("25", series["25"]), floor=FLOOR)
    same(along, evidence_of(answers, len(closed), floor=FLOOR), last=True)


def same(found: Any, expected: Any, *, last: bool = False) -> None:
    """Two sets of sums; `last` compares the end of a curve."""
    for name, value in vars(found).items():
        if isinstance(value, Weighted):
            same(value, getattr(expected, name), last=last)
        else:
            value = np.asarray(value)
            value = value[-1] if last and value.ndim else value
            np.testing.assert_allclose(value, getattr(expected, name), atol=1e-4, err_msg=name)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 99), history=st.lists(steps, min_size=4, max_size=16))
def test_random_histories(database, seed, history):
    written = begin(database, seed)
    written.scan(2, True)
    for name, *arguments in history:
        getattr(written, name)(*arguments)
    check(written)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_history_is_right_after_every_step(database, seed):
    rng = random.Random(seed)
    written = begin(database, seed)
    for _ in range(60):
        u = rng.random()
        if u < 0.6:
            written.scan(rng.randrange(30), True)
            written.answer(rng.choice((0, 1, 2, None)), rng.randrange(30), rng.random() < 0.9)
        elif u < 0.8:
            written.correct(rng.randrange(50), rng.choice((0, 1, 2, None)))
        else:
            written.undo()
        check(written)
    assert len(written.rows) > 25  # more than one bucket of the smallest size


def everything(database: Database, experiment_id: int) -> dict[Any, str]:
    with database.read() as connection:
        return rollups.stored(connection, experiment_id)


def test_nothing_of_an_open_query_is_counted(database):
    """Neither its entropy nor its probability: the page may not let on what will be asked."""
    written = begin(database)
    written.scan(0, True)
    assert everything(database, written.experiment_id) == {}
    written.answer(1, 3, True)
    one = everything(database, written.experiment_id)
    written.undo()
    assert everything(database, written.experiment_id) == {}
    written.answer(1, 3, False)
    again = everything(database, written.experiment_id)
    assert rollups_n(again) == rollups_n(one) == 4


def rollups_n(stored: dict[Any, str]) -> int:
    return int(stored["all", 0].split('"n":')[1].split(",")[0])


def test_pass_and_retract_are_no_labels(database):
    written = begin(database)
    written.scan(1, True)
    written.answer(None, 0, True)
    written.answer(2, 0, True)
    with database.read() as connection:
        before = rollups.totals(connection, written.experiment_id)
    assert (before["labels"], before["passes"], before["asked"], before["n"]) == (1, 1, 2, 3)
    written.correct(1, None)
    with database.read() as connection:
        after = rollups.totals(connection, written.experiment_id)
    assert (after["labels"], after["passes"], after["retracted"]) == (0, 1, 1)
    assert (after["asked"], after["n"]) == (2, 3)
    check(written)


def some_history(database: Database) -> History:
    written = begin(database, 3)
    written.scan(4, True)
    for label in (0, 1, None, 2, 1):
        written.answer(label, 9, True)
    return written


def test_rebuild_equals_what_was_kept(database):
    written = some_history(database)
    before = everything(database, written.experiment_id)
    with database.write() as connection:
        connection.execute(
            schema.rollups.update()
            .where(schema.rollups.c.experiment_id == written.experiment_id)
            .values(counts='{"n":7}')
        )
        rollups.rebuild(connection, written.experiment_id)
    assert everything(database, written.experiment_id) == before


def test_rebuild_of_one_experiment_leaves_the_others(database):
    one, other = some_history(database), some_history(database)
    before = everything(database, other.experiment_id)
    with database.write() as connection:
        connection.execute(schema.rollups.delete())
        rollups.rebuild(connection, one.experiment_id)
    assert everything(database, other.experiment_id) == {}
    with database.write() as connection:
        rollups.rebuild(connection, other.experiment_id)
    assert everything(database, other.experiment_id) == before


@pytest.mark.parametrize("step", ["scan", "answer", "undo", "correct"])
def test_deleted_rollups_come_back_with_the_next_step(database, step):
    """They may be deleted while stopped; what is added next must not be all there is then."""
    written = some_history(database)
    if step == "scan":
        written.answer(1, 2, False)
    with database.write() as connection:
        mine = schema.rollups.c.experiment_id == written.experiment_id
        connection.execute(schema.rollups.delete().where(mine))
    if step == "scan":
        written.scan(5, True)
    elif step == "answer":
        written.answer(1, 3, True)
    elif step == "undo":
        written.undo()
    else:
        written.correct(2, 0)
    check(written)


def test_skipped_samples_are_counted_anew_on_start_though_nothing_was_answered(database):
    written = begin(database)
    written.scan(3, True)
    with database.write() as connection:
        mine = schema.rollups.c.experiment_id == written.experiment_id
        connection.execute(schema.rollups.delete().where(mine))
    rollups.restore(database)
    assert rollups_n(everything(database, written.experiment_id)) == 3
    check(written)


@pytest.mark.parametrize("kind", [Kind.CHANGE, Kind.SCAN])
def test_a_step_that_comes_in_between_on_start_is_counted_too(database, monkeypatch, kind):
    written = some_history(database)
    written.answer(1, 2, False)
    with database.write() as connection:
        mine = schema.rollups.c.experiment_id == written.experiment_id
        connection.execute(schema.rollups.delete().where(mine))
    recount, spec = rollups.recount, make_spec("blog", text=True, classes=CLASSES).to_dict()

    def slowly(connection: Any, experiment_id: int) -> Any:
        counted = recount(connection, experiment_id)
        monkeypatch.setattr(rollups, "recount", recount)
        if kind is Kind.SCAN:
            written.scan(3, True)
        else:
            after = {"spec": spec, "classes": []}
            written.write(kind=kind, target=0, payload=json.dumps({"after": after}))
        return counted

    monkeypatch.setattr(rollups, "recount", slowly)
    rollups.restore(database)
    check(written)
