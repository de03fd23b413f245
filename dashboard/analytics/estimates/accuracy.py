"""Share of right predictions: over the stream so far, over a window, among the skipped alone."""

from __future__ import annotations

import numpy as np

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.evidence import Evidence
from dashboard.analytics.estimates.intervals import LEVEL, Counted, counted
from dashboard.analytics.estimates.result import FEWEST, Estimate, made, reasons

GAMMA = "gamma (Fay & Feuer 1997)"


def accuracy(evidence: Evidence, *, level: float = LEVEL) -> Estimate:
    """Share of all scanned samples that were predicted right: 1 − (1/n) Σ q e / π.

    Answers without a label are counted, never weighted away: they are left out of the value as
    what they are, samples that nobody judged, while the lower limit takes them and all those like
    them for errors, and the upper limit takes none of them.

    Parameters
    ----------
    evidence
        Of the stream so far, or of a window.
    level
        Of the interval, at one look.

    Examples
    --------
    1,000 samples, a floor of 5 %: 45 audits, one of them wrong, and 60 other answers at π = .5.

    >>> from dashboard.analytics.estimates.answers import Answers, evidence_of
    >>> n = 105
    >>> wrong = np.isin(np.arange(n), [0, 50, 60, 70])
    >>> pi = np.where(np.arange(n) < 45, 0.05, 0.5)
    >>> why = np.where(np.arange(n) < 45, "audit", "entropy")
    >>> answers = Answers(np.arange(n), wrong.astype(int), np.zeros(n, int), np.ones(n), pi, why)
    >>> found = accuracy(evidence_of(answers, 1_000, floor=0.05))
    >>> found.value.item(), found.low.round(3).item(), found.high.round(3).item()
    (0.974, 0.885, 0.995)
    >>> found.answers.item(), found.effective.round(1).item()
    (105.0, 57.0)
    >>> round(1 - wrong.mean().item(), 3)  # the naive figure of the answers alone
    0.962

    """
    n = evidence.scanned
    errors = unseen_errors(evidence, level=level)
    return _estimate(evidence, errors, of=n, judged=n - evidence.passed_over, level=level)


def skipped_accuracy(evidence: Evidence, *, level: float = LEVEL) -> Estimate:
    """Share of the skipped samples, those nobody was asked about, that were predicted right.

    Parameters
    ----------
    evidence
        Of the stream so far, or of a window.
    level
        Of the interval, at one look.

    """
    errors = unseen_errors(evidence, level=level)
    passed = evidence.passed.seen
    seen = evidence.wrong.seen
    among = Counted(errors.value - seen, errors.low - seen, errors.high - seen - passed)
    of = evidence.unlabeled
    return _estimate(evidence, among, of=of, judged=of, level=level)


def unseen_errors(evidence: Evidence, *, level: float = LEVEL) -> Counted:
    """How many of the scanned samples were predicted wrong, seen or not."""
    return counted(
        evidence.wrong,
        floor=evidence.floor,
        unlabeled=evidence.unlabeled,
        level=level,
        passed=evidence.passed,
    )


def _estimate(
    evidence: Evidence, errors: Counted, *, of: Floats, judged: Floats, level: float
) -> Estimate:
    return made(
        1 - ratio(errors.value, judged),
        1 - ratio(errors.high, of),
        1 - ratio(errors.low, of),
        kind=GAMMA,
        level=level,
        answers=evidence.labeled,
        effective=evidence.effective,
        withheld=reasons(
            floor=evidence.floor,
            audits=evidence.expected_audits,
            answers=evidence.labeled,
            of=np.minimum(of, judged),
            fewest=FEWEST,
        ),
    )
