"""What happens to processes: started anew, without their snapshots, broken off, killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

from dashboard.services.container import Services
from tests.histories.keeping import Keeping
from tests.histories.service import SLUG, Lot, Taken
from tests.histories.workers import Killed, break_here, breaking, in_a_child, start

STEPS = ("an answer", "an answer", "an undo", "an undo", "a correction", "a draw", "taken back")


class Step(NamedTuple):
    """Something to do: by a worker's services, to the model, and the key it was given."""

    act: Callable[[Services], Any]
    after: Callable[[], object]
    key: str


class Processes(Keeping):
    """Workers that end in the middle of whatever they do."""

    def restart(self, lot: Lot) -> None:
        """One worker is started anew; the other keeps its warm copy."""
        self.act(1 - lot.worker)
        self.fresh(lot.worker)

    def save(self, lot: Lot) -> None:
        """A snapshot is made here, and not only every so many answers."""
        services = self.act(lot.worker)
        experiment, _ = services.labeling.learner(SLUG)
        with services.labeling.held(SLUG) as warm:
            services.labeling._save(experiment, warm)

    def spoil(self, lot: Lot) -> None:
        """Snapshots go, or become something else."""
        cache = self.act(lot.worker).labeling.snapshots.cache
        keys = list(cache)
        blobs = [cache[k] for k in keys]
        if lot.which % 3 == 0:
            cache.clear()
        elif lot.which % 3 == 1:
            for k, blob in zip(keys, blobs, strict=True):
                cache[k] = blob[:-9] + b"123456789"
        else:
            for k, blob in zip(keys, reversed(blobs), strict=True):
                cache[k] = blob
        self.fresh(lot.worker)  # so that they are looked at

    def _step(self, lot: Lot) -> Step | None:
        """Something that writes, and what it does to the model."""
        model, key, label, who = self.model, self.key(), self.class_of(lot.label), self.who(lot)
        what, said = STEPS[lot.which % len(STEPS)], {"key": key, "annotator": who}
        if what == "an answer" and (found := model.open):
            taken = Taken(found[lot.which % len(found)], key)
            return Step(
                lambda s: self.answer(s, taken, label, who),
                lambda: model.give(taken.position, label, who), key,
            )  # fmt: skip
        if what == "an undo" and model.last(who) is not None:
            return Step(lambda s: s.labeling.undo(SLUG, **said), lambda: model.undo(who), key)
        if what == "a correction" and model.answers:
            index = lot.which % len(model.answers)
            at = model.answers[index].position
            return Step(
                lambda s: s.labeling.correct(SLUG, position=at, label=label, **said),
                lambda: model.correct(index, label, who), key,
            )  # fmt: skip
        if what == "a draw" and model.skipped(self.everything()):
            return Step(
                lambda s: s.checks.queue(SLUG, 3, **said),
                lambda: model.queue(3, self.find().head, self.everything()), key,
            )  # fmt: skip
        if what == "taken back" and model.waiting:
            return Step(lambda s: s.checks.take_back(SLUG, **said), model.take_back, key)
        return None

    def break_off(self, lot: Lot) -> None:
        """An error in the middle of a step; the worker lives on, or is started anew."""
        step = self._step(lot)
        if step is None:
            return
        services, broken = self.act(lot.worker), False
        services.labeling.settle()
        with breaking(services, lot.moment, break_here):
            try:
                step.act(services)
            except Killed:
                broken = True
        self._settle_step(step, happened=not broken or lot.moment == "committed")
        self.to(lot.late)
        if lot.flag:
            self._again(step)

    def kill(self, lot: Lot) -> None:
        """A third worker is killed in the middle of a step: kill -9, nothing is cleaned up."""
        step = self._step(lot)
        if step is None:
            return
        killed = in_a_child(self.workers, lambda: self._killed(step, lot.moment))
        self._settle_step(step, happened=not killed or lot.moment == "committed")
        if lot.flag:
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
