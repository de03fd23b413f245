"""What an experiment is made of, apart from its stream: the recipe that makes a sampler.

A `Spec` is stored with the experiment as JSON and never changes; presets are named recipes.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from dashboard.core.pipelines import PIPELINES
from dashboard.core.strategies import (
    BudgetEntropySampler,
    EntropySampler,
    RandomSampler,
    Sampler,
)
from dashboard.errors import BadInput

MAX_SEED = 2**32 - 1
STRATEGIES = (EntropySampler.name, BudgetEntropySampler.name, RandomSampler.name)
PRESETS = ("recommended", "blog", "river-docs")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The recipe of a sampler.

    Parameters
    ----------
    preset
        The named recipe it started from.
    pipeline
        A name of `pipelines.PIPELINES`.
    strategy
        `entropy`, `budget-entropy` or `random`.
    discount_factor
        For `entropy`; where `budget-entropy` starts.
    budget
        Share of samples to ask about, for the other two.
    floor
        Least query probability of any sample.
    seed
        Seed of the sampler.

    """

    preset: str
    pipeline: str
    strategy: str
    discount_factor: float
    budget: float
    floor: float
    seed: int

    def build(self) -> Sampler:
        """A fresh sampler that has seen nothing."""
        model: Any = PIPELINES[self.pipeline].build()
        if self.strategy == RandomSampler.name:
            return RandomSampler(model, budget=self.budget, floor=self.floor, seed=self.seed)
        if self.strategy == BudgetEntropySampler.name:
            return BudgetEntropySampler(
                model,
                budget=self.budget,
                discount_factor=self.discount_factor,
                floor=self.floor,
                seed=self.seed,
            )
        return EntropySampler(
            model, discount_factor=self.discount_factor, floor=self.floor, seed=self.seed
        )

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain data."""
        return dataclasses.asdict(self)


def _preset(name: str, *, text: bool, binary: bool) -> Spec:
    end = "lr" if binary else "softmax"
    if name == "recommended":
        model = ("shapes-adpredictor" if binary else "shapes-softmax") if text else f"rows-{end}"
        strategy, discount, budget, floor = "budget-entropy", 3.0, 0.05 if binary else 0.1, 0.02
    elif name == "blog":
        model, strategy, discount, budget, floor = f"bag-of-words-{end}", "entropy", 100.0, 0.1, 0.0
    elif name == "river-docs":
        model, strategy, discount, budget, floor = f"tfidf-{end}", "entropy", 3.0, 0.1, 0.0
    else:
        raise BadInput(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    if not text and name != "recommended":
        raise BadInput(
            f"The preset {name!r} needs texts, and this stream has rows of fields; use "
            "'recommended'."
        )
    return Spec(
        preset=name,
        pipeline=model,
        strategy=strategy,
        discount_factor=discount,
        budget=budget,
        floor=floor,
        seed=42,
    )


def make_spec(
    preset: str = "recommended",
    *,
    text: bool,
    classes: int,
    seed: int = 42,
    strategy: str | None = None,
    discount_factor: float | None = None,
    budget: float | None = None,
    floor: float | None = None,
) -> Spec:
    """A preset fitted to the data at hand, with whatever was chosen otherwise.

    Parameters
    ----------
    preset
        `recommended`, `blog` or `river-docs`.
    text
        Whether samples are texts rather than rows of fields.
    classes
        How many classes there are, at least 2.
    seed
        Seed of the sampler, from 0 to 4294967295.
    strategy
        Overrides the preset's strategy.
    discount_factor
        Overrides the preset's; makes the strategy plain entropy unless one is named.
    budget
        Overrides the preset's share of samples to ask about.
    floor
        Overrides the preset's floor.

    Raises
    ------
    BadInput
        For a value out of range, with the field and the range.

    Examples
    --------
    >>> make_spec("blog", text=True, classes=2).discount_factor
    100.0
    >>> make_spec("recommended", text=True, classes=7).pipeline
    'shapes-softmax'

    """
    if classes < 2:
        raise BadInput(f"An experiment needs at least two classes, not {classes}.")
    spec = _preset(preset, text=text, binary=classes == 2)
    changes: dict[str, Any] = {"seed": _check_seed(seed)}
    if discount_factor is not None:
        changes["discount_factor"] = _in_range("discount factor", discount_factor, 0, 1e6)
        changes["strategy"] = EntropySampler.name
    if strategy is not None:
        if strategy not in STRATEGIES:
            raise BadInput(
                f"There is no strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}."
            )
        changes["strategy"] = strategy
    if budget is not None:
        changes["budget"] = _in_range("budget", budget, 1e-6, 1)
    if floor is not None:
        changes["floor"] = _in_range("floor", floor, 0, 1)
    spec = dataclasses.replace(spec, **changes)
    return _check_together(spec)


def _check_together(spec: Spec) -> Spec:
    if spec.strategy == BudgetEntropySampler.name:
        if spec.floor >= spec.budget:
            raise BadInput(
                f"The floor ({spec.floor:g}) has to be below the budget ({spec.budget:g}), or "
                "nothing but the floor would ever ask; lower the floor or raise the budget."
            )
        if spec.discount_factor == 0:
            raise BadInput("The discount factor of budget-entropy has to be above 0.")
    return spec


def _check_seed(seed: int) -> int:
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"The seed has to be a whole number from 0 to {MAX_SEED}, not {seed}.")
    return seed


def _in_range(what: str, value: float, low: float, high: float) -> float:
    if not (math.isfinite(value) and low <= value <= high):
        raise BadInput(f"The {what} has to be a number from {low:g} to {high:g}, not {value:g}.")
    return float(value)
