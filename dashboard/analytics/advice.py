"""Whether to go on labeling: what another label is likely to change, and what is known for sure.

The evidence is of two kinds. What a model predicts on a fixed probe tells by how much the labels
still to come may raise the accuracy (`stability`). And the accuracy so far has a lower limit that
holds however often one looks. Neither is enough alone: a model that says the same of everything is
perfectly stable, and one that is good enough already may still be getting better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dashboard.analytics.stability import LOOKS, Gain, Look, Rise, gain, kappas, rises
from dashboard.core.weights import LEAST

STEADY = 0.95
VERY_STEADY = 0.97
FEWEST_OF_CLASS = 10
NEAR = 0.01  # what going on to the end of the stream may bring where one is told to stop


class Verdict(StrEnum):
    """What to do, from the least to the most cautious claim."""

    KEEP_GOING = "keep going"
    DIMINISHING = "diminishing"
    STOP = "you can stop"


class Because(StrEnum):
    """What the verdict rests on, or what stands in the way of a better one."""

    TOO_EARLY = "there are too few labels to tell"
    CHANGING = "the last hundred labels still changed what the model predicts"
    NOT_LONG = "the predictions have not been steady for long enough"
    STEADY = "the last hundred labels changed next to nothing"
    GAINING = "the labels to the end of the stream may raise the accuracy by more than a point"
    ONE_CLASS = "the model predicts the same class for everything"
    RARE_CLASS = "a class has fewer than ten labels"
    NO_FLOOR = "the floor is 0, so nobody checks what the model is sure of"
    SPOT_CHECKED = "the floor is 0, and spot-checks tell of the samples scanned before them alone"
    NO_TARGET = "no target is set"
    BELOW_TARGET = "the accuracy is not known to reach the target yet"
    TOO_WIDE = "the accuracy is not known as closely as the target asks"
    REACHED = "the accuracy is known to reach the target"


@dataclass(frozen=True)
class Target:
    """What is enough.

    Parameters
    ----------
    accuracy
        To reach, in (0, 1).
    within
        Half the width that the interval of the estimate may have; 1 for any.

    """

    accuracy: float
    within: float = 1.0


@dataclass(frozen=True)
class Known:
    """What is known of the accuracy so far.

    Parameters
    ----------
    least
        It is at least that, however often one looks; None if not measurable.
    half_width
        Half the width of its interval for one look; None where it is withheld. Without a floor it
        is that of spot-checks, which there is no `least` for.

    """

    least: float | None = None
    half_width: float | None = None


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
    known
        The accuracy so far.
    target
        The accuracy wanted, or None.
    gain
        What the next labels are likely to bring.
    rise
        What all labels to the end of the stream may bring; None where it is too early.

    """

    verdict: Verdict
    because: tuple[Because, ...]
    kappas: tuple[float, ...]
    known: Known
    target: Target | None
    gain: Gain
    rise: Rise | None


def advise(
    looks: Sequence[Look],
    *,
    samples: int,
    per_class: Sequence[int],
    floor: float,
    known: Known,
    target: Target | None,
    seconds: float | None,
) -> Advice:
    """Whether to go on.

    Parameters
    ----------
    looks
        At the probe, about every 25 labels, in order.
    samples
        Length of the stream.
    per_class
        Labels of each class.
    floor
        Least query probability of any sample.
    known
        What is known of the accuracy so far.
    target
        What is enough, or None.
    seconds
        How long an answer takes, or None.

    Examples
    --------
    >>> probe = np.arange(200) % 2
    >>> looks = [Look(25 * i, 250 * i, probe) for i in range(1, 12)]
    >>> found = advise(looks, samples=5000, per_class=[150, 125], floor=0.05,
    ...                known=Known(0.953, 0.015), target=Target(0.95, 0.02), seconds=4)
    >>> str(found.verdict), [str(reason) for reason in found.because][0]
    ('you can stop', 'the accuracy is known to reach the target')
    >>> str(advise(looks, samples=5000, per_class=[272, 3], floor=0.05,
    ...            known=Known(0.953, 0.015), target=Target(0.95, 0.02), seconds=4).verdict)
    'keep going'

    """
    agreement = kappas(looks)
    blocked = _blocks(looks, per_class, floor, known)
    steady = len(agreement) == LOOKS and min(agreement) >= STEADY
    rest = rises(looks, samples=samples)
    if len(agreement) < LOOKS:
        verdict, because = Verdict.KEEP_GOING, (Because.TOO_EARLY, *blocked)
    elif not steady:
        now = agreement[-1] >= STEADY
        verdict = Verdict.KEEP_GOING
        because = (Because.NOT_LONG if now else Because.CHANGING, *blocked)
    elif Because.ONE_CLASS in blocked or Because.RARE_CLASS in blocked:
        # In a collapse every rule that looks at the model alone is content.
        verdict, because = Verdict.KEEP_GOING, blocked
    else:
        gaining = len(rest) < LOOKS or max(one.most for one in rest) > NEAR + 1e-9
        gaining |= agreement[-1] < VERY_STEADY
        lacking = (*blocked, *([Because.GAINING] if gaining else []), *_lacking(known, target))
        verdict = Verdict.DIMINISHING if lacking else Verdict.STOP
        because = (Because.STEADY, *lacking) if lacking else (Because.REACHED, Because.STEADY)
    return Advice(
        verdict, because, agreement, known, target, gain(looks, seconds=seconds),
        rest[-1] if rest else None,
    )  # fmt: skip


def _blocks(
    looks: Sequence[Look], per_class: Sequence[int], floor: float, known: Known
) -> tuple[Because, ...]:
    found = []
    if looks and len(np.unique(looks[-1].predicted)) < 2:
        found.append(Because.ONE_CLASS)
    if min(per_class, default=0) < FEWEST_OF_CLASS:
        found.append(Because.RARE_CLASS)
    if floor < LEAST:
        found.append(Because.NO_FLOOR if known.half_width is None else Because.SPOT_CHECKED)
    return tuple(found)


def _lacking(known: Known, target: Target | None) -> tuple[Because, ...]:
    """What of the target is not there yet."""
    if target is None:
        return (Because.NO_TARGET,)
    if known.least is None or known.least < target.accuracy:
        return (Because.BELOW_TARGET,)
    if target.within < 1 and (known.half_width is None or known.half_width > target.within):
        return (Because.TOO_WIDE,)
    return ()
