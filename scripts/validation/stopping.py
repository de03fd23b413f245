"""When the advice says that one can stop, and what going on would have brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.advice import SOON, Advice, Look, Verdict, advise
from dashboard.analytics.estimates.answers import evidence_of
from dashboard.analytics.estimates.anytime import histogram, least_accuracy
from dashboard.analytics.estimates.evidence import stacked
from scripts.validation.judging import answers_of
from scripts.validation.runs import Check, Runs

TARGETS = (0.80, 0.90, 0.95)
NEAR = 0.01


class Stopped(NamedTuple):
    """How the advice did for one target.

    Parameters
    ----------
    target
        The accuracy wanted.
    runs
        How many runs there were.
    says
        In how many of them it said that one can stop.
    labels, labels_end
        Median labels then, and at the end of the stream, of these runs.
    then, end
        Mean accuracy on samples never scanned, by the model then and at the end.
    near
        Share of these runs in which the two are within a point.
    kept
        Share of these runs in which the accuracy so far really was at the target.

    """

    target: float
    runs: int
    says: int
    labels: float
    labels_end: float
    then: float
    end: float
    near: float
    kept: float


class Gained(NamedTuple):
    """How the forecast of the next fifty labels did, over all looks of all runs.

    Parameters
    ----------
    looks
        How many.
    likely, gained
        Mean rise in accuracy that was expected, and that there was.
    within
        Share of looks after which the accuracy rose by no more than was said to be the most.

    """

    looks: int
    likely: float
    gained: float
    within: float


def advice_along(
    checks: Sequence[Check], least: NDArray[np.float64], *, floor: float, target: float
) -> list[Advice]:
    """What was advised at every look at a model.

    Parameters
    ----------
    checks
        The looks.
    least
        Lower limit of the accuracy at each of them.
    floor
        Least query probability.
    target
        The accuracy wanted.

    """
    looks = [Look(check.labels, check.probe) for check in checks]
    return [
        advise(
            looks[: i + 1],
            per_class=check.per_class,
            floor=floor,
            least_accuracy=None if np.isnan(least[i]) else float(least[i]),
            target=target,
            seconds=4.0,
        )
        for i, check in enumerate(checks)
    ]


def limits(runs: Runs, run: int, checks: Sequence[Check]) -> NDArray[np.float64]:
    """Lower limit of the accuracy at each look, valid at all of them."""
    if runs.floor == 0:
        return np.full(len(checks), np.nan)
    parts = [answers_of(runs, run, 0, check.samples) for check in checks]
    found = stacked(
        [
            evidence_of(answers, check.samples, floor=runs.floor)
            for answers, check in zip(parts, checks, strict=True)
        ]
    )
    odds = np.stack([histogram(answers.query_probability[answers.wrong]) for answers in parts])
    return least_accuracy(found, odds)


def stopping(runs: Runs, checks: Sequence[Sequence[Check]]) -> Iterator[Stopped]:
    """How the advice did for each target."""
    least = [limits(runs, i, each) if each else np.zeros(0) for i, each in enumerate(checks)]
    right = np.cumsum(runs.predicted == runs.truth, axis=1)
    for target in TARGETS:
        found = []
        for i, each in enumerate(checks):
            advice = advice_along(each, least[i], floor=runs.floor, target=target)
            stops = [k for k, one in enumerate(advice) if one.verdict == Verdict.STOP]
            if stops:
                then, end = each[stops[0]], each[-1]
                so_far = right[i, then.samples - 1] / then.samples
                found.append(
                    (then.labels, end.labels, then.held_out, end.held_out, so_far >= target)
                )
        if not found:
            yield Stopped(target, len(checks), 0, *[np.nan] * 6)
            continue
        labels, last, then_, end_, kept = (np.array(x, float) for x in zip(*found, strict=True))
        yield Stopped(
            target, len(checks), len(found), float(np.median(labels)), float(np.median(last)),
            float(then_.mean()), float(end_.mean()),
            float((np.abs(end_ - then_) <= NEAR + 1e-9).mean()), float(kept.mean()),
        )  # fmt: skip


def gaining(checks: Sequence[Sequence[Check]]) -> Gained:
    """How the forecast of the next labels did."""
    found = []
    for each in checks:
        later = {check.labels: check.held_out for check in each}
        nothing = np.full(len(each), np.nan)
        for check, one in zip(
            each, advice_along(each, nothing, floor=0.0, target=1.0), strict=True
        ):
            after = later.get(check.labels + SOON)
            if after is not None and one.gain.likely is not None and one.gain.most is not None:
                rise = after - check.held_out
                found.append((one.gain.likely, rise, rise <= one.gain.most + 1e-9))
    if not found:
        return Gained(0, np.nan, np.nan, np.nan)
    likely, gained, within = (np.array(x, float) for x in zip(*found, strict=True))
    return Gained(len(found), float(likely.mean()), float(gained.mean()), float(within.mean()))
