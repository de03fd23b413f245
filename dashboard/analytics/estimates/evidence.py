"""The sums that every estimate is made of.

With q = 1 where a sample was asked about and answered, e = 1 where its prediction was wrong and π
the query probability, logged before the draw:

    seen    Σ q e              errors among the answered
    unseen  Σ q e (1−π)/π      expects the errors among the others (Horvitz and Thompson 1952)
    spread  Σ q e (1−π)/π²     expects the variance of the difference

Each is a sum over answers, so that it can be kept in buckets and added up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from dashboard.analytics.buckets import Floats, ratio

Some = TypeVar("Some", bound="Evidence | Cells | Bins | Weighted")


@dataclass(frozen=True)
class Weighted:
    """Answers of some kind, say errors, and how many of that kind were not seen.

    Parameters
    ----------
    seen
        How many were seen.
    unseen
        Unbiased estimate of how many were not.
    spread
        Unbiased estimate of the variance of that.

    Examples
    --------
    An error that was asked about with π = .5, and one with π = .1:

    >>> one, other = (Weighted(np.array(1.0), np.array(y), np.array(v))
    ...               for y, v in ((1.0, 2.0), (9.0, 90.0)))
    >>> (one + other).total.item(), (one + other).spread.item()
    (12.0, 92.0)

    """

    seen: Floats
    unseen: Floats
    spread: Floats

    @property
    def total(self) -> Floats:
        """Estimate of all of that kind, seen or not."""
        return self.seen + self.unseen

    def __add__(self, other: Weighted) -> Weighted:
        return Weighted(
            self.seen + other.seen, self.unseen + other.unseen, self.spread + other.spread
        )

    def __sub__(self, other: Weighted) -> Weighted:
        return Weighted(
            self.seen - other.seen, self.unseen - other.unseen, self.spread - other.spread
        )

    def sum(self, axis: int) -> Weighted:
        """Added up along an axis."""
        return Weighted(self.seen.sum(axis), self.unseen.sum(axis), self.spread.sum(axis))

    def first(self) -> Weighted:
        """Without the last column, that of samples predicted to be of no class yet."""
        return Weighted(self.seen[..., :-1], self.unseen[..., :-1], self.spread[..., :-1])

    def expanded(self, axis: int) -> Weighted:
        """With one more axis, of length 1, to be broadcast over."""
        parts = (self.seen, self.unseen, self.spread)
        return Weighted(*(np.expand_dims(x, axis) for x in parts))


@dataclass(frozen=True)
class Evidence:
    """What is known of all samples scanned, or of a window of them. Arrays of any equal shape.

    Parameters
    ----------
    scanned
        Samples, open queries left out.
    labeled, audits, passed_over
        Answers with a label, those of them that were audits, and answers without a label.
    weight, squares
        Σ 1/π and Σ 1/π² over the answers with a label.
    wrong
        Errors.
    passed
        Answers without a label: nobody knows whether they were errors.
    floor
        Least query probability of any sample.

    """

    scanned: Floats
    labeled: Floats
    audits: Floats
    passed_over: Floats
    weight: Floats
    squares: Floats
    wrong: Weighted
    passed: Weighted
    floor: float

    def __add__(self, other: Evidence) -> Evidence:
        return self._with(other, 1.0)

    def __sub__(self, other: Evidence) -> Evidence:
        return self._with(other, -1.0)

    def _with(self, other: Evidence, sign: float) -> Evidence:
        """Evidence of two stretches, or of the first without the second."""
        mine, theirs = self.wrong, other.wrong
        passed, others = self.passed, other.passed
        return Evidence(
            self.scanned + sign * other.scanned,
            self.labeled + sign * other.labeled,
            self.audits + sign * other.audits,
            self.passed_over + sign * other.passed_over,
            self.weight + sign * other.weight,
            self.squares + sign * other.squares,
            mine + theirs if sign > 0 else mine - theirs,
            passed + others if sign > 0 else passed - others,
            min(self.floor, other.floor),
        )

    @property
    def effective(self) -> Floats:
        """Effective sample size: so many answers drawn alike would tell as much."""
        return effective(self.weight, self.squares)

    @property
    def expected_audits(self) -> Floats:
        """How many audits with a label there are to be expected, whatever the strategy asks."""
        return self.floor * self.scanned * responses(self.labeled, self.passed_over)

    @property
    def unlabeled(self) -> Floats:
        """Samples that nobody was asked about."""
        return self.scanned - self.labeled - self.passed_over


@dataclass(frozen=True)
class Cells:
    """What is known of every pair of true (second last axis) and predicted class (last axis).

    Parameters
    ----------
    scanned
        Samples by predicted class; the last is "none yet".
    labeled
        Answers by pair.
    weight, squares
        Σ 1/π and Σ 1/π² over them, by pair.
    found
        The pairs, seen and unseen.
    passed
        Answers without a label, by predicted class.
    floor
        Least query probability of any sample.

    """

    scanned: Floats
    labeled: Floats
    weight: Floats
    squares: Floats
    found: Weighted
    passed: Weighted
    floor: float

    @property
    def effective(self) -> Floats:
        """Effective sample size of all."""
        return effective(self.weight.sum((-2, -1)), self.squares.sum((-2, -1)))

    @property
    def effective_by_class(self) -> Floats:
        """Effective sample size among those predicted to be of each class."""
        return effective(self.weight.sum(-2), self.squares.sum(-2))[..., :-1]

    @property
    def expected_audits(self) -> Floats:
        """How many audits with a label there are to be expected among all."""
        answered = responses(self.labeled.sum((-2, -1)), self.passed.seen.sum(-1))
        return np.asarray(self.floor * self.scanned.sum(-1) * answered)

    @property
    def expected_by_class(self) -> Floats:
        """How many among those predicted to be of each class."""
        each = self.floor * self.scanned * responses(self.labeled.sum(-2), self.passed.seen)
        return each[..., :-1]


@dataclass(frozen=True)
class Bins:
    """What is known of samples by the probability of the class predicted (last axis: bins).

    Parameters
    ----------
    scanned, labeled
        Samples, and answers with a label.
    probability
        Sum of the probabilities, over the scanned.
    weight, squares
        Σ 1/π and Σ 1/π² over the labeled.
    wrong, passed
        Errors, and answers without a label.
    floor
        Least query probability of any sample.

    """

    scanned: Floats
    labeled: Floats
    probability: Floats
    weight: Floats
    squares: Floats
    wrong: Weighted
    passed: Weighted
    floor: float

    @property
    def answered(self) -> Weighted:
        """All answers, whatever they were."""
        judged = Weighted(self.labeled, self.weight - self.labeled, self.squares - self.weight)
        return judged + self.passed

    @property
    def effective(self) -> Floats:
        """Effective sample size in each bin."""
        return effective(self.weight, self.squares)


def effective(weight: Floats, squares: Floats) -> Floats:
    """Effective sample size: so many answers drawn alike would tell as much (Kish 1965).

    Parameters
    ----------
    weight, squares
        Σ w and Σ w² over the answers, with w = 1/π.

    Examples
    --------
    68 answers: 50 at π = .5, 18 at π = .02.

    >>> effective(np.array(50 * 2.0 + 18 * 50), np.array(50 * 4.0 + 18 * 2500)).round(1).item()
    22.1

    """
    return np.nan_to_num(ratio(np.square(weight), squares))


def responses(labeled: Floats, passed: Floats) -> Floats:
    """Share of the answers that have a label; 1 where there are none.

    Examples
    --------
    >>> responses(np.array([9.0, 0.0]), np.array([1.0, 0.0])).tolist()
    [0.9, 1.0]

    """
    return np.where(labeled + passed > 0, ratio(labeled, labeled + passed), 1.0)


def stacked(each: Sequence[Some]) -> Some:
    """Several of a kind as one, along a new first axis.

    Parameters
    ----------
    each
        At least one; all with the same floor.

    """
    first = each[0]
    changes: dict[str, Any] = {}
    for field in fields(first):
        values = [getattr(one, field.name) for one in each]
        if isinstance(values[0], Weighted):
            changes[field.name] = stacked(values)
        elif field.name != "floor":
            changes[field.name] = np.stack([np.asarray(value, float) for value in values])
    return replace(first, **changes)
