"""Every estimate of every run against the truth that the run knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.estimates.accuracy import accuracy, skipped_accuracy
from dashboard.analytics.estimates.answers import (
    NO_LABEL,
    Answers,
    bin_of,
    bins_of,
    cells_of,
    evidence_of,
)
from dashboard.analytics.estimates.anytime import accuracy_at_all_looks, histogram
from dashboard.analytics.estimates.calibration import reliability
from dashboard.analytics.estimates.classes import scores
from dashboard.analytics.estimates.evidence import Evidence, stacked
from dashboard.analytics.estimates.result import Estimate
from dashboard.analytics.estimates.spotchecks import Stratum, accuracy_with_spot_checks
from dashboard.core.strategies import AUDIT, COLD_START
from dashboard.core.weights import CONFIDENCE_BINS
from scripts.validation.runs import Runs

LOOKS = (250, 500, 1_000, 5_000)
WINDOW = 500
SPOT_CHECKS = 20
WITH_CHECKS = f"accuracy, {SPOT_CHECKS} spot-checks"
WITH_PASSES = "accuracy, with passes"
NAMES = np.array(["", "strategy", AUDIT, COLD_START])


class Line(NamedTuple):
    """How one estimate did at one look, over all runs.

    Parameters
    ----------
    samples
        Samples scanned.
    name
        What was estimated.
    truth
        The mean of what is true.
    shown
        In what share of the runs a number was shown.
    bias, rmse
        Of the numbers shown; those of the worst class where there are several.
    doubt
        Standard error of that bias: of so many runs.
    coverage
        Share of shown intervals that hold the truth, in the worst class.
    width
        Mean half-width of the shown intervals.
    effective
        Mean effective sample size.

    """

    samples: int
    name: str
    truth: float
    shown: float
    bias: float
    doubt: float
    rmse: float
    coverage: float
    width: float
    effective: float


def answers_of(runs: Runs, run: int, first: int, stop: int) -> Answers:
    """What was answered in a part of a run."""
    at = first + np.flatnonzero(runs.reason[run, first:stop])
    return Answers(
        at,
        runs.predicted[run, at].astype(np.int64),
        runs.truth[run, at].astype(np.int64),
        runs.probability[run, at].astype(float),
        runs.query_probability[run, at],
        NAMES[runs.reason[run, at]],
    )


def judged(name: str, samples: int, found: Estimate, truth: NDArray[np.float64]) -> Line:
    """One line of the tables. The last axis of two holds classes; the worst of them counts.

    Classes shown in fewer than a tenth of the runs say nothing on their own and are left out.
    """
    shape = (len(truth), -1)
    value, low, high, true = (
        np.asarray(x, float).reshape(shape) for x in (found.value, found.low, found.high, truth)
    )
    shown = ~np.isnan(value)
    often = shown.sum(0) >= max(1, len(truth) // 10)
    size = float(np.mean(found.effective))
    if not often.any():
        return Line(samples, name, float(true.mean()), float(shown.mean()), *[np.nan] * 5, size)
    slack = 1e-9
    inside = (low <= true + slack) & (true <= high + slack)

    def per_class(what: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(shown, what, 0.0).sum(0)[often] / shown.sum(0)[often]

    biases = per_class(value - true)
    worst = np.abs(biases).argmax()
    spread = per_class(np.square(value - true)) - np.square(biases)
    doubts = np.sqrt(np.maximum(spread, 0.0) / shown.sum(0)[often])
    return Line(
        samples, name, float(true.mean()), float(shown.mean()),
        float(biases[worst]), float(doubts[worst]),
        float(np.sqrt(per_class(np.square(value - true))).max()),
        float(per_class(inside.astype(float)).min()),
        float(per_class((high - low) / 2).mean()), size,
    )  # fmt: skip


def judge(runs: Runs) -> Iterator[Line]:
    """All estimates at all looks that the runs reach.

    Parameters
    ----------
    runs
        Many runs over one stream.

    """
    for look in LOOKS:
        # A set that ends a little before a look is judged at its end.
        if runs.samples * 1.15 < look:
            continue
        stop = min(look, runs.samples)
        yield from accuracies(runs, stop)
        yield from classes(runs, stop)
        yield from calibration(runs, stop)
    yield all_looks(runs)


def accuracies(runs: Runs, stop: int) -> Iterator[Line]:
    """Accuracy of all, of a window, of the skipped, with spot-checks and with passes."""
    right = runs.predicted[:, :stop] == runs.truth[:, :stop]
    skipped = runs.reason[:, :stop] == 0
    whole = stacked([_evidence(runs, i, 0, stop) for i in range(len(runs))])
    yield judged("accuracy", stop, accuracy(whole), right.mean(1))
    if stop > WINDOW:
        first = stop - WINDOW
        window = stacked([_evidence(runs, i, first, stop) for i in range(len(runs))])
        yield judged("accuracy, last 500", stop, accuracy(window), right[:, first:].mean(1))
    among = (right & skipped).sum(1) / skipped.sum(1)
    yield judged("accuracy of skipped", stop, skipped_accuracy(whole), among)
    rng = np.random.default_rng(stop)
    strata = _strata(runs, whole, right, skipped, rng)
    yield judged(
        WITH_CHECKS, stop, accuracy_with_spot_checks(whole, strata),
        right.mean(1),
    )  # fmt: skip
    asked_in_vain = stacked(
        [_evidence(runs, i, 0, stop, rng=rng) for i in range(len(runs))]
    )  # fmt: skip
    yield judged(WITH_PASSES, stop, accuracy(asked_in_vain), right.mean(1))


def _strata(
    runs: Runs,
    whole: Evidence,
    right: NDArray[np.bool_],
    skipped: NDArray[np.bool_],
    rng: np.random.Generator,
) -> list[Stratum]:
    """Spot-checks of as many skipped samples of every run, drawn at its end."""
    order = np.where(skipped, rng.random(skipped.shape), 2.0).argsort(1)[:, :SPOT_CHECKS]
    wrong = (~np.take_along_axis(right, order, 1)).sum(1).astype(float)
    n = len(runs)
    return [Stratum(whole, np.full(n, float(SPOT_CHECKS)), np.zeros(n), wrong)]


def calibration(runs: Runs, stop: int) -> Iterator[Line]:
    """The bins of the reliability diagram, and what they come to."""
    named = runs.predicted[:, :stop] >= 0
    p = runs.probability[:, :stop].astype(float)
    wrong = (runs.predicted[:, :stop] != runs.truth[:, :stop]) & named
    found = reliability(
        stacked(
            [
                bins_of(answers_of(runs, i, 0, stop), p[i][named[i]], floor=runs.floor)
                for i in range(len(runs))
            ]
        )
    )
    place = np.arange(len(runs))[:, None] * CONFIDENCE_BINS + bin_of(p)

    def per_bin(what: NDArray[Any]) -> NDArray[np.float64]:
        weights = np.where(named, what, 0.0).ravel()
        size = len(runs) * CONFIDENCE_BINS
        return np.bincount(place.ravel(), weights, size).reshape(len(runs), -1)

    n, sure, errors = per_bin(named), per_bin(p), per_bin(wrong)
    yield judged("accuracy per bin", stop, found.accuracy, 1 - errors / np.maximum(n, 1))
    gap = (sure - n + errors).sum(1) / n.sum(1)
    yield judged("calibration gap", stop, found.gap, gap)
    error = np.abs(n - sure - errors).sum(1) / n.sum(1)
    yield judged("calibration error", stop, found.error, error)


def all_looks(runs: Runs) -> Line:
    """The anytime limits: in how many runs they held at every look, a hundred samples apart."""
    looks = range(100, runs.samples + 1, 100)
    right = np.cumsum(runs.predicted == runs.truth, axis=1)
    held = np.ones(len(runs), dtype=bool)
    found = None
    for stop in looks:
        answers = [answers_of(runs, i, 0, stop) for i in range(len(runs))]
        evidence = stacked([evidence_of(a, stop, floor=runs.floor) for a in answers])
        odds = np.stack([histogram(a.query_probability[a.wrong]) for a in answers])
        found = accuracy_at_all_looks(evidence, odds)
        truth = right[:, stop - 1] / stop
        held &= np.isnan(found.value) | ((found.low <= truth + 1e-9) & (truth <= found.high + 1e-9))
    assert found is not None
    line = judged("accuracy, all looks", looks[-1], found, truth)
    return line._replace(coverage=float(held.mean()) if line.shown else np.nan)


def _evidence(
    runs: Runs, run: int, first: int, stop: int, rng: np.random.Generator | None = None
) -> Evidence:
    answers = answers_of(runs, run, first, stop)
    if rng is not None:
        # A person passes rather on what the model does not know either.
        chance = np.where(answers.label == answers.predicted, 0.02, 0.2)
        label = np.where(rng.random(len(chance)) < chance, NO_LABEL, answers.label)
        answers = replace(answers, label=label)
    return evidence_of(answers, stop - first, floor=runs.floor)


def classes(runs: Runs, stop: int) -> Iterator[Line]:
    """Scores of classes, their means, and how frequent each class is."""
    k, n = runs.n_classes, len(runs)
    predicted = runs.predicted[:, :stop].astype(np.int64)
    truth = runs.truth[:, :stop].astype(np.int64)
    cells = stacked(
        [
            cells_of(answers_of(runs, i, 0, stop), predicted[i], n_classes=k, floor=runs.floor)
            for i in range(n)
        ]
    )
    place = truth * (k + 1) + np.where(predicted < 0, k, predicted)
    pairs = np.stack([np.bincount(row, minlength=k * (k + 1)) for row in place])
    matrix = pairs.reshape(n, k, k + 1).astype(float)
    right = matrix[:, range(k), range(k)]
    support, named = matrix.sum(2), matrix.sum(1)[:, :k]
    recall, precision = right / np.maximum(support, 1), right / np.maximum(named, 1)
    f1 = 2 * right / np.maximum(support + named, 1)
    found = scores(cells)
    yield judged("precision", stop, found.precision, precision)
    yield judged("recall", stop, found.recall, recall)
    yield judged("F1", stop, found.f1, f1)
    yield judged("prevalence", stop, found.prevalence, support / stop)
    yield judged("balanced accuracy", stop, found.balanced, recall.mean(1))
    yield judged("macro F1", stop, found.macro_f1, f1.mean(1))
