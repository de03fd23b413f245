"""Prevalence along the stream: in each stretch of it, an estimate of its own."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Ints, ratio
from dashboard.analytics.estimates.counters import margins_along
from dashboard.analytics.estimates.prevalence import prevalence
from dashboard.analytics.estimates.result import FEWEST, Estimate
from dashboard.core.weights import LEAST

MORE = 1.1  # longer than has to be: a few answers may be passes
LONG = 4
MOST_STRETCHES = 40  # that can be told apart on a screen


@dataclass(frozen=True)
class Stretches:
    """How frequent each class is, stretch by stretch; the last axis of arrays holds classes.

    Parameters
    ----------
    size
        Samples per stretch. The last one holds fewer until it is full.
    first, stop
        Positions of each stretch: from the first to before the second.
    prevalence
        The estimate for each.
    predicted
        Share predicted to be of each class: known, and off by whatever is predicted wrongly.
    truth
        The true share, where the true class of every sample is known; else None.

    """

    size: int
    first: Ints
    stop: Ints
    prevalence: Estimate
    predicted: Floats
    truth: Floats | None


def stretches(
    buckets: Buckets,
    *,
    n_classes: int,
    floor: float,
    since: int = 0,
    long: bool = False,
    truth: bool = False,
) -> Stretches:
    """How frequent each class is along the stream.

    A stretch is as short as an estimate allows, long enough for the audits that it takes, unless
    there were too many of them to be told apart.

    Parameters
    ----------
    buckets
        Counts along the stream.
    n_classes
        How many classes there are.
    floor
        Least query probability of any sample from `since` on.
    since
        Position before which there was no floor; what lies there is left out.
    long
        Whether stretches are four times as long, and intervals about half as wide.
    truth
        Whether the true class of every sample is known.

    Examples
    --------
    2,000 samples at a floor of 5 %; class 1 begins to occur in the middle:

    >>> from dashboard.analytics.buckets import make_buckets
    >>> from dashboard.core.tally import Row, tally
    >>> def row(i):
    ...     label = int(i >= 880 and i % 2)
    ...     asked = i % 20 == i // 20 % 20
    ...     return Row(i, label, 0.1, 0.05, "audit" if asked else "", None,
    ...                "label" if asked else None, label if asked else None)
    >>> counts = tally(row(i) for i in range(2_000))
    >>> series = sorted((b, c) for (k, b), c in counts.items() if k == "25")
    >>> found = stretches(make_buckets("25", series), n_classes=2, floor=0.05)
    >>> found.first.tolist(), found.prevalence.value[:, 1].tolist()
    ([0, 450, 900, 1350, 1800], [0.0, 0.022222222222222223, 0.5, 0.5, nan])

    """
    start = -(-since // buckets.size)
    joined = _joined(buckets, _length(buckets, floor, long=long), start)
    n = joined.column("n")
    first = joined.index * joined.size + start * buckets.size
    last = np.arange(len(n)) == len(n) - 1
    return Stretches(
        joined.size,
        first,
        first + np.where(last, n, joined.size),
        prevalence(margins_along(joined, n_classes=n_classes, floor=floor, width=1)),
        _shares(joined, "as", n_classes),
        _shares(joined, "sup", n_classes) if truth else None,
    )


def _shares(buckets: Buckets, name: str, n_classes: int) -> Floats:
    counts = buckets.columns([f"{name}:{c}" for c in range(n_classes)])
    return ratio(counts, buckets.column("n")[:, None])


def _length(buckets: Buckets, floor: float, *, long: bool) -> int:
    """Buckets per stretch."""
    each = max(1, math.ceil(len(buckets) / MOST_STRETCHES))
    if floor >= LEAST:
        each = max(each, math.ceil(MORE * FEWEST / floor / buckets.size - 1e-9))
    return each * LONG if long else each


def _joined(buckets: Buckets, each: int, start: int) -> Buckets:
    """So many neighboring buckets as one, counted from bucket `start` on."""
    joined: dict[int, Counter[str]] = {}
    for bucket, counts in zip(buckets.index.tolist(), buckets.counts, strict=True):
        if bucket >= start:
            joined.setdefault((bucket - start) // each, Counter()).update(counts)
    index = np.array(list(joined), dtype=np.int64)
    return Buckets(buckets.size * each, index, tuple(joined.values()))
