"""Rollup buckets as columns of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.core.tally import BUCKET_SIZES, Counts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Series = Sequence[tuple[int, Counts]]

MOST_POINTS = 500


def kind_for(samples: int) -> str:
    """The finest kind of rollup that keeps a curve within five hundred points.

    Parameters
    ----------
    samples
        How far the log has come.

    Examples
    --------
    >>> kind_for(0), kind_for(12_500), kind_for(12_501), kind_for(10**7)
    ('25', '25', '500', '100000')

    """
    fine = (size for size in BUCKET_SIZES if samples <= size * MOST_POINTS)
    return str(next(fine, BUCKET_SIZES[-1]))


@dataclass(frozen=True)
class Buckets:
    """Counts along a stream.

    Parameters
    ----------
    size
        Samples per bucket. The last one holds fewer until it is full.
    index
        Number of each bucket: position // size.
    counts
        What was counted in each.

    """

    size: int
    index: Ints
    counts: tuple[Counts, ...]

    def __len__(self) -> int:
        return len(self.counts)

    def column(self, name: str) -> Ints:
        """One count in every bucket."""
        return np.array([counts[name] for counts in self.counts], dtype=np.int64)

    def columns(self, names: Sequence[str]) -> Ints:
        """Some counts in every bucket: a row per bucket, a column per name."""
        rows = [[counts.get(name, 0) for name in names] for counts in self.counts]
        return np.array(rows, dtype=np.int64).reshape(len(self.counts), len(names))

    def within(self, first: int, stop: int) -> Buckets:
        """The buckets that hold a sample from `first` to before `stop`."""
        low = int(np.searchsorted(self.index, first // self.size))
        high = int(np.searchsorted(self.index, -(-stop // self.size)))
        return Buckets(self.size, self.index[low:high], self.counts[low:high])

    def width(self, samples: int) -> int:
        """How many buckets a window of so many samples comes to; at least one."""
        return max(1, round(samples / self.size))


def make_buckets(kind: str, series: Series) -> Buckets:
    """Buckets of one size from the rollups of that kind.

    Examples
    --------
    >>> from collections import Counter
    >>> buckets = make_buckets("25", [(0, Counter(n=25, asked=9)), (1, Counter(n=4))])
    >>> buckets.column("n"), buckets.column("asked")
    (array([25,  4]), array([9, 0]))

    """
    index = np.array([bucket for bucket, _ in series], dtype=np.int64)
    return Buckets(int(kind), index, tuple(counts for _, counts in series))


def rolling(index: Ints, values: Ints, *, width: int) -> Ints:
    """Sum of each bucket and those before it, `width` in all.

    Parameters
    ----------
    index
        Number of each bucket; one that is missing counts as empty.
    values
        What to sum.
    width
        How many buckets.

    Examples
    --------
    >>> rolling(np.array([0, 1, 2, 4]), np.array([1, 2, 4, 8]), width=2)
    array([1, 3, 6, 8])

    """
    total = np.concatenate([[0], np.cumsum(values)])
    begin = np.searchsorted(index, index - width + 1)
    return np.asarray(total[1:] - total[begin], dtype=np.int64)


def rolling_ratio(index: Ints, part: Ints, whole: Ints, *, width: int) -> Floats:
    """Share of each bucket and those before it, `width` in all.

    Examples
    --------
    >>> rolling_ratio(np.array([0, 1]), np.array([1, 2]), np.array([4, 4]), width=2)
    array([0.25 , 0.375])

    """
    return ratio(rolling(index, part, width=width), rolling(index, whole, width=width))


def grouped(buckets: Buckets, values: Ints, *, most: int) -> tuple[int, Ints, Ints]:
    """Sums over neighboring buckets, so that no more than `most` are left.

    Returns
    -------
    tuple
        Samples per group, the position at which each group begins, and the sums.

    Examples
    --------
    >>> buckets = Buckets(25, np.arange(5), ())
    >>> grouped(buckets, np.array([1, 2, 3, 4, 5]), most=3)
    (50, array([  0,  50, 100]), array([3, 7, 5]))

    """
    span = int(buckets.index[-1]) + 1 if len(buckets.index) else 0
    each = max(1, -(-span // most))
    groups = -(-span // each)
    sums = np.zeros((groups, *values.shape[1:]), dtype=np.int64)
    np.add.at(sums, buckets.index // each, values)
    return each * buckets.size, np.arange(groups, dtype=np.int64) * each * buckets.size, sums


def ratio(part: Ints | Floats, whole: Ints | Floats) -> Floats:
    """Shares; NaN where there is nothing to have a share of.

    Examples
    --------
    >>> ratio(np.array([1, 0]), np.array([4, 0]))
    array([0.25,  nan])

    """
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    shares: Floats = np.full(part.shape, np.nan)
    return np.divide(part, whole, out=shares, where=whole != 0)
