"""What leads do with an experiment: change it, let it be told the truth, reset it, put it aside."""

from __future__ import annotations

import pytest

from dashboard.errors import BadInput
from dashboard.services.changes import keeps_state, recipe_of
from tests.histories.service import CHANGES, SLUG, Lot, Taken
from tests.histories.spots import Spots


class Keeping(Spots):
    """An experiment among others, while people label it."""

    def mark(self, lot: Lot) -> None:
        """A sample is flagged: no model learns of it."""
        position, marks = lot.which % len(self.model.scanned), self.act(lot.worker).marks
        outcome = marks.mark(SLUG, position=position, flag=lot.flag, key=self.key())
        assert outcome.done == (self.model.marks.get(position, False) != lot.flag)
        self.model.marks[position] = lot.flag

    def change(self, lot: Lot) -> None:
        """The question rate becomes another one."""
        services, values = self.act(lot.worker), CHANGES[lot.which % len(CHANGES)]
        before = self.find()
        services.changes.strategy(SLUG, key=self.key(), **values)
        after = self.find()
        assert all(getattr(after.spec, name) == value for name, value in values.items())
        if after.spec != before.spec:
            kept = keeps_state(recipe_of(before), recipe_of(after))
            self.model.change(after.spec, keeps_state=kept)

    def tell_truth(self, lot: Lot) -> None:
        """An oracle answers some, on somebody's behalf."""
        self.tell(self.act(lot.worker), 1 + lot.which % 6, self.who(lot))

    def reset(self, lot: Lot) -> None:
        """It starts over; what was is kept as it was."""
        services, uid = self.act(lot.worker), self.uid
        services.experiments.reset(SLUG)
        self.archived[uid] = services.verification.verify(uid).fingerprint
        self.model = self.a_model(self.model.spec)
        self.given.clear()
        self.screens.clear()
        services.runs.scan(SLUG)
        self.tell(services, lot.which % 20, self.who(lot))

    def put_aside(self, lot: Lot) -> None:
        """It is archived, and nothing happens to it until it is taken out again."""
        services, uid = self.act(lot.worker), self.uid
        services.experiments.archive(SLUG)
        self.is_archived = True
        self.look(services, self.who(lot), anew=lot.flag)
        with pytest.raises(BadInput, match="archived"):
            self.answer(services, Taken(lot.which, self.key()), 0, self.who(lot))
        with pytest.raises(BadInput, match="archived"):
            services.labeling.undo(uid, annotator=self.who(lot))
        with pytest.raises(BadInput, match="archived"):
            services.checks.queue(uid, 1, annotator=self.who(lot))
        self.to(lot.again)
        self.agrees()
        self.act(lot.worker).experiments.reopen(uid)
        self.is_archived = False
