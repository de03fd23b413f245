"""What people do at the label page: look, answer, undo, and go away for a while."""

from __future__ import annotations

from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.labeling import Outcome
from tests.histories.service import SLUG, Lot, N, Service, Taken
from tests.histories.workers import one_more
from tests.model import ALONE

RECORDED = Outcome(False, "That answer was recorded before.")
SECONDS = (1, 250, 400, 600)  # a query is somebody's for 600


class Answers(Service):
    """Answers to queries, one's own or not, and undoing them."""

    def wait(self, lot: Lot) -> None:
        """Time passes."""
        self.clock.now += 1000 * SECONDS[lot.which % len(SECONDS)]
        self.model.now = self.clock.now

    def come_back(self, lot: Lot) -> None:
        """Somebody was away for longer than a query is theirs."""
        self.look(self.act(lot.worker), self.who(lot))
        self.clock.now += 1000 * SECONDS[-1]
        self.model.now = self.clock.now
        self.look(self.act(1 - lot.worker), self.who(lot))

    def take(self, lot: Lot) -> None:
        """A page shows somebody the query that is theirs; it is reloaded perhaps."""
        position = self.look(self.act(lot.worker), self.who(lot), anew=lot.flag)
        if position is not None:
            self.screens.append(Taken(position, self.key()))

    def scan_past(self, lot: Lot) -> None:
        """One more query is opened, whatever is open: somebody wanted one, and left."""
        services = self.act(lot.worker)
        if len(self.model.scanned) < N and len(self.model.open) < 6:
            one_more(services, SLUG)
            self.model.scan()

    def go_on(self, lot: Lot) -> None:
        """Somebody who has no query gets one: by work in the background, or asks for the next."""
        self._go_on(self.act(lot.worker), self.who(lot), waits=lot.flag)

    def _go_on(self, services: Services, who: str, *, waits: bool = False) -> None:
        if who == ALONE or waits:
            services.runs.scan(SLUG, annotator=who)
            self.model.go_on(who)
            return
        Desk(services, annotator=who)._next(SLUG)
        if self.model.look(who) is None:
            self.model.go_on(who)

    def press(self, lot: Lot) -> None:
        """Somebody answers what they are shown."""
        services, who = self.act(lot.worker), self.who(lot)
        self._go_on(services, who)
        position = self.look(services, who)
        if position is not None:
            self._give(lot, Taken(position, self.key()))

    def stray(self, lot: Lot) -> None:
        """Somebody answers any open query, which another has perhaps."""
        if found := self.model.open:
            self._give(lot, Taken(found[lot.which % len(found)], self.key()))

    def cross(self, lot: Lot) -> None:
        """Somebody who has a query answers what another is shown, and takes that back perhaps."""
        services, who = self.act(lot.worker), self.who(lot)
        mine, others = self.look(services, who), [p for p in self.people if p != who]
        shown = [p for p in map(self.model.shown, others) if p is not None and p != mine]
        if shown:
            self._give(lot, Taken(shown[lot.which % len(shown)], self.key()))
            if lot.flag:
                self.undo(lot)

    def come_late(self, lot: Lot) -> None:
        """Somebody answers what was on a screen some time ago."""
        if self.screens:
            self._give(lot, self.screens[lot.which % len(self.screens)])

    def repeat(self, lot: Lot) -> None:
        """The same request once more, after its answer was undone: it was meant for then."""
        found = [taken for taken in self.given if taken.position in self.model.open]
        if found:
            self._give(lot, found[lot.which % len(found)])

    def _give(self, lot: Lot, taken: Taken) -> None:
        services, (position, key) = self.act(lot.worker), taken
        label, who = self.class_of(lot.label), self.who(lot)
        taken_before = key in self.model.keys
        outcome = self.answer(services, taken, label, who)
        assert outcome.done == (not taken_before and position in self.model.open)
        if outcome.done:
            self.model.keys.add(key)
            self.model.give(position, label, who)
            self.given.append(taken)
            if lot.again:  # the reply was lost, and the page asks once more
                assert self.answer(self.to(lot.again), taken, label, who) == RECORDED

    def answer(self, services: Services, taken: Taken, label: int | None, who: str) -> Outcome:
        """Somebody's request."""
        return services.labeling.answer(
            self.slug, position=taken.position, label=label, key=taken.key, annotator=who,
            milliseconds=700,
        )  # fmt: skip

    def undo(self, lot: Lot) -> None:
        """Somebody's last answer is taken back; the same request twice does it once.

        Nor is that answer given again where its request comes a second time, after the undo.
        """
        services, key, who = self.act(lot.worker), self.key(), self.who(lot)
        last = self.model.last(who)
        shown = services.views.view(SLUG, annotator=who)["last"] if lot.flag else None
        target = shown and shown["seq"]  # as the page would send it
        outcome = services.labeling.undo(SLUG, target=target, key=key, annotator=who)
        assert outcome.done == (last is not None)
        if last is None:
            return
        position = self.model.answers[last].position
        expected = self.model.undo(who)
        assert expected in outcome.notice
        assert bool(expected) == bool(outcome.notice)
        self.model.keys.add(key)
        if lot.again:
            once_more = self.to(lot.again).labeling.undo(SLUG, key=key, annotator=who)
            assert once_more == Outcome(False, "That step was undone before.")
        meant = [taken for taken in self.given if taken.position == position]
        if lot.late and meant:
            label = self.class_of(lot.label)
            assert self.answer(self.to(lot.late), meant[-1], label, who) == RECORDED

    def correct(self, lot: Lot) -> None:
        """An older answer is relabeled or retracted, by whoever it is."""
        if self.model.answers:
            index = lot.which % len(self.model.answers)
            self._correct(lot, index, self.class_of(lot.label))

    def retract(self, lot: Lot) -> None:
        """One of the last answers is taken back, by whoever it is."""
        if answers := self.model.answers:
            self._correct(lot, len(answers) - 1 - lot.which % min(3, len(answers)), None)

    def _correct(self, lot: Lot, index: int, label: int | None) -> None:
        model, key, who = self.model, self.key(), self.who(lot)
        outcome = self.act(lot.worker).labeling.correct(
            SLUG, position=model.answers[index].position, label=label, key=key, annotator=who
        )
        assert outcome.done
        model.keys.add(key)
        model.correct(index, label, who)
