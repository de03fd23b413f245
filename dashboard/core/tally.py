"""Counts that charts are drawn from: one small sum per logged sample, kept in buckets.

All counts are whole numbers, so that adding and taking away again leaves no trace. An open query
counts nowhere until it is answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

BUCKET_SIZES = (25, 500, 10_000)
ENTROPY_BINS = 25
FINE_BINS = 1_000
HOUR = 3_600_000

Key = tuple[str, int]
Counts = Counter[str]
Deltas = dict[Key, Counts]


class Row(NamedTuple):
    """A logged sample, as far as it is counted."""

    position: int
    predicted: int | None
    entropy: float
    query_probability: float
    reason: str
    truth: int | None
    answer: str | None
    label: int | None


def is_open(row: Row) -> bool:
    """Whether a row is a query that nobody has answered."""
    return bool(row.reason) and row.answer is None


def counts_of(row: Row) -> Counts:
    """What one closed row adds to its bucket.

    Keys: `n`, `asked`, `why:<reason>`, `labels`, `passes`, `retracted`; `pi`, the query
    probability in billionths; `h:q:<bin>` and `h:s:<bin>`, entropy of queried and skipped; and,
    where the true class is known or was told, `known`, `correct`, `sup:<class>` (how often it
    was), `pred:<class>` (how often predicted), `tp:<class>` (how often both).

    Examples
    --------
    >>> sorted(counts_of(Row(0, 1, 0.97, 0.5, "entropy", None, "label", 1)).items())[:4]
    [('asked', 1), ('correct', 1), ('h:q:24', 1), ('known', 1)]

    """
    asked = bool(row.reason)
    counts: Counts = Counter(n=1, pi=round(row.query_probability * 1e9))
    counts[f"h:{'q' if asked else 's'}:{bin_of(row.entropy, ENTROPY_BINS)}"] = 1
    if asked:
        counts["asked"] = 1
        counts[f"why:{row.reason}"] = 1
        outcome = {"label": "labels", "pass": "passes", "retracted": "retracted"}
        counts[outcome[row.answer or ""]] = 1
    target = known_class(row)
    if target is not None:
        counts["known"] = 1
        counts[f"sup:{target}"] = 1
        if row.predicted == target:
            counts["correct"] = 1
            counts[f"tp:{target}"] = 1
        if row.predicted is not None:
            counts[f"pred:{row.predicted}"] = 1
    return counts


def known_class(row: Row) -> int | None:
    """The class to judge a prediction by: the stream's truth, else the label in force."""
    return row.truth if row.truth is not None else row.label


def bin_of(value: float, bins: int) -> int:
    """Index of the bin of a value in [0, 1]; 1 itself belongs to the last.

    Examples
    --------
    >>> bin_of(0.0, 25), bin_of(0.5, 25), bin_of(1.0, 25)
    (0, 12, 24)

    """
    return min(bins - 1, max(0, int(value * bins)))


def confusion_bucket(truth: int, predicted: int | None) -> int:
    """Number of a cell of the confusion matrix; room for 4,095 classes and "none"."""
    return truth * 4096 + (4095 if predicted is None else predicted)


def confusion_cell(bucket: int) -> tuple[int, int | None]:
    """The cell of a number.

    Examples
    --------
    >>> confusion_cell(confusion_bucket(3, None)), confusion_cell(confusion_bucket(0, 7))
    ((3, None), (0, 7))

    """
    truth, predicted = divmod(bucket, 4096)
    return truth, None if predicted == 4095 else predicted


def add_row(deltas: Deltas, row: Row, *, sign: int = 1) -> None:
    """Add a row to all its buckets, or take it away with `sign=-1`. Open queries do nothing."""
    if is_open(row):
        return
    counts = counts_of(row)
    _add(deltas["all", 0], counts, sign)
    for size in BUCKET_SIZES:
        _add(deltas[str(size), row.position // size], counts, sign)
    fine = deltas["entropy", bin_of(row.entropy, FINE_BINS)]
    fine["q" if row.reason else "s"] += sign
    target = known_class(row)
    if target is not None:
        deltas["confusion", confusion_bucket(target, row.predicted)]["n"] += sign


def add_answer(
    deltas: Deltas,
    *,
    at: int,
    label: bool,
    source: str,
    milliseconds: int | None,
    sign: int = 1,
) -> None:
    """Count an answer in the hour it was given, or take it away."""
    hour = deltas["hour", at // HOUR]
    hour["labels" if label else "passes"] += sign
    hour[f"from:{source}"] += sign
    if milliseconds is not None:
        hour["timed"] += sign
        hour["ms"] += sign * milliseconds


def tally(rows: Iterable[Row]) -> Deltas:
    """All buckets of some rows.

    Examples
    --------
    >>> buckets = tally([Row(30, 0, 0.2, 0.1, "", 0, None, None)])
    >>> buckets["25", 1]["correct"], buckets["all", 0]["n"]
    (1, 1)

    """
    deltas = new_deltas()
    for row in rows:
        add_row(deltas, row)
    return deltas


def new_deltas() -> Deltas:
    """An empty set of buckets."""
    return defaultdict(Counter)


def _add(into: Counts, counts: Counts, sign: int) -> None:
    for name, n in counts.items():
        into[name] += sign * n
