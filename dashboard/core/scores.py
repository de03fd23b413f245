"""Scores of a classifier from its confusion counts, by their textbook definitions.

A prediction is `None` where the model named no class yet: it counts as wrong, and as predicted
for no class, as in River's metrics.
"""

from __future__ import annotations

from collections.abc import Mapping

Confusion = Mapping[tuple[int, int | None], int]


def accuracy(confusion: Confusion) -> float | None:
    """Share of right predictions; None where nothing was predicted.

    Parameters
    ----------
    confusion
        Counts by (true class, predicted class).

    Examples
    --------
    >>> accuracy({(0, 0): 3, (1, 0): 1})
    0.75

    """
    total = sum(confusion.values())
    right = sum(n for (truth, predicted), n in confusion.items() if truth == predicted)
    return right / total if total else None


def recall(confusion: Confusion, label: int) -> float | None:
    """Share of a class that was predicted as such; None where the class never occurred.

    Examples
    --------
    >>> recall({(0, 0): 3, (1, 0): 1, (1, 1): 3}, 1)
    0.75

    """
    support = sum(n for (truth, _), n in confusion.items() if truth == label)
    return confusion.get((label, label), 0) / support if support else None


def f1_of(confusion: Confusion, label: int) -> float:
    """F1 of one class, 2 TP / (2 TP + FP + FN); 0 where that is undefined, as in River.

    Examples
    --------
    >>> f1_of({(0, 0): 8, (0, 1): 1, (1, 0): 1, (1, 1): 2}, 1)
    0.6666666666666666

    """
    right = confusion.get((label, label), 0)
    wrong = sum(n for pair, n in confusion.items() if pair[0] != pair[1] and label in pair)
    return 2 * right / (2 * right + wrong) if right else 0.0


def f1(confusion: Confusion, *, n_classes: int) -> float:
    """F1 of the second of two classes; the mean over all classes (macro F1) where there are more.

    Only classes that occurred, or were predicted, count towards the mean, as in River's MacroF1.

    Examples
    --------
    >>> f1({(0, 0): 8, (0, 1): 1, (1, 0): 1, (1, 1): 2}, n_classes=2)
    0.6666666666666666
    >>> f1({(0, 0): 1, (1, 1): 1, (2, 1): 1}, n_classes=3)
    0.5555555555555555

    """
    if n_classes == 2:
        return f1_of(confusion, 1)
    seen = sorted({c for pair in confusion for c in pair if c is not None})
    return sum(f1_of(confusion, c) for c in seen) / len(seen) if seen else 0.0


def balanced_accuracy(confusion: Confusion) -> float | None:
    """Mean recall over the classes that occurred; None where nothing did.

    Examples
    --------
    >>> balanced_accuracy({(0, 0): 9, (0, 1): 1, (1, 0): 1, (1, 1): 1})
    0.7

    """
    classes = sorted({truth for truth, _ in confusion})
    recalls = [r for c in classes if (r := recall(confusion, c)) is not None]
    return sum(recalls) / len(recalls) if recalls else None
