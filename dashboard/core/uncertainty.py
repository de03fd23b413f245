"""Strategies from the literature on streams, beside River's entropy sampler.

Each keeps the rules of `Sampler`: one draw per sample, the floor, the cold start, and a `state`
from which a replay goes on. Those that leave nothing to chance ask with probability 1 or 0, so
that only the floor makes them measurable.
"""

from __future__ import annotations

import heapq
import math
from collections import deque

from river import base

from dashboard.core.strategies import Probabilities, Sampler, State


class MarginCoinSampler(Sampler):
    """Asks with probability b / (b + |m|), m being the log-odds of the two best classes.

    Cesa-Bianchi, Gentile and Zaniboni 2006, "Worst-case analysis of selective sampling for linear
    classification", where m is the margin of a linear classifier.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    margin
        b: log-odds at which every second sample is asked about.
    floor
        Least query probability of any sample.
    seed
        Seed of the random number generator.

    Examples
    --------
    >>> sampler = MarginCoinSampler(None, margin=1.0)
    >>> sampler.decide({False: 0.5, True: 0.5}).query_probability
    1.0
    >>> round(sampler.decide({False: 0.9, True: 0.1}).query_probability, 3)
    0.313

    """

    name = "margin-coin"

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        margin: float = 0.1,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.margin = margin

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        return _coin(self.margin, y_pred)


def _coin(b: float, y_pred: Probabilities) -> float:
    best, second = heapq.nlargest(2, y_pred.values())
    return b / (b + math.log(best) - math.log(second)) if second > 0 else 0.0


class BudgetMarginSampler(MarginCoinSampler):
    """The margin coin, its b steered so that a share of samples is asked about.

    After each sample `log b -= rate * (query_probability - budget)`, with `log b` kept within
    [-12, 7]: what `BudgetEntropySampler` does, with log-odds in place of the entropy, which says
    little of the two best among many classes. The query probability counts as a whole, audits
    included.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    budget
        Share of samples to ask about in the long run, in (0, 1].
    rate
        How quickly b follows.
    margin
        Where b starts.
    floor
        Least query probability of any sample; below the budget, or b runs away.
    seed
        Seed of the random number generator.

    Examples
    --------
    >>> sampler = BudgetMarginSampler(None, budget=0.2)
    >>> [round(sampler.decide({0: p, 1: 1 - p}).query_probability, 3) for p in (0.5, 0.9, 0.9)]
    [1.0, 0.296, 0.294]

    """

    name = "budget-margin"
    LOWEST, HIGHEST = -12.0, 7.0

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        budget: float = 0.1,
        rate: float = 0.1,
        margin: float = 1.0,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, margin=margin, floor=floor, seed=seed)
        self.budget = budget
        self.rate = rate
        self._log_margin = math.log(margin)

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        return _coin(math.exp(self._log_margin), y_pred)

    def _spent(self, query_probability: float, asked: bool) -> None:
        moved = self._log_margin - self.rate * (query_probability - self.budget)
        self._log_margin = min(self.HIGHEST, max(self.LOWEST, moved))

    @property
    def state(self) -> State:
        return self._log_margin

    @state.setter
    def state(self, value: State) -> None:
        self._log_margin = value if isinstance(value, float) else math.log(self.margin)


class VariableUncertaintySampler(Sampler):
    """Asks where the best class is less probable than a threshold that moves with the budget.

    While the share asked about lately is below the budget: asks iff P < threshold, which shrinks
    by `step` after a question and grows by it otherwise. Žliobaitė, Bifet, Pfahringer and Holmes
    2014, "Active learning with drifting streaming data", VarUncertainty with its estimate of what
    was spent: spent ← spent · (w − 1) / w + asked. Here audits and cold starts are spent too.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    budget
        Share of samples to ask about, in (0, 1].
    step
        How quickly the threshold moves.
    window
        w: over how many samples the share is taken.
    floor
        Least query probability of any sample; below the budget.
    seed
        Seed of the random number generator.

    Examples
    --------
    >>> sampler = VariableUncertaintySampler(None, budget=0.5)
    >>> [sampler.decide({0: p, 1: 1 - p}).asked for p in (0.6, 0.9, 0.995, 0.99)]
    [True, True, False, False]
    >>> sampler.state
    (0.9998000100000001, 1.950399)

    """

    name = "variable-uncertainty"
    deterministic = True

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        budget: float = 0.1,
        step: float = 0.01,
        window: int = 100,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.budget = budget
        self.step = step
        self.window = window
        self._threshold, self._recent = 1.0, 0.0

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        if self._recent / self.window >= self.budget:
            return 0.0
        asks = max(y_pred.values()) < self._threshold
        self._threshold *= 1 - self.step if asks else 1 + self.step
        return float(asks)

    def _spent(self, query_probability: float, asked: bool) -> None:
        self._recent = self._recent * (self.window - 1) / self.window + asked

    @property
    def state(self) -> State:
        return self._threshold, self._recent

    @state.setter
    def state(self, value: State) -> None:
        self._threshold, self._recent = value if isinstance(value, tuple) else (1.0, 0.0)


class QuantileSampler(Sampler):
    """Asks about the most uncertain share of the last samples: the balanced quantile filter, BIQF.

    Asks iff the entropy reaches the (1 − budget) quantile of the last `window` entropies, lowered
    by range · left / tolerance, where `left` is how many questions the budget allowed so far and
    were not asked, so that their count stays close to budget · samples at any moment. Kottke,
    Krempl and Spiliopoulou 2015, "Probabilistic active learning in datastreams". Where all
    entropies of the window are equal the quantile says nothing: then it asks while questions are
    left. A budget changed on the way counts from then on.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    budget
        Share of samples to ask about, in (0, 1].
    window
        How many entropies the quantile is taken of.
    tolerance
        The smaller, the closer the count is kept to the budget.
    floor
        Least query probability of any sample; below the budget.
    seed
        Seed of the random number generator.

    Examples
    --------
    >>> sampler = QuantileSampler(None, budget=0.25)
    >>> [sampler.decide({0: p, 1: 1 - p}).asked for p in (0.9, 0.8, 0.99, 0.7, 0.95)]
    [True, True, False, True, False]
    >>> sampler.state[0]
    -1.75

    """

    name = "biqf"
    deterministic = True

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        budget: float = 0.1,
        window: int = 100,
        tolerance: float = 50.0,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.budget = budget
        self.window = window
        self.tolerance = tolerance
        self._left = 0.0
        self._entropies: deque[float] = deque(maxlen=window)

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        self._entropies.append(entropy)
        ordered = sorted(self._entropies)
        left = self._left + self.budget
        span = ordered[-1] - ordered[0]
        if not span:
            return float(left > 0)
        return float(entropy >= _quantile(ordered, 1 - self.budget) - span * left / self.tolerance)

    def _spent(self, query_probability: float, asked: bool) -> None:
        self._left += self.budget - asked

    @property
    def state(self) -> State:
        return self._left, *self._entropies

    @state.setter
    def state(self, value: State) -> None:
        self._left, *entropies = value if isinstance(value, tuple) else (0.0,)
        self._entropies = deque(entropies, maxlen=self.window)


def _quantile(ordered: list[float], share: float) -> float:
    """Linear between order statistics, as NumPy's default, which is slow on a hundred values.

    Examples
    --------
    >>> _quantile([0.0, 1.0, 2.0, 5.0], 0.75)
    2.75

    """
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
