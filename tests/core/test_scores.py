"""Scores from confusion counts, compared with River's own metrics."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from river import metrics

from dashboard.core import scores


def confusions(classes: int, *, n: int = 60) -> list[Counter[tuple[int, int | None]]]:
    """Random ones, with classes that never occur or are never predicted among them."""
    made = []
    for seed in range(n):
        rng = random.Random(seed * 10 + classes)
        true = rng.sample(range(classes), rng.randint(1, classes))
        named = rng.sample(range(classes), rng.randint(1, classes))
        pairs = [(rng.choice(true), rng.choice(named)) for _ in range(rng.randint(1, 40))]
        made.append(Counter(pairs))
    return made


def rivers(metric, confusion, *, label=None):
    """River's figure; with a label that of "is it this class?"."""
    for (truth, predicted), n in confusion.items():
        pair = (truth, predicted) if label is None else (truth == label, predicted == label)
        for _ in range(n):
            metric.update(*pair)
    return metric.get()


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_accuracy_and_balanced_accuracy(classes):
    for confusion in confusions(classes):
        assert scores.accuracy(confusion) == pytest.approx(
            rivers(metrics.Accuracy(), confusion), abs=1e-12
        )
        assert scores.balanced_accuracy(confusion) == pytest.approx(
            rivers(metrics.BalancedAccuracy(), confusion), abs=1e-12
        )


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_f1_and_recall_of_each_class(classes):
    for confusion in confusions(classes):
        for label in range(classes):
            assert scores.f1_of(confusion, label) == pytest.approx(
                rivers(metrics.F1(), confusion, label=label), abs=1e-12
            )
            ours = scores.recall(confusion, label)
            occurred = any(t == label for t, _ in confusion)
            assert (ours is not None) == occurred
            if occurred:
                assert ours == pytest.approx(
                    rivers(metrics.Recall(), confusion, label=label), abs=1e-12
                )


def test_f1_of_two_classes_is_that_of_the_second():
    for confusion in confusions(2):
        assert scores.f1(confusion, n_classes=2) == pytest.approx(
            rivers(metrics.F1(), confusion, label=1), abs=1e-12
        )


@pytest.mark.parametrize("classes", [3, 6])
def test_f1_of_more_classes_is_rivers_macro_f1(classes):
    for confusion in confusions(classes):
        assert scores.f1(confusion, n_classes=classes) == pytest.approx(
            rivers(metrics.MacroF1(), confusion), abs=1e-12
        )


def test_naming_no_class_is_wrong_and_predicts_no_class():
    confusion = {(0, None): 2, (1, None): 1, (0, 0): 3, (1, 1): 2}
    assert scores.accuracy(confusion) == 5 / 8
    assert scores.recall(confusion, 0) == 3 / 5
    assert scores.f1_of(confusion, 0) == 2 * 3 / (2 * 3 + 2)
    assert scores.f1_of(confusion, 1) == 2 * 2 / (2 * 2 + 1)
    assert scores.balanced_accuracy(confusion) == (3 / 5 + 2 / 3) / 2
    assert scores.f1(confusion, n_classes=3) == (6 / 8 + 4 / 5) / 2


def test_nothing_is_not_zero():
    assert scores.accuracy({}) is None
    assert scores.recall({}, 0) is None
    assert scores.balanced_accuracy({}) is None
    assert scores.f1({}, n_classes=2) == 0
    assert scores.f1({}, n_classes=3) == 0
