"""What can be chosen: the strategies, and which pipelines fit which data."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.core.pipelines import PIPELINES, Pipeline
from dashboard.core.strategies import (
    BudgetEntropySampler,
    EntropySampler,
    RandomSampler,
    Sampler,
)
from dashboard.core.uncertainty import (
    BudgetMarginSampler,
    MarginCoinSampler,
    QuantileSampler,
    VariableUncertaintySampler,
)
from dashboard.errors import BadInput


@dataclass(frozen=True)
class Strategy:
    """An entry of the catalog: what it is, what it is for, and which of a spec's values it takes.

    Parameters
    ----------
    sampler
        Its class, whose name specs, logs and the command line know it by.
    title
        For people.
    parameters
        Fields of a spec that its sampler takes.
    fits
        When to choose it, in a sentence.
    source
        Where it is described.

    """

    sampler: type[Sampler]
    title: str
    parameters: tuple[str, ...]
    fits: str
    source: str

    @property
    def name(self) -> str:
        """As specs, logs and the command line know it."""
        return self.sampler.name

    @property
    def has_budget(self) -> bool:
        """Whether it asks about a given share of the stream."""
        return "budget" in self.parameters

    @property
    def deterministic(self) -> bool:
        """Whether it leaves nothing to chance: query probabilities are 1 or the floor."""
        return self.sampler.deterministic


STRATEGIES: dict[str, Strategy] = {
    s.name: s
    for s in (
        Strategy(
            EntropySampler,
            "Entropy",
            ("discount_factor",),
            "Asks where the model is unsure; how often depends on model and data.",
            "River's EntropySampler",
        ),
        Strategy(
            BudgetEntropySampler,
            "Entropy within a budget",
            ("budget", "discount_factor"),
            "The default up to 20 classes: asks where the model is unsure, about a given share.",
            "River's EntropySampler, its discount factor steered",
        ),
        Strategy(
            MarginCoinSampler,
            "Margin coin",
            ("margin",),
            "Asks where two classes are close, without ever being certain to skip.",
            "Cesa-Bianchi, Gentile and Zaniboni 2006",
        ),
        Strategy(
            BudgetMarginSampler,
            "Margin within a budget",
            ("budget",),
            "The default beyond 20 classes: asks where the two best are close, for a given share.",
            "Cesa-Bianchi, Gentile and Zaniboni 2006, its parameter steered",
        ),
        Strategy(
            VariableUncertaintySampler,
            "Variable uncertainty",
            ("budget",),
            "A threshold on the best class that follows the budget and changes of the stream.",
            "Žliobaitė, Bifet, Pfahringer and Holmes 2014",
        ),
        Strategy(
            QuantileSampler,
            "Balanced quantiles (BIQF)",
            ("budget",),
            "Keeps closest to its budget, at any moment; right for a number of labels in all.",
            "Kottke, Krempl and Spiliopoulou 2015",
        ),
        Strategy(
            RandomSampler,
            "Random",
            ("budget",),
            "The yardstick for all others.",
            "simple random sampling",
        ),
    )
}


def fitting_pipelines(*, text: bool, classes: int) -> list[Pipeline]:
    """The pipelines that can learn this kind of data.

    Examples
    --------
    >>> [p.name for p in fitting_pipelines(text=False, classes=3)]
    ['rows-softmax', 'rows-steps-softmax', 'rows-tree']

    """
    return [p for p in PIPELINES.values() if p.text == text and (classes == 2 or not p.binary)]


def check_pipeline(name: str, *, text: bool, classes: int) -> str:
    """The name, if it is that of a pipeline which can learn this kind of data.

    Raises
    ------
    BadInput
        Says why it cannot, and names those that can.

    """
    if name not in PIPELINES:
        raise BadInput(f"There is no pipeline {name!r}; choose one of {', '.join(PIPELINES)}.")
    fitting = ", ".join(p.name for p in fitting_pipelines(text=text, classes=classes))
    found = PIPELINES[name]
    if found.text != text:
        learns, has = ("texts", "rows of fields") if found.text else ("rows of fields", "texts")
        raise BadInput(
            f"The pipeline {name!r} learns {learns}, and this stream has {has}; use one of "
            f"{fitting}."
        )
    if found.binary and classes > 2:
        raise BadInput(
            f"The pipeline {name!r} tells two classes apart, and there are {classes}; use one of "
            f"{fitting}."
        )
    return name
