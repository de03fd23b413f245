"""Where the mean of a sequence changes, noticed as it comes in, by River's ADWIN."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from river.drift import ADWIN

DELTA = 0.002  # River's own


class Change(NamedTuple):
    """A change of the mean.

    Parameters
    ----------
    at
        Of the value at which it was noticed.
    rises
        Whether the mean has become greater.

    """

    at: int
    rises: bool


@dataclass(frozen=True)
class Adaptive:
    """What an adaptive window makes of a sequence.

    Parameters
    ----------
    mean
        Mean of the window after each value.
    changes
        In order.

    """

    mean: list[float]
    changes: list[Change]


def adaptive_window(values: Iterable[float], *, delta: float = DELTA) -> Adaptive:
    """Feed ADWIN with values in [0, 1] and note where it notices a change.

    The window grows as long as the means of no older and newer part of it differ by more than
    chance allows; after a change River begins a new one. Nothing is drawn: equal values, equal
    changes.

    Source: Bifet and Gavaldà, Learning from time-changing data with adaptive windowing, SIAM
    International Conference on Data Mining 2007.

    Parameters
    ----------
    values
        In order.
    delta
        How readily chance is taken for a change.

    Examples
    --------
    >>> found = adaptive_window([0.1] * 50 + [0.7] * 50)
    >>> found.changes, round(found.mean[49], 3), round(found.mean[-1], 3)
    ([Change(at=86, rises=True)], 0.1, 0.7)

    """
    window = ADWIN(delta=delta, clock=1)  # as few values as there are, it can look at each
    mean: list[float] = []
    changes = []
    for index, value in enumerate(values):
        window.update(value)
        now = float(window.estimation)
        if window.drift_detected:
            # What it drops is the oldest: without it the mean lies closer to what is new.
            changes.append(Change(index, now > mean[-1]))
        mean.append(now)
    return Adaptive(mean, changes)
