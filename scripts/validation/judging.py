"""Every estimate of every run against the truth that the run knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.estimates.accuracy import accuracy, skipped_accuracy
from dashboard.analytics.estimates.answers import (
    Answers,
    cells_of,
    evidence_of,
)
from dashboard.analytics.estimates.classes import scores
from dashboard.analytics.estimates.evidence import Evidence, stacked
from dashboard.analytics.estimates.result import Estimate
from dashboard.core.strategies import AUDIT, COLD_START
from scripts.validation.runs import Runs

LOOKS = tuple(map(int, __import__("os").environ.get("LOOKS", "250,500,1000,5000").split(",")))
WINDOW = 500
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
        return Line(samples, name, float(true.mean()), float(shown.mean()), *[np.nan] * 4, size)
    slack = 1e-9
    inside = (low <= true + slack) & (true <= high + slack)

    def per_class(what: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(shown, what, 0.0).sum(0)[often] / shown.sum(0)[often]

    biases = per_class(value - true)
    return Line(
        samples, name, float(true.mean()), float(shown.mean()),
        float(biases[np.abs(biases).argmax()]),
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
        yield from _at(runs, stop)


def _at(runs: Runs, stop: int) -> Iterator[Line]:
    right = runs.predicted[:, :stop] == runs.truth[:, :stop]
    skipped = runs.reason[:, :stop] == 0
    whole = stacked([_evidence(runs, i, 0, stop) for i in range(len(runs))])
    yield judged("accuracy", stop, accuracy(whole), right.mean(1))
    if stop > WINDOW:
        first = stop - WINDOW
        window = stacked([_evidence(runs, i, first, stop) for i in range(len(runs))])
        yield judged("accuracy, last 500", stop, accuracy(window), right[:, first:].mean(1))
    among = (right & skipped).sum(1) / skipped.sum(1)
    yield judged("accuracy among skipped", stop, skipped_accuracy(whole), among)
    yield from _classes(runs, stop)


def _evidence(runs: Runs, run: int, first: int, stop: int) -> Evidence:
    return evidence_of(answers_of(runs, run, first, stop), stop - first, floor=runs.floor)


def _classes(runs: Runs, stop: int) -> Iterator[Line]:
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
