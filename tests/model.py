"""The whole service in a few lines: one learner in memory, and a list of answers.

What the service does over a database, with several processes, snapshots and undone branches, this
does with lists. Wherever an answer is corrected, it begins again from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.learner import Learner, Prediction
from dashboard.core.spec import Spec
from dashboard.core.strategies import State

Example = tuple[dict[str, Any], int | None]


@dataclass
class Given:
    """An answer: what it was, and where the scan stood before it."""

    position: int
    label: int | None
    answer: str
    first: int


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
    # The strategy's state behind each scan and each change, beside the number of answers then.
    states: list[tuple[int, bool, State]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.learner = Learner(self.spec, n_classes=self.classes)
        self.scan()

    @property
    def open(self) -> list[int]:
        """The samples that are asked about; none at the end of the stream."""
        known = {given.position for given in self.answers}
        return [p.position for p in self.scanned
                if p.decision.asked and p.position not in known]  # fmt: skip

    @property
    def first(self) -> int | None:
        """The one that a page shows."""
        return next(iter(self.open), None)

    def scan(self, *, past: bool = False) -> None:
        """Scan to the next query; where one is open, only if this is to go past it."""
        if (self.open and not past) or len(self.scanned) == len(self.examples):
            return
        while len(self.scanned) < len(self.examples):
            position = len(self.scanned)
            self.scanned.append(self.learner.scan(position, self.examples[position][0]))
            if self.scanned[-1].decision.asked:
                break
        self._keep_state()

    def _keep_state(self, *, change: bool = False) -> None:
        self.states.append((len(self.answers), change, self.learner.sampler.state))

    def give(self, position: int, label: int | None) -> None:
        """Answer an open query, or pass."""
        answer = "pass" if label is None else "label"
        self.answers.append(Given(position, label, answer, len(self.scanned)))
        if label is not None:
            self.learner.learn(self.examples[position][0], label)
        before = len(self.states)
        self.scan()
        if len(self.states) == before:  # nothing was scanned
            self._keep_state()

    @property
    def last(self) -> int | None:
        """Index of the answer that an undo takes back."""
        live = [i for i, given in enumerate(self.answers) if given.answer != "retracted"]
        return live[-1] if live else None

    def undo(self) -> None:
        """Take the last answer back, with all that came of it."""
        assert self.last is not None
        gone = self.answers[self.last]
        del self.answers[self.last :]
        del self.scanned[gone.first :]
        kept = len(self.answers)
        self.states = [s for s in self.states if s[0] <= kept or s[1]]
        self._rebuild(self.states[-1][2])

    def correct(self, index: int, label: int | None) -> None:
        """Give an answer another label, or take its label back."""
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
