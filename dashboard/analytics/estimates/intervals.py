"""Intervals that hold at one look, whenever that is.

Errors are rare and the weights of answers uneven, so that normal intervals fail badly (they cover
.28 to .98). The sum of unseen errors is close to a weighted sum of Poisson counts, for which the
gamma interval of Fay and Feuer (Statistics in Medicine 16, 1997, 791-801) is conservative: its
upper limit allows for one more error of the greatest weight that was never seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from dashboard.analytics.buckets import Floats
from dashboard.analytics.estimates.evidence import Weighted
from dashboard.core.weights import LEAST

LEVEL = 0.95


def heaviest(floor: float) -> float:
    """How many unseen errors one answer can stand for at most: (1 − ε) / ε with floor ε.

    Parameters
    ----------
    floor
        Least query probability of any sample.

    Examples
    --------
    >>> heaviest(0.02)
    49.0

    """
    floor = max(floor, LEAST)
    return (1 - floor) / floor


def gamma_limits(
    unseen: Floats,
    spread: Floats,
    *,
    heaviest: Floats | float,
    scale: Floats | float = 1.0,
    level: float = LEVEL,
) -> tuple[Floats, Floats]:
    """Limits of a weighted sum of counts.

    Parameters
    ----------
    unseen, spread
        The sum, and its estimated variance.
    heaviest
        The most unseen errors that one answer can stand for.
    scale
        What one error adds to the sum at most; 1 where errors are counted.
    level
        Of the interval; as much is left out above as below.

    Examples
    --------
    Three errors among audits at a floor of 2 %, 49 unseen ones each:

    >>> low, high = gamma_limits(np.array(147.0), np.array(7350.0), heaviest=49)
    >>> low.round(2).item(), high.round(2).item()
    (29.65, 432.34)

    """
    miss = (1 - level) / 2
    heavy, scale = np.asarray(heaviest, float), np.asarray(scale, float)
    unseen, spread, heavy, scale = np.broadcast_arrays(unseen, spread, heavy, scale)
    some = (unseen > 0) & (spread > 0)
    y, v = np.where(some, unseen, 1.0), np.where(some, spread, 1.0)
    low = np.where(some, v / y * gammaincinv(y * y / v, miss), 0.0)
    # One more error with the greatest weight; where no weight is left, nothing is unseen.
    y, v = unseen + scale * heavy, spread + scale**2 * heavy * (1 + heavy)
    possible = y > 0
    y, v = np.where(possible, y, 1.0), np.where(possible, v, 1.0)
    high = np.where(possible, v / y * gammaincinv(y * y / v, 1 - miss), 0.0)
    return low, high


@dataclass(frozen=True)
class Counted:
    """How many there are of some kind, seen or not, with limits.

    Parameters
    ----------
    value, low, high
        Whole numbers at the limits.

    """

    value: Floats
    low: Floats
    high: Floats


def counted(
    kind: Weighted,
    *,
    floor: float,
    unlabeled: Floats,
    level: float = LEVEL,
    passed: Weighted | None = None,
) -> Counted:
    """How many errors there are, seen or not.

    Parameters
    ----------
    kind
        What to count.
    floor
        Least query probability of any sample.
    unlabeled
        Samples nobody was asked about: there cannot be more unseen errors.
    level
        Of the interval.
    passed
        Answers without a label. Each may or may not be an error, and so may those like it that
        nobody saw: the upper limit takes all of them for errors, the lower one none.

    Examples
    --------
    >>> errors = Weighted(np.array(5.0), np.array(147.0), np.array(7350.0))
    >>> made = counted(errors, floor=0.02, unlabeled=np.array(4000.0))
    >>> made.value.item(), made.low.item(), made.high.item()
    (152.0, 34.0, 438.0)

    """
    most = kind if passed is None else kind + passed
    heavy = heaviest(floor)
    low, _ = gamma_limits(kind.unseen, kind.spread, heaviest=heavy, level=level)
    _, high = gamma_limits(most.unseen, most.spread, heaviest=heavy, level=level)
    return Counted(
        kind.total,
        kind.seen + np.minimum(np.floor(low), unlabeled),
        most.seen + np.minimum(np.ceil(high), unlabeled),
    )
