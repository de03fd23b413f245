"""Accuracy along the stream: naive, and estimated for all samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.buckets import Buckets, Floats, Ints, ratio
from dashboard.analytics.estimates.accuracy import accuracy, skipped_accuracy
from dashboard.analytics.estimates.counters import evidence_along
from dashboard.analytics.estimates.result import Estimate, Withheld
from dashboard.analytics.estimates.strata import Checked


@dataclass(frozen=True)
class AccuracyEstimates:
    """What the answers say of the accuracy, one point per bucket.

    Parameters
    ----------
    naive
        Share of right predictions among the queries with a label, from the beginning. Too low: a
        sampler asks where it is unsure.
    judged
        How many these are.
    accuracy
        The estimate for all samples since `since`.
    skipped
        That for those nobody was asked about, at the end.
    passed
        Answers without a label since `since`.
    audits, expected
        Audits with a label, and how many were to be expected, at the end.
    floor
        The least query probability of any sample since `since`.
    since
        Position before which samples are left out, in whole buckets; 0 where none are.
    checked
        What spot-checks say together with all this, at the end; None where there are none.

    """

    naive: Floats
    judged: Ints
    accuracy: Estimate
    skipped: Estimate
    passed: Ints
    audits: int
    expected: float
    floor: float
    since: int
    checked: Checked | None = None

    @property
    def now(self) -> Estimate:
        """The estimate for all samples, at the end."""
        return at_end(self.accuracy) if self.checked is None else self.checked.accuracy

    def with_checks(self, checked: Checked | None) -> AccuracyEstimates:
        """The same with what spot-checks say."""
        if checked is None:
            return self
        return replace(self, checked=checked, skipped=checked.skipped)


def accuracy_estimates(buckets: Buckets, *, floor: float, since: int = 0) -> AccuracyEstimates:
    """What the answers say of the accuracy.

    Parameters
    ----------
    buckets
        Counts along the stream.
    floor
        Least query probability of any sample from `since` on.
    since
        Position before which there was no floor.

    Examples
    --------
    1,000 samples, one in 25 an audit at a floor of 4 %, one of them wrong:

    >>> from dashboard.analytics.buckets import make_buckets
    >>> from dashboard.core.tally import Row, tally
    >>> rows = [Row(i, 1, 0.1, 0.04, "audit", None, "label", int(i > 0)) if i % 25 == 0
    ...         else Row(i, 1, 0.1, 0.04, "", None, None, None) for i in range(1_000)]
    >>> counts = tally(rows)
    >>> series = [(bucket, counts["500", bucket]) for bucket in (0, 1)]
    >>> found = accuracy_estimates(make_buckets("500", series), floor=0.04)
    >>> found.naive.tolist(), found.accuracy.value.tolist(), found.now.low.item()
    ([0.95, 0.975], [0.95, 0.975], 0.863)

    """
    first = int(np.searchsorted(buckets.index, -(-since // buckets.size)))
    kept = Buckets(buckets.size, buckets.index[first:], buckets.counts[first:])
    evidence = evidence_along(kept, floor=floor)
    judged, wrong = np.cumsum(buckets.columns(["judged", "e"]), axis=0).T
    estimate, skipped = accuracy(evidence), skipped_accuracy(evidence)
    return AccuracyEstimates(
        naive=1 - ratio(wrong, judged),
        judged=judged,
        accuracy=_after(estimate, first),
        skipped=at_end(_after(skipped, first)),
        passed=np.concatenate([np.zeros(first), evidence.passed_over]).astype(np.int64),
        audits=int(_last(evidence.audits)),
        expected=_last(evidence.expected_audits),
        floor=floor,
        since=-(-since // buckets.size) * buckets.size,
    )


_ALONG = ("value", "low", "high", "answers", "effective", "withheld")


def _last(values: Floats) -> float:
    return float(values[-1]) if len(values) else 0.0


def at_end(estimate: Estimate) -> Estimate:
    """The last of the estimates along a stream; one that is withheld where there is none."""
    if not len(estimate.value):
        estimate = _after(estimate, 1, Withheld.NOTHING)
    return _mapped(estimate, lambda _, values: np.asarray(values[-1]))


def _after(estimate: Estimate, points: int, why: Withheld = Withheld.NO_FLOOR) -> Estimate:
    """The same behind so many points of which nothing is known."""
    blank = {"answers": 0.0, "effective": 0.0, "withheld": why.value}

    def extended(name: str, values: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([np.full(points, blank.get(name, np.nan)), values])

    return _mapped(estimate, extended)


def _mapped(estimate: Estimate, change: Callable[[str, NDArray[Any]], NDArray[Any]]) -> Estimate:
    changed: dict[str, Any] = {name: change(name, getattr(estimate, name)) for name in _ALONG}
    return replace(estimate, **changed)
