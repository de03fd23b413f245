"""When the advice says that one can stop, and what going on would have brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.advice import NEAR, Advice, Known, Target, Verdict, advise
from dashboard.analytics.estimates.answers import evidence_of
from dashboard.analytics.estimates.anytime import histogram, least_accuracy
from dashboard.analytics.estimates.evidence import stacked
from dashboard.analytics.stability import SOON, Look
from scripts.validation.judging import answers_of
from scripts.validation.runs import Check, Runs

TARGETS = (0.80, 0.85, 0.90, 0.95)


class Stopped(NamedTuple):
    """How the advice did for one target, in the runs where it said that one can stop.

    The accuracy is that of the model as it was then, and as it was at the end of the stream, both
    on the same held-out samples, which neither was ever shown.

    Parameters
    ----------
    target
        The accuracy wanted.
    runs
        How many runs there were.
    says
        In how many of them it said so before the end.
    labels
        Labels when it said so first: the fewest, the median, and the most of any run.
    labels_end
        Median of the labels at the end of the stream.
    then, end
        Mean accuracy on the held-out samples, by the model then and at the end.
    near
        Share of these runs in which the two are within a point.
    running
        Share of these runs in which the share of right predictions, each made before the sample
        was learned, was within a point at the end, or better.
    kept
        Share of these runs in which the accuracy so far really was at the target.

    """

    target: float
    runs: int
    says: int
    labels: tuple[float, float, float]
    labels_end: float
    then: float
    end: float
    near: float
    running: float
    kept: float


class Gained(NamedTuple):
    """How a forecast of the rise in accuracy did, over all looks of all runs.

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
    checks: Sequence[Check],
    least: NDArray[np.float64],
    *,
    samples: int,
    floor: float,
    target: float,
) -> list[Advice]:
    """What was advised at every look at a model.

    Parameters
    ----------
    checks
        The looks.
    least
        Lower limit of the accuracy at each of them.
    samples
        Length of the stream.
    floor
        Least query probability.
    target
        The accuracy wanted.

    """
    looks = [Look(check.labels, check.samples, check.probe) for check in checks]
    return [
        advise(
            looks[: i + 1],
            samples=samples,
            per_class=check.per_class,
            floor=floor,
            known=Known(None if np.isnan(least[i]) else float(least[i])),
            target=Target(target),
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
    """How the advice did for each target. The last look is that at the end of the stream."""
    least = [limits(runs, i, each) for i, each in enumerate(checks)]
    right = np.cumsum(runs.predicted == runs.truth, axis=1) / np.arange(1, runs.samples + 1)
    for target in TARGETS:
        found = []
        for i, each in enumerate(checks):
            advice = advice_along(
                each[:-1], least[i], samples=runs.samples, floor=runs.floor, target=target
            )
            stops = [k for k, one in enumerate(advice) if one.verdict == Verdict.STOP]
            if stops:
                then, end = each[stops[0]], each[-1]
                found.append(
                    (then.labels, end.labels, then.held_out, end.held_out,
                     right[i, then.samples - 1], right[i, -1])
                )  # fmt: skip
        if not found:
            yield Stopped(target, len(checks), 0, (np.nan,) * 3, *[np.nan] * 6)
            continue
        labels, last, then_, end_, so_far, whole = np.array(found, float).T
        yield Stopped(
            target, len(checks), len(found),
            (float(labels.min()), float(np.median(labels)), float(labels.max())),
            float(np.median(last)), float(then_.mean()), float(end_.mean()),
            float((np.abs(end_ - then_) <= NEAR + 1e-9).mean()),
            float((whole >= so_far - NEAR - 1e-9).mean()), float((so_far >= target).mean()),
        )  # fmt: skip


def gaining(runs: Runs, checks: Sequence[Sequence[Check]]) -> tuple[Gained, Gained]:
    """How the forecasts did: of the next labels, and of all to the end of the stream."""
    soon, to_end = [], []
    for each in checks:
        later = {check.labels: check.held_out for check in each}
        advice = advice_along(
            each[:-1], np.full(len(each), np.nan), samples=runs.samples, floor=0.0, target=1.0
        )
        for check, one in zip(each, advice, strict=False):
            after = later.get(check.labels + SOON)
            if after is not None and one.gain.likely is not None and one.gain.most is not None:
                soon.append((one.gain.likely, one.gain.most, after - check.held_out))
            if one.rise is not None:
                to_end.append((one.rise.likely, one.rise.most, each[-1].held_out - check.held_out))
    return _gained(soon), _gained(to_end)


def _gained(found: Sequence[tuple[float, float, float]]) -> Gained:
    if not found:
        return Gained(0, np.nan, np.nan, np.nan)
    likely, most, gained = np.array(found, float).T
    return Gained(
        len(found), float(likely.mean()), float(gained.mean()),
        float((gained <= most + 1e-9).mean()),
    )  # fmt: skip
