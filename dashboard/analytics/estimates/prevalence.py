"""How frequent each class is, among all samples, asked about or not.

How often a class was predicted is known; those predicted wrongly are taken off, those missed are
added: N − FP + FN. Both are estimated from different samples, and their intervals put together by
the method of variance estimates recovery (Zou and Donner, Statistics in Medicine 27, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.evidence import Cells, Weighted, effective, responses
from dashboard.analytics.estimates.intervals import LEVEL, counted
from dashboard.analytics.estimates.linear import table_of
from dashboard.analytics.estimates.result import FEWEST, Estimate, made, reasons

MOVER = "MOVER of two gamma intervals (Zou & Donner 2008)"


@dataclass(frozen=True)
class Margins:
    """What is known of each class; the last axis holds classes. Kept per bucket, unlike pairs.

    Parameters
    ----------
    scanned, labeled
        Samples by predicted class, and answers with a label; the last is "none yet".
    answers
        Answers by true class.
    weight, squares
        Σ 1/π and Σ 1/π² over all answers with a label.
    false_positives, false_negatives
        Errors by predicted class, and by true class.
    passed
        Answers without a label, by predicted class; the last is "none yet".
    floor
        Least query probability of any sample.

    """

    scanned: Floats
    labeled: Floats
    answers: Floats
    weight: Floats
    squares: Floats
    false_positives: Weighted
    false_negatives: Weighted
    passed: Weighted
    floor: float


def margins_of(cells: Cells) -> Margins:
    """The sums by class from those by pair."""
    table = table_of(cells)
    return Margins(
        cells.scanned, cells.labeled.sum(-2), cells.labeled.sum(-1), cells.weight.sum((-2, -1)),
        cells.squares.sum((-2, -1)), table.false_positives, table.false_negatives, cells.passed,
        cells.floor,
    )  # fmt: skip


def told_by_predictions(cells: Cells) -> Floats:
    """What the known numbers of predictions add to the plain sum of each class (`regression`)."""
    table = table_of(cells)
    _, false_positives, false_negatives = table.best
    plain = table.false_negatives.total - table.false_positives.total
    return np.asarray(false_negatives - false_positives - plain)


def prevalence(margins: Margins, *, level: float = LEVEL, told: Floats | float = 0.0) -> Estimate:
    """Share of all samples that each class has.

    Parameters
    ----------
    margins
        Of the stream so far, of a window, or of one stretch after the other.
    level
        Of each interval, at one look.
    told
        What is known besides the margins and adds to the value of each class; the limits are those
        of the margins.

    Examples
    --------
    1,000 samples, 200 of them predicted to be of class 1; of 60 audits at a floor of 5 %, two were
    missed.

    >>> found, none = np.array([0.0, 2]), np.zeros(3)
    >>> margins = Margins(
    ...     np.array([800.0, 200, 0]), np.array([48.0, 12, 0]), np.array([46.0, 14]),
    ...     np.array(1200.0), np.array(24000.0), Weighted(*(found[::-1] * w for w in (1, 19, 380))),
    ...     Weighted(*(found * w for w in (1, 19, 380))), Weighted(none, none, none), 0.05)
    >>> share = prevalence(margins)
    >>> share.value.tolist(), share.low.round(3).tolist(), share.high.round(3).tolist()
    ([0.76, 0.24], [0.658, 0.16], [0.84, 0.342])

    """
    passed, floor = margins.passed, margins.floor
    unlabeled = margins.scanned - margins.labeled - passed.seen
    here, all_of = unlabeled[..., :-1], unlabeled.sum(-1)[..., None]
    others = passed.sum(-1).expanded(-1) - passed.first()
    more, most = (
        counted(margins.false_positives, floor=floor, unlabeled=here, level=level, passed=p)
        for p in (None, passed.first())
    )
    less, least = (
        counted(
            margins.false_negatives, floor=floor, unlabeled=all_of - here, level=level, passed=p
        )
        for p in (None, others)
    )
    center = margins.scanned[..., :-1] - more.value + less.value
    # The luck of the draw adds up in squares; what passes might hide does not.
    down = np.hypot(more.high - more.value, less.value - less.low) + most.high - more.high
    up = np.hypot(more.value - more.low, less.high - less.value) + least.high - less.high
    n = margins.scanned.sum(-1)[..., None]
    judged = n - passed.seen.sum(-1)[..., None]
    answered = responses(margins.labeled.sum(-1), passed.seen.sum(-1))[..., None]
    return made(
        ratio(center + told - passed.seen[..., :-1], judged), ratio(center - down, n),
        ratio(center + up, n), kind=MOVER, level=level, answers=margins.answers,
        effective=effective(margins.weight, margins.squares)[..., None],
        withheld=reasons(
            floor=floor, audits=floor * n * answered,
            answers=margins.labeled.sum(-1)[..., None],
            of=np.broadcast_to(judged, center.shape), fewest=FEWEST,
        ),
    )  # fmt: skip
