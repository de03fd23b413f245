"""From answers, one by one, to the sums: for tests, simulations and samples at hand.

Where there are rollups, `counters` reads the same sums from them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.buckets import Floats, Ints
from dashboard.analytics.estimates.evidence import (
    Bins,
    Cells,
    Evidence,
    Weighted,
)
from dashboard.core.strategies import AUDIT, SPOT_CHECK
from dashboard.core.weights import CONFIDENCE_BINS, LEAST

Bools = NDArray[np.bool_]

NO_LABEL = -1
NO_CLASS = -1


@dataclass(frozen=True)
class Answers:
    """Queries that were answered, in any order; open ones are left out, skipped ones too.

    Parameters
    ----------
    position
        Of the sample in its stream.
    predicted
        Index of the class predicted at the scan, -1 for none yet.
    label
        Index of the label in force, -1 for none (passed, or retracted).
    probability
        Of the predicted class, in [0, 1].
    query_probability
        With which it was to be asked about, in (0, 1].
    reason
        Name of the strategy, `cold-start`, `audit` or `spot-check`.

    """

    position: Ints
    predicted: Ints
    label: Ints
    probability: Floats
    query_probability: Floats
    reason: NDArray[Any]

    @property
    def drawn(self) -> Bools:
        """Asked about by the sampler's own draw. Spot-checks are a stratum of their own."""
        return np.asarray(self.reason != SPOT_CHECK)

    @property
    def judged(self) -> Bools:
        """Drawn, and with a label."""
        return np.asarray(self.drawn & (self.label != NO_LABEL))

    @property
    def passed(self) -> Bools:
        """Drawn, and without one."""
        return np.asarray(self.drawn & (self.label == NO_LABEL))

    @property
    def wrong(self) -> Bools:
        """Judged, and predicted otherwise."""
        return np.asarray(self.judged & (self.label != self.predicted))

    def where(self, chosen: Bools) -> Answers:
        """Some of them."""
        return Answers(*(getattr(self, f.name)[chosen] for f in fields(self)))


def weigh(chosen: Bools, query_probability: Floats) -> Weighted:
    """The sums over chosen answers.

    Parameters
    ----------
    chosen
        Which answers to sum over.
    query_probability
        π of each, in (0, 1].

    Examples
    --------
    >>> one = weigh(np.array([True, True, False]), np.array([0.5, 0.1, 0.9]))
    >>> one.seen.item(), one.unseen.item(), round(one.spread.item(), 9)
    (2.0, 10.0, 92.0)

    """
    return Weighted(*(np.array(x.sum()) for x in _powers(query_probability[chosen])))


def evidence_of(answers: Answers, scanned: int, *, floor: float) -> Evidence:
    """The sums over all answers.

    Parameters
    ----------
    answers
        Whatever was answered.
    scanned
        Samples scanned, open queries left out.
    floor
        Least query probability of any sample.

    """
    judged, passed, pi = answers.judged, answers.passed, answers.query_probability
    weights = 1 / np.maximum(pi[judged], LEAST)
    return Evidence(
        scanned=np.array(float(scanned)),
        labeled=np.array(float(judged.sum())),
        audits=np.array(float((judged & (answers.reason == AUDIT)).sum())),
        passed_over=np.array(float(passed.sum())),
        weight=np.array(weights.sum()),
        squares=np.array(np.square(weights).sum()),
        wrong=weigh(answers.wrong, pi),
        passed=weigh(passed, pi),
        floor=floor,
    )


def cells_of(answers: Answers, predicted: Ints, *, n_classes: int, floor: float) -> Cells:
    """The sums by true and predicted class.

    Parameters
    ----------
    answers
        Whatever was answered.
    predicted
        Class predicted for every sample scanned, open queries left out; -1 for none.
    n_classes
        How many classes there are.
    floor
        Least query probability of any sample.

    """
    n, judged, passed = n_classes, answers.where(answers.judged), answers.where(answers.passed)
    column = _column(predicted, n)
    place = judged.label * (n + 1) + _column(judged.predicted, n)
    pairs = _by(place, judged, n * (n + 1))
    found = Weighted(*(x.reshape(n, n + 1) for x in (pairs.seen, pairs.unseen, pairs.spread)))
    weight, squares = (x.reshape(n, n + 1) for x in _weights(place, judged, n * (n + 1)))
    return Cells(
        scanned=_summed(column, np.ones(len(column)), n + 1),
        labeled=found.seen,
        weight=weight,
        squares=squares,
        found=found,
        passed=_by(_column(passed.predicted, n), passed, n + 1),
        floor=floor,
    )


def bins_of(
    answers: Answers, probability: Floats, *, floor: float, bins: int = CONFIDENCE_BINS
) -> Bins:
    """The sums by bins of the probability; predictions that name no class are left out.

    Parameters
    ----------
    answers
        Whatever was answered.
    probability
        Of the predicted class, for every sample scanned that has one, open queries left out.
    floor
        Least query probability of any sample.
    bins
        How many bins of equal width.

    """
    named = answers.predicted != NO_CLASS
    judged, passed, wrong = (
        answers.where(chosen & named)
        for chosen in (answers.judged, answers.passed, answers.wrong)
    )  # fmt: skip
    place, asked = bin_of(probability, bins), bin_of(judged.probability, bins)
    weight, squares = _weights(asked, judged, bins)
    return Bins(
        scanned=_summed(place, np.ones(len(place)), bins),
        labeled=_summed(asked, np.ones(len(asked)), bins),
        probability=_summed(place, probability, bins),
        weight=weight,
        squares=squares,
        wrong=_by(bin_of(wrong.probability, bins), wrong, bins),
        passed=_by(bin_of(passed.probability, bins), passed, bins),
        floor=floor,
    )


def bin_of(probability: Floats, bins: int = CONFIDENCE_BINS) -> Ints:
    """Index of the bin of each probability, as in `core.tally`; 1 itself belongs to the last."""
    return np.clip((probability * bins).astype(np.int64), 0, bins - 1)


def _column(predicted: Ints, n_classes: int) -> Ints:
    return np.where(predicted == NO_CLASS, n_classes, predicted)


def _powers(query_probability: Floats) -> tuple[Floats, Floats, Floats]:
    pi = np.maximum(query_probability, LEAST)
    return np.ones_like(pi), (1 - pi) / pi, (1 - pi) / pi**2


def _by(place: Ints, answers: Answers, length: int) -> Weighted:
    return Weighted(*(_summed(place, x, length) for x in _powers(answers.query_probability)))


def _weights(place: Ints, answers: Answers, length: int) -> tuple[Floats, Floats]:
    weights = 1 / np.maximum(answers.query_probability, LEAST)
    return _summed(place, weights, length), _summed(place, np.square(weights), length)


def _summed(place: Ints, values: Floats, length: int) -> Floats:
    return np.asarray(np.bincount(place, values, minlength=length), dtype=np.float64)
