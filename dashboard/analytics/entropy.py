"""How unsure the model was, of what it asked about and of what it skipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Ints, Series, grouped, ratio
from dashboard.core.tally import ENTROPY_BINS, FINE_BINS

MOST_COLUMNS = 120


@dataclass(frozen=True)
class Histogram:
    """Normalized entropy of queried and of skipped samples.

    Parameters
    ----------
    first, stop
        The samples counted: positions from `first` to before `stop`.
    edges
        Of the bins, one more than there are bins.
    queried, skipped
        Samples per bin.

    """

    first: int
    stop: int
    edges: Floats
    queried: Ints
    skipped: Ints


_EDGES = np.arange(ENTROPY_BINS + 1) / ENTROPY_BINS


def histogram(buckets: Buckets, *, first: int = 0, stop: int | None = None) -> Histogram:
    """Histogram of a stretch of the log, widened to whole buckets.

    Parameters
    ----------
    buckets
        Counts along the stream.
    first, stop
        Positions from `first` to before `stop`; to the end where that is None.

    Examples
    --------
    >>> from collections import Counter
    >>> counts = (Counter({"h:q:24": 3, "n": 25, "h:s:0": 22}), Counter({"h:s:0": 9, "n": 9}))
    >>> made = histogram(Buckets(25, np.array([0, 1]), counts), first=30)
    >>> made.first, made.stop, made.queried[[0, 24]], made.skipped[[0, 24]]
    (25, 34, array([0, 0]), array([9, 0]))

    """
    end = _end(buckets)
    stop = end if stop is None else min(stop, end)
    kept = buckets.within(first, stop)
    if not len(kept):
        none = np.zeros(ENTROPY_BINS, dtype=np.int64)
        return Histogram(min(first, stop), min(first, stop), _EDGES, none, none)
    sums = kept.columns(_bins("q") + _bins("s")).sum(axis=0)
    return Histogram(
        first=int(kept.index[0]) * kept.size,
        stop=min(end, (int(kept.index[-1]) + 1) * kept.size),
        edges=_EDGES,
        queried=sums[:ENTROPY_BINS],
        skipped=sums[ENTROPY_BINS:],
    )


def last(buckets: Buckets, samples: int) -> int:
    """Position from which on the last so many samples lie."""
    return max(0, _end(buckets) - samples)


def _end(buckets: Buckets) -> int:
    """Position after the last sample counted."""
    if not len(buckets):
        return 0
    return int(buckets.index[-1]) * buckets.size + buckets.counts[-1]["n"]


def _bins(letter: str) -> list[str]:
    return [f"h:{letter}:{i}" for i in range(ENTROPY_BINS)]


@dataclass(frozen=True)
class Drift:
    """How the distribution of entropy moves along the stream.

    Parameters
    ----------
    size
        Samples per column.
    first
        Position at which each column begins.
    counts
        Samples: a row per bin of entropy, a column per stretch of the stream.
    share
        The same as share of its column; NaN where a column is empty.

    """

    size: int
    first: Ints
    counts: Ints
    share: Floats


def drift(buckets: Buckets) -> Drift:
    """Distribution of entropy along the stream, in no more than 120 columns.

    Examples
    --------
    >>> from collections import Counter
    >>> made = drift(Buckets(25, np.array([0]), (Counter({"h:q:24": 1, "h:s:24": 3}),)))
    >>> made.counts[24], made.share[24]
    (array([4]), array([1.]))

    """
    found = buckets.columns(_bins("q") + _bins("s"))
    both = found[:, :ENTROPY_BINS] + found[:, ENTROPY_BINS:]
    size, first, counts = grouped(buckets, both, most=MOST_COLUMNS)
    share = ratio(counts, counts.sum(axis=1, keepdims=True))
    return Drift(size, first, counts.T, share.T)


def query_probability(entropy: Floats, *, discount: float, floor: float) -> Floats:
    """With which probability an entropy is asked about.

    Parameters
    ----------
    entropy
        Normalized entropies.
    discount
        The discount factor: the higher, the fewer are asked about.
    floor
        Least query probability of any sample.

    Examples
    --------
    >>> query_probability(np.array([0.0, 0.5, 1.0]), discount=2, floor=0.1)
    array([0.1 , 0.25, 1.  ])

    """
    asked = np.where(entropy > 0, np.power(entropy, discount), 0.0)
    return np.maximum(asked, floor)


def expected_queries(fine: Series, *, discount: float, floor: float, cold: int = 0) -> float:
    """How many of the logged samples another discount factor would be expected to ask about.

    The entropies are those of the model as it was. With other labels it would have learned
    something else, and been sure of other samples.

    Parameters
    ----------
    fine
        Rollups of the kind `entropy`: a thousand bins.
    discount
        The other discount factor.
    floor
        Least query probability of any sample.
    cold
        Samples asked about because fewer than two classes were known, whatever the discount
        factor: their entropy is 0.

    Examples
    --------
    >>> from collections import Counter
    >>> fine = [(0, Counter(s=90)), (999, Counter(q=10))]
    >>> round(expected_queries(fine, discount=30, floor=0.02), 2)
    11.65

    """
    bins = np.array([bucket for bucket, _ in fine], dtype=np.int64)
    samples = np.array([counts["q"] + counts["s"] for _, counts in fine], dtype=np.float64)
    samples[bins == 0] -= cold
    # The mean over each bin, not its middle: near 1 a large power is steep within a bin.
    power = discount + 1
    edges = np.power([bins / FINE_BINS, (bins + 1) / FINE_BINS], power)
    asked = np.maximum((edges[1] - edges[0]) * FINE_BINS / power, floor)
    return cold + float(samples @ asked)
