"""The accuracy where some of the skipped samples were spot-checked: which strata there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.analytics.buckets import Floats
from dashboard.analytics.estimates.counters import (
    checked_from,
    evidence_from,
    evidence_of_class,
)
from dashboard.analytics.estimates.evidence import Evidence
from dashboard.analytics.estimates.result import Estimate, Withheld
from dashboard.analytics.estimates.spotchecks import (
    Stratum,
    accuracy_with_spot_checks,
    skipped_accuracy_with_spot_checks,
)
from dashboard.core.checks import ALL, Cell
from dashboard.core.tally import Counts
from dashboard.core.weights import LEAST, NONE, class_name


@dataclass(frozen=True)
class Checked:
    """What spot-checks say, together with all that was asked.

    Parameters
    ----------
    accuracy, skipped
        Estimates for all samples, and for those the sampler skipped.
    labeled, passed, wrong
        Spot-checks with a label, without one, and those of the labels that show a mistake.
    samples
        How many samples the estimates are about.
    floor
        Least query probability of those that no spot-check could have drawn.
    unlabeled
        How many of the samples the sampler skipped.
    from_the_start
        Whether they are about samples from the first on, also where there was no floor.

    """

    accuracy: Estimate
    skipped: Estimate
    labeled: int
    passed: int
    wrong: int
    samples: int
    floor: float
    unlabeled: int
    from_the_start: bool


@dataclass(frozen=True)
class _Part:
    """A stretch of the stream with the strata in it."""

    stop: int
    counts: Counts
    strata: tuple[Stratum, ...]
    covered: bool  # every skipped sample is in one of the strata


def bounds(cells: Sequence[Cell], *, since: int = 0) -> tuple[int, ...]:
    """Positions before which everything has to be counted."""
    return tuple(sorted({since, *(p for cell in cells for p in (cell.first, cell.stop))}))


def checked(
    cells: Sequence[Cell],
    before: Mapping[int, Counts],
    totals: Counts,
    *,
    floor: float,
    since: int = 0,
) -> Checked | None:
    """The estimates; None where no spot-check was answered.

    With a floor they are about all samples: where none was in force at first, as far as
    spot-checks make up for that. Without one they are about the stretches that spot-checks reach.

    Parameters
    ----------
    cells
        Parts of the stream in which each skipped sample was drawn with the same chance.
    before
        Counts before each of their `bounds`.
    totals
        The counts over the whole log.
    floor
        Least query probability of any sample from `since` on.
    since
        Position before which there was no floor; the cells are divided there.

    Examples
    --------
    2,000 samples at a floor of 0, 1,900 of them skipped, 60 of these spot-checked, one wrong:

    >>> totals = Counter({"n": 2000, "judged": 100, "e": 30, "spot": 60, "spot:e": 1})
    >>> found = checked([Cell(0, 2000, ALL)], {0: Counter(), 2000: totals}, totals, floor=0.0)
    >>> [round(x.item(), 3) for x in (found.accuracy.value, found.accuracy.low)]
    [0.969, 0.898]
    >>> round(1 - found.skipped.value.item(), 4), found.labeled, found.wrong
    (0.0167, 60, 1)

    """
    parts = _parts(cells, before, floor=floor, since=since)
    labeled, passed, wrong = (
        int(sum(getattr(s, name) for part in parts for s in part.strata))
        for name in ("labeled", "passed", "wrong")
    )
    if not labeled + passed:
        return None
    evidence, strata, audits = _reached(parts, before, totals, floor=floor, since=since)
    return Checked(
        accuracy_with_spot_checks(evidence, strata, audits=audits),
        skipped_accuracy_with_spot_checks(evidence, strata, audits=audits),
        labeled, passed, wrong, int(evidence.scanned), evidence.floor, int(evidence.unlabeled),
        from_the_start=not since or int(evidence.scanned) == totals["n"],
    )  # fmt: skip


def precision_from_checks(
    cells: Sequence[Cell], before: Mapping[int, Counts], *, n_classes: int
) -> Estimate | None:
    """Precision of each class by spot-checks, where no floor tells of it; None without any.

    Those among the samples predicted to be of a class are themselves drawn at random from them,
    whether or not they were drawn from all. It is about the stretches they were drawn from.

    Parameters
    ----------
    cells, before
        As for `checked`.
    n_classes
        How many classes there are.

    Examples
    --------
    1,000 samples predicted to be of class 0, 60 of those skipped were spot-checked and one was
    wrong; of class 1 there were too few.

    >>> totals = Counter({"n": 1200, "as:0": 1000, "q:0": 50, "fp:0": 10, "sp:0": 60, "spe:0": 1,
    ...                   "as:1": 200, "q:1": 50, "fp:1": 10, "sp:1": 5})
    >>> found = precision_from_checks([Cell(0, 1200, ALL)], {0: Counter(), 1200: totals},
    ...                               n_classes=2)
    >>> found.value.round(3).tolist(), found.low.round(3).tolist(), found.answers.tolist()
    ([0.974, nan], [0.904, nan], [110.0, 55.0])

    """
    each = [_precision(cells, before, class_name(c)) for c in range(n_classes)]
    if not any(estimate is not None for estimate in each):
        return None
    blank = accuracy_with_spot_checks(evidence_of_class(Counter(), NONE, floor=0.0), [])
    blank = replace(blank, withheld=np.array(Withheld.TOO_FEW.value))
    made = [blank if estimate is None else estimate for estimate in each]
    names = ("value", "low", "high", "answers", "effective", "withheld")
    together = {name: np.array([getattr(e, name).item() for e in made]) for name in names}
    return replace(blank, **together)  # type: ignore[arg-type]


def _precision(cells: Sequence[Cell], before: Mapping[int, Counts], name: str) -> Estimate | None:
    """That of one class; None where no spot-check of it was answered."""
    mine = [
        cell for cell in cells
        if cell.among == name or (cell.among == ALL and name not in cell.apart)
    ]  # fmt: skip
    strata = []
    for cell in mine:
        counts = _between(before, cell.first, cell.stop)
        evidence = evidence_of_class(counts, name, floor=0.0)
        stratum = Stratum(evidence, *np.array(checked_from(counts, name)))
        if stratum.labeled + stratum.passed > 0:
            strata.append(stratum)
    return accuracy_with_spot_checks(strata[0].drawn_from, strata) if strata else None


def _reached(
    parts: Sequence[_Part],
    before: Mapping[int, Counts],
    totals: Counts,
    *,
    floor: float,
    since: int,
) -> tuple[Evidence, list[Stratum], Floats | None]:
    """What the estimates are about, its strata, and the audits that are to be expected."""
    if floor < LEAST:
        covered = [part for part in parts if part.covered]
        counts: Counts = sum((part.counts for part in covered), Counter())
        return evidence_from(counts, floor=0.0), _strata(covered), None
    if not since:
        return evidence_from(totals, floor=floor), _strata(parts), None
    late = Counter(totals)
    late.subtract(before[since])
    with_floor = evidence_from(late, floor=floor)
    early = [part for part in parts if part.stop <= since]
    if early and early[-1].stop == since and all(part.covered for part in early):
        whole = evidence_from(totals, floor=floor)
        return whole, _strata(parts), with_floor.expected_audits
    return with_floor, _strata([part for part in parts if part.stop > since]), None


def _strata(parts: Sequence[_Part]) -> list[Stratum]:
    return [stratum for part in parts for stratum in part.strata]


def _parts(
    cells: Sequence[Cell], before: Mapping[int, Counts], *, floor: float, since: int
) -> list[_Part]:
    stretches = sorted({(cell.first, cell.stop) for cell in cells})
    return [
        _part(
            [cell for cell in cells if cell.first == first],
            _between(before, first, stop),
            floor=floor if floor >= LEAST and first >= since else 0.0,
        )
        for first, stop in stretches
    ]


def _between(before: Mapping[int, Counts], first: int, stop: int) -> Counts:
    counts = Counter(before[stop])
    counts.subtract(before[first])
    return counts


def _part(cells: Sequence[Cell], counts: Counts, *, floor: float) -> _Part:
    every = [_stratum(cell, counts, floor=floor) for cell in cells]
    answered = [s for s in every if s.labeled + s.passed > 0]
    left = [s for s in every if s.drawn_from.unlabeled > 0 and s.labeled + s.passed == 0]
    whole = any(cell.among == ALL for cell in cells)
    return _Part(cells[0].stop, counts, tuple(answered), whole and not left)


def _stratum(cell: Cell, counts: Counts, *, floor: float) -> Stratum:
    found = np.array(checked_from(counts, cell.among))
    if cell.among != ALL:
        return Stratum(evidence_of_class(counts, cell.among, floor=floor), *found)
    drawn_from = evidence_from(counts, floor=floor)
    for name in cell.apart:
        drawn_from = drawn_from - evidence_of_class(counts, name, floor=floor)
        found = found - np.array(checked_from(counts, name))
    return Stratum(drawn_from, *found)
