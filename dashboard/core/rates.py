"""How often to ask, in words: translated into a recipe, and told ahead from the log so far.

Three ways of saying it: *one in n* (a share of the stream), *n labels in all* (a number to be
spread over the stream), and *until I say stop* (the share that `recommended` asks about).
"""

from __future__ import annotations

import dataclasses
import math
import re
from typing import NamedTuple

from dashboard.core.catalog import STRATEGIES
from dashboard.core.spec import Spec, recommended_budget
from dashboard.core.strategies import (
    BudgetEntropySampler,
    EntropySampler,
    RandomSampler,
    State,
)
from dashboard.core.uncertainty import BudgetMarginSampler, MarginCoinSampler, QuantileSampler
from dashboard.errors import BadInput

ONE_IN, LABELS, OPEN = "one-in", "labels", "open"
LARGEST = 10**9
ENOUGH = 50  # samples before a strategy without a budget says how often it asks
FLOOR_OF_BUDGET = 0.4  # the floor of `recommended` for two classes: 2 of 5 %


class Rate(NamedTuple):
    """A question rate in words.

    Parameters
    ----------
    kind
        `one-in`, `labels` or `open`.
    n
        The number in it; 0 for `open`.

    """

    kind: str
    n: int = 0

    def __str__(self) -> str:
        """The rate in words, as `parse` reads it.

        Examples
        --------
        >>> str(Rate("one-in", 8)), str(Rate("labels", 1200)), str(Rate("open"))
        ('ask about 1 in 8', '1,200 labels in all', 'until I say stop')

        """
        if self.kind == OPEN:
            return "until I say stop"
        if self.kind == LABELS:
            return f"{self.n:,} labels in all"
        return "ask about every sample" if self.n == 1 else f"ask about 1 in {self.n:,}"


_ONE_IN = re.compile(r"(?:ask )?(?:about )?(?:1|one) (?:in|of|out of) ([\d,]+)")
_LABELS = re.compile(r"([\d,]+) labels?(?: in all)?")


def parse(words: str) -> Rate:
    """A rate from words.

    Parameters
    ----------
    words
        `1 in 8`, `300 labels in all`, `every sample`, `until I say stop`, and the like.

    Raises
    ------
    BadInput
        With the ways of saying it.

    Examples
    --------
    >>> parse("Ask about 1 in 8"), parse("300 labels"), parse("until I say stop")
    (Rate(kind='one-in', n=8), Rate(kind='labels', n=300), Rate(kind='open', n=0))

    """
    plain = " ".join(words.lower().split())
    if plain in ("until i say stop", "until i stop"):
        return Rate(OPEN)
    if plain in ("ask about every sample", "every sample", "everything"):
        return Rate(ONE_IN, 1)
    for pattern, kind in ((_ONE_IN, ONE_IN), (_LABELS, LABELS)):
        if (found := pattern.fullmatch(plain)) and found[1].strip(","):
            return _checked(Rate(kind, int(found[1].replace(",", ""))), words)
    raise BadInput(
        f"{words[:60]!r} is no question rate; say something like '1 in 8', '300 labels in all' or "
        "'until I say stop'."
    )


def _checked(rate: Rate, words: str) -> Rate:
    if not 1 <= rate.n <= LARGEST:
        raise BadInput(f"The number in {words[:60]!r} has to be from 1 to {LARGEST:,}.")
    return rate


def with_rate(
    spec: Spec, rate: Rate, *, classes: int, samples: int, position: int = 0, labels: int = 0
) -> Spec:
    """The recipe that asks at a rate, from where an experiment stands now.

    *One in n* and *until I say stop* keep the strategy where it has a budget, else take the kin
    of it that has one. *n labels in all* takes the balanced quantile filter, whose count stays
    within a few of its budget from the first sample to the last: a steered discount factor asks
    60 to 100 questions while it finds its level, whatever the budget. The floor is lowered where
    it would use up the budget.

    Parameters
    ----------
    spec
        The recipe so far.
    rate
        How often to ask.
    classes
        How many classes there are.
    samples
        How many samples the stream has.
    position
        How many were scanned already.
    labels
        How many labels were given already.

    Raises
    ------
    BadInput
        Where nothing is left to ask about, or to be asked.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> spec = make_spec(text=True, classes=2)
    >>> made = with_rate(spec, parse("1 in 100"), classes=2, samples=5574)
    >>> made.strategy, made.budget, made.floor
    ('budget-entropy', 0.01, 0.004)
    >>> rate = parse("300 labels")
    >>> made = with_rate(spec, rate, classes=2, samples=5574, position=574, labels=50)
    >>> made.strategy, made.budget, made.floor
    ('biqf', 0.05, 0.02)

    """
    if rate.kind == LABELS:
        left, ahead = rate.n - labels, samples - position
        if left < 1:
            raise BadInput(
                f"There are {labels:,} labels already; choose more than that, or stop here."
            )
        if ahead < 1:
            raise BadInput("Every sample of the stream has been scanned; nothing is left to ask.")
        return _budgeted(spec, QuantileSampler.name, left / ahead)
    share = 1 / rate.n if rate.kind == ONE_IN else recommended_budget(classes)
    kin = {
        EntropySampler.name: BudgetEntropySampler.name,
        MarginCoinSampler.name: BudgetMarginSampler.name,
    }
    return _budgeted(spec, kin.get(spec.strategy, spec.strategy), share)


