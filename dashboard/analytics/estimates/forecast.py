"""How long it takes until an estimate is as narrow, and as high, as somebody wants.

What was found so far goes on: errors come at the rate of a recent stretch, and each is as unlikely
to be seen as the floor makes it. The range takes the ends of that rate's interval in place of its
value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Floats
from dashboard.analytics.estimates.accuracy import unseen_errors
from dashboard.analytics.estimates.anytime import most_unseen
from dashboard.analytics.estimates.evidence import Evidence
from dashboard.analytics.estimates.intervals import LEVEL, gamma_limits, heaviest
from dashboard.core.weights import LEAST, odds_bin

FARTHEST = 1e9


@dataclass(frozen=True)
class Range:
    """A number that is not known yet; infinite where it may never be reached.

    Parameters
    ----------
    low, likely, high
        If things go well, as they have so far, and if they go badly.

    """

    low: float
    likely: float
    high: float

    def times(self, factor: float) -> Range:
        """The same in another unit."""
        return Range(self.low * factor, self.likely * factor, self.high * factor)


@dataclass(frozen=True)
class Forecast:
    """What it takes to reach a target from here.

    Parameters
    ----------
    samples
        More samples to scan.
    labels
        More labels to give.
    seconds
        How long that takes.

    """

    samples: Range
    labels: Range
    seconds: Range


@dataclass(frozen=True)
class _Course:
    """How errors go on: seen ones and unseen ones per sample."""

    seen: float
    unseen: float


def forecast(
    evidence: Evidence,
    odds: Floats,
    *,
    target: float,
    half_width: float,
    asked: float,
    seconds: float,
    recent: Evidence | None = None,
    level: float = LEVEL,
) -> Forecast:
    """Samples, labels and time until the accuracy is known to reach a target.

    It is reached when the lower limit that holds at all looks is at the target, and the interval
    for one look is narrow enough.

    Parameters
    ----------
    evidence
        Of the stream so far.
    odds
        Histogram of π among its wrong answers.
    target
        Accuracy to reach, for instance 0.95; 0 for any.
    half_width
        Half the width of the interval, for instance 0.02; 1 for any.
    asked
        Share of the samples that is asked about, lately.
    seconds
        How long an answer takes.
    recent
        A recent stretch, if errors are to go on as there.
    level
        Of both limits.

    Examples
    --------
    1,000 samples at a floor of 2 %, 20 errors seen of which one was an audit:

    >>> from dashboard.analytics.estimates.anytime import histogram
    >>> from dashboard.analytics.estimates.evidence import Weighted
    >>> pi = np.array([0.02, *[0.7] * 19])
    >>> wrong = Weighted(*(np.array(x.sum()) for x in (pi**0, (1 - pi) / pi, (1 - pi) / pi**2)))
    >>> none = Weighted(*np.zeros(3))
    >>> found = Evidence(*np.array([1000.0, 80, 18, 0, 1000, 46000]), wrong, none, 0.02)
    >>> made = forecast(found, histogram(pi), target=0.0, half_width=0.04, asked=0.05, seconds=4)
    >>> [round(x) for x in (made.labels.low, made.labels.likely, made.labels.high)]
    [132, 360, 1670]
    >>> round(made.seconds.likely / 60)
    24

    """
    stretch = recent if recent is not None else evidence
    courses = [_course(stretch, end) for end in ("low", "value", "high")]

    def reached(course: _Course) -> Callable[[float], bool]:
        def at(more: float) -> bool:
            narrow = _half_width(evidence, course, more, level) <= half_width
            return narrow and _at_least(evidence, odds, course, more, level) >= target

        return at

    if evidence.floor < LEAST:
        samples = Range(math.inf, math.inf, math.inf)
    else:
        samples = Range(*(_first(reached(course)) for course in courses))
    labels = samples.times(asked)
    return Forecast(samples, labels, labels.times(seconds))


def _course(stretch: Evidence, end: str) -> _Course:
    errors = unseen_errors(stretch)
    n, seen = float(stretch.scanned), float(stretch.wrong.seen)
    unseen = max(0.0, float(getattr(errors, end)) - seen)
    return _Course(seen / n, unseen / n)


def _half_width(evidence: Evidence, course: _Course, more: float, level: float) -> float:
    """Half the width of the gamma interval after so many more samples."""
    heavy = heaviest(evidence.floor)
    unseen = float(evidence.wrong.unseen) + more * course.unseen
    spread = float(evidence.wrong.spread) + more * course.unseen * (1 + heavy)
    low, high = gamma_limits(
        np.array(unseen), np.array(spread), heaviest=heavy, level=level
    )  # fmt: skip
    most = float(evidence.unlabeled) + more
    return (min(float(high), most) - float(low)) / 2 / (float(evidence.scanned) + more)


def _at_least(
    evidence: Evidence, odds: Floats, course: _Course, more: float, level: float
) -> float:
    """The limit below the accuracy that holds at all looks, after so many more samples."""
    ahead = np.array(odds, dtype=np.float64)
    ahead[odds_bin(evidence.floor)] += more * course.unseen / heaviest(evidence.floor)
    unseen = float(most_unseen(ahead, floor=evidence.floor, miss=1 - level))
    n = float(evidence.scanned) + more
    seen = float(evidence.wrong.seen) + float(evidence.passed_over) + more * course.seen
    return 1 - (seen + min(unseen, n)) / n


def _first(reached: Callable[[float], bool]) -> float:
    """The least number of further samples at which it is reached, to one in a hundred."""
    if reached(0.0):
        return 0.0
    if not reached(FARTHEST):
        return math.inf
    low, high = 0.0, 100.0
    while not reached(high):
        low, high = high, high * 2
    while high - low > max(1.0, 0.01 * high):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
