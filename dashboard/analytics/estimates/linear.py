"""Recall, F1 and their means, with intervals by their derivatives.

The values are those of the errors that are likely once it is known how much was predicted to be of
each class (`regression`); the limits are those of the plain sums, which that leaves as they are.

Each of these scores falls with every error, so that `score(errors)` is, to first order, the score
at the estimate minus a weighted sum of further errors. The interval of that sum gives the lower
limit of the score as it stands (the scores are convex in the errors: the straight line lies below
them) and the upper limit by taking away as large a share of all unseen errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.evidence import Cells, Weighted
from dashboard.analytics.estimates.intervals import gamma_limits, heaviest
from dashboard.analytics.estimates.regression import unseen_given


@dataclass(frozen=True)
class Table:
    """Wrong answers by class, and the sums behind them.

    Parameters
    ----------
    cells
        The evidence.
    wrong
        The sums by pair, right ones left out.
    likely
        Estimate of the wrong ones by pair, told how many were predicted to be of each class.
    predicted
        Samples by predicted class, those asked in vain left out; the last is "none yet".

    """

    cells: Cells
    wrong: Weighted
    likely: Floats
    predicted: Floats

    @property
    def false_positives(self) -> Weighted:
        """Wrong ones by predicted class."""
        return self.wrong.sum(-2).first()

    @property
    def false_negatives(self) -> Weighted:
        """Wrong ones by true class."""
        return self.wrong.sum(-1)

    @property
    def unlabeled(self) -> Floats:
        """Samples nobody was asked about, by predicted class."""
        asked = self.cells.labeled.sum(-2) + self.cells.passed.seen
        return np.asarray(self.cells.scanned - asked)

    @property
    def right(self) -> Floats:
        """Right predictions of each class by the plain sums."""
        return np.asarray(np.maximum(self.predicted[..., :-1] - self.false_positives.total, 0.0))

    @property
    def best(self) -> tuple[Floats, Floats, Floats]:
        """Estimates of right ones, false positives and false negatives of each class."""
        fp, fn = self.likely.sum(-2)[..., :-1], self.likely.sum(-1)
        return np.maximum(self.predicted[..., :-1] - fp, 0.0), fp, fn


def table_of(cells: Cells) -> Table:
    """The wrong answers among all pairs."""
    n = cells.scanned.shape[-1] - 1
    off = 1.0 - np.eye(n, n + 1)
    found = cells.found
    wrong = Weighted(found.seen * off, found.unseen * off, found.spread * off)
    answered = found.sum(-2) + cells.passed
    unlabeled = cells.scanned - answered.seen
    unseen = unseen_given(wrong, answered.expanded(-2), unlabeled[..., None, :])
    return Table(cells, wrong, wrong.seen + unseen, cells.scanned - cells.passed.seen)


Score = Callable[[Floats, Floats, Floats], Floats]
Slopes = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]


class Kind(NamedTuple):
    """A score from right ones, false positives and false negatives of a class.

    Parameters
    ----------
    score
        The score.
    slopes
        By how much one more false negative lowers it, and one more false positive (which is
        one right one less).

    """

    score: Score
    slopes: Slopes


def recall(right: Floats, _false_positives: Floats, false_negatives: Floats) -> Floats:
    """Share of a class that was found; 0 where it did not occur."""
    return np.nan_to_num(ratio(right, right + false_negatives))


def f1(right: Floats, false_positives: Floats, false_negatives: Floats) -> Floats:
    """2 TP / (2 TP + FP + FN); 0 where that is undefined, as in River."""
    return np.nan_to_num(ratio(2 * right, 2 * right + false_positives + false_negatives))


def _recall_slopes(right: Floats, _: Floats, missed: Floats) -> tuple[Floats, Floats]:
    square = np.square(right + missed)
    return np.nan_to_num(ratio(right, square)), np.nan_to_num(ratio(missed, square))


def _f1_slopes(right: Floats, strangers: Floats, missed: Floats) -> tuple[Floats, Floats]:
    square = np.square(2 * right + strangers + missed)
    both = 2 * (right + strangers + missed)
    return np.nan_to_num(ratio(2 * right, square)), np.nan_to_num(ratio(both, square))


RECALL = Kind(recall, _recall_slopes)
F1 = Kind(f1, _f1_slopes)


@dataclass(frozen=True)
class Linear:
    """A score with its limits."""

    value: Floats
    low: Floats
    high: Floats


def single(table: Table, kind: Kind, *, level: float) -> Linear:
    """A score of every class.

    Parameters
    ----------
    table
        The wrong answers by class.
    kind
        `RECALL` or `F1`.
    level
        Of the interval.

    """
    fp, fn, passed = table.false_positives, table.false_negatives, table.cells.passed
    right, floor = table.right, table.cells.floor
    miss, stray = kind.slopes(right, fp.total, fn.total)
    own, others = passed.first(), passed.sum(-1).expanded(-1) - passed.first()
    errors = _scaled(fn, miss) + _scaled(fp, stray)
    unanswered = _scaled(others, miss) + _scaled(own, stray)
    unlabeled = table.unlabeled.sum(-1)[..., None]
    low, shrink = _limits(
        errors, unanswered, np.maximum(miss, stray), unlabeled, floor=floor, level=level
    )
    plain = kind.score(right, fp.total, fn.total)
    return Linear(kind.score(*table.best), plain - low, kind.score(*_at_best(table, shrink)))


def mean(table: Table, kind: Kind, *, level: float) -> Linear:
    """The mean of a score over all classes.

    Parameters
    ----------
    table
        The wrong answers by class.
    kind
        `RECALL` or `F1`.
    level
        Of the interval.

    """
    fp, fn, right = table.false_positives, table.false_negatives, table.right
    n = right.shape[-1]
    miss, stray = (x / n for x in kind.slopes(right, fp.total, fn.total))
    column = np.concatenate([stray, np.zeros_like(stray[..., :1])], -1)
    pair = (miss[..., :, None] + column[..., None, :]) * (1.0 - np.eye(n, n + 1))
    worst = pair.max(-2)
    errors = _scaled(table.wrong, pair).sum(-1).sum(-1)
    unanswered = _scaled(table.cells.passed, worst).sum(-1)
    low, shrink = _limits(
        errors, unanswered, worst.max(-1), table.unlabeled.sum(-1),
        floor=table.cells.floor, level=level,
    )  # fmt: skip
    plain = kind.score(right, fp.total, fn.total).mean(-1)
    most = kind.score(*_at_best(table, shrink[..., None]))
    return Linear(kind.score(*table.best).mean(-1), plain - low, most.mean(-1))


def _limits(
    errors: Weighted,
    unanswered: Weighted,
    steepest: Floats,
    unlabeled: Floats,
    *,
    floor: float,
    level: float,
) -> tuple[Floats, Floats]:
    """By how much the score may be lower, and the least share of the unseen errors there is."""
    most, heavy = errors + unanswered, heaviest(floor)
    at_least, _ = gamma_limits(
        errors.unseen, errors.spread, heaviest=heavy, scale=steepest, level=level
    )
    _, at_most = gamma_limits(most.unseen, most.spread, heaviest=heavy, scale=steepest, level=level)
    at_most = np.minimum(at_most, steepest * unlabeled)
    drop = np.maximum(at_most - errors.unseen, 0.0) + unanswered.seen
    return drop, np.minimum(np.nan_to_num(ratio(at_least, errors.unseen)), 1.0)


def _at_best(table: Table, share: Floats) -> tuple[Floats, Floats, Floats]:
    """Right ones, false positives and false negatives with a share of the unseen errors only."""
    fp, fn = table.false_positives, table.false_negatives
    few_fp, few_fn = fp.seen + fp.unseen * share, fn.seen + fn.unseen * share
    right = np.maximum(table.cells.scanned[..., :-1] - few_fp, 0.0)
    return right, few_fp, few_fn


def _scaled(kind: Weighted, by: Floats) -> Weighted:
    return Weighted(kind.seen * by, kind.unseen * by, kind.spread * np.square(by))
