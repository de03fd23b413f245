"""Spot-checks: skipped samples drawn at random, asked about between the others, or left again."""

from __future__ import annotations

import pytest
from hypothesis.stateful import invariant

from dashboard.core.checks import Status
from dashboard.errors import BadInput
from dashboard.services.labeling import Outcome
from tests.histories.answers import Answers
from tests.histories.service import SLUG, Lot, labels_of

SIZES = (1, 2, 3, 4, 500)
AMONG = (-2, -2, -2, -1, 0, 1, 2)  # all; predicted to be of no class; a class


class Spots(Answers):
    """What is drawn is answered, passed and undone as any other query."""

    def everything(self) -> tuple[int | None, ...]:
        """Whatever may have been predicted."""
        return (None, *range(self.classes))

    def queue(self, lot: Lot) -> None:
        """Some are drawn, of one class perhaps; the same request twice draws them once."""
        services, key, who = self.act(lot.worker), self.key(), self.who(lot)
        n, among = SIZES[lot.which % len(SIZES)], AMONG[lot.which % len(AMONG)]
        classes, predicted = self.everything(), None
        if among > -2:
            index = None if among < 0 else self.class_of(among)
            classes = (index,)
            predicted = "none" if index is None else labels_of(services, SLUG)[index]
        if not self.model.skipped(classes):
            with pytest.raises(BadInput, match="left to spot-check"):
                services.checks.queue(SLUG, n, predicted=predicted, key=key, annotator=who)
            return
        assert services.checks.queue(SLUG, n, predicted=predicted, key=key, annotator=who).done
        self.model.queue(n, self.find().head, classes)
        self.model.keys.add(key)
        if lot.again:
            once_more = self.to(lot.again).checks.queue(SLUG, n, key=key, annotator=who)
            assert once_more == Outcome(False, "These spot-checks were queued before.")

    def take_back(self, lot: Lot) -> None:
        """Those that wait for an answer are left as they were."""
        services, key, who = self.act(lot.worker), self.key(), self.who(lot)
        outcome = services.checks.take_back(SLUG, key=key, annotator=who)
        assert outcome.done == bool(self.model.waiting)
        if outcome.done:
            self.model.take_back()
            self.model.keys.add(key)
            if lot.again:
                once_more = self.to(lot.again).checks.take_back(SLUG, key=key, annotator=who)
                assert once_more == Outcome(False, "These spot-checks were taken back before.")

    @invariant()
    def counts(self) -> None:
        """How many wait, were answered, and could be drawn."""
        if self.workers:
            model = self.model
            waiting, left = len(model.waiting), len(model.skipped(self.everything()))
            expected = Status(waiting, len(model.drawn) - waiting, left)
            assert self.workers[self.acting].checks.status(self.slug) == expected
