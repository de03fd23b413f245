"""Drift along the stream: of the model's uncertainty, and of its errors.

Both are fed to ADWIN as one number per stretch, from rollups, so that it takes as long for a
million samples as for a thousand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Ints, ratio
from dashboard.core.drift import Change, adaptive_window
from dashboard.core.tally import ENTROPY_BINS
from dashboard.core.weights import LEAST, UNIT


@dataclass(frozen=True)
class Signal:
    """What ADWIN was fed with, and what it made of it.

    Parameters
    ----------
    size
        Samples per value.
    stop
        Position after the last sample of each value.
    values
        In [0, 1].
    mean
        Of ADWIN's window after each of them.
    changes
        Those noticed; they are at an index of the values.

    """

    size: int
    stop: Ints
    values: Floats
    mean: Floats
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Drifts:
    """Drift of the uncertainty, and that of the error; None where it is not measurable."""

    uncertainty: Signal
    error: Signal | None


def drifts(buckets: Buckets, *, floor: float, since: int = 0) -> Drifts:
    """Where uncertainty and errors change.

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
    5,000 samples at a floor of 5 %. From the 2,500th on the model is unsure, and half wrong:

    >>> from dashboard.analytics.buckets import make_buckets
    >>> from dashboard.core.tally import Row, tally
    >>> def row(i):
    ...     asked, late = i % 20 == i // 20 % 20, i >= 2_500
    ...     label = int(late and i // 40 % 2)
    ...     return Row(i, 0, 0.9 if late else 0.1, 0.05, "audit" if asked else "", None,
    ...                "label" if asked else None, label if asked else None)
    >>> counts = tally(row(i) for i in range(5_000))
    >>> series = sorted((b, c) for (k, b), c in counts.items() if k == "25")
    >>> found = drifts(make_buckets("25", series), floor=0.05)
    >>> [(found.uncertainty.stop[c.at].item(), c.rises) for c in found.uncertainty.changes]
    [(2975, True)]
    >>> [(found.error.stop[c.at].item(), c.rises) for c in found.error.changes]
    [(3825, True)]

    """
    return Drifts(_uncertainty(buckets), _error(buckets, floor, since))


_MIDDLES = (np.arange(ENTROPY_BINS) + 0.5) / ENTROPY_BINS


def _uncertainty(buckets: Buckets) -> Signal:
    """Mean normalized entropy of each bucket, as close as a histogram of 25 bins tells it."""
    names = [f"h:{letter}:{i}" for letter in "qs" for i in range(ENTROPY_BINS)]
    found = buckets.columns(names).reshape(len(buckets), 2, ENTROPY_BINS).sum(axis=1)
    return _signal(buckets.size, buckets.index, buckets.column("n"), found @ _MIDDLES)


def _error(buckets: Buckets, floor: float, since: int) -> Signal | None:
    """Estimated share of errors in each stretch: Σ q e / π over its samples.

    Stretches are so long that one answer counts for no more than the whole of one, and what is
    more counts as 1: ADWIN takes values in [0, 1].
    """
    if floor < LEAST:
        return None
    kept = buckets.index >= -(-since // buckets.size)
    n, e, ey = buckets.columns(["n", "e", "ey"])[kept].T
    each = max(1, math.ceil(1 / floor / buckets.size - 1e-9))
    index, place = np.unique(buckets.index[kept] // each, return_inverse=True)
    samples, wrong = np.zeros(len(index), dtype=np.int64), np.zeros(len(index))
    np.add.at(samples, place, n)
    np.add.at(wrong, place, e + ey / UNIT)
    return _signal(buckets.size * each, index, samples, wrong)


def _signal(size: int, index: Ints, samples: Ints, sums: Floats) -> Signal:
    # The last stretch moves until it is full: it would be taken for a change that is none.
    full = slice(None, -1) if len(samples) and samples[-1] < size else slice(None)
    values = np.clip(ratio(sums[full], samples[full]), 0.0, 1.0)
    there = np.isfinite(values)
    values = values[there]
    found = adaptive_window(values.tolist())
    stop = (index[full][there] + 1) * size
    return Signal(size, stop, values, np.array(found.mean), tuple(found.changes))
