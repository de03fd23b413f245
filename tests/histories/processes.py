"""What happens to processes: started anew, without their snapshots, broken off, killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dashboard.services.container import Services
from tests.histories.service import ANYBODY, LABEL, SLUG, WORKER, Taken
from tests.histories.spots import Spots
from tests.histories.workers import Killed, break_here, breaking, in_a_child, start

WHAT = st.sampled_from(("answer", "answer", "undo", "correct", "queue", "take back"))
# A statement of its writing transaction, of which the longest has some 16.
MOMENT = st.one_of(st.integers(0, 15), st.just("committed"))


class Step(NamedTuple):
    """Something to do: by a worker's services, to the model, and the key it was given."""

    act: Callable[[Services], Any]
    after: Callable[[], object]
    key: str


class Processes(Spots):
    """Workers that end in the middle of whatever they do."""

    @rule(worker=WORKER)
    def restart(self, worker: int) -> None:
        """One worker is started anew; the other keeps its warm copy."""
        self.act(1 - worker)
        self.fresh(worker)

    @rule(worker=WORKER)
    def save(self, worker: int) -> None:
        """A snapshot is made here, and not only every so many answers."""
        services = self.act(worker)
        experiment, _ = services.labeling.learner(self.slug)
        with services.labeling.held(self.slug) as warm:
            services.labeling._save(experiment, warm)

    @rule(worker=WORKER, how=st.sampled_from(("delete", "damage", "swap")))
    def spoil(self, worker: int, how: str) -> None:
        """Snapshots go, or become something else."""
        cache = self.act(worker).labeling.snapshots.cache
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
        self.fresh(worker)  # so that they are looked at

    def _step(self, what: str, who: str, which: int, label: int | None) -> Step | None:
        """Something that writes, and what it does to the model."""
        model, key, label = self.model, self.key(), self.class_of(label)
        said = {"key": key, "annotator": who}
        if what == "answer" and (found := model.open):
            taken = Taken(found[which % len(found)], key)
            return Step(
                lambda s: self.answer(s, taken, label, who),
                lambda: model.give(taken.position, label, who), key,
            )  # fmt: skip
        if what == "undo" and model.last(who) is not None:
            return Step(lambda s: s.labeling.undo(SLUG, **said), lambda: model.undo(who), key)
        if what == "correct" and model.answers:
            index = which % len(model.answers)
            at = model.answers[index].position
            return Step(
                lambda s: s.labeling.correct(SLUG, position=at, label=label, **said),
                lambda: model.correct(index, label, who), key,
            )  # fmt: skip
        if what == "queue" and model.skipped(every := self.classes_of(-2)):
            return Step(
                lambda s: s.checks.queue(SLUG, 3, **said),
                lambda: model.queue(3, self.find().head, every), key,
            )  # fmt: skip
        if what == "take back" and model.waiting:
            return Step(lambda s: s.checks.take_back(SLUG, **said), model.take_back, key)
        return None

    @precondition(lambda self: not self.is_archived)
    @rule(
        worker=WORKER, what=WHAT, who=ANYBODY, which=st.integers(0, 99), label=LABEL,
        moment=MOMENT, lives=st.booleans(), retries=st.booleans(),
    )  # fmt: skip
    def break_off(
        self, worker: int, what: str, who: int, which: int, label: int | None, moment: Any,
        lives: bool, retries: bool,
    ) -> None:  # fmt: skip
        """An error in the middle of a step; the worker lives on, or is started anew."""
        step = self._step(what, self.who(who), which, label)
        if step is None:
            return
        services, broken = self.act(worker), False
        services.labeling.settle()
        with breaking(services, moment, break_here):
            try:
                step.act(services)
            except Killed:
                broken = True
        self._settle_step(step, happened=not broken or moment == "committed")
        if not lives:
            self.fresh(worker)
        if retries:
            self._again(step)

    @precondition(lambda self: not self.is_archived)
    @rule(
        what=WHAT, who=ANYBODY, which=st.integers(0, 99), label=LABEL, retries=st.booleans(),
        moment=MOMENT,
    )  # fmt: skip
    def kill(
        self, what: str, who: int, which: int, label: int | None, retries: bool, moment: Any
    ) -> None:
        """A third worker is killed in the middle of a step: kill -9, nothing is cleaned up."""
        step = self._step(what, self.who(who), which, label)
        if step is None:
            return
        killed = in_a_child(self.workers, lambda: self._killed(step, moment))
        self._settle_step(step, happened=not killed or moment == "committed")
        if retries:
            self._again(step)

    def _killed(self, step: Step, moment: Any) -> None:
        services = start(self.settings, self.clock)
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
