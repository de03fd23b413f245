"""How a sampler decides whether to ask: River's entropy sampler and its kin.

Every sampler here is a River `ActiveLearningClassifier`. It differs in three ways, all of them
needed to log, replay and trust a decision:

- `decide` returns the probability it drew with, not only the outcome;
- a *floor* gives every sample at least that probability: a sample is asked about iff
  `u < max(p, floor)`, with the one uniform `u` that River itself draws;
- it never goes silent: where fewer than two classes are named, it asks (River's draw is made).

With `floor=0` and a classifier that names two classes from the start, decisions and random
state equal River's, bit for bit.
"""

from __future__ import annotations

import abc
import math
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from river import active, base

AUDIT = "audit"
COLD_START = "cold-start"
SPOT_CHECK = "spot-check"

Probabilities = Mapping[Any, float]
State = float | tuple[float, ...] | None


class Decision(NamedTuple):
    """What was decided about one sample, and with which odds.

    Parameters
    ----------
    entropy
        Normalized entropy of the prediction, in [0, 1].
    query_probability
        Probability with which the sample was to be asked about, known before the draw.
    asked
        Whether the draw fell below it.
    reason
        Name of the strategy, `audit` or `cold-start`; empty when skipped.

    """

    entropy: float
    query_probability: float
    asked: bool
    reason: str


_new = tuple.__new__  # a third of the time of calling the class


def normalized_entropy(y_pred: Probabilities) -> float:
    """Entropy of a prediction, divided by its maximum over the classes with some probability.

    The same operations in the same order as `river.active.EntropySampler`.

    Parameters
    ----------
    y_pred
        Probability of each class.

    Examples
    --------
    >>> normalized_entropy({"ham": 0.5, "spam": 0.5, "other": 0.0})
    1.0
    >>> round(normalized_entropy({False: 0.9, True: 0.1}), 4)
    0.469
    >>> normalized_entropy({"ham": 1.0}), normalized_entropy({"ham": 1 - 1e-16, "spam": 0.0})
    (0.0, 0.0)

    """
    terms = [p * _log2(p) for p in y_pred.values() if p > 0]
    if not (entropy := -sum(terms)):
        return 0.0
    # River divides by zero where one class has almost 1 and the others underflow to 0.
    possible = len(terms)
    return entropy / _log2(possible) if possible > 1 else 0.0


_log2 = math.log2


class Sampler(active.base.ActiveLearningClassifier):
    """Base of the samplers: the draw, the floor, the cold start.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    floor
        Least query probability of any sample, in [0, 1].
    seed
        Seed of the random number generator. Required: an unseeded run cannot be replayed.

    """

    name: str = ""
    deterministic: bool = False

    def __init__(self, classifier: base.Classifier, *, floor: float = 0.0, seed: int = 42):
        super().__init__(classifier, seed=seed)
        self.floor = floor
        self._rng: random.Random

    @abc.abstractmethod
    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        """The strategy's own query probability, before floor and cold start.

        Called once per sample that is no cold start; rules without chance return 1 or 0. It may
        change what `state` tells, and nothing else of the sampler, or replay would differ.
        """

    def _spent(self, query_probability: float, asked: bool) -> None:
        """Hook for strategies that steer: called once per sample, after the draw."""

    def decide(self, y_pred: Probabilities) -> Decision:
        """Draw once and say whether to ask about the sample with this prediction.

        Parameters
        ----------
        y_pred
            What the classifier predicts: probability of each class.

        Examples
        --------
        >>> from river import linear_model
        >>> sampler = EntropySampler(linear_model.LogisticRegression(), discount_factor=3)
        >>> sampler.decide({False: 0.5, True: 0.5})
        Decision(entropy=1.0, query_probability=1.0, asked=True, reason='entropy')
        >>> sampler.decide({})
        Decision(entropy=0.0, query_probability=1.0, asked=True, reason='cold-start')

        """
        entropy = normalized_entropy(y_pred)
        draw = self._rng.random()
        if len(y_pred) < 2:
            self._spent(1.0, True)
            return Decision(entropy, 1.0, True, COLD_START)
        p = self._strategy_probability(y_pred, entropy)
        floor = self.floor
        query_probability = floor if floor > p else p
        if not query_probability < 1.0:
            query_probability = 1.0
        asked = draw < query_probability
        self._spent(query_probability, asked)
        reason = "" if not asked else self.name if draw < p else AUDIT
        return _new(Decision, (entropy, query_probability, asked, reason))

    def _ask_for_label(self, x: Any, y_pred: Probabilities) -> bool:
        return self.decide(y_pred).asked

    @property
    def state(self) -> State:
        """What the strategy itself has learned, beside the random state; None for nothing."""
        return None

    @state.setter
    def state(self, value: State) -> None:
        """Take over a state; None for that of the beginning."""

    def rewind(self, draws: int, *, state: State) -> None:
        """Bring random state and strategy to where they stood after a number of draws.

        Exactly one number is drawn per scanned sample, so the position in the stream tells how
        often. A million draws take 25 ms.

        Parameters
        ----------
        draws
            How many samples had been scanned.
        state
            The strategy's own state then, as logged.

        """
        self._rng = random.Random(self.seed)
        self.advance(draws, state=state)

    def advance(self, draws: int, *, state: State) -> None:
        """Make a number of draws without deciding anything, then take over a logged state."""
        draw = self._rng.random
        for _ in range(draws):
            draw()
        self.state = state


