"""The whole service in a few lines: one learner in memory, and a list of answers.

What the service does over a database, with several processes, snapshots and undone branches, this
does with lists. Wherever an answer is corrected, it begins again from nothing. Where several people
label, each has at most one of the open queries to themselves, for a while.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.checks import draw
from dashboard.core.learner import Learner, Prediction
from dashboard.core.spec import Spec
from dashboard.core.strategies import State

Example = tuple[dict[str, Any], int | None]
ALONE = "local"  # whoever it is, where nobody signs in
LEASE = 600_000  # milliseconds for which a query is with whoever was shown it


@dataclass
class Given:
    """An answer: what it was, where the scan stood before it, whose it is, and who said so last."""

    position: int
    label: int | None
    answer: str
    first: int
    who: str
    by: str


@dataclass
class Model:
    """One experiment.

    Parameters
    ----------
    examples
        Fields and class of each sample; None for a class that nobody knows.
    spec
        The recipe.
    classes
        How many there are.

    """

    examples: Sequence[Example]
    spec: Spec
    classes: int
    answers: list[Given] = field(default_factory=list)
    scanned: list[Prediction] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    marks: dict[int, bool] = field(default_factory=dict)
    # Event and place in its draw, of each skipped sample that was drawn to be asked about.
    drawn: dict[int, tuple[int, int]] = field(default_factory=dict)
    # What each person has to themselves, and until when, whether it is open or not.
    leases: dict[str, tuple[int, int]] = field(default_factory=dict)
    now: int = 0
    # The strategy's state behind each scan and each change, beside the number of answers then.
    states: list[tuple[int, bool, State]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.learner = Learner(self.spec, n_classes=self.classes)
        self.go_on(ALONE)

    @property
    def open(self) -> list[int]:
        """The samples that are asked about, in turn: the sampler's own, then those drawn."""
        known = {given.position for given in self.answers}
        asked = [p.position for p in self.scanned if p.decision.asked]
        drawn = sorted(self.drawn, key=self.drawn.__getitem__)
        return [position for position in (*asked, *drawn) if position not in known]

    def shown(self, who: str) -> int | None:
        """The one that a page shows to somebody."""
        if who == ALONE:
            return next(iter(self.open), None)
        position, until = self.leases.get(who, (-1, 0))
        return position if position in self.open and until > self.now else None

    def free(self, who: str) -> int | None:
        """The one that somebody gets next; None where all are with others."""
        others = [held for name, held in self.leases.items() if who not in (name, ALONE)]
        taken = {position for position, until in others if until > self.now}
        found = [position for position in self.open if position not in taken]
        mine = None if who == ALONE else self.leases.get(who, (-1, 0))[0]
        return mine if mine in found else next(iter(found), None)

    def look(self, who: str, *, anew: bool = False) -> int | None:
        """Somebody's page: what it shows is theirs, and a reload begins its time anew."""
        if who != ALONE and (anew or self.shown(who) is None):
            found = self.shown(who)
            found = self.free(who) if found is None else found
            if found is not None:
                self._take(who, found)
        return self.shown(who)

    def _take(self, who: str, position: int) -> None:
        """Give a query to somebody in place of the one they had, unless it is with another."""
        self.leases.pop(who, None)
        until = max((until for p, until in self.leases.values() if p == position), default=0)
        if until <= self.now:
            self._release(position)
            self.leases[who] = position, self.now + LEASE

    def _release(self, position: int) -> None:
        self.leases = {who: held for who, held in self.leases.items() if held[0] != position}

    def go_on(self, who: str) -> None:
        """Scan to the next query unless one is open for somebody, and show it to them."""
        if self.free(who) is None and len(self.scanned) < len(self.examples):
            self.scan()
            self.look(who)

    def scan(self) -> None:
        """Scan to the next query, whatever is open."""
        while len(self.scanned) < len(self.examples):
            position = len(self.scanned)
            self.scanned.append(self.learner.scan(position, self.examples[position][0]))
            if self.scanned[-1].decision.asked:
                break
        self._keep_state()

    def _keep_state(self, *, change: bool = False) -> None:
        self.states.append((len(self.answers), change, self.learner.sampler.state))

    def give(
        self, position: int, label: int | None, who: str = ALONE, *, known: bool = False
    ) -> None:
        """Answer an open query, or pass; what is known is told for somebody, who looks on."""
        answer = "pass" if label is None else "label"
        self.answers.append(Given(position, label, answer, len(self.scanned), who, who))
        if label is not None:
            self.learner.learn(self.examples[position][0], label)
        if self.free(ALONE if known else who) is None:
            self.scan()
        else:
            self._keep_state()
        if who != ALONE and not known:
            self._release(position)
            self.look(who)

    def last(self, who: str) -> int | None:
        """Index of the answer that an undo of somebody takes back."""
        live = [i for i, given in enumerate(self.answers)
                if given.answer != "retracted" and who in (given.who, ALONE)]  # fmt: skip
        return live[-1] if live else None

    def undo(self, who: str = ALONE) -> str:
        """Take somebody's last answer back with all that came of it, and say where its query is.

        Where others have answered since, only the label goes, and there is no query.
        """
        index = self.last(who)
        assert index is not None
        if who != ALONE and any(
            given.who != who and given.answer != "retracted" for given in self.answers[index:]
        ):
            self.correct(index, None, who)
            return "Others have answered since"
        gone = self.answers[index]
        del self.answers[index:]
        del self.scanned[gone.first :]
        self.drawn = {p: turn for p, turn in self.drawn.items() if p < gone.first}
        self.states = [s for s in self.states if s[0] <= index or s[1]]
        self._rebuild(self.states[-1][2])
        if who == ALONE:
            return ""
        self._take(who, gone.position)
        mine = self.shown(who) == gone.position
        return "here is its question again" if mine else "its question is with somebody else"

    def skipped(self, among: Collection[int | None]) -> list[int]:
        """What was predicted to be of these classes and neither asked about nor drawn."""
        return [p.position for p in self.scanned
                if not p.decision.asked and p.position not in self.drawn
                and p.predicted in among]  # fmt: skip

    def queue(self, n: int, seq: int, among: Collection[int | None]) -> None:
        """Draw from the skipped, at the event of that number."""
        skipped = self.skipped(among)
        drawn = draw(len(skipped), n, seed=self.spec.seed, seq=seq)
        self.drawn |= {skipped[i]: (seq, place) for place, i in enumerate(drawn)}

    @property
    def waiting(self) -> list[int]:
        """Samples drawn that have no answer."""
        return [position for position in self.open if position in self.drawn]

    def take_back(self) -> None:
        """Leave those that wait as they were."""
        for position in self.waiting:
            del self.drawn[position]

    def correct(self, index: int, label: int | None, who: str = ALONE) -> None:
        """Give an answer another label, or take its label back."""
        self.answers[index].by = who
        self.answers[index].label = label
        self.answers[index].answer = "retracted" if label is None else "label"
        self._rebuild(self.learner.sampler.state)

    def change(self, spec: Spec, *, keeps_state: bool) -> None:
        """Go on with another recipe."""
        state = self.learner.sampler.state
        self.spec = spec
        if not keeps_state:
            state = Learner(spec, n_classes=self.classes).sampler.state
        self._rebuild(state)
        self._keep_state(change=True)

    def _rebuild(self, state: State) -> None:
        self.learner = Learner(self.spec, n_classes=self.classes)
        labels = ((self.examples[g.position][0], g.label) for g in self.answers
                  if g.label is not None)  # fmt: skip
        self.learner.replay(labels, draws=len(self.scanned), state=state)

    def recent(self, who: str, n: int) -> list[int]:
        """The last samples that somebody answered, the newest first."""
        live = [given.position for given in self.answers
                if given.answer != "retracted" and who in (given.who, ALONE)]  # fmt: skip
        return live[::-1][:n]

    def counters(self) -> dict[str, Any]:
        """What the label page counts; open queries play no part."""
        labels = {g.position: g.label for g in self.answers}
        closed = [p for p in self.scanned if not p.decision.asked or p.position in labels]
        judged = [(p, self.examples[p.position][1]) for p in closed]
        judged = [(p, labels.get(p.position) if y is None else y) for p, y in judged]
        known = [(p, y) for p, y in judged if y is not None]
        right = sum(p.predicted == y for p, y in known)
        said = [given.answer for given in self.answers]
        return {
            "predictions": len(closed), "labels": said.count("label"),
            "passes": said.count("pass"), "known": len(known),
            "accuracy": right / len(known) if known else None,
        }  # fmt: skip
