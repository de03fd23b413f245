"""Whether probabilities mean what they say: of the samples predicted with 80 %, are 80 % right?

In each bin the mean probability is known for all scanned samples, and the errors are estimated as
for precision (`regression`). The expected calibration error is a mean of absolute differences,
which chance makes too large where the true ones are small; its value has that much taken off, its
interval is put together from those of the bins and holds whatever the bins have to do with each
other.

Sources: Murphy and Winkler 1977 (reliability diagram); Guo et al. 2017 (arXiv 1706.04599).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.accuracy import GAMMA
from dashboard.analytics.estimates.evidence import Bins, effective, responses
from dashboard.analytics.estimates.intervals import LEVEL, Counted, counted, heaviest
from dashboard.analytics.estimates.regression import unseen_given
from dashboard.analytics.estimates.result import (
    FEWEST,
    FEWEST_FOR_SCORES,
    FEWEST_OF_BIN,
    Estimate,
    Withheld,
    made,
    reasons,
)

BOX = "from the bins' gamma intervals"
FAR_BEYOND_CHANCE = 5.0
SMALL_CHANCE = 0.015


@dataclass(frozen=True)
class Reliability:
    """The reliability diagram, and what it comes to.

    Parameters
    ----------
    edges
        Of the bins.
    samples
        Scanned samples in each bin.
    confidence
        Mean probability of the predicted class in each bin; NaN where it is empty.
    accuracy
        Share predicted right, in each bin.
    gap
        Mean probability minus accuracy over all bins: above 0 the model is too sure of itself.
    error
        Expected calibration error.

    """

    edges: Floats
    samples: Floats
    confidence: Floats
    accuracy: Estimate
    gap: Estimate
    error: Estimate


def reliability(bins: Bins, *, level: float = LEVEL) -> Reliability:
    """The reliability diagram with intervals for one look each.

    Parameters
    ----------
    bins
        The sums by bins of the probability.
    level
        Of each interval.

    Examples
    --------
    10,000 samples predicted with 95 % on average, in two bins; 500 audits at a floor of 5 %, of
    which 10 and 5 were wrong.

    >>> from dashboard.analytics.estimates.evidence import Weighted
    >>> wrong = np.array([10.0, 5])
    >>> bins = Bins(np.array([4000.0, 6000]), np.array([200.0, 300]), np.array([3600.0, 5900]),
    ...             np.array([4000.0, 6000]), np.array([80000.0, 120000]),
    ...             Weighted(wrong, wrong * 19, wrong * 380), Weighted(*np.zeros((3, 2))), 0.05)
    >>> found = reliability(bins)
    >>> found.confidence.round(3).tolist(), found.accuracy.value.round(3).tolist()
    ([0.9, 0.983], [0.95, 0.983])
    >>> found.gap.value.round(3).item(), found.gap.low.round(3).item()
    (-0.02, -0.033)
    >>> [x.round(3).item() for x in (found.error.value, found.error.low, found.error.high)]
    [0.017, 0.0, 0.033]

    """
    n = bins.scanned.shape[-1]
    unlabeled = bins.scanned - bins.labeled - bins.passed.seen
    wrong = counted(
        bins.wrong, floor=bins.floor, unlabeled=unlabeled, level=level, passed=bins.passed
    )
    likely = bins.wrong.seen + unseen_given(bins.wrong, bins.answered, unlabeled)
    return Reliability(
        np.linspace(0.0, 1.0, n + 1),
        bins.scanned,
        ratio(bins.probability, bins.scanned),
        _accuracy(bins, replace(wrong, value=likely), level),
        _gap(bins, unlabeled, level),
        _error(bins, wrong, level),
    )


def _accuracy(bins: Bins, wrong: Counted, level: float) -> Estimate:
    of = bins.scanned
    expected = bins.floor * of * responses(bins.labeled, bins.passed.seen)
    enough = (_expected(bins) >= FEWEST - 1e-9)[..., None] & (expected >= FEWEST_OF_BIN - 1e-9)
    return made(
        1 - ratio(wrong.value, of - bins.passed.seen),
        1 - ratio(wrong.high, of),
        1 - ratio(wrong.low, of),
        kind=GAMMA,
        level=level,
        answers=bins.labeled,
        effective=bins.effective,
        withheld=reasons(
            floor=bins.floor,
            audits=np.where(enough, expected, 0.0),
            answers=bins.labeled,
            of=of - bins.passed.seen,
            fewest=FEWEST_OF_BIN,
        ),
    )


def _expected(bins: Bins) -> Floats:
    answered = responses(bins.labeled.sum(-1), bins.passed.seen.sum(-1))
    return np.asarray(bins.floor * bins.scanned.sum(-1) * answered)


def _gap(bins: Bins, unlabeled: Floats, level: float) -> Estimate:
    wrong = counted(
        bins.wrong.sum(-1), floor=bins.floor, unlabeled=unlabeled.sum(-1), level=level,
        passed=bins.passed.sum(-1),
    )  # fmt: skip
    n = bins.scanned.sum(-1)
    judged = n - bins.passed.seen.sum(-1)
    confidence = ratio(bins.probability.sum(-1), n)
    return made(
        confidence - 1 + ratio(wrong.value, judged),
        confidence - 1 + ratio(wrong.low, n),
        confidence - 1 + ratio(wrong.high, n),
        kind=GAMMA, level=level, answers=bins.labeled.sum(-1), effective=_effective(bins),
        withheld=reasons(
            floor=bins.floor, audits=_expected(bins), answers=bins.labeled.sum(-1), of=judged,
            fewest=FEWEST,
        ),
        least=-1.0,
    )  # fmt: skip


def _effective(bins: Bins) -> Floats:
    return effective(bins.weight.sum(-1), bins.squares.sum(-1))


def _error(bins: Bins, wrong: Counted, level: float) -> Estimate:
    n = bins.scanned.sum(-1)
    sure = bins.scanned - bins.probability  # errors there would be if it were calibrated
    size = np.abs(sure - wrong.value)
    low, high = sure - wrong.high, sure - wrong.low
    greatest = np.maximum(np.abs(low), np.abs(high))
    least = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    spread = np.sqrt(bins.wrong.spread)
    chance = np.sqrt(2 / np.pi) * spread.sum(-1)
    value = (2 * size - _folded(size, spread)).sum(-1)
    down = np.sqrt(np.square(size - least).sum(-1))
    up = np.sqrt(np.square(np.maximum(greatest - size, 0.0)).sum(-1))
    return made(
        ratio(value, n), ratio(size.sum(-1) - chance - down, n), ratio(value + up, n),
        kind=BOX, level=level, answers=bins.labeled.sum(-1), effective=_effective(bins),
        withheld=_why(bins, size.sum(-1), chance),
    )  # fmt: skip


def _folded(size: Floats, spread: Floats) -> Floats:
    """Mean of |x| where x is normal with mean `size` and standard deviation `spread`."""
    some = spread > 0
    z = np.where(some, size / np.where(some, spread, 1.0), np.inf)
    chance = spread * np.sqrt(2 / np.pi) * np.exp(-z * z / 2)
    return np.asarray(chance + size * (1 - 2 * ndtr(-z)))


def _why(bins: Bins, size: Floats, chance: Floats) -> NDArray[Any]:
    """Withheld where chance would make as much of it.

    Chance is judged by the errors found only where the value is far beyond it; else by what the
    model itself expects, which no audit has a part in.
    """
    n = bins.scanned.sum(-1)
    doubt = np.maximum(bins.scanned - bins.probability, 0.0) * heaviest(bins.floor)
    expected = np.sqrt(2 / np.pi) * np.sqrt(doubt).sum(-1)
    clear = (size >= FAR_BEYOND_CHANCE * chance) | (expected <= SMALL_CHANCE * n)
    why = reasons(
        floor=bins.floor, audits=_expected(bins), answers=bins.labeled.sum(-1), of=n,
        fewest=FEWEST_FOR_SCORES,
    )  # fmt: skip
    return np.asarray(np.where((why == Withheld.SHOWN.value) & ~clear, Withheld.CHANCE.value, why))
