"""How often to ask, in words: translated into a recipe, and told ahead from the log so far.

Three ways of saying it: *one in n* (a share of the stream), *n labels in all* (a number to be
spread over the stream), and *until I say stop* (the share that `recommended` asks about).
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from dashboard.core.catalog import STRATEGIES
from dashboard.core.spec import Spec, recommended_budget
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
)
from dashboard.errors import BadInput

ONE_IN, LABELS, OPEN = "one-in", "labels", "open"
LARGEST = 10**9
RECENT = 500  # query probabilities that tell how often it asks at the moment
FLOOR_OF_BUDGET = 0.4  # the floor of `recommended` for two classes: 2 of 5 %
_STEERED: tuple[type[Sampler], ...] = (BudgetEntropySampler, BudgetMarginSampler)


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
        Between these in about 19 of 20 cases, if it goes on as it does.

    """

    expected: int
    low: int
    high: int


def ahead(spec: Spec, recent: Sequence[float], *, samples: int, behind: float = 0.0) -> Ahead:
    """How many questions the next samples will bring.

    The mean of the latest query probabilities says how often it asks at the moment. Strategies
    that steer come back to their budget in about 1 / (rate · budget) samples: that is how slowly
    `log d` moves. The quantile filter also makes up for what it asked too much or too little;
    entropy and margin coin have no budget, and are expected to go on as they do.

    Parameters
    ----------
    spec
        The recipe.
    recent
        Query probabilities of the latest samples, oldest first; the last 500 count.
    samples
        How many samples lie ahead.
    behind
        How many questions fewer than budget · samples were asked so far, for the quantile filter.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> ahead(make_spec(text=True, classes=2), [0.05] * 500, samples=4000)
    Ahead(expected=200, low=172, high=228)
    >>> ahead(make_spec(text=True, classes=2, discount_factor=30), [0.02, 0.04], samples=1000)
    Ahead(expected=30, low=19, high=41)

    """
    last = recent[-RECENT:]
    strategy = STRATEGIES[spec.strategy]
    target = max(spec.budget, spec.floor) if strategy.has_budget else None
    now = math.fsum(last) / len(last) if last else (1.0 if target is None else target)
    if target is None:
        mean = now * samples
    elif strategy.sampler is RandomSampler:
        mean = target * samples
    elif strategy.sampler is QuantileSampler:
        mean = target * samples + behind
    elif strategy.sampler in _STEERED:
        slow = 10 / target  # 1 / (rate · budget) at a rate of 0.1
        mean = target * samples + (now - target) * slow * -math.expm1(-samples / slow)
    else:  # variable uncertainty spends at most its budget
        mean = min(now, target) * samples
    mean = min(float(samples), max(0.0, mean))
    spread = 2 * math.sqrt(mean * (1 - mean / samples)) if samples else 0.0
    return Ahead(
        round(mean), max(0, math.floor(mean - spread)), min(samples, math.ceil(mean + spread))
    )


def in_words(share: float) -> str:
    """How often it asks, as people say it.

    Examples
    --------
    >>> in_words(0.05), in_words(0.124), in_words(0.7), in_words(0.0003), in_words(0)
    ('about 1 in 20', 'about 1 in 8', 'about 7 in 10', 'about 1 in 3,300', 'none')

    """
    if share <= 0:
        return "none"
    if share >= 0.95:
        return "nearly all" if share < 1 else "all"
    if share > 0.45:
        return f"about {round(share * 10)} in 10"
    n = 1 / share
    digits = 10 ** max(0, math.floor(math.log10(n)) - 1)
    return f"about 1 in {round(n / digits) * digits:,}"
