"""The service under test beside its model: how a history begins, and what holds at every step."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from dashboard.core.spec import make_spec
from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.views import RECENT
from dashboard.settings import read_settings
from dashboard.storage import checks, leases, log
from dashboard.storage.streams import Sample
from tests.histories.workers import Clock, close, start
from tests.model import ALONE, Model

N = 80
UNKNOWN = 12  # of them, the last, have no known class
SLUG = "it"
# Who is at work; where nobody signs in, everyone is the same person.
TEAMS = ((ALONE,), ("ann", "ben"), ("ann", "ben", "cem"), (ALONE, "ann", "ben"))
# River's strategies, and those that learn something.
RECIPES: dict[str, tuple[int, dict[str, Any]]] = {
    "blog": (2, {"preset": "blog", "discount_factor": 20}),
    "steered": (3, {}),
    "audits": (2, {"strategy": "random", "budget": 0.4, "floor": 0.2}),
}
CHANGES: tuple[dict[str, Any], ...] = (
    {"discount_factor": 5},
    {"discount_factor": 60},
    {"strategy": "budget-entropy", "budget": 0.3},
    {"strategy": "random", "budget": 0.5},
)
TO = ("", "", "same", "other", "fresh")  # where a request goes a second time: nowhere, a worker

Examples = list[tuple[dict[str, Any], int | None]]
Templates = dict[str, tuple[Path, Examples]]


class Taken(NamedTuple):
    """A sample on somebody's screen, with the key that was made for it."""

    position: int
    key: str


class Lot(NamedTuple):
    """What is left to chance when something happens; hardly anything asks for all of it."""

    worker: int
    who: int
    label: int | None
    which: int
    flag: bool
    again: str
    late: str
    moment: int | str


LOTS = st.builds(
    Lot, worker=st.integers(0, 1), who=st.integers(0, 5), label=st.sampled_from((0, 1, 1, 2, None)),
    which=st.integers(0, 99), flag=st.booleans(), again=st.sampled_from(TO),
    late=st.sampled_from(TO),
    # A statement of a writing transaction, of which the longest has some 16.
    moment=st.one_of(st.integers(0, 15), st.just("committed")),
)  # fmt: skip


def build(services: Services, *, classes: int, examples: Examples, **choices: Any) -> None:
    """An experiment of which nothing was scanned yet."""
    stream = services.experiments.add_stream(
        slug="texts", title="Texts", kind="text", classes=["ant", "bee", "cat"][:classes],
        items=(Sample(f"s{i}", x, y) for i, (x, y) in enumerate(examples)), source="made",
    )  # fmt: skip
    spec = make_spec(text=True, classes=classes, **choices)
    services.experiments.create("It", stream=stream, spec=spec)


