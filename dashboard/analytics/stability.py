"""How much the labels still change what a model predicts, on samples that stay the same.

A fixed *probe*, samples drawn once from the stream, is predicted again and again. Where many labels
change next to nothing, the next ones will not either (Bloodgood and Vijay-Shanker 2009, "A method
for stopping active learning based on stabilizing predictions"). Errors fall by about the same
factor each time the labels double, or by more (Hestness et al. 2017, arXiv 1712.00409): so what the
last doubling changed says what those to the end of the stream may change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Ints

EVERY = 25  # labels from one look to the next
BACK = 100  # labels to look back on
FARTHER = (100, 200, 400)
SOON = 50  # labels to look ahead to
LOOKS = 3
# Rise in accuracy for each prediction on the probe that changed: what is to be expected, and what
# is hardly exceeded; within the next labels, and to the end. Measured by `scripts/estimates.py`.
LIKELY, MOST = 0.2, 1.0
LIKELY_TO_END, MOST_TO_END = 0.5, 1.0
# Each doubling changes about half as many predictions as the one before, as long as little is known
# of how it goes with this model: that counts like so large a share of changed predictions.
HALVING, HALVING_COUNTS = 0.5, 0.04
TURNS = 2  # samples of the probe that may turn, whatever the last ones did


@dataclass(frozen=True)
class Look:
    """What a model predicts on the probe.

    Parameters
    ----------
    labels
        Labels it had learned.
    scanned
        Samples of the stream that had been scanned by then.
    predicted
        Index of the class of each sample of the probe, -1 for none yet.

    """

    labels: int
    scanned: int
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
        How long the labels take; None where no answer was timed.

    """

    labels: int
    likely: float | None
    most: float | None
    seconds: float | None


@dataclass(frozen=True)
class Rise:
    """By how much the accuracy may rise until the stream ends.

    Parameters
    ----------
    likely, most
        As in `Gain`.

    """

    likely: float
    most: float


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
    >>> looks = [Look(25 * i, 250 * i, np.array([0, 1, int(i > 3)])) for i in range(8)]
    >>> [round(k, 2) for k in kappas(looks)]
    [0.4, 0.4, 0.4]

    """
    found = []
    for i, look in list(enumerate(looks))[-LOOKS:]:
        before = _before(looks[:i], look.labels - BACK)
        if before is not None:
            found.append(kappa(before.predicted, look.predicted))
    return tuple(found)


def changes(looks: Sequence[Look]) -> tuple[tuple[int, float, float], ...]:
    """Labels looked back on, share of the predictions that they changed, and the agreement.

    Parameters
    ----------
    looks
        In order.

    Examples
    --------
    >>> looks = [Look(25 * i, 250 * i, np.array([0, 1, 1, int(i > 3)])) for i in range(1, 10)]
    >>> [(back, changed) for back, changed, _ in changes(looks)]
    [(100, 0.0), (200, 0.25)]

    """
    found = []
    for back in FARTHER:
        before = _before(looks[:-1], looks[-1].labels - back) if looks else None
        if before is not None:
            last = looks[-1].predicted
            found.append((back, _changed(before, looks[-1]), kappa(before.predicted, last)))
    return tuple(found)


def gain(looks: Sequence[Look], *, seconds: float | None) -> Gain:
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
    >>> other = np.where(np.arange(200) < 10, 1 - probe, probe)
    >>> found = gain([Look(100, 900, probe), Look(150, 1400, other)], seconds=6)
    >>> found.labels, round(found.likely, 3), round(found.most, 3), found.seconds
    (50, 0.01, 0.06, 300)

    """
    takes = None if seconds is None else SOON * seconds
    before = _before(looks[:-1], looks[-1].labels - SOON) if looks else None
    if before is None:
        return Gain(SOON, None, None, takes)
    changed = _changed(before, looks[-1])
    return Gain(SOON, LIKELY * changed, MOST * changed + TURNS / len(before.predicted), takes)


