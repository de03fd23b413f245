"""Scores of single classes, their means, and the confusion matrix behind them.

How often a class was *predicted* is known for all scanned samples; only the wrong ones among them
have to be estimated. With N predicted, FP and FN wrong and TP = N − FP:

    precision = 1 − FP/N       recall = TP/(TP+FN)       F1 = 2 TP/(N+TP+FN)

N tells of FP and FN too: their values are told by it (`regression`), else each of these would be
cut off or divided by what is hardly there wherever much is predicted wrong. The confusion matrix
holds the plain sums, which add up to the estimated accuracy.

Recall, F1 and their means over classes fall with every error. To first order they fall by a
weighted sum of unseen errors, the weights being the derivatives, and for weighted sums of counts
the gamma interval was made (Fay and Feuer 1997, directly standardized rates). Intervals that put
together those of FP and FN (MOVER) covered only .85 for means over several classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.accuracy import GAMMA
from dashboard.analytics.estimates.evidence import Cells
from dashboard.analytics.estimates.intervals import LEVEL, counted
from dashboard.analytics.estimates.linear import F1, RECALL, Linear, Table, mean, single, table_of
from dashboard.analytics.estimates.prevalence import (
    margins_of,
    prevalence,
    told_by_predictions,
)
from dashboard.analytics.estimates.result import (
    FEWEST,
    FEWEST_FOR_SCORES,
    FEWEST_OF_CLASS,
    FEWEST_PER_CLASS,
    FEWEST_PER_CLASS_FOR_PRECISION,
    Estimate,
    made,
    reasons,
)

GAMMA_LINEAR = "gamma of the linearized score (Fay & Feuer 1997)"


@dataclass(frozen=True)
class Scores:
    """All scores of a classifier; those of single classes along the last axis.

    Parameters
    ----------
    precision, recall, f1, prevalence
        Of each class.
    balanced
        Mean recall: balanced accuracy.
    macro_f1
        Mean F1.

    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    prevalence: Estimate
    balanced: Estimate
    macro_f1: Estimate


def scores(cells: Cells, *, level: float = LEVEL) -> Scores:
    """All scores, with intervals for one look each.

    Parameters
    ----------
    cells
        The sums by true and predicted class.
    level
        Of each interval.

    Examples
    --------
    4,000 samples, 1,000 of them predicted to be of class 1; 200 audits at a floor of 5 %, all
    right but two.

    >>> from dashboard.analytics.estimates.evidence import Weighted
    >>> labeled = np.array([[149.0, 1, 0], [1, 49, 0]])
    >>> by_20 = Weighted(labeled, labeled * 19, labeled * 380)
    >>> none = Weighted(*np.zeros((3, 3)))
    >>> scanned = np.array([3000.0, 1000, 0])
    >>> cells = Cells(scanned, labeled, labeled * 20, labeled * 400, by_20, none, 0.05)
    >>> found = scores(cells)
    >>> found.precision.value.round(3).tolist(), found.recall.value.round(3).tolist()
    ([0.993, 0.98], [0.993, 0.98])
    >>> found.f1.low.round(3).tolist(), found.f1.high.round(3).tolist()
    ([0.976, 0.929], [0.999, 0.997])
    >>> found.prevalence.value.tolist(), found.recall.answers.tolist()
    ([0.75, 0.25], [150.0, 50.0])

    """
    table = table_of(cells)
    return Scores(
        precision=_precision(table, level),
        recall=_single(table, single(table, RECALL, level=level), level),
        f1=_single(table, single(table, F1, level=level), level),
        prevalence=prevalence(margins_of(cells), level=level, told=told_by_predictions(cells)),
        balanced=_mean(table, mean(table, RECALL, level=level), level),
        macro_f1=_mean(table, mean(table, F1, level=level), level),
    )


