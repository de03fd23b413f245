"""`verify` has nothing to say about an honest log, and names what was tampered with."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.services.container import Services
from dashboard.storage import log, schema

EVENTS, PREDICTIONS = schema.events, schema.predictions


def answered(services: Services, slug: str) -> list[tuple[int, int, int | None, str]]:
    with services.database.read() as connection:
        return log.answers_in_force(connection, services.experiments.find(slug).id)


def correct(services: Services, slug: str) -> None:
    """Every kind of event: 28 labels, passes, undoes, relabels, a retraction, labels again."""
    services.runs.oracle(slug, count=16)
    for label in (None, 0, None, 1):
        position = services.views.view(slug)["query"]["position"]
        services.labeling.answer(slug, position=position, label=label, milliseconds=800)
        services.runs.scan(slug)
    for _ in range(3):
        services.labeling.undo(slug)
    services.runs.oracle(slug, count=8)
    told = [position for _, position, _, _ in answered(services, slug)]
    services.labeling.correct(slug, position=told[3], label=1)
    services.labeling.correct(slug, position=told[3], label=0)
    services.labeling.correct(slug, position=told[7], label=None)
    services.runs.oracle(slug, count=4)


@pytest.fixture
def services(request, open_more, start_from, make_experiment) -> Services:
    """Over a copy of the corrected experiment, where a test asks for one."""

    def build(made: Services) -> None:
        slug = make_experiment(made, preset="recommended", n=300, seed=5, budget=0.3)
        correct(made, slug)

    if "corrected" in request.fixturenames:
        start_from("corrected", build)
    return open_more()


@pytest.fixture
def corrected() -> str:
    """The slug of an experiment in which all has happened that can."""
    return "made"


@pytest.mark.both
def test_an_honest_log(services, open_more, corrected):
    verdict = services.verification.verify(corrected)
    assert verdict.difference == ""
    experiment = services.experiments.find(corrected)
    assert verdict.events == experiment.head
    with services.database.read() as connection:
        scanned = connection.scalar(sa.select(sa.func.count()).select_from(PREDICTIONS))
    assert verdict.samples == scanned > experiment.position  # undone branches too
    assert open_more().verification.verify(corrected) == verdict


def test_clean_after_twenty_undoes_and_twenty_relabels(services, open_more, make_experiment):
    slug = make_experiment(services, n=150)
    services.runs.oracle(slug, count=60)
    verdicts = [services.verification.verify(slug)]
    for _ in range(20):
        assert services.labeling.undo(slug).done
    verdicts.append(services.verification.verify(slug))
    rng = random.Random(2)
    for _, position, _, _ in rng.sample(answered(services, slug), 20):
        label = rng.choice((0, 1, None))
        assert services.labeling.correct(slug, position=position, label=label).done
    verdicts.append(services.verification.verify(slug))
    services.runs.oracle(slug, count=10)
    for _ in range(20):
        services.labeling.undo(slug)
    services.labeling.settle()
    verdicts.append(open_more().verification.verify(slug))
    assert [v.difference for v in verdicts] == ["", "", "", ""]
    assert len({v.fingerprint for v in verdicts}) == 4
    assert verdicts[1].events == verdicts[0].events + 20


def test_nothing_to_verify(services, make_experiment):
    verdict = services.verification.verify(make_experiment(services))
    assert (verdict.difference, verdict.events, verdict.samples) == ("", 0, 0)


def test_fingerprints_tell_histories_apart(services, make_experiment):
    prints = set()
    for name, seed, label in (("a", 1, 0), ("b", 1, 1), ("c", 2, 0)):
        slug = make_experiment(services, name, seed=seed)
        services.runs.scan(slug)
        position = services.views.view(slug)["query"]["position"]
        services.labeling.answer(slug, position=position, label=label)
        prints.add(services.verification.verify(slug).fingerprint)
    assert len(prints) == 3


# Tampering ------------------------------------------------------------------------------------


def flip_bit(blob: bytes) -> bytes:
    """The least significant bit of the first probability."""
    first = struct.unpack_from("<Q", blob)[0] ^ 1
    return struct.pack("<Q", first) + blob[8:]


class Tamperer:
    """Changes one stored thing behind the service's back."""

    def __init__(self, services: Services, slug: str):
        self.services = services
        self.experiment = services.experiments.find(slug)
        self.told = answered(services, slug)

    def run(self, statement: Any) -> None:
        with self.services.database.write() as connection:
            assert connection.execute(statement).rowcount == 1

    def all(self, statement: Any) -> list[Any]:
        with self.services.database.read() as connection:
            return list(connection.execute(statement))

    def event(self, seq: int, **values: Any) -> None:
        mine = sa.and_(EVENTS.c.experiment_id == self.experiment.id, EVENTS.c.seq == seq)
        self.run(EVENTS.update().where(mine).values(**values))

    def row(self, position: int, **values: Any) -> None:
        self.run(PREDICTIONS.update().where(self.at(position)).values(**values))

    def at(self, position: int) -> Any:
        return sa.and_(
            PREDICTIONS.c.experiment_id == self.experiment.id,
            PREDICTIONS.c.position == position,
            PREDICTIONS.c.voided == 0,
        )

    def last_of(self, kind: str) -> Any:
        mine = sa.and_(EVENTS.c.experiment_id == self.experiment.id, EVENTS.c.kind == kind)
        return self.all(sa.select(EVENTS).where(mine).order_by(EVENTS.c.seq))[-1]

    def stored(self, position: int) -> Any:
        return self.all(sa.select(PREDICTIONS).where(self.at(position)))[0]

    def skipped(self) -> Any:
        return self.all(
            sa.select(PREDICTIONS)
            .where(PREDICTIONS.c.reason == "", PREDICTIONS.c.voided == 0)
            .order_by(PREDICTIONS.c.position)
        )[20]

    # One method for each kind.

    def probability_bit(self) -> str:
        row = self.skipped()
        self.row(row.position, probabilities=flip_bit(row.probabilities))
        return f"At position {row.position}, the probabilities: stored is "

    def probability_bit_of_an_undone_row(self) -> str:
        row = self.all(sa.select(PREDICTIONS).where(PREDICTIONS.c.voided > 0))[0]
        self.run(
            PREDICTIONS.update()
            .where(PREDICTIONS.c.position == row.position, PREDICTIONS.c.voided == row.voided)
            .values(probabilities=flip_bit(row.probabilities))
        )
        return f"At position {row.position}, the probabilities: stored is "

    def query_probability(self) -> str:
        row = self.skipped()
        self.row(row.position, query_probability=row.query_probability * (1 + 2**-52))
        return f"At position {row.position}, the decision: stored is "

    def entropy(self) -> str:
        row = self.skipped()
        self.row(row.position, entropy=row.entropy * (1 - 2**-53))
        return f"At position {row.position}, the decision: stored is "

    def predicted_class(self) -> str:
        row = self.skipped()
        self.row(row.position, predicted=1 - row.predicted)
        return f"At position {row.position}, the predicted class: stored is "

    def reason(self) -> str:
        _, position, _, _ = self.told[5]
        self.row(position, reason="audit" if self.stored(position).reason != "audit" else "x")
        return f"At position {position}, the decision: stored is "

    def asked_after_all(self) -> str:
        row = self.skipped()
        self.row(row.position, reason="budget-entropy")
        return f"At position {row.position}, the decision: stored is "

    def truth(self) -> str:
        row = self.skipped()
        self.row(row.position, truth=1 - row.truth)
        return f"At position {row.position}, the truth: stored is "

    def flipped_label_of_an_event(self) -> str:
        seq, _, label, _ = self.told[1]
        self.event(seq, label=1 - label)
        return "At position "

    def flipped_label_of_a_row(self) -> str:
        _, position, label, _ = self.told[-1]
        self.row(position, label=1 - label)
        return f"At the answer at position {position}, the label in force: stored is "

    def flipped_label_of_a_relabel(self) -> str:
        self.event(self.last_of("relabel").seq, label=1)
        return "At "

    def label_made_a_pass(self) -> str:
        _, position, _, _ = self.told[-1]
        self.row(position, answer="pass", label=None)
        return f"At the answer at position {position}, the label in force: stored is "

    def answer_forgotten(self) -> str:
        _, position, _, _ = self.told[-1]
        self.row(position, answered=None, answer=None, label=None)
        return "At the log, answers in force: stored is "

    def swapped_answered(self) -> str:
        (one, p, _, _), (other, q, _, _) = self.told[2:4]
        self.row(p, answered=other)
        self.row(q, answered=one)
        return f"At the answer at position {p}, the label in force: stored is "

    def deleted_event(self) -> str:
        self.run(
            EVENTS.delete().where(
                EVENTS.c.experiment_id == self.experiment.id, EVENTS.c.seq == self.told[4][0]
            )
        )
        return f"At event {self.told[4][0] + 1}, its number: stored is "

    def deleted_last_event(self) -> str:
        self.run(EVENTS.delete().where(EVENTS.c.seq == self.experiment.head))
        return "At experiment made, the head: stored is "

    def deleted_row(self) -> str:
        row = self.skipped()
        self.run(PREDICTIONS.delete().where(self.at(row.position)))
        return f"At event {row.seq}, scanned predictions: stored is "

    def row_of_another_event(self) -> str:
        row = self.skipped()
        self.row(row.position, seq=row.seq + 1)
        return f"At event {row.seq}, scanned predictions: stored is "

    def changed_text(self) -> str:
        _, position, _, _ = self.told[0]
        self.run(
            schema.samples.update()
            .where(schema.samples.c.position == position)
            .values(text="wina winb winc wind")
        )
        return "At position "

    def changed_text_of_a_skipped_sample(self) -> str:
        row = self.skipped()
        self.run(
            schema.samples.update()
            .where(schema.samples.c.position == row.position)
            .values(text=schema.samples.c.text + " winc")
        )
        return f"At position {row.position}, the probabilities: stored is "

    def changed_truth_of_a_sample(self) -> str:
        row = self.skipped()
        self.run(
            schema.samples.update()
            .where(schema.samples.c.position == row.position)
            .values(truth=1 - row.truth)
        )
        return f"At position {row.position}, the truth: stored is "

    def state(self, kind: str) -> str:
        event = self.last_of(kind)
        self.event(event.seq, strategy_state=event.strategy_state + 1e-9)
        return f"At event {event.seq}, the strategy's state: stored is "

    def state_of_a_label(self) -> str:
        return self.state("label")

    def state_of_an_undo(self) -> str:
        return self.state("undo")

    def state_of_an_undo_that_was_undone_in_turn(self) -> str:
        undo = self.last_of("undo").seq - 1
        found = self.all(sa.select(EVENTS).where(EVENTS.c.seq == undo))[0]
        assert found.kind == "undo"
        self.event(undo, strategy_state=found.strategy_state - 1e-9)
        return f"At event {undo}, the strategy's state: stored is "

    def state_of_a_relabel(self) -> str:
        return self.state("relabel")

    def state_of_a_retract(self) -> str:
        return self.state("retract")

    def state_of_the_experiment(self) -> str:
        self.change_experiment(strategy_state=self.experiment.strategy_state + 1e-9)
        return "At experiment made, the strategy's state: stored is "

    def change_experiment(self, **values: Any) -> None:
        mine = schema.experiments.c.id == self.experiment.id
        self.run(schema.experiments.update().where(mine).values(**values))

    def head(self) -> str:
        self.change_experiment(head=self.experiment.head + 1)
        return "At experiment made, the head: stored is "

    def position(self) -> str:
        self.change_experiment(position=self.experiment.position + 1)
        return "At experiment made, the position: stored is "

    def seed(self) -> str:
        spec = self.all(sa.select(schema.experiments.c.spec))[0].spec
        self.change_experiment(spec=spec.replace('"seed": 5', '"seed": 6'))
        return "At position "

    def stop_of_an_undo(self) -> str:
        event = self.last_of("undo")
        self.event(event.seq, stop=event.stop - 1)
        return f"At event {event.seq}, "

    def target_of_an_undo(self) -> str:
        event = self.last_of("undo")
        self.event(event.seq, target=event.target - 1)
        return f"Event {event.seq} undoes event {event.target - 1}, which is no answer."

    def target_of_a_relabel(self) -> str:
        event = self.last_of("relabel")
        self.event(event.seq, target=1)
        return f"Event {event.seq} corrects event 1, which is no answer in force."

    def answer_to_a_skipped_sample(self) -> str:
        seq, _, _, _ = self.told[3]
        skipped = self.skipped().position
        self.event(seq, position=skipped)
        return f"Event {seq} answers position {skipped}, which was not asked."

    def rollup(self, kind: str) -> str:
        table = schema.rollups
        row = self.all(sa.select(table).where(table.c.kind == kind).order_by(table.c.bucket))[0]
        name, _, rest = row.counts.partition(":")
        counts = f"{name}:1{rest}"  # one digit more in the first number
        self.run(
            table.update()
            .where(table.c.kind == kind, table.c.bucket == row.bucket)
            .values(counts=counts)
        )
        return f"At rollup {kind} {row.bucket}, the counts: stored is "

    def rollup_all(self) -> str:
        return self.rollup("all")

    def rollup_25(self) -> str:
        return self.rollup("25")

    def rollup_entropy(self) -> str:
        return self.rollup("entropy")

    def rollup_confusion(self) -> str:
        return self.rollup("confusion")

    def rollup_hour(self) -> str:
        return self.rollup("hour")

    def deleted_rollup(self) -> str:
        self.run(schema.rollups.delete().where(schema.rollups.c.kind == "500"))
        return "At rollup 500 0, the counts: stored is None"

    def snapshot_of_another_model(self) -> str:
        """Even with a checksum to match: whoever can write both can write anything."""
        row = self.all(sa.select(schema.snapshots).order_by(schema.snapshots.c.seq.desc()))[0]
        mine = schema.snapshots.c.seq == row.seq
        self.run(schema.snapshots.update().where(mine).values(position=row.position - 1))
        return f"At the snapshot at {row.seq}, the model caught up from it: stored is "