def rise(looks: Sequence[Look], *, samples: int) -> Rise | None:
    """What all labels to the end of the stream may bring; None where it is too early to tell.

    Labels grow with the samples scanned: where a quarter of the stream is scanned, they will
    double twice. At most, each doubling changes as many predictions as the last one did, which is
    rather too much, each of them for the better, and one more sample of the probe may turn at any
    time. What is likely: from one doubling to the next the changes become fewer by the same factor,
    as errors do; by which, the last two doublings tell. Half of these changes are a gain.

    Parameters
    ----------
    looks
        At the probe, in order.
    samples
        Length of the stream.

    Examples
    --------
    From 50 labels to 100, 10 predictions in 200 changed, from there to 200 labels 4, and three
    quarters of the stream are left:

    >>> probe = np.arange(200) % 2
    >>> looks = [Look(n, 10 * n, np.where(np.arange(200) < turned, 1 - probe, probe))
    ...          for n, turned in ((50, 0), (100, 10), (200, 14))]
    >>> found = rise(looks, samples=8000)
    >>> round(found.likely, 4), round(found.most, 4)
    (0.0064, 0.045)

    """
    before = _before(looks[:-1], looks[-1].labels // 2) if looks else None
    if before is None:
        return None
    doublings = math.log2(max(1.0, samples / max(1, looks[-1].scanned)))
    changed = _changed(before, looks[-1])
    likely = changed * _geometric(_shrinking(looks, before, changed), doublings)
    # At the end of the stream there is nothing left that could turn.
    turns = 1 / len(before.predicted) if doublings else 0.0
    return Rise(LIKELY_TO_END * likely, MOST_TO_END * doublings * changed + turns)


def _shrinking(looks: Sequence[Look], before: Look, changed: float) -> float:
    """By which factor the changes become fewer with each doubling, at most 1."""
    earlier = _before(looks[:-1], looks[-1].labels // 4)
    if earlier is None:
        return HALVING
    then = _changed(earlier, before)
    return min(1.0, (changed + HALVING * HALVING_COUNTS) / (then + HALVING_COUNTS))


def _geometric(factor: float, terms: float) -> float:
    """Sum of the powers of a factor from the first on; a number of terms that need not be whole.

    Examples
    --------
    >>> _geometric(0.5, 2), _geometric(1.0, 1.5), round(_geometric(0.5, 0.5), 3)
    (0.75, 1.5, 0.293)

    """
    if factor > 1 - 1e-9:
        return terms
    return factor * (1 - math.pow(factor, terms)) / (1 - factor)


def rises(looks: Sequence[Look], *, samples: int) -> tuple[Rise, ...]:
    """The same by each of the last looks, as far as they go.

    Parameters
    ----------
    looks
        At the probe, in order.
    samples
        Length of the stream.

    """
    first = max(0, len(looks) - LOOKS)
    found = [rise(looks[: i + 1], samples=samples) for i in range(first, len(looks))]
    return tuple(one for one in found if one is not None)


def wanted(labels: int) -> list[int]:
    """At how many labels looks are needed for advice at a number of labels, in order.

    Parameters
    ----------
    labels
        How many there are.

    Examples
    --------
    >>> wanted(260)
    [50, 100, 125, 150, 200, 225, 250]
    >>> wanted(20)
    []

    """
    last = labels // EVERY * EVERY
    found = {last - SOON, *(last - back for back in FARTHER)}
    for at in range(last, max(0, last - LOOKS * EVERY), -EVERY):
        found.update((at, at - BACK, at // 2 // EVERY * EVERY, at // 4 // EVERY * EVERY))
    return sorted(at for at in found if at > 0)


def _changed(before: Look, after: Look) -> float:
    return float(np.mean(before.predicted != after.predicted))


def _before(looks: Sequence[Look], labels: int) -> Look | None:
    """The last look at no more than so many labels."""
    found = [look for look in looks if look.labels <= labels]
    return found[-1] if found else None
