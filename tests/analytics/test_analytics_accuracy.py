"""Scores along a stream, against the textbook scores of the same counts."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from dashboard.analytics.accuracy import (
    accuracy_curve,
    class_scores,
    confusion_matrix,
    counted_at,
    mistakes,
)
from dashboard.analytics.buckets import Buckets, make_buckets
from dashboard.core import scores
from dashboard.core.tally import Row, tally


def rows_of(n: int, *, classes: int, seed: int = 0, known: float = 1.0) -> list[Row]:
    rng = random.Random(seed)
    made = []
    for position in range(n):
        truth = rng.randrange(classes) if rng.random() < known else None
        predicted = truth if rng.random() < 0.7 else rng.choice([None, *range(classes)])
        asked = rng.random() < 0.2
        label = rng.randrange(classes) if asked else None
        made.append(
            Row(position, predicted, rng.random(), 0.2, "entropy" if asked else "", truth,
                "label" if asked else None, label)
        )  # fmt: skip
    return made


def series(rows: list[Row], kind: str) -> list[tuple[int, Counter[str]]]:
    return sorted((bucket, counts) for (k, bucket), counts in tally(rows).items() if k == kind)


def confusion_of(rows: list[Row]) -> Counter[tuple[int, int | None]]:
    pairs = ((r.truth if r.truth is not None else r.label, r.predicted) for r in rows)
    return Counter((t, p) for t, p in pairs if t is not None)


@pytest.mark.parametrize("classes", [2, 3, 7, 100])
@pytest.mark.parametrize("known", [1.0, 0.3])
def test_every_point_is_the_score_of_the_log_up_to_there(classes: int, known: float) -> None:
    rows = rows_of(730, classes=classes, known=known)
    curve = accuracy_curve(make_buckets("25", series(rows, "25")), n_classes=classes, window=100)
    assert curve.samples[-1] == 730
    assert curve.labels[-1] == sum(r.label is not None for r in rows)
    for point, samples in enumerate(curve.samples):
        confusion = confusion_of(rows[:samples])
        assert curve.accuracy[point] == scores.accuracy(confusion)
        assert curve.balanced[point] == pytest.approx(
            scores.balanced_accuracy(confusion), rel=1e-14
        )
        f1 = scores.f1(confusion, n_classes=classes)
        assert curve.f1[point] == pytest.approx(f1, rel=1e-14)
        support = Counter(truth for truth, _ in confusion.elements())
        assert curve.baseline[point] == max(support.values()) / confusion.total()


def test_two_classes_are_exact_to_the_last_bit() -> None:
    rows = rows_of(5_574, classes=2, seed=3)
    curve = accuracy_curve(make_buckets("25", series(rows, "25")), n_classes=2, window=500)
    confusion = confusion_of(rows)
    assert curve.f1[-1] == scores.f1(confusion, n_classes=2)
    assert curve.balanced[-1] == scores.balanced_accuracy(confusion)


def test_the_rolling_accuracy_looks_back_on_whole_buckets() -> None:
    rows = rows_of(260, classes=2, seed=1)
    curve = accuracy_curve(make_buckets("25", series(rows, "25")), n_classes=2, window=110)
    assert curve.window == 100
    last = confusion_of(rows[175:])  # buckets 7 to 10: the last one holds ten samples
    assert curve.rolling[-1] == scores.accuracy(last)
    assert curve.rolling[0] == curve.accuracy[0]


def test_coarser_buckets_end_at_the_same_scores() -> None:
    rows = rows_of(1_234, classes=3)
    ends = [
        accuracy_curve(make_buckets(kind, series(rows, kind)), n_classes=3, window=500)
        for kind in ("25", "500", "10000")
    ]
    for name in ("samples", "labels", "correct", "accuracy", "balanced", "f1", "baseline"):
        assert len({float(getattr(curve, name)[-1]) for curve in ends}) == 1, name
    assert [curve.window for curve in ends] == [500, 500, 10_000]


def test_nothing_known_is_no_number() -> None:
    rows = [Row(i, 0, 0.5, 0.5, "", None, None, None) for i in range(30)]
    curve = accuracy_curve(make_buckets("25", series(rows, "25")), n_classes=2, window=100)
    for values in (curve.accuracy, curve.rolling, curve.balanced, curve.f1, curve.baseline):
        assert np.isnan(values).all()
    assert curve.majority is None
    assert curve.samples.tolist() == [25, 30]


def test_the_empty_log() -> None:
    empty = Buckets(25, np.array([], dtype=np.int64), ())
    curve = accuracy_curve(empty, n_classes=77, window=100)
    assert len(curve.samples) == len(curve.f1) == 0
    assert confusion_matrix([], n_classes=2).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert class_scores(confusion_matrix([], n_classes=2))[0].f1 is None
    samples, labels = counted_at(curve, np.array([5]))
    assert samples.tolist() == labels.tolist() == [0]


def test_the_matrix_holds_every_known_sample() -> None:
    rows = rows_of(500, classes=5, known=0.5)
    matrix = confusion_matrix(series(rows, "confusion"), n_classes=5)
    confusion = confusion_of(rows)
    assert matrix.sum() == confusion.total()
    for (truth, predicted), n in confusion.items():
        assert matrix[truth, 5 if predicted is None else predicted] == n
    for score in class_scores(matrix):
        assert score.f1 == scores.f1_of(confusion, score.index)
        assert score.recall == scores.recall(confusion, score.index)
    worst = mistakes(matrix, most=3)
    assert [n for _, _, n in worst] == sorted(
        (n for (t, p), n in confusion.items() if t != p), reverse=True
    )[:3]


def test_a_position_lies_where_it_was_counted() -> None:
    rows = rows_of(100, classes=2)
    curve = accuracy_curve(make_buckets("25", series(rows, "25")), n_classes=2, window=25)
    samples, labels = counted_at(curve, np.array([24, 99, 400]))
    assert samples.tolist() == [25, 100, 100]
    assert labels.tolist() == [curve.labels[0], curve.labels[-1], curve.labels[-1]]
