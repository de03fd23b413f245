"""What spot-checks, or a floor, would cost in labels and bring in certainty, told beforehand."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dashboard.analytics.estimates.intervals import LEVEL, gamma_limits
from dashboard.core.weights import LEAST

USUAL_ERROR = 0.01  # among what is skipped, as long as nobody knows


class Plan(NamedTuple):
    """What something costs and brings.

    Parameters
    ----------
    labels
        To be given.
    half_width
        Half the width of the interval that is to be expected then; NaN where there is none.

    """

    labels: int
    half_width: float


def half_width(
    error: float, *, skipped: float, checked: float = 0.0, floor: float = 0.0, level: float = LEVEL
) -> float:
    """Half the width to be expected of the interval of the error among what is skipped.

    The interval is that of Fay and Feuer for as many errors as are to be expected. One that was
    found stands for so many that nobody saw, 1 / (f/(1−f) + ε/(1−ε)), with the share f that is
    spot-checked and the floor ε.

    Parameters
    ----------
    error
        Share of wrong predictions among what is skipped.
    skipped
        How many samples that is.
    checked
        How many of them are spot-checked.
    floor
        With which they were scanned.
    level
        Of the interval.

    Examples
    --------
    20 and 100 spot-checks among 2,000 samples; a floor of 2 % and of 5 % over 1,000:

    >>> [round(half_width(0.01, skipped=2000, checked=n), 3) for n in (20, 100)]
    [0.102, 0.027]
    >>> [round(half_width(0.01, skipped=1000, floor=floor), 3) for floor in (0.02, 0.05)]
    [0.101, 0.046]

    """
    if skipped <= 0 or (checked <= 0 and floor < LEAST):
        return math.nan
    left = max(0.0, skipped - checked)
    if not left:
        return 0.0
    odds = checked / left + (floor / (1 - floor) if LEAST <= floor < 1 else 0.0)
    heavy = 1 / odds
    unseen = error * left
    low, high = gamma_limits(
        np.array(unseen), np.array(unseen * (1 + heavy)), heaviest=heavy, level=level
    )
    return (min(float(high), left) - float(low)) / 2 / skipped


def checks(
    n: int, *, error: float, skipped: int, checked: int, left: int, floor: float, now: float
) -> Plan:
    """What so many spot-checks more would bring.

    Parameters
    ----------
    n
        How many.
    error
        Estimated share of errors among what is skipped, or a guess.
    skipped
        How many samples that is.
    checked
        Spot-checks answered or queued so far.
    left
        Skipped samples that no spot-check has drawn.
    floor
        Least query probability of all of them; 0 where there is none.
    now
        Half the width of the interval as it is; NaN where there is none.

    Examples
    --------
    >>> checks(20, error=0.01, skipped=2000, checked=20, left=1980, floor=0.0, now=0.09)
    Plan(labels=20, half_width=0.049)
    >>> checks(20, error=0.01, skipped=12, checked=0, left=12, floor=0.0, now=float("nan"))
    Plan(labels=12, half_width=0.0)

    """
    n = max(0, min(n, left))
    after = half_width(error, skipped=skipped, checked=checked + n, floor=floor)
    before = half_width(error, skipped=skipped, checked=checked, floor=floor)
    if not math.isnan(now) and before > 0:
        after *= now / before  # of the interval as it is, so much is left
    return Plan(n, round(after, 4))


def floor(
    least: float, *, samples: int = 1_000, error: float = USUAL_ERROR, skipped: float = 1.0
) -> Plan:
    """What a floor costs over so many samples to come, and how well it tells their accuracy.

    Parameters
    ----------
    least
        The floor.
    samples
        How many are to come.
    error
        Share of wrong predictions among what is skipped, or a guess.
    skipped
        Share of the samples that is skipped.

    Examples
    --------
    >>> floor(0.02, samples=1000, skipped=0.95), floor(0.05, samples=1000, skipped=0.95)
    (Plan(labels=19, half_width=0.1014), Plan(labels=48, half_width=0.0458))

    """
    wide = half_width(error, skipped=samples, floor=least)
    return Plan(round(least * skipped * samples), round(wide, 4))
