"""The sums of `evidence` as whole numbers, so that they can be kept in rollups.

Like the rest of the rollups they only ever add up; a relabel or an undo takes away exactly what was
added. Weights are kept in millionths. Nothing but `as:<class>` and the confidence bin is counted
for a sample that was skipped, and an open query counts nowhere.

In the buckets along the stream (`25`, `500`, ..., `all`), with `<c>` a class or `none`:

==================================  ==========================================================
`as:<c>`                            scanned samples predicted to be of a class
`judged`, `audits`                  drawn queries with a label in force, and the audits of them
`w`, `w2`                           Σ 1/π and Σ 1/π² over these
`q:<c>`, `is:<c>`                   these by predicted class, and by label
`e`, `ey`, `ev`                     errors: Σ 1, Σ (1−π)/π, Σ (1−π)/π²
`fp:<c>`, `fpy:<c>`, `fpv:<c>`      the same by predicted class
`fn:<c>`, `fny:<c>`, `fnv:<c>`      the same by label
`o:<bin>`                           errors by bin of π, see `anytime`
`u:<c>`, `uy:<c>`, `uv:<c>`         drawn queries without a label (passed, retracted)
`uo:<bin>`                          these by bin of π
`spot`, `spot:e`, `spot:u`          spot-checks with a label, wrong ones, those without a label
==================================  ==========================================================

Of a kind of their own, for the whole log: `cell` (bucket: that of `confusion` for label and
predicted class) with `n`, `y`, `v`, `w`, `w2`; and `confidence` (bucket: ten bins of the predicted
class's probability) with `n`, `p` (Σ probability) for all scanned, `q`, `w`, `w2` for the judged,
`e`, `ey`, `ev` for errors, `u`, `uy`, `uv` for those without a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Series, rolling
from dashboard.analytics.estimates.answers import SPOT_CHECK
from dashboard.analytics.estimates.anytime import ODDS_BINS, odds_bin
from dashboard.analytics.estimates.evidence import (
    CONFIDENCE_BINS,
    LEAST,
    Bins,
    Cells,
    Evidence,
    Weighted,
)
from dashboard.analytics.estimates.prevalence import Margins
from dashboard.core.strategies import AUDIT
from dashboard.core.tally import Counts, Row, bin_of, confusion_cell, is_open

UNIT = 1_000_000
NONE = "none"


def counts_of(row: Row) -> Counts:
    """What a row adds to the buckets along the stream.

    Examples
    --------
    >>> row = Row(0, 1, 0.4, 0.05, "audit", None, "label", 0)
    >>> counts = counts_of(row)
    >>> counts["e"], counts["ey"] / UNIT, counts["ev"] / UNIT, counts["fn:0"], counts["o:62"]
    (1, 19.0, 380.0, 1, 1)
    >>> counts_of(Row(1, 1, 0.1, 0.05, "", None, None, None))
    Counter({'as:1': 1})

    """
    counts: Counts = Counter()
    if is_open(row):
        return counts
    predicted = NONE if row.predicted is None else str(row.predicted)
    counts[f"as:{predicted}"] = 1
    wrong = row.label is not None and row.label != row.predicted
    if row.reason == SPOT_CHECK:
        counts["spot:u" if row.label is None else "spot"] = 1
        counts["spot:e"] = int(wrong)
    elif row.reason and row.label is None:
        counts.update(_three("u", row.query_probability, f":{predicted}"))
        counts[f"uo:{odds_bin(row.query_probability)}"] = 1
    elif row.reason:
        counts.update(judged=1, audits=int(row.reason == AUDIT), **_weights(row.query_probability))
        counts.update({f"q:{predicted}": 1, f"is:{row.label}": 1})
        if wrong:
            counts.update(_three("e", row.query_probability))
            counts.update(_three("fp", row.query_probability, f":{predicted}"))
            counts.update(_three("fn", row.query_probability, f":{row.label}"))
            counts[f"o:{odds_bin(row.query_probability)}"] = 1
    return +counts


def cell_counts(row: Row) -> Counts:
    """What a row adds to its pair of label and predicted class, if it is a judged query."""
    if not row.reason or row.reason == SPOT_CHECK or row.label is None:
        return Counter()
    _, y, v = _three("", row.query_probability).values()
    return +Counter({"n": 1, "y": y, "v": v, **_weights(row.query_probability)})


def confidence_counts(row: Row, probability: float) -> tuple[int, Counts]:
    """The bin of a closed row with a predicted class, and what it adds there.

    Parameters
    ----------
    row
        Scanned, answered if it was asked about, and predicted to be of a class.
    probability
        Of that class.

    """
    counts = Counter({"n": 1, "p": round(probability * UNIT)})
    if row.reason and row.reason != SPOT_CHECK:
        if row.label is None:
            counts.update(_three("u", row.query_probability))
        else:
            counts.update({"q": 1, **_weights(row.query_probability)})
            if row.label != row.predicted:
                counts.update(_three("e", row.query_probability))
    return bin_of(probability, CONFIDENCE_BINS), +counts


def _three(name: str, query_probability: float, suffix: str = "") -> dict[str, int]:
    pi = max(query_probability, LEAST)
    odds = (1 - pi) / pi
    return {
        f"{name}{suffix}": 1,
        f"{name}y{suffix}": round(odds * UNIT),
        f"{name}v{suffix}": round(odds / pi * UNIT),
    }


def _weights(query_probability: float) -> dict[str, int]:
    pi = max(query_probability, LEAST)
    return {"w": round(UNIT / pi), "w2": round(UNIT / pi**2)}


def evidence_along(
    buckets: Buckets, *, n_classes: int, floor: float, width: int | None = None
) -> Evidence:
    """The evidence at the end of every bucket.

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

    Examples
    --------
    >>> rows = [Row(i, 1, 0.4, 0.05, "audit", None, "label", int(i > 0)) for i in range(40)]
    >>> counts = counts_of(rows[0]) + sum((counts_of(row) for row in rows[1:25]), Counter())
    >>> buckets = Buckets(25, np.array([0]), (counts + Counter(n=25),))
    >>> found = evidence_along(buckets, n_classes=2, floor=0.05)
    >>> found.scanned, found.wrong.unseen, found.effective
    (array([25.]), array([19.]), array([25.]))

    """
    classes = _names(n_classes)
    names = ["n", "judged", "audits", "w", "w2", "e", "ey", "ev"]
    wanted = [*names, *(f"{kind}:{c}" for kind in ("u", "uy", "uv") for c in classes)]
    sums = _sums(buckets, wanted, width)
    n, judged, audits, w, w2, e, ey, ev = np.moveaxis(sums[:, : len(names)], 1, 0)
    unanswered = sums[:, len(names) :].reshape(len(sums), 3, len(classes)).sum(-1)
    return Evidence(
        n, judged, audits, unanswered[:, 0], w / UNIT, w2 / UNIT,
        Weighted(e, ey / UNIT, ev / UNIT),
        Weighted(unanswered[:, 0], unanswered[:, 1] / UNIT, unanswered[:, 2] / UNIT), floor,
    )  # fmt: skip


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
