"""Spot-checks in words: how they stand, what more of them would cost and bring."""

from __future__ import annotations

import math

from dashboard.analytics.estimates import plans
from dashboard.analytics.estimates.result import Estimate
from dashboard.core.checks import Status
from dashboard.figures.words import counted


def standing(status: Status) -> str:
    """How spot-checks stand.

    Examples
    --------
    >>> standing(Status(waiting=8, answered=12, left=900))
    '12 spot-checks have an answer, 8 wait for one.'
    >>> standing(Status(waiting=0, answered=0, left=900))
    'No spot-check has been made yet.'

    """
    if not status.waiting + status.answered:
        return "No spot-check has been made yet."
    said = f"{counted(status.answered, 'spot-check')} {_verb(status.answered)} an answer"
    if not status.waiting:
        return f"{said}, none waits for one."
    return f"{said}, {status.waiting:,} wait{'s' * (status.waiting == 1)} for one."


def _verb(n: int) -> str:
    return "has" if n == 1 else "have"


def promise(
    n: int, status: Status, accuracy: Estimate, *, skipped: int, floor: float
) -> str:  # fmt: skip
    """What so many spot-checks would cost and bring.

    Parameters
    ----------
    n
        How many.
    status
        How they stand.
    accuracy
        The estimate for the skipped samples.
    skipped
        How many these are, those spot-checked included.
    floor
        Least query probability of them.

    """
    if not status.left:
        return "Every sample that was skipped has been spot-checked; label on, and more is skipped."
    error, now = plans.USUAL_ERROR, math.nan
    if accuracy.shown:
        error = max(1 - accuracy.value.item(), 1 / max(skipped, 1))
        now = (accuracy.high.item() - accuracy.low.item()) / 2
    plan = plans.checks(
        n, error=error, skipped=skipped, checked=status.answered + status.waiting,
        left=status.left, floor=floor, now=now,
    )  # fmt: skip
    instead = "not at all" if math.isnan(now) else f"to {points(now)}"
    then = f"to about {points(plan.half_width)}" if plan.half_width > 0 else "exactly"
    guess = "" if accuracy.shown else f", if {plans.USUAL_ERROR:.0%} of them are wrong"
    return (
        f"It costs {counted(plan.labels, 'label')}. The error among the skipped is then known "
        f"{then} instead of {instead}{guess}. They come blind: like any "
        "other question."
    )


def points(half_width: float) -> str:
    """Half a width in percentage points.

    Examples
    --------
    >>> points(0.0213), points(0.1)
    ('± 2.1 points', '± 10.0 points')

    """
    return f"± {100 * half_width:.1f} points"


def floor_costs() -> str:
    """What a floor costs in labels and gains in certainty, over a thousand samples.

    Examples
    --------
    >>> floor_costs().partition(";")[0]
    'In 1,000 samples, 0.02 costs about 20 labels and tells the accuracy to ± 10 points'

    """
    told = []
    for least in (0.02, 0.05, 0.1):
        plan = plans.floor(least)
        told.append(
            f"{least:g} costs about {plan.labels} labels and tells the accuracy to "
            f"± {100 * plan.half_width:.0f} points"
        )
    return (
        f"In 1,000 samples, {'; '.join(told)} (if {plans.USUAL_ERROR:.0%} of what is skipped is "
        "wrong). At 0 it tells nothing. It can be changed later, with the question rate."
    )
