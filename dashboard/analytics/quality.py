"""How well the classes are told apart, and whether probabilities mean what they say.

Estimated from the answers for all samples scanned so far; beside it what is so, where the true
class of every sample is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dashboard.analytics.accuracy import ClassScore, class_scores, confusion_matrix
from dashboard.analytics.buckets import Floats, Ints, Series, ratio
from dashboard.analytics.estimates.calibration import Reliability, reliability
from dashboard.analytics.estimates.classes import Scores, confusion, scores
from dashboard.analytics.estimates.counters import bins_from, cells_from
from dashboard.analytics.estimates.result import Estimate
from dashboard.core.tally import Counts


@dataclass(frozen=True)
class Known:
    """The same from the true classes of all samples.

    Parameters
    ----------
    matrix
        Samples by true class (rows) and predicted class (columns); the last column is "none yet".
    scores
        Of every class.
    prevalence
        Share of all samples that each class has.
    macro_f1, balanced
        Mean F1 of the classes that occurred or were predicted, mean recall of those that occurred.

    """

    matrix: Ints
    scores: tuple[ClassScore, ...]
    prevalence: Floats
    macro_f1: float | None
    balanced: float | None

    def of_class(self, index: int) -> dict[str, float | None]:
        """Precision, recall, F1 and prevalence of a class; None where there is none."""
        score, share = self.scores[index], float(self.prevalence[index])
        return {
            "precision": score.precision, "recall": score.recall, "f1": score.f1,
            "prevalence": None if np.isnan(share) else share,
        }  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """What the answers say of the classes and of the probabilities.

    Parameters
    ----------
    confusion
        Samples by true class (rows) and predicted class (columns), the last of them "none yet".
    scores
        Of the classes, and their means.
    reliability
        The reliability diagram.
    known
        What is so, where the true class of every sample is known.
    predicted
        Samples by predicted class; the last is "none yet".
    expected
        Audits with a label that are to be expected so far.
    answers, passed
        Answers with a label, and without one.
    floor
        Least query probability of any sample.
    since
        Position up to which the floor was 0, in which case nothing is measurable: these are sums
        over the whole log.
    checked
        Whether precision is that of spot-checks.

    """

    confusion: Estimate
    scores: Scores
    reliability: Reliability
    known: Known | None
    predicted: Floats
    expected: float
    answers: int
    passed: int
    floor: float
    since: int
    checked: bool = False

    def with_precision(self, found: Estimate | None) -> Quality:
        """The same with the precision that spot-checks tell, where there is no floor."""
        if found is None:
            return self
        return replace(self, scores=replace(self.scores, precision=found), checked=True)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.predicted) - 1


def quality(
    series: Mapping[str, Series],
    totals: Counts,
    *,
    n_classes: int,
    floor: float,
    since: int = 0,
    truth: bool = False,
) -> Quality:
    """Estimates of the whole log, from rollups alone.

    Parameters
    ----------
    series
        Rollups of the kinds `cell`, `confidence` and `confusion`.
    totals
        The bucket of the kind `all`.
    n_classes
        How many classes there are.
    floor
        Least query probability of any sample from `since` on.
    since
        Position before which there was no floor.
    truth
        Whether the true class of every sample is known.

    Examples
    --------
    4,000 samples, one in 20 an audit at a floor of 5 %; every 40th audit finds a mistake:

    >>> from dashboard.core.tally import Row, tally
    >>> def row(i):
    ...     asked = i % 20 == 0
    ...     wrong = i % 800 == 0
    ...     return Row(i, i % 3 % 2, 0.1, 0.05, "audit" if asked else "", None,
    ...                "label" if asked else None, i % 3 % 2 ^ wrong if asked else None, 0.97)
    >>> counts = tally(row(i) for i in range(4_000))
    >>> kinds = {kind: [(b, c) for (k, b), c in counts.items() if k == kind]
    ...          for kind in ("cell", "confidence", "confusion")}
    >>> found = quality(kinds, counts["all", 0], n_classes=2, floor=0.05)
    >>> found.confusion.value.round().astype(int).tolist()
    [[2587, 20, 0], [80, 1313, 0]]
    >>> found.scores.macro_f1.value.round(3).item(), found.reliability.accuracy.value[-1].item()
    (0.972, 0.975)

    """
    # Before `since` the sums hold answers whose weight has no bound.
    least = 0.0 if since else floor
    cells = cells_from(series["cell"], totals, n_classes=n_classes, floor=least)
    return Quality(
        confusion(cells),
        scores(cells),
        reliability(bins_from(series["confidence"], floor=least)),
        _known(series["confusion"], n_classes) if truth else None,
        cells.scanned,
        float(cells.expected_audits),
        int(cells.labeled.sum()),
        int(cells.passed.seen.sum()),
        least,
        since,
    )


def _known(cells: Series, n_classes: int) -> Known:
    matrix = confusion_matrix(cells, n_classes=n_classes)
    each = class_scores(matrix)
    return Known(
        matrix,
        each,
        ratio(matrix.sum(axis=1), matrix.sum()),
        _mean([score.f1 for score in each]),
        _mean([score.recall for score in each]),
    )


def _mean(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return float(np.mean(there)) if there else None