def confusion(cells: Cells, *, level: float = LEVEL) -> Estimate:
    """How many samples of each true class (rows) were predicted as which (columns), seen or not.

    Parameters
    ----------
    cells
        The sums by true and predicted class.
    level
        Of each interval, at one look.

    """
    table = table_of(cells)
    n = cells.scanned.shape[-1] - 1
    unlabeled, passed = table.unlabeled[..., None, :], cells.passed.expanded(-2)
    pair = counted(
        table.wrong, floor=cells.floor, unlabeled=unlabeled, level=level, passed=passed
    )  # fmt: skip
    column = counted(
        table.wrong.sum(-2), floor=cells.floor, unlabeled=table.unlabeled, level=level,
        passed=cells.passed,
    )  # fmt: skip
    own = np.eye(n, n + 1, dtype=bool)
    right = (x[..., None, :] for x in (
        table.predicted - column.value, cells.scanned - column.high, cells.scanned - column.low
    ))  # fmt: skip
    value, low, high = (
        np.where(own, mine, other)
        for mine, other in zip(right, (pair.value, pair.low, pair.high), strict=True)
    )
    answers, size = cells.labeled.sum((-2, -1)), cells.effective
    why = reasons(
        floor=cells.floor, audits=cells.expected_audits, answers=answers,
        of=cells.scanned.sum(-1), fewest=FEWEST,
    )  # fmt: skip
    shape = (..., None, None)
    return made(
        value, low, high, kind=GAMMA, level=level, answers=cells.labeled,
        effective=size[shape], withheld=np.broadcast_to(why[shape], value.shape),
        most=cells.scanned[..., None, :],
    )  # fmt: skip


def _precision(table: Table, level: float) -> Estimate:
    cells = table.cells
    predicted, of = table.predicted[..., :-1], cells.scanned[..., :-1]
    wrong = counted(
        table.false_positives, floor=cells.floor, unlabeled=table.unlabeled[..., :-1],
        level=level, passed=cells.passed.first(),
    )  # fmt: skip
    answers, size = cells.labeled.sum(-2)[..., :-1], cells.effective_by_class
    return made(
        1 - ratio(table.best[1], predicted), 1 - ratio(wrong.high, of), 1 - ratio(wrong.low, of),
        kind=GAMMA, level=level, answers=answers, effective=size,
        withheld=_why(table, answers, per_class=FEWEST_PER_CLASS_FOR_PRECISION),
    )  # fmt: skip


def _single(table: Table, found: Linear, level: float) -> Estimate:
    answers = table.cells.labeled.sum(-1)
    return made(
        found.value, found.low, found.high, kind=GAMMA_LINEAR, level=level,
        answers=answers, effective=table.cells.effective_by_class,
        withheld=_why(table, answers),
    )  # fmt: skip


def _mean(table: Table, found: Linear, level: float) -> Estimate:
    cells = table.cells
    answers = cells.labeled.sum((-2, -1))
    # Every class has to be known well enough; the scarcest decides.
    each = _enough(table).all(-1)
    return made(
        found.value, found.low, found.high, kind=GAMMA_LINEAR, level=level,
        answers=answers, effective=cells.effective,
        withheld=reasons(
            floor=cells.floor, audits=np.where(each, cells.expected_audits, 0.0),
            answers=answers, of=cells.scanned.sum(-1), fewest=FEWEST,
        ),
    )  # fmt: skip


def _enough(table: Table, per_class: int = FEWEST_PER_CLASS) -> NDArray[np.bool_]:
    """Of which classes enough is known. How many were predicted to be of a class goes with what
    audits taught the model about it, so that it decides only where the class is rare."""
    cells = table.cells
    needed = max(FEWEST_FOR_SCORES, per_class * (cells.scanned.shape[-1] - 1)) - 1e-9
    enough = cells.expected_by_class >= FEWEST_OF_CLASS - 1e-9
    return np.asarray(enough & (cells.expected_audits >= needed)[..., None])


def _why(table: Table, answers: Floats, *, per_class: int = FEWEST_PER_CLASS) -> NDArray[Any]:
    cells = table.cells
    enough = _enough(table, per_class)
    return reasons(
        floor=cells.floor, audits=np.where(enough, cells.expected_by_class, 0.0),
        answers=answers, of=table.predicted[..., :-1], fewest=FEWEST_OF_CLASS,
    )  # fmt: skip
