"""The whole service against a model of a few lines, in histories that nobody thought of.

`make test` runs a short form, always the same; `make stateful` a long one, of other histories each
time.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dashboard.core.events import Kind
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput
from dashboard.services import labeling
from dashboard.services.changes import keeps_state, recipe_of
from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings
from dashboard.storage import log
from dashboard.storage.streams import Sample
from tests.model import Model

EXAMPLES = int(os.environ.get("SLUICE_STATEFUL", "0"))
SHORT = 40  # examples in `make test`
N = 60
# The last samples have no known class; River's strategies, and those that learn something.
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
WHO = "local"
SLUG = "it"


class Killed(BaseException):
    """The process ends here."""


class Taken(NamedTuple):
    """A sample on somebody's screen, with the key that was made for it."""

    position: int
    key: str


class Step(NamedTuple):
    """Something to do: by a worker's services, to the model, and the key it was given."""

    act: Callable[[Services], Any]
    after: Callable[[], None]
    key: str


def _examples(classes: int, make_texts: Any) -> list[tuple[dict[str, Any], int | None]]:
    texts = make_texts(N, classes=classes, seed=3)
    return [({"text": t}, y if i < N - 12 else None) for i, (t, y) in enumerate(texts)]


def _fast_folder() -> str | None:
    """Memory, where there is some: what a power failure does is not asked here."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Service(RuleBasedStateMachine):
    """Two workers over one data folder, and people who do as they please."""

    templates: dict[str, tuple[Path, list[Any]]]  # by recipe: a data folder, and the samples
    taken = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-stateful-", dir=_fast_folder()))
        self.workers: list[Services] = []
        self.given: list[Taken] = []
        self.archived: dict[str, str] = {}  # fingerprints of what was put aside, by uid
        self.number = 0
        self.acting = 0
        self.is_archived = False

    # The beginning -------------------------------------------------------------------------

    @initialize(recipe=st.sampled_from(sorted(RECIPES)))
    def begin(self, recipe: str) -> None:
        """An experiment that waits for its first answer."""
        source, examples = self.templates[recipe]
        shutil.copytree(source, self.folder / "data")
        self.settings = read_settings({"SLUICE_DATA": str(self.folder / "data")})
        self.workers = [open_services(self.settings), open_services(self.settings)]
        experiment = self.find()
        self.examples, self.classes = examples, len(experiment.classes)
        self.model = Model(examples, experiment.spec, self.classes)
        self.workers[0].runs.scan(SLUG)

    def find(self) -> Any:
        """The experiment as it is stored."""
        return self.workers[self.acting].experiments.find(self.slug)

    @property
    def slug(self) -> str:
        """What the experiment is called at the moment."""
        return self.uid if self.is_archived else SLUG

    def key(self) -> str:
        """One that nobody has used."""
        self.number += 1
        return f"key-{self.number:08d}"

    def act(self, worker: int) -> Services:
        """The services that do the next step."""
        self.acting = worker
        return self.workers[worker]

    # What people do ------------------------------------------------------------------------

    @rule(target=taken, worker=st.integers(0, 1))
    def take(self, worker: int) -> Any:
        """A page shows the first open query."""
        query = self.act(worker).views.view(self.slug)["query"]
        assert (query and query["position"]) == self.model.first
        return multiple() if query is None else Taken(query["position"], self.key())

    @precondition(lambda self: self.model.open)
    @rule(target=taken, which=st.integers(0, 9))
    def hold(self, which: int) -> Taken:
        """A page still shows one of the open queries, not the first of them perhaps."""
        return Taken(self.model.open[which % len(self.model.open)], self.key())

    @precondition(lambda self: not self.is_archived and len(self.model.open) < 4)
    @rule(worker=st.integers(0, 1))
    def scan_past(self, worker: int) -> None:
        """One more query is opened, whatever is open: somebody else wants one, too."""
        services = self.act(worker)
        if len(self.model.scanned) < N:
            one_more(services, SLUG)
            self.model.scan(past=True)

    @rule(
        worker=st.integers(0, 1), label=st.sampled_from((0, 1, 1, 2, None)),
        times=st.integers(1, 4), which=st.integers(0, 9),
    )  # fmt: skip
    def press(self, worker: int, label: int | None, times: int, which: int) -> None:
        """Several presses, one after the other."""
        for _ in range(times):
            if found := self.model.open:
                self.give(worker, Taken(found[which % len(found)], self.key()), label)

    @rule(worker=st.integers(0, 1), taken=taken, label=st.sampled_from((0, 1, 2, None)))
    def give(self, worker: int, taken: Taken, label: int | None) -> None:
        """An answer to what was on a screen: for the first time, again, or too late."""
        services, (position, key) = self.act(worker), taken
        label = None if label is None else label % self.classes
        if self.is_archived:
            with pytest.raises(BadInput, match="archived"):
                self._answer(services, taken, label)
            return
        taken_before = key in self.model.keys
        outcome = self._answer(services, taken, label)
        assert outcome.done == (not taken_before and position in self.model.open)
        if outcome.done:
            self.model.keys.add(key)
            self.model.give(position, label)
            self.given.append(taken)

    @precondition(lambda self: not self.is_archived and self._reopened())
    @rule(worker=st.integers(0, 1), which=st.integers(0, 9), label=st.sampled_from((0, 1, None)))
    def give_again(self, worker: int, which: int, label: int | None) -> None:
        """The same request once more, after its answer was undone: it was meant for then."""
        found = self._reopened()
        self.give(worker, found[which % len(found)], label)

    def _reopened(self) -> list[Taken]:
        return [taken for taken in self.given if taken.position in self.model.open]

    def _answer(self, services: Services, taken: Taken, label: int | None) -> Any:
        return services.labeling.answer(
            self.slug, position=taken.position, label=label, key=taken.key, annotator=WHO,
            milliseconds=700,
        )  # fmt: skip

    @precondition(lambda self: not self.is_archived)
    @rule(worker=st.integers(0, 1), again=st.booleans())
    def undo(self, worker: int, again: bool) -> None:
        """The last answer is taken back; the same request twice does it once."""
        services, key, last = self.act(worker), self.key(), self.model.last
        outcome = services.labeling.undo(SLUG, key=key, annotator=WHO)
        assert outcome.done == (last is not None)
        if outcome.done:
            self.model.undo()
            self.model.keys.add(key)
            if again:
                assert not services.labeling.undo(SLUG, key=key, annotator=WHO).done

    @precondition(lambda self: self.model.answers and not self.is_archived)
    @rule(
        worker=st.integers(0, 1), which=st.integers(0, 99), label=st.sampled_from((0, 1, 2, None))
    )
    def correct(self, worker: int, which: int, label: int | None) -> None:
        """An older answer is relabeled or retracted."""
        index = which % len(self.model.answers)
        label = None if label is None else label % self.classes
        key, position = self.key(), self.model.answers[index].position
        outcome = self.act(worker).labeling.correct(
            SLUG, position=position, label=label, key=key, annotator=WHO
        )
        assert outcome.done
        self.model.keys.add(key)
        self.model.correct(index, label)

    @precondition(lambda self: not self.is_archived)
    @rule(worker=st.integers(0, 1), which=st.integers(0, 99), flag=st.booleans())
    def mark(self, worker: int, which: int, flag: bool) -> None:
        """A sample is flagged: no model learns of it."""
        position = which % len(self.model.scanned)
        outcome = self.act(worker).marks.mark(SLUG, position=position, flag=flag, key=self.key())
        assert outcome.done == (self.model.marks.get(position, False) != flag)
        self.model.marks[position] = flag

    @precondition(lambda self: not self.is_archived)
    @rule(worker=st.integers(0, 1), values=st.sampled_from(CHANGES))
    def change(self, worker: int, values: dict[str, Any]) -> None:
        """The question rate becomes another one."""
        services = self.act(worker)
        before = self.find()
        services.changes.strategy(SLUG, key=self.key(), **values)
        after = self.find()
        assert all(getattr(after.spec, name) == value for name, value in values.items())
        if after.spec != before.spec:
            kept = keeps_state(recipe_of(before), recipe_of(after))
            self.model.change(after.spec, keeps_state=kept)

    @precondition(lambda self: not self.is_archived)
    @rule(worker=st.integers(0, 1), count=st.integers(1, 6))
    def tell_truth(self, worker: int, count: int) -> None:
        """An oracle answers, as far as the truth is known."""
        services = self.act(worker)
        with suppress(BadInput):
            services.runs.oracle(SLUG, count=count, annotator=WHO)
        for _ in range(count):
            position = self.model.first
            if position is None or (truth := self.examples[position][1]) is None:
                break
            self.model.give(position, truth)

    @precondition(lambda self: not self.is_archived)
    @rule(worker=st.integers(0, 1))
    def reset(self, worker: int) -> None:
        """It starts over; what was is kept as it was."""
        services, uid = self.act(worker), self.uid
        services.experiments.reset(SLUG)
        self.archived[uid] = services.verification.verify(uid).fingerprint
        self.model = Model(self.examples, self.model.spec, self.classes)
        self.given.clear()
        services.runs.scan(SLUG)

    @property
    def uid(self) -> str:
        """What outlives every reset."""
        found = self.workers[self.acting].experiments.every()
        return next(e.uid for e in found if e.uid not in self.archived)

    @rule(worker=st.integers(0, 1))
    def archive_or_reopen(self, worker: int) -> None:
        """It is put aside, or taken out again."""
        services, uid = self.act(worker), self.uid
        if self.is_archived:
            services.experiments.reopen(uid)
        else:
            services.experiments.archive(SLUG)
        self.is_archived = not self.is_archived

    # What happens to processes ----------------------------------------------------------------

    @rule(worker=st.integers(0, 1))
    def restart(self, worker: int) -> None:
        """One worker is started anew; the other keeps its warm copy."""
        self.act(1 - worker)
        close(self.workers[worker])
        self.workers[worker] = open_services(self.settings)

    @rule(worker=st.integers(0, 1))
    def save(self, worker: int) -> None:
        """A snapshot is made here, and not only every so many answers."""
        services = self.act(worker)
        experiment, _ = services.labeling.learner(self.slug)
        with services.labeling.held(self.slug) as warm:
            services.labeling._save(experiment, warm)

    @rule(worker=st.integers(0, 1), how=st.sampled_from(("delete", "damage", "swap")))
    def spoil(self, worker: int, how: str) -> None:
        """Snapshots go, or become something else."""
        services = self.act(worker)
        cache = services.labeling.snapshots.cache
        keys = list(cache)
        blobs = [cache[k] for k in keys]
        if how == "delete":
            cache.clear()
        elif how == "damage":
            for k, blob in zip(keys, blobs, strict=True):
                cache[k] = blob[:-9] + b"123456789"
        else:
            for k, blob in zip(keys, reversed(blobs), strict=True):
                cache[k] = blob
        self.workers[worker] = self._fresh(services)

    def _fresh(self, services: Services) -> Services:
        """So that the snapshots are looked at."""
        close(services)
        return open_services(self.settings)

    def _step(self, what: str, which: int, label: int | None) -> Step | None:
        """Something that writes, and what it does to the model."""
        model, key = self.model, self.key()
        label = None if label is None else label % self.classes
        if what == "answer" and (found := model.open):
            position = found[which % len(found)]
            taken = Taken(position, key)
            return Step(
                lambda s: self._answer(s, taken, label),
                lambda: model.give(position, label), key,
            )  # fmt: skip
        if what == "undo" and model.last is not None:
            return Step(lambda s: s.labeling.undo(SLUG, key=key, annotator=WHO), model.undo, key)
        if what == "correct" and model.answers:
            index = which % len(model.answers)
            position = model.answers[index].position
            return Step(
                lambda s: s.labeling.correct(
                    SLUG, position=position, label=label, key=key, annotator=WHO
                ),
                lambda: model.correct(index, label), key,
            )  # fmt: skip
        return None

    @precondition(lambda self: not self.is_archived)
    @rule(
        worker=st.integers(0, 1), what=st.sampled_from(("answer", "answer", "undo", "correct")),
        which=st.integers(0, 99), label=st.sampled_from((0, 1, None)),
        moment=st.one_of(st.integers(0, 8), st.just("committed")),
        lives=st.booleans(), retries=st.booleans(),
    )  # fmt: skip
    def break_off(
        self, worker: int, what: str, which: int, label: int | None, moment: Any, lives: bool,
        retries: bool,
    ) -> None:  # fmt: skip
        """An error in the middle of a step; the worker lives on, or is started anew."""
        step = self._step(what, which, label)
        if step is None:
            return
        services, broken = self.act(worker), False
        services.labeling.settle()
        with breaking(services, moment, _raise):
            try:
                step.act(services)
            except Killed:
                broken = True
        self._settle_step(step, happened=not broken or moment == "committed")
        if not lives:
            self.workers[worker] = self._fresh(services)
        if retries:
            self._again(step)

    @precondition(lambda self: not self.is_archived)
    @rule(
        what=st.sampled_from(("answer", "answer", "undo", "correct")), which=st.integers(0, 99),
        label=st.sampled_from((0, 1, None)), retries=st.booleans(),
        moment=st.one_of(st.integers(0, 8), st.just("committed")),
    )  # fmt: skip
    def kill(self, what: str, which: int, label: int | None, retries: bool, moment: Any) -> None:
        """A third worker is killed in the middle of a step: kill -9, nothing is cleaned up."""
        step = self._step(what, which, label)
        if step is None:
            return
        killed = in_a_child(self.workers, lambda: self._killed(step, moment))
        self._settle_step(step, happened=not killed or moment == "committed")
        if retries:
            self._again(step)

    def _killed(self, step: Step, moment: Any) -> None:
        services = open_services(self.settings)
        with breaking(services, moment, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            step.act(services)

    def _settle_step(self, step: Step, *, happened: bool) -> None:
        if happened:
            step.after()
            self.model.keys.add(step.key)

    def _again(self, step: Step) -> None:
        """The page asks again, as it does when no reply came."""
        known = step.key in self.model.keys
        assert step.act(self.workers[self.acting]).done == (not known)
        self._settle_step(step, happened=not known)

    # What holds ----------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        """Open query, counters, answers and model are those of a few lines."""
        if not self.workers:
            return
        services, model = self.workers[self.acting], self.model
        view = services.views.view(self.slug)
        assert (view["query"] and view["query"]["position"]) == model.first
        counted = {name: view["counters"][name] for name in model.counters()}
        assert counted == model.counters()
        experiment, learner = services.labeling.learner(self.slug)
        assert experiment.position == len(model.scanned)
        with services.database.read() as connection:
            found = [a[1:] for a in log.answers_in_force(connection, experiment.id)]
            assert log.open_positions(connection, experiment.id) == model.open
        assert found == [(g.position, g.label, g.answer) for g in model.answers]
        assert learner.fingerprint() == model.learner.fingerprint()

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
        services = self.workers[0]
        names = labels_of(services, self.slug)
        assert self._labels() == sorted(
            (g.position, None if g.label is None else names[g.label])
            for g in self.model.answers
            if g.answer != "retracted"
        )
        self.agrees()
        self.acting = 1 - self.acting
        self.agrees()
        for experiment in services.experiments.every():
            verdict = services.verification.verify(experiment.uid)
            assert verdict.difference == ""
            if experiment.uid in self.archived:
                assert verdict.fingerprint == self.archived[experiment.uid]
        fingerprints = {w.verification.verify(self.slug).fingerprint for w in self.workers}
        assert len(fingerprints) == 1

    def _labels(self) -> list[tuple[int, str | None]]:
        """The downloaded label log."""
        file = b"".join(self.workers[0].downloads.stream(self.slug, "labels", "csv")).decode()
        rows = csv.DictReader(io.StringIO(file))
        return [(int(row["position"]), row["label"] or None) for row in rows]


def labels_of(services: Services, slug: str) -> list[str]:
    """Names of the classes."""
    return [c.name for c in services.experiments.find(slug).classes]


def close(services: Services) -> None:
    """End a worker."""
    services.labeling.settle()
    services.labeling._saver.shutdown()
    services.labeling.snapshots.cache.close()
    services.database.close()


def one_more(services: Services, slug: str) -> None:
    """Scan to one more query."""
    steps = services.labeling
    with steps.held(slug) as held:
        with services.database.read() as connection:
            current = steps._current(connection, slug, held)
        steps._commit(current, steps._scan(current, 3600.0), kind=Kind.SCAN)


def _raise() -> None:
    raise Killed


@contextmanager
def breaking(services: Services, moment: Any, strike: Callable[[], None]) -> Iterator[None]:
    """Strike at the given statement of the next writing transaction, or right after its commit."""
    here, count = threading.get_ident(), [0]
    database = services.database
    write = database.write

    def before(connection: Any, *_: Any) -> None:
        writes = connection.get_execution_options().get("sluice_write")
        if not writes or threading.get_ident() != here:
            return
        if count[0] == moment:
            strike()
        count[0] += 1

    @contextmanager
    def committed() -> Iterator[Any]:
        with write() as connection:
            yield connection
        if moment == "committed" and threading.get_ident() == here:
            strike()

    sa.event.listen(database.engine, "before_cursor_execute", before)
    database.write = committed  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write = write  # type: ignore[method-assign]
        sa.event.remove(database.engine, "before_cursor_execute", before)


def in_a_child(workers: list[Services], work: Callable[[], None]) -> bool:
    """Work in a forked process; whether it was killed."""
    for services in workers:  # a child must not inherit a connection, nor a thread at work
        services.labeling.settle()
        services.labeling.snapshots.cache.close()
        services.database.engine.dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which have settled
        child = os.fork()
    if not child:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.fixture(scope="session")
def templates(kept_data: Any, make_texts: Any) -> dict[str, tuple[Path, list[Any]]]:
    """A data folder for each recipe, made once."""
    made = {}
    for name, (classes, choices) in RECIPES.items():
        examples = _examples(classes, make_texts)

        def build(services: Services, classes: int = classes, choices: Any = choices,
                  examples: Any = examples) -> None:  # fmt: skip
            stream = services.experiments.add_stream(
                slug="texts", title="Texts", kind="text", classes=["ant", "bee", "cat"][:classes],
                items=(Sample(f"s{i}", x, y) for i, (x, y) in enumerate(examples)), source="made",
            )  # fmt: skip
            spec = make_spec(text=True, classes=classes, **choices)
            services.experiments.create("It", stream=stream, spec=spec)

        made[name] = kept_data(f"stateful-{name}", build), examples
    return made


@pytest.mark.slow
def test_any_history_equals_the_model(templates, patient, monkeypatch):
    monkeypatch.setattr(labeling, "SNAPSHOT_EVERY", 3)
    monkeypatch.setattr(labeling, "REPLAY_SECONDS_PER_LABEL", 3600.0)
    monkeypatch.setattr(Service, "templates", templates, raising=False)
    run_state_machine_as_test(
        Service,
        settings=settings(
            max_examples=EXAMPLES or SHORT,
            stateful_step_count=30,
            deadline=None,
            derandomize=not EXAMPLES,
            # A short history is looked for in the long form only: that takes minutes.
            phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