def _budgeted(spec: Spec, strategy: str, share: float) -> Spec:
    if share >= 1:  # entropies of 0 are never asked about, whatever the budget
        return dataclasses.replace(spec, strategy=RandomSampler.name, budget=1.0)
    floor = min(spec.floor, round(FLOOR_OF_BUDGET * share, 6))
    discount = spec.discount_factor
    if strategy == BudgetEntropySampler.name and spec.strategy != strategy:
        discount = 3.0  # plain entropy's own may be 0, from which no steering gets away
    return dataclasses.replace(
        spec, strategy=strategy, budget=share, floor=floor, discount_factor=discount
    )


class Ahead(NamedTuple):
    """Questions to be expected.

    Parameters
    ----------
    expected
        How many, as far as the log tells.
    low, high
        Between these in nine of ten cases of those that were simulated.

    """

    expected: int
    low: int
    high: int


def ahead(
    spec: Spec,
    *,
    samples: int,
    position: int,
    spent: float,
    spent_halfway: float,
    state: State = None,
) -> Ahead | None:
    """How many questions the rest of the stream will bring.

    A budget is kept in the long run, so that the rest brings its share of the rest; the quantile
    filter also makes up for what it asked too much or too little. Without a budget, questions
    grow as a power of the samples seen, the more slowly the more the model has learned: with
    S(t) the sum of query probabilities, S(T) = S(t) · (T / t) ** b, and b = log2 S(t) / S(t / 2).
    The ranges hold what nine of ten simulated runs came to (two, ten and 77 classes; discount
    factors 30 and 100, margins 0.1 and 1, budgets of 2 to 20 %).

    Parameters
    ----------
    spec
        The recipe.
    samples
        How many samples the stream has.
    position
        How many were scanned.
    spent
        Sum of the query probabilities so far.
    spent_halfway
        The same over the first half of what was scanned.
    state
        What the strategy has learned, as logged.

    Returns
    -------
    Ahead or None
        None where too little was scanned to tell.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> spec = make_spec(text=True, classes=2)
    >>> ahead(spec, samples=5000, position=1000, spent=88.5, spent_halfway=60.0)
    Ahead(expected=200, low=120, high=230)
    >>> plain = make_spec(text=True, classes=2, discount_factor=30)
    >>> ahead(plain, samples=4000, position=1000, spent=80.0, spent_halfway=64.0)
    Ahead(expected=60, low=42, high=78)

    """
    left = max(0, samples - position)
    strategy = STRATEGIES[spec.strategy]
    if strategy.has_budget:
        share = max(spec.budget, spec.floor)
        mean = share * left
        if strategy.sampler is QuantileSampler:
            behind = state[0] if isinstance(state, tuple) else 0.0
            mean = min(float(left), max(spec.floor * left, share * left + behind))
        if strategy.sampler in (QuantileSampler, RandomSampler):
            spread = 2 * math.sqrt(mean * max(0.0, 1 - share))
            return _range(mean, mean - spread, mean + spread, left)
        return _range(mean, 0.6 * mean, 1.15 * mean, left)
    if position < ENOUGH or spent_halfway <= 0:
        return None
    power = min(1.0, max(0.0, math.log2(spent / spent_halfway)))
    mean = max(spec.floor * left, spent * ((samples / position) ** power - 1))
    wide = 0.3 if 4 * position >= samples else 0.7
    return _range(mean, (1 - wide) * mean, (1 + wide) * mean, left)


def _range(mean: float, low: float, high: float, left: int) -> Ahead:
    return Ahead(
        min(left, round(mean)), max(0, math.floor(low + 1e-9)), min(left, math.ceil(high - 1e-9))
    )


def in_words(share: float) -> str:
    """How often it asks, as people say it.

    Examples
    --------
    >>> in_words(0.05), in_words(0.124), in_words(0.7), in_words(0.0003), in_words(0)
    ('about 1 in 20', 'about 1 in 8', 'about 7 in 10', 'about 1 in 3,300', 'none')

    """
    if share < 1e-6:
        return "none"
    if share >= 0.95:
        return "nearly all" if share < 1 else "all"
    if share > 0.45:
        return f"about {round(share * 10)} in 10"
    n = 1 / share
    digits = 10 ** max(0, math.floor(math.log10(n)) - 1)
    return f"about 1 in {round(n / digits) * digits:,}"
