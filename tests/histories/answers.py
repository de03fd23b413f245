"""What people do at the label page: look, answer, undo, and go away for a while."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import multiple, precondition, rule

from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.labeling import Outcome
from tests.histories.service import ANYBODY, LABEL, SLUG, WORKER, N, Service, Taken
from tests.histories.workers import one_more
from tests.model import ALONE

TO = ("", "same", "other", "fresh")  # where a request goes a second time: nowhere, a worker
RECORDED = Outcome(False, "That answer was recorded before.")
SECONDS = (1, 250, 400, 600)  # a query is somebody's for 600


class Answers(Service):
    """Answers to queries, one's own or not, and undoing them."""

    @rule(seconds=st.sampled_from(SECONDS))
    @precondition(lambda self: len(self.people) > 1)
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.now += 1000 * seconds
        self.model.now = self.clock.now

    @rule(target=Service.taken, worker=WORKER, who=ANYBODY, anew=st.booleans())
    def take(self, worker: int, who: int, anew: bool) -> Any:
        """A page shows somebody the query that is theirs."""
        position = self.look(self.act(worker), self.who(who), anew=anew)
        return multiple() if position is None else Taken(position, self.key())

    @precondition(lambda self: self.model.open)
    @rule(target=Service.taken, which=st.integers(0, 9))
    def hold(self, which: int) -> Taken:
        """A page still shows one of the open queries, that of somebody else perhaps."""
        return Taken(self.model.open[which % len(self.model.open)], self.key())

    @precondition(lambda self: not self.is_archived and len(self.model.open) < 4)
    @rule(worker=WORKER)
    def scan_past(self, worker: int) -> None:
        """One more query is opened, whatever is open: somebody wanted one, and left."""
        services = self.act(worker)
        if len(self.model.scanned) < N:
            one_more(services, SLUG)
            self.model.scan()

    @precondition(lambda self: not self.is_archived)
    @rule(worker=WORKER, who=ANYBODY, waits=st.booleans())
    def go_on(self, worker: int, who: int, waits: bool) -> None:
        """Somebody who has no query gets one: by work in the background, or asks for the next."""
        self._go_on(self.act(worker), self.who(who), waits=waits)

    def _go_on(self, services: Services, who: str, *, waits: bool = False) -> None:
        if who == ALONE or waits:
            services.runs.scan(SLUG, annotator=who)
            self.model.go_on(who)
            return
        Desk(services, annotator=who)._next(SLUG)
        if self.model.look(who) is None:
            self.model.go_on(who)

    @rule(worker=WORKER, who=ANYBODY, label=LABEL, times=st.integers(1, 4), which=st.integers(0, 9))
    def press(self, worker: int, who: int, label: int | None, times: int, which: int) -> None:
        """Several presses, one after the other, at what is shown or at any open query."""
        services, name = self.act(worker), self.who(who)
        for _ in range(times):
            if not self.is_archived:
                self._go_on(services, name)
            position, found = self.look(services, name), self.model.open
            if which > 4 and found:
                position = found[which % len(found)]
            if position is not None:
                self.give(worker, who, Taken(position, self.key()), label)

    @rule(
        worker=WORKER, who=ANYBODY, taken=Service.taken, label=LABEL, again=st.sampled_from(TO)
    )  # fmt: skip
    def give(self, worker: int, who: int, taken: Taken, label: int | None, again: str = "") -> None:
        """An answer to what was on a screen: for the first time, again, or too late."""
        services, (position, key) = self.act(worker), taken
        label, name = self.class_of(label), self.who(who)
        if self.is_archived:
            with pytest.raises(BadInput, match="archived"):
                self.answer(services, taken, label, name)
            return
        taken_before = key in self.model.keys
        outcome = self.answer(services, taken, label, name)
        assert outcome.done == (not taken_before and position in self.model.open)
        if outcome.done:
            self.model.keys.add(key)
            self.model.give(position, label, name)
            self.given.append(taken)
            if again:  # the reply was lost, and the page asks once more
                assert self.answer(self.to(again), taken, label, name) == RECORDED

    @precondition(lambda self: not self.is_archived and self._reopened())
    @rule(worker=WORKER, who=ANYBODY, which=st.integers(0, 9), label=LABEL)
    def give_again(self, worker: int, who: int, which: int, label: int | None) -> None:
        """The same request once more, after its answer was undone: it was meant for then."""
        found = self._reopened()
        self.give(worker, who, found[which % len(found)], label)

    def _reopened(self) -> list[Taken]:
        return [taken for taken in self.given if taken.position in self.model.open]

    def answer(self, services: Services, taken: Taken, label: int | None, who: str) -> Outcome:
        """Somebody's request."""
        return services.labeling.answer(
            self.slug, position=taken.position, label=label, key=taken.key, annotator=who,
            milliseconds=700,
        )  # fmt: skip

    @precondition(lambda self: not self.is_archived)
    @rule(
        worker=WORKER, who=ANYBODY, again=st.sampled_from(TO), late=st.sampled_from(TO),
        label=LABEL, seen=st.booleans(),
    )  # fmt: skip
    def undo(
        self, worker: int, who: int, again: str, late: str, label: int | None, seen: bool
    ) -> None:
        """Somebody's last answer is taken back; the same request twice does it once.

        Nor is that answer given again where its request comes a second time, after the undo.
        """
        services, key, name = self.act(worker), self.key(), self.who(who)
        last = self.model.last(name)
        shown = services.views.view(SLUG, annotator=name)["last"] if seen else None
        target = shown and shown["seq"]  # as the page would send it
        outcome = services.labeling.undo(SLUG, target=target, key=key, annotator=name)
        assert outcome.done == (last is not None)
        if last is None:
            return
        position = self.model.answers[last].position
        expected = self.model.undo(name)
        assert expected in outcome.notice
        assert bool(expected) == bool(outcome.notice)
        self.model.keys.add(key)
        if again:
            once_more = self.to(again).labeling.undo(SLUG, key=key, annotator=name)
            assert once_more == Outcome(False, "That step was undone before.")
        meant = [taken for taken in self.given if taken.position == position]
        if late and meant:
            assert self.answer(self.to(late), meant[-1], self.class_of(label), name) == RECORDED

    @precondition(lambda self: self.model.answers and not self.is_archived)
    @rule(worker=WORKER, who=ANYBODY, which=st.integers(0, 99), label=LABEL)
    def correct(self, worker: int, who: int, which: int, label: int | None) -> None:
        """An older answer is relabeled or retracted, by whoever it is."""
        index, label = which % len(self.model.answers), self.class_of(label)
        key, position = self.key(), self.model.answers[index].position
        outcome = self.act(worker).labeling.correct(
            SLUG, position=position, label=label, key=key, annotator=self.who(who)
        )
        assert outcome.done
        self.model.keys.add(key)
        self.model.correct(index, label, self.who(who))
