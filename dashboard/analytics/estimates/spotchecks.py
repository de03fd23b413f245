"""Samples that were skipped, and looked at later: a stratum of their own.

A spot-check draws some of the skipped samples, each with the same chance, and asks about them
blind. The sampler's own draw has no part in it, so that the answers must not be mixed with those
to its queries. A stratum is a stretch of the stream that the same spot-checks drew from; those who
drew from the beginning twice make two strata, up to the first head and from there to the second.

Where some spot-checks drew from those alone that were predicted to be of a class, they are a
stratum of their own.

In a stratum the errors nobody saw are estimated twice: from the spot-check, and from the audits.
Both are unbiased. Each counts by its odds of finding an error (f/(1−f) for a share f of the
population, ε/(1−ε) for the floor ε), which no answer has a part in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.accuracy import GAMMA
from dashboard.analytics.estimates.evidence import Evidence, Weighted
from dashboard.analytics.estimates.intervals import LEVEL, Counted, gamma_limits, heaviest
from dashboard.analytics.estimates.result import FEWEST, Estimate, made, reasons
from dashboard.core.weights import LEAST


@dataclass(frozen=True)
class Stratum:
    """A stretch of the stream of which some skipped samples were spot-checked.

    Parameters
    ----------
    drawn_from
        What the sampler's own draws tell of the stretch.
    labeled, passed, wrong
        Spot-checks answered with a label, without one, and those of the labels that show an error.

    """

    drawn_from: Evidence
    labeled: Floats
    passed: Floats
    wrong: Floats

    @property
    def share(self) -> Floats:
        """Share of the skipped samples that was spot-checked."""
        return ratio(self.labeled + self.passed, self.drawn_from.unlabeled)


@dataclass(frozen=True)
class _Pooled:
    """Errors of the strata and of the rest, and how heavy one may be in each."""

    strata: Weighted
    rest: Weighted
    heaviest: Floats
    rest_heaviest: float
    checked: Floats
    unseen_at_most: Floats
    rest_at_most: Floats


def accuracy_with_spot_checks(
    evidence: Evidence,
    strata: Sequence[Stratum],
    *,
    level: float = LEVEL,
    audits: Floats | None = None,
) -> Estimate:
    """Share of all scanned samples that were predicted right, spot-checks included.

    With a floor of 0 nothing is known of samples scanned after the last spot-check: the estimate
    is then that of the strata alone.

    Parameters
    ----------
    evidence
        Of the stream so far, without the spot-checks.
    strata
        Stretches of it that were spot-checked.
    level
        Of the interval, at one look.
    audits
        How many audits with a label there are to be expected, where the evidence begins before
        there was a floor.

    Examples
    --------
    2,000 samples at a floor of 0, 100 of them asked about; 60 of the others were spot-checked,
    one of which had been predicted wrong.

    >>> wrong = Weighted(np.array(30.0), np.array(40.0), np.array(90.0))
    >>> none = Weighted(*np.zeros(3))
    >>> found = Evidence(*np.array([2000.0, 100, 0, 0, 300, 1500]), wrong, none, 0.0)
    >>> checks = Stratum(found, *np.array([60.0, 0, 1]))
    >>> made = accuracy_with_spot_checks(found, [checks])
    >>> [round(x.item(), 3) for x in (made.value, made.low, made.high)]
    [0.969, 0.898, 0.985]

    """
    covered = _covered(evidence, strata)
    errors = _errors(covered, strata, level)
    n = covered.scanned
    judged = n - covered.passed_over - sum(s.passed for s in strata)
    return _estimate(covered, strata, errors, of=n, judged=judged, level=level, audits=audits)


def skipped_accuracy_with_spot_checks(
    evidence: Evidence,
    strata: Sequence[Stratum],
    *,
    level: float = LEVEL,
    audits: Floats | None = None,
) -> Estimate:
    """Share of the samples the sampler skipped that were predicted right, spot-checks included.

    Parameters
    ----------
    evidence
        Of the stream so far, without the spot-checks.
    strata
        Stretches of it that were spot-checked.
    level
        Of the interval, at one look.
    audits
        As for `accuracy_with_spot_checks`.

    """
    covered = _covered(evidence, strata)
    errors = _errors(covered, strata, level)
    seen, passed = covered.wrong.seen, covered.passed.seen
    among = Counted(errors.value - seen, errors.low - seen, errors.high - seen - passed)
    of = covered.unlabeled
    judged = of - sum(s.passed for s in strata)
    return _estimate(covered, strata, among, of=of, judged=judged, level=level, audits=audits)


def _covered(evidence: Evidence, strata: Sequence[Stratum]) -> Evidence:
    """What an estimate can be about: everything, or the strata where there is no floor."""
    if evidence.floor >= LEAST or not strata:
        return evidence
    whole = strata[0].drawn_from
    for stratum in strata[1:]:
        whole = whole + stratum.drawn_from
    return whole


def _errors(evidence: Evidence, strata: Sequence[Stratum], level: float) -> Counted:
    few = _pool(evidence, strata, passes=False)
    many = _pool(evidence, strata, passes=True)
    value = few.strata.total + few.rest.total
    low, _ = _limits(few, level)
    _, high = _limits(many, level)
    seen, most = few.strata.seen + few.rest.seen, many.strata.seen + many.rest.seen
    return Counted(
        value,
        seen + np.minimum(np.floor(low), few.unseen_at_most),
        most + np.minimum(np.ceil(high), many.unseen_at_most),
    )


def _pool(evidence: Evidence, strata: Sequence[Stratum], *, passes: bool) -> _Pooled:
    """Errors of all parts; with passes taken for errors or not."""
    rest = evidence.wrong + evidence.passed if passes else evidence.wrong
    zero = np.zeros(np.shape(evidence.scanned))
    pooled, heavy, checked, inside = Weighted(zero, zero, zero), zero, zero, zero
    for stratum in strata:
        # Where a stratum was scanned without a floor, its spot-checks alone decide.
        floor = stratum.drawn_from.floor
        audit_odds = floor / (1 - floor) if floor >= LEAST else 0.0
        audited = stratum.drawn_from.wrong
        if passes:
            audited = audited + stratum.drawn_from.passed
        rest = rest - audited
        f = np.clip(stratum.share, 1e-12, 1 - 1e-12)
        odds = f / (1 - f)
        found = stratum.wrong + stratum.passed if passes else stratum.wrong
        mine = odds / (odds + audit_odds)
        pooled = pooled + Weighted(
            audited.seen + found,
            mine * found / odds + (1 - mine) * (audited.unseen - found),
            mine**2 * found / (odds * f) + (1 - mine) ** 2 * audited.spread,
        )
        heavy = np.maximum(heavy, 1 / (odds + audit_odds))
        checked = checked + stratum.labeled + stratum.passed
        inside = inside + stratum.drawn_from.unlabeled
    outside = evidence.unlabeled - inside
    return _Pooled(
        pooled, rest, heavy, heaviest(evidence.floor), checked,
        evidence.unlabeled - checked, outside,
    )  # fmt: skip


def _limits(pooled: _Pooled, level: float) -> tuple[Floats, Floats]:
    unseen = np.maximum(pooled.strata.unseen, 0.0)
    some = pooled.rest_at_most > 0
    low, high = gamma_limits(
        unseen + np.where(some, pooled.rest.unseen, 0.0),
        pooled.strata.spread + np.where(some, pooled.rest.spread, 0.0),
        heaviest=np.where(some, np.maximum(pooled.heaviest, pooled.rest_heaviest), pooled.heaviest),
        level=level,
    )
    # Or else all that is outside the strata was wrong: less, where that is little.
    _, inside = gamma_limits(unseen, pooled.strata.spread, heaviest=pooled.heaviest, level=level)
    return low, np.minimum(high, np.ceil(inside) + pooled.rest_at_most)


def _estimate(
    evidence: Evidence,
    strata: Sequence[Stratum],
    errors: Counted,
    *,
    of: Floats,
    judged: Floats,
    level: float,
    audits: Floats | None,
) -> Estimate:
    checks = np.asarray(sum(s.labeled for s in strata), dtype=np.float64)
    if audits is None:
        measured = evidence.floor >= LEAST
        audits = evidence.expected_audits if measured else np.zeros_like(checks)
    return made(
        1 - ratio(errors.value, judged),
        1 - ratio(errors.high, of),
        1 - ratio(errors.low, of),
        kind=GAMMA,
        level=level,
        answers=evidence.labeled + checks,
        effective=evidence.effective + checks,
        withheld=reasons(
            floor=1.0 if strata else evidence.floor,
            audits=audits + checks,
            answers=evidence.labeled + checks,
            of=np.minimum(of, judged),
            fewest=FEWEST,
        ),
    )
