"""The sums of `evidence`, read from the rollups: see `core.weights` for what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Series, rolling
from dashboard.analytics.estimates.evidence import (
    Bins,
    Cells,
    Evidence,
    Weighted,
)
from dashboard.analytics.estimates.prevalence import Margins
from dashboard.core.checks import ALL
from dashboard.core.tally import Counts, confusion_cell
from dashboard.core.weights import CONFIDENCE_BINS, NONE, ODDS_BINS, UNIT


def evidence_along(buckets: Buckets, *, floor: float, width: int | None = None) -> Evidence:
    """The evidence at the end of every bucket.

    Parameters
    ----------
    buckets
        Counts along the stream.
    floor
        Least query probability of any sample.
    width
        Buckets to look back on; None for all before it.

    Examples
    --------
    >>> from dashboard.core.tally import Row, tally
    >>> rows = [Row(i, 1, 0.4, 0.05, "audit", None, "label", int(i > 0)) for i in range(25)]
    >>> buckets = Buckets(25, np.array([0]), (tally(rows)["25", 0],))
    >>> found = evidence_along(buckets, floor=0.05)
    >>> found.scanned, found.wrong.unseen, found.effective
    (array([25.]), array([19.]), array([25.]))

    """
    names = ["n", "judged", "audits", "w", "w2", "e", "ey", "ev", "u", "uy", "uv"]
    n, judged, audits, w, w2, e, ey, ev, u, uy, uv = _sums(buckets, names, width).T
    return Evidence(
        n, judged, audits, u, w / UNIT, w2 / UNIT, Weighted(e, ey / UNIT, ev / UNIT),
        Weighted(u, uy / UNIT, uv / UNIT), floor,
    )  # fmt: skip


def evidence_from(counts: Counts, *, floor: float) -> Evidence:
    """The evidence of a stretch.

    Parameters
    ----------
    counts
        Sums over it, under the names of the buckets along the stream.
    floor
        Least query probability of any sample of it.

    Examples
    --------
    >>> from collections import Counter
    >>> evidence_from(Counter(n=90, judged=6, u=1), floor=0.02).unlabeled.item()
    83.0

    """
    names = ("n", "judged", "audits", "u", "w", "w2", "e", "ey", "ev", "uy", "uv")
    n, judged, audits, u, w, w2, e, ey, ev, uy, uv = (_array(counts[name]) for name in names)
    return Evidence(
        n, judged, audits, u, w / UNIT, w2 / UNIT, Weighted(e, ey / UNIT, ev / UNIT),
        Weighted(u, uy / UNIT, uv / UNIT), floor,
    )  # fmt: skip


def evidence_of_class(counts: Counts, predicted: str, *, floor: float) -> Evidence:
    """The evidence of those samples of a stretch that were predicted to be of one class.

    Their weights and audits are not counted apart: the answers stand for themselves alone in the
    effective sample size.

    Parameters
    ----------
    counts
        Sums over the stretch, under the names of the buckets along the stream.
    predicted
        The class, as `core.weights.class_name` has it.
    floor
        Least query probability of any sample of it.

    Examples
    --------
    >>> from collections import Counter
    >>> counts = Counter({"n": 90, "as:1": 30, "q:1": 4, "judged": 6})
    >>> evidence_of_class(counts, "1", floor=0.02).unlabeled.item()
    26.0

    """
    kinds = ("as", "q", "u", "fp", "fpy", "fpv", "uy", "uv")
    n, q, u, e, ey, ev, uy, uv = (_array(counts[f"{kind}:{predicted}"]) for kind in kinds)
    return Evidence(
        n, q, _array(0), u, q, q, Weighted(e, ey / UNIT, ev / UNIT),
        Weighted(u, uy / UNIT, uv / UNIT), floor,
    )  # fmt: skip


def checked_from(counts: Counts, among: str) -> tuple[float, float, float]:
    """Spot-checks of a stretch with a label, without one, and wrong ones, of one class or `all`.

    Examples
    --------
    >>> from collections import Counter
    >>> counts = Counter({"spot": 20, "spot:e": 1, "sp:1": 5, "spu:1": 1})
    >>> checked_from(counts, "all"), checked_from(counts, "1")
    ((20.0, 0.0, 1.0), (5.0, 1.0, 0.0))

    """
    names = ("spot", "spot:u", "spot:e")
    if among != ALL:
        names = (f"sp:{among}", f"spu:{among}", f"spe:{among}")
    labeled, passed, wrong = (float(counts[name]) for name in names)
    return labeled, passed, wrong


def _array(count: float) -> Floats:
    return np.array(float(count))


def evidence_now(buckets: Buckets, *, floor: float) -> Evidence:
    """The evidence of all buckets together: single numbers.

    Parameters
    ----------
    buckets
        Counts along the stream.
    floor
        Least query probability of any sample.

    Examples
    --------
    >>> from dashboard.core.tally import Row, tally
    >>> rows = [Row(i, 1, 0.4, 0.05, "audit", None, "label", int(i > 0)) for i in range(50)]
    >>> counts = tally(rows)
    >>> buckets = Buckets(25, np.array([0, 1]), (counts["25", 0], counts["25", 1]))
    >>> found = evidence_now(buckets, floor=0.05)
    >>> found.scanned.item(), found.wrong.unseen.item(), found.expected_audits.item()
    (50.0, 19.0, 2.5)

    """
    along = evidence_along(_together(buckets), floor=floor)
    changes: dict[str, Any] = {}
    for one in fields(along):
        value = getattr(along, one.name)
        if isinstance(value, Weighted):
            changes[one.name] = Weighted(value.seen[0], value.unseen[0], value.spread[0])
        elif one.name != "floor":
            changes[one.name] = value[0]
    return replace(along, **changes)


def odds_now(buckets: Buckets, name: str = "o") -> Floats:
    """Histogram of π over all buckets together, as in `odds_along`."""
    return np.asarray(odds_along(_together(buckets), name)[0])


def _together(buckets: Buckets) -> Buckets:
    total: Counts = Counter()
    for counts in buckets.counts:
        total.update(counts)
    return Buckets(buckets.size, np.array([0]), (total,))


def odds_along(buckets: Buckets, name: str = "o") -> Floats:
    """Histogram of π at the end of every bucket, from the beginning.

    Parameters
    ----------
    buckets
        Counts along the stream.
    name
        `o` for the errors, `uo` for answers without a label.

    """
    return _sums(buckets, [f"{name}:{i}" for i in range(ODDS_BINS)], None)


def margins_along(
    buckets: Buckets, *, n_classes: int, floor: float, width: int | None = None
) -> Margins:
    """What is known of each class at the end of every bucket.

    Parameters
    ----------
    buckets
        Counts along the stream.
    n_classes
        How many classes there are.
    floor
        Least query probability of any sample.
    width
        Buckets to look back on; None for all before it.

    """
    every, own = _names(n_classes), _names(n_classes)[:-1]

    def by(names: Sequence[str], kind: str) -> Floats:
        return _sums(buckets, [f"{kind}:{c}" for c in names], width)

    def three(names: Sequence[str], kind: str) -> Weighted:
        return Weighted(by(names, kind), *(by(names, kind + x) / UNIT for x in "yv"))

    weights = _sums(buckets, ["w", "w2"], width) / UNIT
    return Margins(
        by(every, "as"), by(every, "q"), by(own, "is"), weights[:, 0], weights[:, 1],
        three(own, "fp"), three(own, "fn"), three(every, "u"), floor,
    )  # fmt: skip


def cells_from(cells: Series, totals: Counts, *, n_classes: int, floor: float) -> Cells:
    """The sums by true and predicted class, of the whole log.

    Parameters
    ----------
    cells
        Rollups of the kind `cell`.
    totals
        The bucket of the kind `all`.
    n_classes
        How many classes there are.
    floor
        Least query probability of any sample.

    """
    names = ("n", "w", "w2", "y", "v")
    pairs = np.zeros((len(names), n_classes, n_classes + 1))
    for bucket, counts in cells:
        label, predicted = confusion_cell(bucket)
        column = n_classes if predicted is None else predicted
        pairs[:, label, column] = [counts.get(name, 0) for name in names]
    pairs[1:] /= UNIT
    every = _names(n_classes)
    scanned, *passed = (
        np.array([totals.get(f"{kind}:{c}", 0) for c in every], float)
        for kind in ("as", "u", "uy", "uv")
    )
    n, w, w2, y, v = pairs
    return Cells(
        scanned, n, w, w2, Weighted(n, y, v),
        Weighted(passed[0], passed[1] / UNIT, passed[2] / UNIT), floor,
    )  # fmt: skip


def bins_from(confidence: Series, *, floor: float) -> Bins:
    """The sums by bins of the probability, of the whole log.

    Parameters
    ----------
    confidence
        Rollups of the kind `confidence`.
    floor
        Least query probability of any sample.

    """
    names = ("n", "q", "e", "u", "p", "w", "w2", "ey", "ev", "uy", "uv")
    found = np.zeros((len(names), CONFIDENCE_BINS))
    for bucket, counts in confidence:
        found[:, bucket] = [counts.get(name, 0) for name in names]
    found[4:] /= UNIT
    n, q, e, u, p, w, w2, ey, ev, uy, uv = found
    return Bins(n, q, p, w, w2, Weighted(e, ey, ev), Weighted(u, uy, uv), floor)


def _names(n_classes: int) -> list[str]:
    return [*(str(c) for c in range(n_classes)), NONE]


def _sums(buckets: Buckets, names: Sequence[str], width: int | None) -> Floats:
    columns = buckets.columns(names)
    if width is None:
        return np.cumsum(columns, axis=0).astype(np.float64)
    each = [rolling(buckets.index, column, width=width) for column in columns.T]
    return np.stack(each, axis=1).astype(np.float64)
