"""Spot-checks: skipped samples drawn at random, asked about between the others, or left again."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from dashboard.core.checks import Status
from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.labeling import Outcome
from tests.histories.answers import TO, Answers
from tests.histories.service import ANYBODY, SLUG, WORKER, labels_of

AMONG = st.sampled_from((-2, -2, -1, 0, 1, 2))  # all; predicted to be of no class; a class


class Spots(Answers):
    """What is drawn is answered, passed and undone by the rules of any other query."""

    def classes_of(self, among: int) -> tuple[int | None, ...]:
        """The classes predicted of what may be drawn."""
        every = (None, *range(self.classes))
        return every if among == -2 else (None if among == -1 else self.class_of(among),)

    def name_of(self, services: Services, among: int) -> str | None:
        """As a page would name it."""
        if among == -2:
            return None
        (index,) = self.classes_of(among)
        return "none" if index is None else labels_of(services, self.slug)[index]

    @precondition(lambda self: not self.is_archived)
    @rule(
        worker=WORKER, who=ANYBODY, n=st.sampled_from((1, 2, 3, 500)), among=AMONG,
        again=st.sampled_from(TO),
    )  # fmt: skip
    def queue(self, worker: int, who: int, n: int, among: int, again: str) -> None:
        """Some are drawn; the same request twice draws them once."""
        services, key, name = self.act(worker), self.key(), self.who(who)
        classes, predicted = self.classes_of(among), self.name_of(services, among)
        if not self.model.skipped(classes):
            with pytest.raises(BadInput, match="left to spot-check"):
                services.checks.queue(SLUG, n, predicted=predicted, key=key, annotator=name)
            return
        assert services.checks.queue(SLUG, n, predicted=predicted, key=key, annotator=name).done
        self.model.queue(n, self.find().head, classes)
        self.model.keys.add(key)
        if again:
            once_more = self.to(again).checks.queue(SLUG, n, key=key, annotator=name)
            assert once_more == Outcome(False, "These spot-checks were queued before.")

    @precondition(lambda self: not self.is_archived)
    @rule(worker=WORKER, who=ANYBODY, again=st.sampled_from(TO))
    def take_back(self, worker: int, who: int, again: str) -> None:
        """Those that wait for an answer are left as they were."""
        services, key, name = self.act(worker), self.key(), self.who(who)
        outcome = services.checks.take_back(SLUG, key=key, annotator=name)
        assert outcome.done == bool(self.model.waiting)
        if outcome.done:
            self.model.take_back()
            self.model.keys.add(key)
            if again:
                once_more = self.to(again).checks.take_back(SLUG, key=key, annotator=name)
                assert once_more == Outcome(False, "These spot-checks were taken back before.")

    @invariant()
    def counts(self) -> None:
        """How many wait, were answered, and could be drawn."""
        if not self.workers:
            return
        model = self.model
        waiting, left = len(model.waiting), len(model.skipped(self.classes_of(-2)))
        expected = Status(waiting, len(model.drawn) - waiting, left)
        assert self.workers[self.acting].checks.status(self.slug) == expected
