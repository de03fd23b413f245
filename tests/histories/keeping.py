"""What leads do with an experiment: change it, let it be told the truth, reset it, put it aside."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dashboard.errors import BadInput
from dashboard.services.changes import keeps_state, recipe_of
from tests.histories.service import ANYBODY, CHANGES, SLUG, WORKER, N, Service
from tests.model import ALONE


class Keeping(Service):
    """An experiment among others, while people label it."""

    @precondition(lambda self: not self.is_archived)
    @rule(worker=WORKER, which=st.integers(0, 99), flag=st.booleans())
    def mark(self, worker: int, which: int, flag: bool) -> None:
        """A sample is flagged: no model learns of it."""
        position = which % len(self.model.scanned)
        outcome = self.act(worker).marks.mark(SLUG, position=position, flag=flag, key=self.key())
        assert outcome.done == (self.model.marks.get(position, False) != flag)
        self.model.marks[position] = flag

    @precondition(lambda self: not self.is_archived)
    @rule(worker=WORKER, values=st.sampled_from(CHANGES))
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
    @rule(worker=WORKER, who=ANYBODY, count=st.integers(1, 6))
    def tell_truth(self, worker: int, who: int, count: int) -> None:
        """An oracle answers what comes first, whoever has it, as far as the truth is known."""
        services, name = self.act(worker), self.who(who)
        with suppress(BadInput):
            services.runs.oracle(SLUG, count=count, annotator=name)
        self._told(count, name)

    def _told(self, count: int, who: str) -> None:
        model, given = self.model, 0
        while given < count:
            position = model.shown(ALONE)
            if position is None and len(model.scanned) == N:
                return
            if position is None:
                model.go_on(ALONE)
                continue
            if (truth := self.examples[position][1]) is None:
                return
            model.give(position, truth, who, known=True)
            given += 1
        model.go_on(ALONE)

    @precondition(lambda self: not self.is_archived)
    @rule(worker=WORKER)
    def reset(self, worker: int) -> None:
        """It starts over; what was is kept as it was."""
        services, uid = self.act(worker), self.uid
        services.experiments.reset(SLUG)
        self.archived[uid] = services.verification.verify(uid).fingerprint
        self.model = self.a_model(self.model.spec)
        self.given.clear()
        services.runs.scan(SLUG)

    @rule(worker=WORKER)
    def archive_or_reopen(self, worker: int) -> None:
        """It is put aside, or taken out again."""
        services, uid = self.act(worker), self.uid
        if self.is_archived:
            services.experiments.reopen(uid)
        else:
            services.experiments.archive(SLUG)
        self.is_archived = not self.is_archived