class Service(RuleBasedStateMachine):
    """Two workers over one data folder, and nobody yet who does anything."""

    templates: Templates  # by recipe: a data folder, and the samples

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-stateful-", dir=_fast_folder()))
        self.clock = Clock()
        self.workers: list[Services] = []
        self.screens: list[Taken] = []  # all that was shown so far
        self.given: list[Taken] = []
        self.archived: dict[str, str] = {}  # fingerprints of what was put aside, by uid
        self.number = self.seen = 0
        self.acting = 0
        self.is_archived = self.is_over = False

    # The beginning -------------------------------------------------------------------------

    @initialize(
        recipe=st.sampled_from(sorted(RECIPES)), people=st.sampled_from(TEAMS),
        values=st.sampled_from((None, None, *CHANGES)), told=st.integers(0, 25),
    )  # fmt: skip
    def begin(
        self, recipe: str, people: tuple[str, ...], values: dict[str, Any] | None, told: int
    ) -> None:
        """An experiment after some answers, changed before its first scan perhaps."""
        source, self.examples = self.templates[recipe]
        shutil.copytree(source, self.folder / "data")
        self.people = people
        self.settings = read_settings({"SLUICE_DATA": str(self.folder / "data")})
        self.workers = [start(self.settings, self.clock) for _ in range(2)]
        if values is not None:
            self.workers[1].changes.strategy(SLUG, key=self.key(), **values)
        experiment = self.find()
        self.classes = len(experiment.classes)
        self.model = self.a_model(experiment.spec)
        self.workers[0].runs.scan(SLUG)
        self.tell(self.workers[0], told, people[0])

    def tell(self, services: Services, count: int, who: str) -> None:
        """An oracle answers what comes first, whoever has it, as far as the truth is known."""
        with suppress(BadInput):
            services.runs.oracle(SLUG, count=count, annotator=who)
        model = self.model
        for _ in range(count):
            if model.shown(ALONE) is None:
                model.go_on(ALONE)
            if (position := model.shown(ALONE)) is None:
                return
            if (truth := self.examples[position][1]) is None:
                return
            model.give(position, truth, who, known=True)
        model.go_on(ALONE)

    def a_model(self, spec: Any) -> Model:
        """Of an experiment that begins."""
        return Model(self.examples, spec, self.classes, now=self.clock.now)

    def find(self) -> Any:
        """The experiment as it is stored."""
        return self.workers[self.acting].experiments.find(self.slug)

    @property
    def slug(self) -> str:
        """What the experiment is called at the moment."""
        return self.uid if self.is_archived else SLUG

    @property
    def uid(self) -> str:
        """What outlives every reset."""
        found = self.workers[self.acting].experiments.every()
        return next(e.uid for e in found if e.uid not in self.archived)

    def key(self) -> str:
        """One that nobody has used."""
        self.number += 1
        return f"key-{self.number:08d}"

    def act(self, worker: int) -> Services:
        """The services that do the next step."""
        self.acting = worker
        return self.workers[worker]

    def fresh(self, worker: int) -> Services:
        """One worker is started anew; the other keeps its warm copy."""
        close(self.workers[worker])
        self.workers[worker] = start(self.settings, self.clock)
        return self.workers[worker]

    def to(self, whom: str) -> Services:
        """The services that a request comes to which was sent before."""
        if whom == "other":
            self.acting = 1 - self.acting
        return self.fresh(self.acting) if whom == "fresh" else self.workers[self.acting]

    def who(self, lot: Lot) -> str:
        """One of those at work."""
        return self.people[lot.who % len(self.people)]

    def class_of(self, label: int | None) -> int | None:
        """One that there is."""
        return None if label is None else label % self.classes

    def look(self, services: Services, who: str, *, anew: bool = False) -> int | None:
        """What somebody's page shows, when it looks again or is reloaded."""
        view = Desk(services, annotator=who)._view(self.slug)
        if self.is_archived:
            expected = self.model.shown(who)
        else:
            if anew and view["query"]:
                services.labeling.turns.take(self.slug, who, anew=True)
            expected = self.model.look(who, anew=anew)
        assert position_of(view) == expected
        return expected

    # What holds ----------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        """Queries, counters, answers and model are those of a few lines."""
        if not self.workers:
            return
        services, model = self.workers[self.acting], self.model
        self.seen += 1  # one page each time, for all of them take long
        who = self.people[self.seen % len(self.people)]
        self._shows(services.views.view(self.slug, annotator=who), who)
        experiment, learner = services.labeling.learner(self.slug)
        assert experiment.position == len(model.scanned)
        with services.database.read() as connection:
            found = [a[1:] for a in log.answers_in_force(connection, experiment.id)]
            assert log.open_positions(connection, experiment.id) == sorted(model.open)
            assert checks.waiting(connection, experiment.id) == model.waiting
            self._has_each_their_own(connection, experiment.id)
        assert found == [(g.position, g.label, g.answer) for g in model.answers]
        if self.seen % 4 == 0 or self.is_over:  # a model that went astray stays there
            assert learner.fingerprint() == model.learner.fingerprint()

    def _shows(self, view: dict[str, Any], who: str) -> None:
        model = self.model
        assert position_of(view) == model.shown(who)
        assert [answer["position"] for answer in view["recent"]] == model.recent(who, RECENT)
        counted = {name: view["counters"][name] for name in model.counters()}
        assert counted == model.counters()
        waits = who != ALONE and view["query"] is None and not self.is_archived
        assert view["free"] == (waits and model.free(who) is not None)

    def _has_each_their_own(self, connection: Any, experiment_id: int) -> None:
        shown = []
        for who in self.people:
            if who != ALONE:
                row = leases.own(connection, experiment_id, who, at=self.clock())
                assert (row and row["position"]) == self.model.shown(who)
                shown += [] if row is None else [row["position"]]
        assert len(set(shown)) == len(shown)

    def teardown(self) -> None:
        """At the end everything verifies, in both workers, and the log is what was said."""
        try:
            if self.workers:
                self._all_is_well()
        finally:
            for services in self.workers:
                close(services)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _all_is_well(self) -> None:
        services, self.is_over = self.workers[0], True
        names = labels_of(services, self.slug)
        assert self._labels() == sorted(
            (g.position, "" if g.label is None else names[g.label], g.by)
            for g in self.model.answers
            if g.answer != "retracted"
        )
        self.agrees()
        self.acting = 1 - self.acting
        self.agrees()
        expected = {
            **self.archived,
            self.uid: self.workers[1].verification.verify(SLUG).fingerprint,
        }
        for experiment in services.experiments.every():
            verdict = services.verification.verify(experiment.uid)
            assert (verdict.difference, verdict.fingerprint) == ("", expected[experiment.uid])
        services.labeling.settle()
        services.labeling.snapshots.cache.clear()  # and from nothing it comes to the same
        self.fresh(self.acting)
        self.agrees()

    def _labels(self) -> list[tuple[int, str, str]]:
        """The downloaded label log."""
        file = b"".join(self.workers[0].downloads.stream(self.slug, "labels", "csv")).decode()
        rows = csv.DictReader(io.StringIO(file))
        return [(int(row["position"]), row["label"], row["annotator"]) for row in rows]


def position_of(view: dict[str, Any]) -> int | None:
    """Where the sample on a page is."""
    return view["query"] and view["query"]["position"]


def labels_of(services: Services, slug: str) -> list[str]:
    """Names of the classes."""
    return [c.name for c in services.experiments.find(slug).classes]


def _fast_folder() -> str | None:
    """Memory, where there is some: what a power failure does is not asked here."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
