"""Histograms of entropy, and what another discount factor would ask."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from dashboard.analytics.buckets import Buckets, make_buckets
from dashboard.analytics.entropy import drift, expected_queries, histogram, last
from dashboard.core.tally import Row, tally

EMPTY = Buckets(25, np.array([], dtype=np.int64), ())


@pytest.fixture
def rows() -> list[Row]:
    rng = random.Random(5)
    return [
        Row(i, 0, entropy := rng.random(), entropy**3, "entropy" if rng.random() < 0.3 else "", 0,
            "label", 0)
        for i in range(4_010)
    ]  # fmt: skip


def buckets_of(rows: list[Row], kind: str = "25") -> Buckets:
    found = sorted((b, counts) for (k, b), counts in tally(rows).items() if k == kind)
    return make_buckets(kind, found)


def test_the_histogram_adds_up(rows: list[Row]) -> None:
    made = histogram(buckets_of(rows))
    assert (made.first, made.stop) == (0, 4_010)
    assert made.queried.sum() == sum(bool(r.reason) for r in rows)
    assert made.queried.sum() + made.skipped.sum() == len(rows)
    expected, _ = np.histogram([r.entropy for r in rows], bins=made.edges)
    assert (made.queried + made.skipped).tolist() == expected.tolist()


@pytest.mark.parametrize(("first", "stop", "kept"), [
    (0, 4_010, (0, 4_010)), (30, 31, (25, 50)), (25, 50, (25, 50)), (4_000, None, (4_000, 4_010)),
    (3_990, 9_999, (3_975, 4_010)), (5_000, 6_000, (4_010, 4_010)), (7, 7, (0, 25)),
])  # fmt: skip
def test_a_stretch_is_widened_to_whole_buckets(
    rows: list[Row], first: int, stop: int | None, kept: tuple[int, int]
) -> None:
    made = histogram(buckets_of(rows), first=first, stop=stop)
    assert (made.first, made.stop) == kept
    assert made.queried.sum() + made.skipped.sum() == kept[1] - kept[0]


def test_the_last_samples(rows: list[Row]) -> None:
    buckets = buckets_of(rows)
    assert last(buckets, 500) == 3_510
    assert histogram(buckets, first=last(buckets, 500)).first == 3_500
    assert last(buckets, 10_000) == 0


def test_the_heat_map_holds_the_same_samples(rows: list[Row]) -> None:
    made = drift(buckets_of(rows))
    whole = histogram(buckets_of(rows))
    assert made.counts.sum(axis=1).tolist() == (whole.queried + whole.skipped).tolist()
    assert made.counts.shape[1] <= 120
    assert np.nansum(made.share, axis=0) == pytest.approx(1.0)


@pytest.mark.parametrize("discount", [0.5, 3.0, 100.0])
@pytest.mark.parametrize("floor", [0.0, 0.02])
def test_expected_queries_are_near_the_sum_over_the_log(
    rows: list[Row], discount: float, floor: float
) -> None:
    fine = sorted((b, counts) for (k, b), counts in tally(rows).items() if k == "entropy")
    exact = sum(max(r.entropy**discount, floor) for r in rows)
    assert expected_queries(fine, discount=discount, floor=floor) == pytest.approx(exact, rel=2e-3)


def test_cold_starts_are_asked_about_whatever_the_factor() -> None:
    fine = [(0, Counter(q=7, s=3))]
    expected = expected_queries(fine, discount=50, floor=0.0, cold=7)
    assert expected == pytest.approx(7.0)


def test_the_empty_log() -> None:
    made = histogram(EMPTY)
    assert (made.first, made.stop, made.queried.sum()) == (0, 0, 0)
    assert drift(EMPTY).counts.shape == (25, 0)
    assert expected_queries([], discount=3, floor=0.1) == 0
