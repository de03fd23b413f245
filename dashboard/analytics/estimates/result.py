"""An estimate as it is shown: a value with its interval, or the reason why there is none yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.buckets import Floats
from dashboard.core.weights import LEAST

# Audits to be expected (floor times samples) below which an estimate is withheld, found by
# `scripts/estimates.py`: for accuracy; for scores of classes, in all and for each class there is,
# more of them for precision; among the samples predicted to be of the class itself; in a bin of the
# reliability diagram.
#
# The last three guard against a bias that no formula takes off. How many samples are predicted to
# be of a class, or fall into a bin, goes with what the audits there found, as the model learns from
# them: the number is larger where luck let the model look worse, so that dividing by it, or showing
# a bin only where it is large, picks those runs. That lean is up to four tenths of the standard
# error, which more audits make small: with 15 in a bin it was over a point, with 30 it is under.
FEWEST = 20
FEWEST_FOR_SCORES = 80
FEWEST_PER_CLASS = 25
FEWEST_PER_CLASS_FOR_PRECISION = 30
FEWEST_OF_CLASS = 10
FEWEST_OF_BIN = 30


class Withheld(StrEnum):
    """Why an estimate is not shown."""

    NO_FLOOR = "not measurable: the floor is 0, so samples the model is sure of are never checked"
    TOO_FEW = "not measurable yet: too few answers"
    UNEVEN = "not measurable yet: too few audits, a handful of answers would decide"
    CHANCE = "not measurable yet: chance alone would make as much of it"
    NOTHING = "there is nothing to measure"
    SHOWN = ""


class Looks(StrEnum):
    """How often one may look at an interval before it no longer keeps its level."""

    ONE = "one look"
    MANY = "many looks"


@dataclass(frozen=True)
class Estimate:
    """Values with intervals; arrays of any equal shape, down to a single number.

    Parameters
    ----------
    value
        The estimate; NaN where it is withheld.
    low, high
        Limits of the interval; NaN where it is withheld.
    kind
        The kind of interval.
    level
        How often it holds, at least.
    looks
        Whether at one look or at all of them.
    answers
        How many answers with a label it rests on.
    effective
        How many answers drawn alike would tell as much (Kish 1965).
    withheld
        Why it is withheld, a `Withheld`; empty where it is shown.

    Examples
    --------
    >>> some = Estimate(*np.array([0.9, 0.8, 0.95]), "gamma", 0.95, Looks.ONE,
    ...                 *np.array([90.0, 70.0]), np.array(Withheld.SHOWN))
    >>> some.shown.item(), some.kind, some.level, str(some.looks)
    (True, 'gamma', 0.95, 'one look')

    """

    value: Floats
    low: Floats
    high: Floats
    kind: str
    level: float
    looks: Looks
    answers: Floats
    effective: Floats
    withheld: NDArray[Any]

    @property
    def shown(self) -> NDArray[np.bool_]:
        """Where there is a value."""
        return np.asarray(self.withheld == Withheld.SHOWN.value)


def reasons(
    *, floor: float, audits: Floats, answers: Floats, of: Floats, fewest: Floats | float
) -> NDArray[Any]:
    """Why an estimate is withheld; empty where it is not.

    What decides is how many audits there are to be expected, floor times samples, and neither how
    many happened to be drawn nor what they found: whoever shows an estimate only where luck made
    it look well founded, or well, biases those that are shown (by up to ten points, measured).

    Parameters
    ----------
    floor
        Least query probability of any sample.
    audits
        Audits to be expected.
    answers
        Answers with a label.
    of
        Samples that the estimate is about.
    fewest
        Audits needed.

    Examples
    --------
    >>> def why(floor, audits, answers):
    ...     audits, answers, of = (np.array(float(n)) for n in (audits, answers, 1000))
    ...     return Withheld(reasons(floor=floor, audits=audits, answers=answers, of=of,
    ...                             fewest=20).item()).name
    >>> why(0, 0, 500), why(0.02, 10, 15), why(0.02, 10, 90), why(0.02, 20, 90)
    ('NO_FLOOR', 'TOO_FEW', 'UNEVEN', 'SHOWN')

    """
    audits, answers, of, needed = np.broadcast_arrays(audits, answers, of, fewest)
    few = audits < needed - 1e-9
    conditions = [of <= 0, np.full(of.shape, floor < LEAST), few & (answers < needed), few]
    names = (Withheld.NOTHING, Withheld.NO_FLOOR, Withheld.TOO_FEW, Withheld.UNEVEN)
    return np.select(conditions, [name.value for name in names], Withheld.SHOWN.value)


def made(
    value: Floats,
    low: Floats,
    high: Floats,
    *,
    kind: str,
    level: float,
    answers: Floats,
    effective: Floats,
    withheld: NDArray[Any],
    looks: Looks = Looks.ONE,
    least: Floats | float = 0.0,
    most: Floats | float = 1.0,
) -> Estimate:
    """An estimate with everything that is withheld blanked, and all of it within its range."""
    shown = withheld == Withheld.SHOWN.value
    answers, effective = np.broadcast_arrays(answers, effective)
    value, low, high = (
        np.where(shown, np.clip(x, least, most), np.nan) for x in (value, low, high)
    )  # fmt: skip
    # Limits are rounded to whole samples, the value is not: it must not fall outside.
    low, high = np.fmin(low, value), np.fmax(high, value)
    return Estimate(value, low, high, kind, level, looks, answers, effective, withheld)
