"""Disks that fail at every statement of an answer, and the same answer sent again.

The errors are those of the drivers, raised where the driver would raise them: before a statement,
after it, at the commit, and after a commit whose news is lost. Further down the system itself
refuses what would make a file longer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
import pytest
import sqlalchemy as sa
from river import active, feature_extraction, linear_model

from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.settings import Settings, read_settings
from dashboard.storage import log, schema
from dashboard.storage.database import Database
from tests.postgres import WITHOUT, PostgresServer, programs
from tests.serving import ROOT

BROKEN, FULL = "reports an error", "is full; nothing was changed"
POSTGRESQL = {psycopg.errors.IoError: BROKEN, psycopg.errors.AdminShutdown: "shut down"}


class Fault:
    """Makes the database fail at one step of the next request, or from that step on.

    Parameters
    ----------
    database
        Which.
    error
        What the driver raises.
    lasting
        Whether it goes on failing until it is mended.

    """

    def __init__(self, database: Database, error: Exception, *, lasting: bool):
        self.error = error
        self.lasting = lasting
        self.step = self.at = self.thread = -1
        self.after = self.armed = self.fired = False
        engine = database.engine
        for name in ("do_execute", "do_executemany", "do_execute_no_params"):
            sa.event.listen(engine, name, getattr(self, name))
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self.do_commit

    def arm(self, at: int, *, after: bool) -> None:
        """Fail at the step of that number, before or after it is done."""
        self.step, self.at, self.after = -1, at, after
        self.thread = threading.get_ident()  # what is done beside the request is not counted
        self.armed, self.fired = True, False

    def mend(self) -> None:
        """Let the disk be well again."""
        self.armed = False

    def _now(self, do: Callable[[], object]) -> bool:
        if threading.get_ident() != self.thread:
            return False
        self.step += 1
        if not self.armed or (self.step < self.at or (self.fired and not self.lasting)):
            return False
        if self.after and not self.fired:
            do()
        self.fired = True
        raise self.error

    def do_execute(self, cursor: Any, statement: str, values: Any, _context: Any) -> bool:
        return self._now(lambda: cursor.execute(statement, values))

    def do_executemany(self, cursor: Any, statement: str, values: Any, _context: Any) -> bool:
        return self._now(lambda: cursor.executemany(statement, values))

    def do_execute_no_params(self, cursor: Any, statement: str, _context: Any) -> bool:
        return self._now(lambda: cursor.execute(statement))

    def do_commit(self, connection: Any) -> None:
        self._now(lambda: self._commit(connection))
        self._commit(connection)


def stored(services: Services, slug: str) -> list[tuple[int, int | None, str]]:
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return [a[1:] for a in log.answers_in_force(connection, experiment.id)]


def everything(services: Services, slug: str) -> tuple[Any, ...]:
    """Rows per table, head, answers, and what this process's copy of the model is."""
    with services.database.read() as connection:
        counts = tuple(
            connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (schema.events, schema.predictions, schema.rollups)
        )
    found, learner = services.labeling.learner(slug)
    return (*counts, found.head, found.position, stored(services, slug), learner.fingerprint())


def fail_at_every_step(
    services: Services, other: Services, slug: str, fault: Fault, sentence: str
) -> dict[str, int]:
    """Send an answer with each of its steps failing in turn, each followed by the same again."""
    desk, outcomes = Desk(services), {"refused": 0, "stored all the same": 0}
    for after in (False, True):
        at, failed = 0, True
        while failed:
            view = desk.handle({"do": "look", "slug": slug})
            assert view["state"] == "ready", view["trouble"]
            position = view["query"]["position"]
            label = (None, 0, 1)[position % 3]
            wish = {"do": "pass" if label is None else "answer", "slug": slug, "label": label,
                    "position": position, "key": f"failing-{after}-{at}"}  # fmt: skip
            before = everything(services, slug)
            fault.arm(at, after=after)
            reply = desk.handle(wish)
            fault.mend()
            failed, at = fault.fired, at + 1
            kept = (position, label, "pass" if label is None else "label")
            now = everything(services, slug)
            assert now == everything(other, slug)  # the copy in memory is that of the log
            if failed:
                said = reply["notice"] or reply["trouble"]
                assert sentence in said
                assert said.count(". ") <= 2
                assert reply.get("refused") or reply["state"] == "error"
                took = now != before
                outcomes["stored all the same" if took else "refused"] += 1
                reply = desk.handle(wish)
                expected = "That answer was recorded before." if took else ""
                assert reply["notice"] == expected
            assert reply["state"] == "ready"
            assert stored(services, slug) == [*before[5], kept]
            assert services.experiments.find(slug).head == before[3] + 1
    return outcomes


