"""What an experiment is made of, apart from its stream: the recipe that makes a sampler.

A `Spec` is stored with the experiment as JSON and never changes; presets are named recipes.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.catalog import STRATEGIES, check_pipeline
from dashboard.core.pipelines import PIPELINES
from dashboard.core.rows import FieldType
from dashboard.core.strategies import (
    BudgetEntropySampler,
    EntropySampler,
    RandomSampler,
    Sampler,
)
from dashboard.core.uncertainty import BudgetMarginSampler, MarginCoinSampler
from dashboard.errors import BadInput

MAX_SEED = 2**32 - 1
PRESETS = ("recommended", "blog", "river-docs")
MANY = 20  # from more classes on, labels are few for each, and an entropy says little of the best


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
        A name of `catalog.STRATEGIES`.
    discount_factor
        For `entropy`; where `budget-entropy` starts.
    budget
        Share of samples to ask about, for strategies that have one.
    floor
        Least query probability of any sample.
    seed
        Seed of the sampler.
    margin
        For `margin-coin`: log-odds at which every second sample is asked about.
    columns
        Types of a row's fields, see `rows.FieldType`; empty for texts, or where they are not
        known.

    """

    preset: str
    pipeline: str
    strategy: str
    discount_factor: float
    budget: float
    floor: float
    seed: int
    margin: float = 0.1
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    def build(self) -> Sampler:
        """A fresh sampler that has seen nothing."""
        return self.wrap(PIPELINES[self.pipeline].build(self.columns))

    def wrap(self, model: Any) -> Sampler:
        """A fresh sampler around a pipeline, which may have learned something already."""
        strategy = STRATEGIES[self.strategy]
        chosen = {name: getattr(self, name) for name in strategy.parameters}
        return strategy.sampler(model, floor=self.floor, seed=self.seed, **chosen)

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain data."""
        return dataclasses.asdict(self)


def recommended_budget(classes: int) -> float:
    """The share of samples that `recommended` asks about."""
    return 0.05 if classes == 2 else 0.1


def _recommended(*, text: bool, classes: int) -> tuple[str, str]:
    """Pipeline and strategy that held best where `make validate` looked, see the README."""
    strategy = BudgetEntropySampler.name if classes <= MANY else BudgetMarginSampler.name
    if not text:
        return "rows-adpredictor" if classes == 2 else "rows-steps-softmax", strategy
    if classes == 2:
        return "shapes-adpredictor", strategy
    return "shapes-softmax" if classes <= MANY else "shapes-naive-bayes", strategy


def _preset(name: str, *, text: bool, classes: int) -> Spec:
    end = "lr" if classes == 2 else "softmax"
    if name == "recommended":
        model, strategy = _recommended(text=text, classes=classes)
        discount, budget, floor = 3.0, recommended_budget(classes), 0.02
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
    columns: Mapping[str, str] | None = None,
    pipeline: str | None = None,
    strategy: str | None = None,
    discount_factor: float | None = None,
    budget: float | None = None,
    floor: float | None = None,
    margin: float | None = None,
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
    columns
        Types of a row's fields, where the stream knows them.
    pipeline
        Overrides the preset's pipeline.
    strategy
        Overrides the preset's strategy.
    discount_factor
        Overrides the preset's; makes the strategy plain entropy unless one is named.
    budget
        Overrides the preset's share of samples to ask about.
    floor
        Overrides the preset's floor.
    margin
        Overrides the default; makes the strategy the margin coin unless one is named.

    Raises
    ------
    BadInput
        For a value out of range, with the field and the range; for a pipeline that does not fit
        the data, with those that do.

    Examples
    --------
    >>> make_spec("blog", text=True, classes=2).discount_factor
    100.0
    >>> make_spec("recommended", text=True, classes=7).pipeline
    'shapes-softmax'

    """
    if classes < 2:
        raise BadInput(f"An experiment needs at least two classes, not {classes}.")
    spec = _preset(preset, text=text, classes=classes)
    changes: dict[str, Any] = {"seed": _check_seed(seed)}
    if columns and not text:
        changes["columns"] = _check_columns(columns)
    if pipeline is not None:
        changes["pipeline"] = check_pipeline(pipeline, text=text, classes=classes)
    if margin is not None:
        changes["margin"] = _in_range("margin", margin, 1e-6, 1e6)
        changes["strategy"] = MarginCoinSampler.name
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
    return _check_together(dataclasses.replace(spec, **changes))


def with_floor(spec: Spec, floor: float) -> Spec:
    """The same recipe with another floor.

    Parameters
    ----------
    spec
        The recipe.
    floor
        Least query probability of any sample.

    Raises
    ------
    BadInput
        For a floor out of range, or one that leaves the budget nothing to ask about.

    Examples
    --------
    >>> with_floor(make_spec("blog", text=True, classes=2), 0.02).floor
    0.02

    """
    return _check_together(dataclasses.replace(spec, floor=_in_range("floor", floor, 0, 1)))


def _check_columns(columns: Mapping[str, str]) -> dict[str, str]:
    for name, kind in columns.items():
        if kind not in set(FieldType):
            raise BadInput(
                f"The field {name!r} cannot be of the type {kind!r}; types are "
                f"{', '.join(FieldType)}."
            )
    return {name: str(kind) for name, kind in columns.items()}


def _check_together(spec: Spec) -> Spec:
    strategy = STRATEGIES[spec.strategy]
    if strategy.has_budget and strategy.sampler is not RandomSampler and spec.floor >= spec.budget:
        raise BadInput(
            f"The floor ({spec.floor:g}) has to be below the budget ({spec.budget:g}), or "
            "nothing but the floor would ever ask; lower the floor or raise the budget."
        )
    if spec.strategy == BudgetEntropySampler.name and spec.discount_factor == 0:
        raise BadInput("The discount factor of budget-entropy has to be above 0.")
    if spec.pipeline == "rows-tree" and set(spec.columns.values()) == {FieldType.TEXT}:
        raise BadInput(
            "The pipeline 'rows-tree' reads no texts, and every field of this stream is one; "
            "use another pipeline."
        )
    return spec


def _check_seed(seed: int) -> int:
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"The seed has to be a whole number from 0 to {MAX_SEED}, not {seed}.")
    return seed


def _in_range(what: str, value: float, low: float, high: float) -> float:
    if not (math.isfinite(value) and low <= value <= high):
        raise BadInput(f"The {what} has to be a number from {low:g} to {high:g}, not {value:g}.")
    return float(value)