KINDS = [
    name
    for name, value in vars(Tamperer).items()
    if value is not None
    and getattr(value, "__annotations__", {}).get("return") == "str"
    and value.__code__.co_argcount == 1
]


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found(services, open_more, corrected, kind):
    assert services.verification.verify(corrected).difference == ""
    begins = getattr(Tamperer(services, corrected), kind)()
    found = services.verification.verify(corrected).difference
    assert found.startswith(begins)
    assert found.endswith(".")
    assert open_more().verification.verify(corrected).difference == found


def test_every_kind_of_tampering_is_tried():
    assert len(KINDS) > 35
    assert {"probability_bit", "swapped_answered", "state_of_an_undo", "rollup_hour"} <= set(KINDS)


@pytest.mark.both
def test_all_rollups_deleted_come_back(services, corrected):
    before = services.verification.verify(corrected)
    table = sa.select(schema.rollups).order_by(schema.rollups.c.kind, schema.rollups.c.bucket)
    with services.database.write() as connection:
        kept = connection.execute(table).all()
        connection.execute(schema.rollups.delete())
    assert services.verification.verify(corrected) == before
    with services.database.read() as connection:
        assert connection.execute(table).all() == kept


@pytest.mark.both
def test_verify_changes_nothing(services, corrected):
    def everything() -> Any:
        with services.database.read() as connection:
            return [
                connection.execute(sa.select(table)).all()
                for table in schema.metadata.tables.values()
            ]

    before = everything()
    services.verification.verify(corrected)
    assert everything() == before


def test_experiments_are_verified_one_by_one(services, corrected, make_experiment):
    other = make_experiment(services, "other", preset="recommended", n=300, budget=0.3)
    services.runs.oracle(other, count=5)
    Tamperer(services, corrected).probability_bit()
    assert services.verification.verify(corrected).difference != ""
    assert services.verification.verify(other).difference == ""
