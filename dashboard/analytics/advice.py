"""Whether to go on labeling: what another label is likely to change, and what is known for sure.

The evidence is of two kinds. A fixed *probe*, samples drawn once from the stream, is predicted
again and again: where a hundred labels change next to nothing, the next ones will not either
(Bloodgood and Vijay-Shanker 2009, "A method for stopping active learning based on stabilizing
predictions"). And the accuracy so far has a lower limit that holds however often one looks.
Neither is enough alone: a model that says the same of everything is perfectly stable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dashboard.analytics.buckets import Ints
from dashboard.core.weights import LEAST

BACK = 100  # labels to look back on
SOON = 50  # labels to look ahead to
LOOKS = 3
STEADY = 0.95
VERY_STEADY = 0.97
FEWEST_OF_CLASS = 10
LIKELY, MOST = 0.2, 1.0  # rise in accuracy for each prediction on the probe that changed


class Verdict(StrEnum):
    """What to do, from the least to the most cautious claim."""

    KEEP_GOING = "keep going"
    DIMINISHING = "diminishing"
    STOP = "you can stop"


class Because(StrEnum):
    """What the verdict rests on, or what stands in the way of a better one."""

    TOO_EARLY = "there are too few labels to tell"
    CHANGING = "the last hundred labels still changed what the model predicts"
    STEADY = "the last hundred labels changed next to nothing"
    ONE_CLASS = "the model predicts the same class for everything"
    RARE_CLASS = "a class has fewer than ten labels"
    NO_FLOOR = "the floor is 0, so nobody checks what the model is sure of"
    NO_TARGET = "no target is set"
    BELOW_TARGET = "the accuracy is not known to reach the target yet"
    REACHED = "the accuracy is known to reach the target"


@dataclass(frozen=True)
class Look:
    """What a model predicts on the probe.

    Parameters
    ----------
    labels
        Labels it had learned.
    predicted
        Index of the class of each sample of the probe, -1 for none yet.

    """

    labels: int
    predicted: Ints


@dataclass(frozen=True)
class Gain:
    """By how much the accuracy is likely to rise with the next labels.

    Parameters
    ----------
    labels
        How many.
    likely, most
        Rise that is to be expected, and that is hardly exceeded; None where it is too early.
    seconds
        How long the labels take.

    """

    labels: int
    likely: float | None
    most: float | None
    seconds: float


@dataclass(frozen=True)
class Advice:
    """A verdict with its evidence.

    Parameters
    ----------
    verdict
        What to do.
    because
        Why, the most important reason first.
    kappas
        Agreement of the predictions with those a hundred labels before, at the last looks.
    least_accuracy
        The accuracy so far is at least that, at all looks; None where it is not measurable.
    target
        The accuracy wanted, or None.
    gain
        What the next labels are likely to bring.

    """

    verdict: Verdict
    because: tuple[Because, ...]
    kappas: tuple[float, ...]
    least_accuracy: float | None
    target: float | None
    gain: Gain


def kappa(one: Ints, other: Ints) -> float:
    """Agreement of two raters beyond what their habits make likely (Cohen 1960).

    1 where they agree on everything, also where both only ever say one thing.

    Parameters
    ----------
    one, other
        What each says of the same samples.

    Examples
    --------
    >>> kappa(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])).__round__(3)
    0.615

    """
    agree = float(np.mean(one == other))
    classes = np.union1d(one, other)
    chance = sum(float(np.mean(one == c) * np.mean(other == c)) for c in classes)
    return 1.0 if agree == 1.0 else (agree - chance) / (1 - chance)


def kappas(looks: Sequence[Look]) -> tuple[float, ...]:
    """Agreement of each of the last looks with that a hundred labels before it.

    Parameters
    ----------
    looks
        In order; those that have none so far before them are left out.

    Examples
    --------
    >>> looks = [Look(25 * i, np.array([0, 1, int(i > 3)])) for i in range(8)]
    >>> [round(k, 2) for k in kappas(looks)]
    [0.4, 0.4, 0.4]

    """
    found = []
    for i, look in enumerate(looks):
        before = _before(looks[:i], look.labels - BACK)
        if before is not None:
            found.append(kappa(before.predicted, look.predicted))
    return tuple(found[-LOOKS:])


def gain(looks: Sequence[Look], *, seconds: float) -> Gain:
    """What the next labels are likely to bring, from what the last ones changed.

    A prediction that changes can be right then or before, so that the accuracy changes by less
    than the share of predictions that do. How much less was measured (`scripts/estimates.py`).

    Parameters
    ----------
    looks
        At the probe, in order.
    seconds
        How long an answer takes.

    Examples
    --------
    >>> probe = np.arange(200) % 2
    >>> looks = [Look(100, probe), Look(150, np.where(np.arange(200) < 10, 1 - probe, probe))]
    >>> found = gain(looks, seconds=6)
    >>> found.labels, round(found.likely, 3), found.most, found.seconds
    (50, 0.01, 0.05, 300)

    """
    before = _before(looks[:-1], looks[-1].labels - SOON) if looks else None
    if before is None:
        return Gain(SOON, None, None, SOON * seconds)
    changed = float(np.mean(before.predicted != looks[-1].predicted))
    return Gain(
        SOON, LIKELY * changed, max(MOST * changed, 1 / len(before.predicted)), SOON * seconds
    )


def advise(
    looks: Sequence[Look],
    *,
    per_class: Sequence[int],
    floor: float,
    least_accuracy: float | None,
    target: float | None,
    seconds: float,
) -> Advice:
    """Whether to go on.

    Parameters
    ----------
    looks
        At the probe, about every 25 labels, in order.
    per_class
        Labels of each class.
    floor
        Least query probability of any sample.
    least_accuracy
        The accuracy so far is at least that, however often one looks; None if not measurable.
    target
        The accuracy that is enough, in [0, 1], or None.
    seconds
        How long an answer takes.

    Examples
    --------
    >>> probe = np.arange(200) % 2
    >>> looks = [Look(25 * i, probe) for i in range(12)]
    >>> found = advise(looks, per_class=[150, 125], floor=0.05, least_accuracy=0.953, target=0.95,
    ...                seconds=4)
    >>> str(found.verdict), [str(reason) for reason in found.because][0]
    ('you can stop', 'the accuracy is known to reach the target')
    >>> str(advise(looks, per_class=[272, 3], floor=0.05, least_accuracy=0.953, target=0.95,
    ...            seconds=4).verdict)
    'keep going'

    """
    agreement = kappas(looks)
    blocked = _blocks(looks, per_class, floor)
    steady = len(agreement) == LOOKS and min(agreement) >= STEADY
    if len(agreement) < LOOKS:
        verdict, because = Verdict.KEEP_GOING, (Because.TOO_EARLY, *blocked)
    elif not steady:
        verdict, because = Verdict.KEEP_GOING, (Because.CHANGING, *blocked)
    elif Because.ONE_CLASS in blocked or Because.RARE_CLASS in blocked:
        # In a collapse every rule that looks at the model alone is content.
        verdict, because = Verdict.KEEP_GOING, blocked
    else:
        verdict, because = _steady(agreement, blocked, least_accuracy, target)
    return Advice(
        verdict, because, agreement, least_accuracy, target, gain(looks, seconds=seconds)
    )  # fmt: skip


def _blocks(
    looks: Sequence[Look], per_class: Sequence[int], floor: float
) -> tuple[Because, ...]:  # fmt: skip
    found = []
    if looks and len(np.unique(looks[-1].predicted)) < 2:
        found.append(Because.ONE_CLASS)
    if min(per_class, default=0) < FEWEST_OF_CLASS:
        found.append(Because.RARE_CLASS)
    if floor < LEAST:
        found.append(Because.NO_FLOOR)
    return tuple(found)


def _steady(
    agreement: Sequence[float],
    blocked: tuple[Because, ...],
    least_accuracy: float | None,
    target: float | None,
) -> tuple[Verdict, tuple[Because, ...]]:
    if blocked:
        return Verdict.DIMINISHING, (Because.STEADY, *blocked)
    if target is None:
        return Verdict.DIMINISHING, (Because.STEADY, Because.NO_TARGET)
    if least_accuracy is None or least_accuracy < target:
        return Verdict.DIMINISHING, (Because.STEADY, Because.BELOW_TARGET)
    if agreement[-1] < VERY_STEADY:
        return Verdict.DIMINISHING, (Because.STEADY, Because.REACHED)
    return Verdict.STOP, (Because.REACHED, Because.STEADY)


def _before(looks: Sequence[Look], labels: int) -> Look | None:
    """The last look at no more than so many labels."""
    found = [look for look in looks if look.labels <= labels]
    return found[-1] if found else None
