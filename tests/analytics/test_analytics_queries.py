"""Queries, reasons and answers over time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dashboard.analytics.buckets import Buckets, kind_for, make_buckets
from dashboard.analytics.queries import pace, query_curve, reasons, saved

EMPTY = Buckets(25, np.array([], dtype=np.int64), ())


def bucket(n: int, asked: int, **why: int) -> Counter[str]:
    names = {f"why:{k.replace('_', '-')}": v for k, v in why.items()}
    return Counter({"n": n, "asked": asked, "pi": asked * 500_000_000, **names})


def test_a_curve_has_no_more_than_a_thousand_points() -> None:
    for samples in (1, 25_000, 25_001, 500_000, 500_001, 10_000_000):
        assert -(-samples // int(kind_for(samples))) <= 1_000


def test_shares_overall_and_over_the_window() -> None:
    counts = (bucket(25, 20), bucket(25, 10), bucket(25, 0), bucket(5, 1))
    curve = query_curve(Buckets(25, np.arange(4), counts), window=50)
    assert curve.queried.tolist() == [20, 30, 30, 31]
    assert (curve.queried + curve.skipped == curve.samples).all()
    assert curve.rolling.tolist() == [20 / 25, 30 / 50, 10 / 50, 1 / 30]
    assert curve.overall[-1] == 31 / 80
    assert curve.expected.tolist() == pytest.approx([10 / 25, 15 / 50, 5 / 50, 0.5 / 30])


def test_a_gap_in_the_buckets_is_a_gap_in_the_window() -> None:
    curve = query_curve(Buckets(25, np.array([0, 3]), (bucket(25, 20), bucket(25, 5))), window=50)
    assert curve.rolling.tolist() == [20 / 25, 5 / 25]


def test_reasons_add_up_and_keep_their_order() -> None:
    counts = tuple(
        bucket(25, 3 + i % 2, cold_start=int(i == 0), audit=1, budget_entropy=2) for i in range(101)
    )
    made = reasons(Buckets(25, np.arange(101), counts))
    assert made.names == ("budget-entropy", "audit", "cold-start")
    assert made.counts.sum(axis=0).tolist() == [202, 101, 1]
    assert len(made.first) <= 40
    assert made.size == 75
    assert made.first[:2].tolist() == [0, 75]


def test_saved_against_labeling_everything() -> None:
    made = saved(Counter({"n": 200, "asked": 50, "labels": 40, "passes": 9, "retracted": 1}))
    assert (made.queried, made.labels, made.passes, made.skipped, made.share) == (
        50, 40, 9, 150, 0.75,
    )  # fmt: skip
    assert saved(Counter()).share is None


def test_hours_and_days_hold_the_same_answers() -> None:
    by_hour = [
        (48, Counter({"labels": 3, "from:person": 3, "timed": 2, "ms": 3_000})),
        (50, Counter({"passes": 1, "labels": 1, "from:oracle": 2})),
        (75, Counter({"labels": 4, "from:person": 4, "timed": 4, "ms": 8_000})),
    ]
    hours, days = pace(by_hour, days=False), pace(by_hour, days=True)
    assert hours.begin.tolist() == [48, 50, 75]
    assert days.begin.tolist() == [48, 72]
    assert hours.sources == days.sources == ("person", "oracle")
    assert days.counts.tolist() == [[3, 2], [4, 0]]
    assert hours.counts.sum() == days.counts.sum() == days.labels.sum() + days.passes.sum() == 9
    assert hours.seconds[[0, 2]].tolist() == [1.5, 2.0]
    assert np.isnan(hours.seconds[1])


def test_the_empty_log() -> None:
    curve = query_curve(EMPTY, window=500)
    assert len(curve.samples) == len(curve.rolling) == 0
    assert reasons(EMPTY).counts.shape == (0, 0)
    assert pace([], days=True).counts.shape == (0, 0)
    assert len(make_buckets("25", [])) == 0