def bare_river(services: Services, slug: str, answers: list[Any]) -> list[int]:
    """What River's own loop asks about when it is given the same answers."""
    sampler = active.EntropySampler(
        feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression(),
        discount_factor=3, seed=42,
    )  # fmt: skip
    stream = services.experiments.stream_of(services.experiments.find(slug))
    given, asked = {position: label for position, label, _ in answers}, []
    for position in range(max(given) + 1):
        x = services.labeling.samples.get(stream.id, position).fields
        _, ask = sampler.predict_one(x)
        if ask:
            asked.append(position)
            if given[position] is not None:
                sampler.learn_one(x, bool(given[position]))
    return asked


@pytest.mark.parametrize(
    ("words", "sentence", "lasting"),
    [("disk I/O error", BROKEN, False), ("database or disk is full", FULL, True)],
)
def test_an_answer_that_fails_at_any_step(
    services, open_more, make_experiment, patient, words, sentence, lasting
):
    """Once, or until the disk is mended."""
    slug = make_experiment(services, n=400, discount_factor=3)
    services.runs.scan(slug)
    fault = Fault(services.database, pysqlite3.OperationalError(words), lasting=lasting)
    outcomes = fail_at_every_step(services, open_more(), slug, fault, sentence)
    # Statements and commits of: the look-ups, the step itself, and the view that comes back.
    assert outcomes["refused"] > 20
    # The commit whose news was lost, and whatever failed while the view was made.
    assert outcomes["stored all the same"] > 5
    answers = stored(services, slug)
    assert bare_river(services, slug, answers) == [position for position, *_ in answers]
    assert services.verification.verify(slug).difference == ""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    if programs() is None:
        pytest.skip(WITHOUT)
    made = PostgresServer()
    made.start()
    yield made
    made.remove()


@pytest.mark.parametrize("error", POSTGRESQL, ids=lambda error: error.__name__)
def test_the_same_on_postgresql(server, tmp_path, open_more, make_experiment, patient, error):
    url = server.new_database(f"faults_{error.__name__.lower()}")
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "data"), "DATABASE_URL": url})
    Database(settings, forward=True).close()
    services = open_more(settings)
    slug = make_experiment(services, n=400, discount_factor=3)
    services.runs.scan(slug)
    fault = Fault(services.database, error("the server says no"), lasting=False)
    other = open_more(settings)
    outcomes = fail_at_every_step(services, other, slug, fault, POSTGRESQL[error])
    assert outcomes["refused"] > 20
    assert outcomes["stored all the same"] > 5
    assert services.verification.verify(slug).difference == ""


CHILD = """
import json, resource, sys
from dashboard.errors import Unavailable
from dashboard.services.container import open_services
from dashboard.services.labeling import Outcome
from dashboard.settings import read_settings

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

services = open_services(read_settings())
slug, wal = sys.argv[1], read_settings().data / "sluice.db-wal"
sentences, failed, answered = set(), 0, 0
for step in range(int(sys.argv[2])):
    services.runs.scan(slug)
    position = services.views.view(slug)["query"]["position"]
    request = {"position": position, "label": position % 2, "key": f"shown-{position}"}
    head = services.experiments.find(slug).head
    more = 0
    while True:  # a little more room each time, until there is enough for the answer
        room(wal.stat().st_size + more)
        try:
            outcome = services.labeling.answer(slug, **request)
        except Unavailable as error:
            sentences.add(str(error))
        else:
            break
        finally:
            room(resource.RLIM_INFINITY)
        assert services.experiments.find(slug).head == head, "half written"
        failed, more = failed + 1, more + 1777  # pages are cut at any byte
    assert outcome == Outcome(True)
    assert services.labeling.answer(slug, **request).done is False
    answered += 1
print(json.dumps([sorted(sentences), failed, answered]))
"""


def test_files_that_cannot_grow(
    settings: Settings, services: Services, open_more: Callable[[], Services], make_experiment: Any
) -> None:
    """The system cuts writes short at any byte of the journal; the answer is repeated."""
    slug = make_experiment(services, n=300, discount_factor=3)
    services.database.close()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, slug, "12"],
        env={**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONPATH": str(ROOT),
             "DATABASE_URL": ""},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    sentences, failed, answered = json.loads(child.stdout)
    where = Path(settings.data) / "sluice.db"
    assert sentences == [
        f"The disk that holds {where} reports an error; the last step may or may not be stored. "
        "Check the disk, then repeat it: nothing is learned twice."
    ]
    assert answered == 12
    assert failed >= 12
    again = open_more()
    assert len(stored(again, slug)) == 12
    assert again.verification.verify(slug).difference == ""
