"""Counts that charts are drawn from: one small sum per logged sample, kept in buckets.

All counts are whole numbers, so that adding and taking away again leaves no trace. An open query
counts nowhere until it is answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dashboard.core import weights
from dashboard.core.strategies import SPOT_CHECK
from dashboard.core.weights import CONFIDENCE_BINS, UNIT, class_name

BUCKET_SIZES = (25, 500, 10_000, 100_000)
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
    probability: float | None = None  # of the class predicted


def is_open(row: Row) -> bool:
    """Whether a row is a query that nobody has answered."""
    return bool(row.reason) and row.answer is None


def counts_of(row: Row) -> Counts:
    """What one closed row adds to its bucket.

    Keys: `n`, `asked`, `why:<reason>`, `labels`, `passes`, `retracted`; `pi`, the query
    probability in billionths; `h:q:<bin>` and `h:s:<bin>`, entropy of queried and skipped; and,
    where the true class is known or was told, `known`, `correct`, `sup:<class>` (how often it
    was), `pred:<class>` (how often predicted), `tp:<class>` (how often both). And those of
    `core.weights`, for which only answers count, whatever the truth.

    Examples
    --------
    >>> sorted(counts_of(Row(0, 1, 0.97, 0.5, "entropy", None, "label", 1)).items())[:4]
    [('as:1', 1), ('asked', 1), ('correct', 1), ('h:q:24', 1)]

    """
    counts: Counts = Counter()
    _count(counts, row, 1)
    return counts


_OUTCOMES = {"label": "labels", "pass": "passes", "retracted": "retracted"}
_SKIPPED = tuple(f"h:s:{i}" for i in range(ENTROPY_BINS))
_QUERIED = tuple(f"h:q:{i}" for i in range(ENTROPY_BINS))


class _Names(dict[int | None, str]):
    """Names of counts by class: made once, not once for every sample."""

    def __missing__(self, index: int | None) -> str:
        made = self[index] = f"as:{class_name(index)}"
        return made


_PREDICTED = _Names()


def _count(counts: Counts, row: Row, sign: int) -> None:
    """Add a closed row to a bucket."""
    counts["n"] += sign
    counts["pi"] += sign * round(row.query_probability * 1e9)
    counts[_PREDICTED[row.predicted]] += sign
    if row.reason:
        counts[_QUERIED[bin_of(row.entropy, ENTROPY_BINS)]] += sign
        counts["asked"] += sign
        counts[f"why:{row.reason}"] += sign
        counts[_OUTCOMES[row.answer or ""]] += sign
        pi, predicted, label = row.query_probability, row.predicted, row.label
        _add(counts, weights.asked_counts(row.reason, pi, predicted=predicted, label=label), sign)
    else:
        counts[_SKIPPED[bin_of(row.entropy, ENTROPY_BINS)]] += sign
    target = known_class(row)
    if target is not None:
        _count_judged(counts, row.predicted, target, sign)


def _count_judged(counts: Counts, predicted: int | None, target: int, n: int) -> None:
    """Add so many rows whose true class is known or was told."""
    counts["known"] += n
    counts[f"sup:{target}"] += n
    if predicted == target:
        counts["correct"] += n
        counts[f"tp:{target}"] += n
    if predicted is not None:
        counts[f"pred:{predicted}"] += n


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
    index = int(value * bins)
    # Called some times for every sample: two comparisons are quicker than two calls.
    if 0 <= index < bins:
        return index
    return 0 if index < 0 else bins - 1


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
    add_rows(deltas, (row,), sign=sign)


def add_rows(deltas: Deltas, rows: Iterable[Row], *, sign: int = 1) -> None:
    """Add rows to all their buckets, or take them away with `sign=-1`.

    Nearly all rows of a scan were skipped. What they have in common is counted first, and spelled
    out once for all that share it.
    """
    size = BUCKET_SIZES[0]
    smallest: defaultdict[int, Counts] = defaultdict(Counter)
    kinds: dict[_Kind, int] = {}
    billionths: dict[int, int] = {}
    fine: dict[int, int] = {}
    sure: dict[int, list[int]] = {}
    for row in rows:
        position, predicted, entropy, pi, reason, truth, answer, label, probability = row
        if reason and answer is None:  # open
            continue
        if reason:
            _count_asked(deltas, smallest[position // size], row, sign)
        else:
            bucket = position // size
            target = label if truth is None else truth
            kind = bucket, predicted, target, bin_of(entropy, ENTROPY_BINS)
            kinds[kind] = kinds.get(kind, 0) + 1
            billionths[bucket] = billionths.get(bucket, 0) + round(pi * 1e9)
            place = bin_of(entropy, FINE_BINS)
            fine[place] = fine.get(place, 0) + 1
        if probability is not None:
            confident = sure.setdefault(bin_of(probability, CONFIDENCE_BINS), [0, 0])
            confident[0] += 1
            confident[1] += round(probability * UNIT)
    for kind, n in kinds.items():
        _count_skipped(deltas, smallest[kind[0]], kind, sign * n)
    for bucket, total in billionths.items():
        smallest[bucket]["pi"] += sign * total
    for place, n in fine.items():
        deltas["entropy", place]["s"] += sign * n
    for place, (n, total) in sure.items():
        _add(deltas["confidence", place], {"n": n, "p": total}, sign)
    _add_smallest(deltas, smallest)


_Kind = tuple[int, int | None, int | None, int]
"""Of skipped rows that count alike: smallest bucket, predicted and true class, entropy bin."""


def _count_skipped(deltas: Deltas, counts: Counts, kind: _Kind, n: int) -> None:
    """Add so many skipped rows of a kind to their bucket; negative: take them away."""
    _, predicted, target, entropy_bin = kind
    counts["n"] += n
    counts[_PREDICTED[predicted]] += n
    counts[_SKIPPED[entropy_bin]] += n
    if target is not None:
        _count_judged(counts, predicted, target, n)
        deltas["confusion", confusion_bucket(target, predicted)]["n"] += n


def _count_asked(deltas: Deltas, counts: Counts, row: Row, sign: int) -> None:
    """Add an answered query to its bucket and to what is kept for the log as a whole."""
    _count(counts, row, sign)
    deltas["entropy", bin_of(row.entropy, FINE_BINS)]["q"] += sign
    target = known_class(row)
    if target is not None:
        deltas["confusion", confusion_bucket(target, row.predicted)]["n"] += sign
    if row.reason != SPOT_CHECK:
        _add_drawn(deltas, row, sign)


def _add_smallest(deltas: Deltas, smallest: Mapping[int, Counts]) -> None:
    """Larger buckets are sums of smaller ones: each row was counted once."""
    size = BUCKET_SIZES[0]
    for bucket, counts in smallest.items():
        _add(deltas["all", 0], counts)
        for larger in BUCKET_SIZES:
            _add(deltas[str(larger), bucket * size // larger], counts)


def _add_drawn(deltas: Deltas, row: Row, sign: int) -> None:
    """Count an answer to a query of the sampler's own, by pair of classes and by confidence."""
    pi, predicted, label = row.query_probability, row.predicted, row.label
    if label is not None:
        cell = deltas["cell", confusion_bucket(label, predicted)]
        _add(cell, weights.cell_counts(pi), sign)
    if row.probability is not None:
        confident = deltas["confidence", bin_of(row.probability, CONFIDENCE_BINS)]
        _add(confident, weights.confidence_counts(pi, predicted=predicted, label=label), sign)


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
    add_rows(deltas, rows)
    return deltas


def new_deltas() -> Deltas:
    """An empty set of buckets."""
    return defaultdict(Counter)


def _add(into: Counts, counts: Mapping[str, int], sign: int = 1) -> None:
    for name, n in counts.items():
        into[name] += sign * n
