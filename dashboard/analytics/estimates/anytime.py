"""Limits that hold at all looks at once, however often and whenever one looks.

For each wrong prediction, with query probability π and q = 1 if it was asked about, the factor

    exp(−s q/π) / (1 − π + π exp(−s/π))

expects 1 before the draw, so that its product over all wrong predictions is a betting martingale
for every bet s, and so is the mean over several bets. It gets large where fewer errors are seen
than there are. Ville's inequality: it ever exceeds 1/α with probability α at most. Errors that
were not seen have factors of at least those at π = floor; hence the greatest number of them at
which the mean stays below 1/α is an upper limit at every sample of the stream. Bets below 0 give
the lower limit in the same way.

What the product needs of the past is a histogram of π among the wrong answers, a whole number per
bin: each is 5 % wide, and the end that is the worse one is taken for all in it.

Sources: Ville 1939; Waudby-Smith and Ramdas 2024 (arXiv 2010.09686); Waudby-Smith et al. 2022
(arXiv 2210.10768).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.evidence import Evidence
from dashboard.analytics.estimates.intervals import LEVEL
from dashboard.analytics.estimates.result import FEWEST, Estimate, Looks, made, reasons
from dashboard.core.weights import LEAST, ODDS_BINS, ODDS_STEP, odds_bin

BETTING = "betting martingale (Waudby-Smith & Ramdas 2024)"
BETS = np.geomspace(0.05, 8.0, 24)  # in units of the floor
HALVINGS = 50


def histogram(query_probability: Floats) -> Floats:
    """How many wrong answers fall into each bin.

    Parameters
    ----------
    query_probability
        π of each wrong answer.

    """
    bins = [odds_bin(float(pi)) for pi in query_probability]
    return np.bincount(np.array(bins, dtype=np.int64), minlength=ODDS_BINS).astype(np.float64)


def most_unseen(odds: Floats, *, floor: float, miss: float) -> Floats:
    """The most unseen errors there may be.

    Parameters
    ----------
    odds
        Histogram of π among the wrong answers (last axis).
    floor
        Least query probability of any sample.
    miss
        Probability that the limit is too low at any look.

    Examples
    --------
    Nothing wrong among whatever was asked, floor 5 %:

    >>> most_unseen(np.zeros(ODDS_BINS), floor=0.05, miss=0.05).item()
    80.0

    """
    floor = max(floor, LEAST)
    bets = BETS * floor
    # The lower end of each bin: the less probable the question, the less an error counts.
    edge = np.maximum(np.exp(-ODDS_STEP * np.arange(ODDS_BINS)), floor)[:, None]
    seen = -bets / edge - np.log1p(edge * np.expm1(-bets / edge))
    gain = -np.log1p(floor * np.expm1(-bets / floor))
    return np.ceil(_crossing(odds @ seen, gain, miss))


def fewest_unseen(odds: Floats, *, floor: float, miss: float) -> Floats:
    """The fewest unseen errors there may be.

    Parameters
    ----------
    odds
        Histogram of π among the wrong answers (last axis).
    floor
        Least query probability of any sample.
    miss
        Probability that the limit is too high at any look.

    """
    floor = max(floor, LEAST)
    bets = BETS * floor
    edge = np.maximum(np.exp(-ODDS_STEP * np.maximum(np.arange(ODDS_BINS) - 1, 0)), floor)[:, None]
    seen = bets / edge - np.log1p(edge * np.expm1(bets / edge))
    loss = np.log1p(floor * np.expm1(bets / floor))
    return np.floor(_crossing(odds @ seen, -loss, miss))


def _crossing(start: Floats, slope: Floats, miss: float) -> Floats:
    """Where the mean over the bets of exp(start + slope x) crosses 1/miss, for x from 0 on."""
    sign = 1.0 if slope[0] > 0 else -1.0
    limit = -math.log(miss) + math.log(len(slope))

    def below(x: Floats) -> NDArray[np.bool_]:
        logs = start + x[..., None] * slope
        top = logs.max(-1)
        total = top + np.log(np.exp(logs - top[..., None]).sum(-1))
        return np.asarray(sign * (limit - total) > 0)

    low = np.zeros(start.shape[:-1])
    # A growing sum crosses no later than any of its parts; a falling one is below the limit when
    # each of its parts is below its share of it.
    if sign > 0:
        high = np.min((limit - start) / slope, -1).clip(0.0) + 1.0
    else:
        high = np.max((-math.log(miss) - start) / slope, -1).clip(0.0) + 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        here = below(middle)
        low, high = np.where(here, middle, low), np.where(here, high, middle)
    return np.asarray(high)


def accuracy_at_all_looks(
    evidence: Evidence,
    odds: Floats,
    *,
    level: float = LEVEL,
    passed_odds: Floats | None = None,
) -> Estimate:
    """Share of all scanned samples predicted right, with limits that hold at all looks.

    Parameters
    ----------
    evidence
        Of the stream so far. (Not of a window: a martingale begins at the beginning.)
    odds
        Histogram of π among its wrong answers, by `histogram`.
    level
        Of both limits together.
    passed_odds
        The same of the answers without a label.

    Examples
    --------
    >>> from dashboard.analytics.estimates.evidence import Weighted
    >>> pi = np.array([0.05, 0.05, 0.6, 0.9])
    >>> wrong = Weighted(*(np.array(x.sum()) for x in (pi**0, (1 - pi) / pi, (1 - pi) / pi**2)))
    >>> none = Weighted(*np.zeros(3))
    >>> counts = np.array([2000.0, 150, 90, 0, 1920, 36240])
    >>> evidence = Evidence(*counts, wrong, none, 0.05)
    >>> found = accuracy_at_all_looks(evidence, histogram(pi))
    >>> [x.round(3).item() for x in (found.value, found.low, found.high)]
    [0.979, 0.895, 0.998]
    >>> str(found.looks)
    'many looks'

    """
    miss, n = (1 - level) / 2, evidence.scanned
    most = odds if passed_odds is None else odds + passed_odds
    upper = most_unseen(most, floor=evidence.floor, miss=miss)
    lower = fewest_unseen(odds, floor=evidence.floor, miss=miss)
    wrong, passed, unlabeled = evidence.wrong, evidence.passed_over, evidence.unlabeled
    return made(
        1 - ratio(wrong.total, n - passed),
        1 - ratio(wrong.seen + passed + np.minimum(upper, unlabeled), n),
        1 - ratio(wrong.seen + np.minimum(lower, unlabeled), n),
        kind=BETTING,
        level=level,
        answers=evidence.labeled,
        effective=evidence.effective,
        looks=Looks.MANY,
        withheld=reasons(
            floor=evidence.floor,
            audits=evidence.expected_audits,
            answers=evidence.labeled,
            of=n - passed,
            fewest=FEWEST,
        ),
    )


def least_accuracy(
    evidence: Evidence,
    odds: Floats,
    *,
    level: float = LEVEL,
    passed_odds: Floats | None = None,
) -> Floats:
    """At least this share of all scanned samples was predicted right: one limit, all looks.

    Parameters
    ----------
    evidence
        Of the stream so far.
    odds
        Histogram of π among its wrong answers.
    level
        Of this limit alone.
    passed_odds
        The same of the answers without a label, all taken for errors.

    """
    most = odds if passed_odds is None else odds + passed_odds
    unseen = np.minimum(most_unseen(most, floor=evidence.floor, miss=1 - level), evidence.unlabeled)
    errors = evidence.wrong.seen + evidence.passed_over + unseen
    if evidence.floor < LEAST:
        return np.full(np.shape(errors), np.nan)
    return np.clip(1 - ratio(errors, evidence.scanned), 0.0, 1.0)
