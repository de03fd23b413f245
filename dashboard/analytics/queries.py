"""What was asked, why, and what the answers took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import (
    Buckets,
    Floats,
    Ints,
    Series,
    grouped,
    make_buckets,
    ratio,
    rolling_ratio,
)
from dashboard.core.strategies import AUDIT, COLD_START

MOST_BARS = 40
HOURS_A_DAY = 24
SOURCES = ("person", "oracle", "warm-start", "import")


@dataclass(frozen=True)
class QueryCurve:
    """Queries along the stream, one point per bucket.

    Parameters
    ----------
    size
        Samples per point.
    window
        Samples that the rolling shares look back on.
    samples, queried, skipped
        How many there had been.
    overall, rolling
        Share of samples queried, in all and over the window.
    expected
        Mean query probability over the window: what the share would be without the luck of
        the draw.

    """

    size: int
    window: int
    samples: Ints
    queried: Ints
    skipped: Ints
    overall: Floats
    rolling: Floats
    expected: Floats


def query_curve(buckets: Buckets, *, window: int) -> QueryCurve:
    """Queries along the stream.

    Parameters
    ----------
    buckets
        Counts along the stream.
    window
        Samples to look back on; rounded to whole buckets.

    Examples
    --------
    >>> from collections import Counter
    >>> counts = (Counter(n=25, asked=5, pi=5_000_000_000), Counter(n=25, asked=1))
    >>> curve = query_curve(Buckets(25, np.array([0, 1]), counts), window=25)
    >>> curve.rolling, curve.overall, curve.expected
    (array([0.2 , 0.04]), array([0.2 , 0.12]), array([0.2, 0. ]))

    """
    width = buckets.width(window)
    n, asked, pi = (buckets.column(name) for name in ("n", "asked", "pi"))
    # Query probabilities are counted in billionths.
    expected = rolling_ratio(buckets.index, pi, n, width=width) / 1e9
    samples, queried = np.cumsum(n), np.cumsum(asked)
    return QueryCurve(
        size=buckets.size,
        window=width * buckets.size,
        samples=samples,
        queried=queried,
        skipped=samples - queried,
        overall=ratio(queried, samples),
        rolling=rolling_ratio(buckets.index, asked, n, width=width),
        expected=expected,
    )


@dataclass(frozen=True)
class Reasons:
    """Why samples were queried, along the stream.

    Parameters
    ----------
    size
        Samples per bar.
    first
        Position at which each bar begins.
    names
        The reasons, those of the strategy first.
    counts
        Queries: a row per bar, a column per reason.

    """

    size: int
    first: Ints
    names: tuple[str, ...]
    counts: Ints


def reasons(buckets: Buckets) -> Reasons:
    """Queries by reason, in no more than forty bars.

    Examples
    --------
    >>> from collections import Counter
    >>> made = reasons(Buckets(25, np.array([0]), (Counter({"why:audit": 2, "why:entropy": 3}),)))
    >>> made.names, made.counts
    (('entropy', 'audit'), array([[3, 2]]))

    """
    found = {key[4:] for counts in buckets.counts for key in counts if key.startswith("why:")}
    last = (AUDIT, COLD_START)
    names = (*sorted(found.difference(last)), *(name for name in last if name in found))
    counts = buckets.columns([f"why:{name}" for name in names])
    size, first, sums = grouped(buckets, counts, most=MOST_BARS)
    return Reasons(size, first, names, sums)


@dataclass(frozen=True)
class Saved:
    """What did not have to be labeled.

    Parameters
    ----------
    samples, queried, labels, passes
        How many there were.
    skipped
        Samples that nobody was asked about.
    share
        Their share of all, or None before the first sample.

    """

    samples: int
    queried: int
    labels: int
    passes: int
    skipped: int
    share: float | None


def saved(totals: dict[str, int]) -> Saved:
    """Labels saved against labeling everything.

    Examples
    --------
    >>> saved({"n": 100, "asked": 12, "labels": 11, "passes": 1}).share
    0.88

    """
    n, asked = totals.get("n", 0), totals.get("asked", 0)
    return Saved(
        n, asked, totals.get("labels", 0), totals.get("passes", 0), n - asked,
        (n - asked) / n if n else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Pace:
    """Answers over the hours or days they were given in; times without answers are left out.

    Parameters
    ----------
    hours
        Length of a bar.
    begin
        When each bar begins, in hours since 1970 UTC.
    sources
        On whose knowledge the answers rest.
    counts
        Answers: a row per bar, a column per source.
    labels, passes
        What the answers were.
    timed
        Answers of which it is known how long they took.
    seconds
        How long those took, on average; NaN where there are none.

    """

    hours: int
    begin: Ints
    sources: tuple[str, ...]
    counts: Ints
    labels: Ints
    passes: Ints
    timed: Ints
    seconds: Floats


def pace(by_hour: Series, *, days: bool) -> Pace:
    """Answers over time.

    Parameters
    ----------
    by_hour
        Rollups of the kind `hour`.
    days
        Whether to add up the hours of each UTC day.

    Examples
    --------
    >>> from collections import Counter
    >>> hour = Counter({"labels": 3, "from:person": 3, "timed": 2, "ms": 5000})
    >>> made = pace([(48, hour), (49, hour)], days=True)
    >>> made.begin, made.labels, made.seconds, made.sources
    (array([48]), array([6]), array([2.5]), ('person',))

    """
    hours = HOURS_A_DAY if days else 1
    every = make_buckets("1", by_hour)
    begin, place = np.unique(every.index // hours * hours, return_inverse=True)
    names = ["labels", "passes", "timed", "ms", *(f"from:{source}" for source in SOURCES)]
    sums = np.zeros((len(begin), len(names)), dtype=np.int64)
    np.add.at(sums, place, every.columns(names))
    used = [i for i in range(len(SOURCES)) if sums[:, 4 + i].any()]
    return Pace(
        hours, begin, tuple(SOURCES[i] for i in used), sums[:, [4 + i for i in used]],
        sums[:, 0], sums[:, 1], sums[:, 2], ratio(sums[:, 3] / 1000, sums[:, 2]),
    )  # fmt: skip