class EntropySampler(Sampler):
    """River's `EntropySampler` with a floor: asks with probability entropy ** discount_factor.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    discount_factor
        The higher, the fewer samples are asked about.
    floor
        Least query probability of any sample.
    seed
        Seed of the random number generator.

    """

    name = "entropy"

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        discount_factor: float = 3.0,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.discount_factor = discount_factor

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        # River returns 0 for an entropy of 0 whatever the discount factor, 0 included.
        return float(entropy**self.discount_factor) if entropy else 0.0


class BudgetEntropySampler(Sampler):
    """Entropy sampling whose discount factor steers itself so that a share of samples is asked.

    After each sample `log d += rate * (query_probability - budget)`, with `log d` kept within
    [-7, 12]. The query probability counts as a whole, audits included, so that the budget is
    what a person will be asked.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    budget
        Share of samples to ask about in the long run, in (0, 1].
    rate
        How quickly the discount factor follows.
    discount_factor
        Where it starts.
    floor
        Least query probability of any sample; below the budget, or the discount runs away.
    seed
        Seed of the random number generator.

    """

    name = "budget-entropy"
    LOWEST, HIGHEST = -7.0, 12.0

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        budget: float = 0.05,
        rate: float = 0.1,
        discount_factor: float = 3.0,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.budget = budget
        self.rate = rate
        self.discount_factor = discount_factor
        self._log_discount = math.log(discount_factor)

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        return float(entropy ** math.exp(self._log_discount)) if entropy else 0.0

    def _spent(self, query_probability: float, asked: bool) -> None:
        moved = self._log_discount + self.rate * (query_probability - self.budget)
        self._log_discount = min(self.HIGHEST, max(self.LOWEST, moved))

    @property
    def state(self) -> State:
        return self._log_discount

    @state.setter
    def state(self, value: State) -> None:
        self._log_discount = value if isinstance(value, float) else math.log(self.discount_factor)


class RandomSampler(Sampler):
    """Asks about each sample with the same probability: the yardstick for all others.

    Parameters
    ----------
    classifier
        The pipeline to wrap.
    budget
        Share of samples to ask about; 1 labels everything.
    floor
        Least query probability of any sample.
    seed
        Seed of the random number generator.

    """

    name = "random"

    def __init__(
        self,
        classifier: base.Classifier,
        *,
        budget: float = 0.1,
        floor: float = 0.0,
        seed: int = 42,
    ):
        super().__init__(classifier, floor=floor, seed=seed)
        self.budget = budget

    def _strategy_probability(self, y_pred: Probabilities, entropy: float) -> float:
        return self.budget
