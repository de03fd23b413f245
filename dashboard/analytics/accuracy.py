"""How often the model was right, on samples it had not learned yet.

Where a stream's truth is not known, a label in force takes its place, as everywhere in the
rollups; samples with neither count in `samples` only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.analytics.buckets import Buckets, Floats, Ints, Series, ratio, rolling_ratio
from dashboard.core.tally import confusion_cell


@dataclass(frozen=True)
class AccuracyCurve:
    """Scores along the stream, one point per bucket. All but `rolling` are from the beginning.

    Parameters
    ----------
    size
        Samples per point.
    window
        Samples that the rolling accuracy looks back on.
    samples, labels
        How many there had been.
    known, correct
        Samples whose class is known, and those of them that were predicted right.
    accuracy, rolling
        Their share, in all and over the window; NaN where no class is known.
    balanced
        Mean recall over the classes that occurred.
    f1
        Of the second of two classes, else the mean over the classes seen.
    baseline
        What naming the commonest class so far would have scored.
    majority
        That class at the end, or None.

    """

    size: int
    window: int
    samples: Ints
    labels: Ints
    known: Ints
    correct: Ints
    accuracy: Floats
    rolling: Floats
    balanced: Floats
    f1: Floats
    baseline: Floats
    majority: int | None


def accuracy_curve(buckets: Buckets, *, n_classes: int, window: int) -> AccuracyCurve:
    """Scores along the stream; the last point is that of the whole log, to the last bit.

    Parameters
    ----------
    buckets
        Counts along the stream.
    n_classes
        How many classes there are.
    window
        Samples to look back on for the rolling accuracy; rounded to whole buckets.

    Examples
    --------
    >>> from collections import Counter
    >>> first = Counter({"n": 25, "known": 25, "correct": 20, "sup:0": 25, "pred:0": 20,
    ...                  "pred:1": 5, "tp:0": 20, "labels": 9})
    >>> buckets = Buckets(25, np.array([0]), (first,))
    >>> curve = accuracy_curve(buckets, n_classes=2, window=100)
    >>> curve.accuracy, curve.baseline, curve.f1, curve.labels
    (array([0.8]), array([1.]), array([0.]), array([9]))

    """
    width = buckets.width(window)
    counts = _counts(buckets, n_classes)
    samples, labels, known, correct = np.cumsum(counts[:, :4], axis=0).T
    support, predicted, right = np.split(np.cumsum(counts[:, 4:], axis=0), 3, axis=1)
    return AccuracyCurve(
        buckets.size, width * buckets.size, samples, labels, known, correct,
        accuracy=ratio(correct, known),
        rolling=rolling_ratio(buckets.index, counts[:, 3], counts[:, 2], width=width),
        balanced=_mean_where(ratio(right, support), support > 0),
        f1=_f1(support, predicted, right, known),
        baseline=ratio(support.max(axis=1, initial=0), known),
        majority=int(support[-1].argmax()) if len(support) and support[-1].any() else None,
    )  # fmt: skip


def _counts(buckets: Buckets, n_classes: int) -> Ints:
    """All columns in one pass: with a hundred classes there are three hundred."""
    per_class = [f"{name}:{c}" for name in ("sup", "pred", "tp") for c in range(n_classes)]
    return buckets.columns(["n", "labels", "known", "correct", *per_class])


def _f1(support: Ints, predicted: Ints, right: Ints, known: Ints) -> Floats:
    each = np.nan_to_num(ratio(2 * right, support + predicted))
    if each.shape[1] == 2:
        return np.where(known > 0, each[:, 1], np.nan)
    return _mean_where(each, support + predicted > 0)


def _mean_where(values: Floats, here: np.ndarray) -> Floats:
    # One class after the other, as `core.scores` adds them: the same to the last bit.
    total = np.zeros(len(values))
    for column in range(values.shape[1]):
        total += np.where(here[:, column], values[:, column], 0.0)
    return ratio(total, here.sum(axis=1))


def counted_at(curve: AccuracyCurve, positions: Ints) -> tuple[Ints, Floats]:
    """Where a position lies on the curve: samples and labels counted up to it.

    Parameters
    ----------
    curve
        A curve of the same log.
    positions
        Positions in the stream.

    """
    end = int(curve.samples[-1]) if len(curve.samples) else 0
    samples = np.minimum(np.asarray(positions, dtype=np.int64) + 1, end)
    labels = np.interp(samples, [0, *curve.samples], [0, *curve.labels])
    return samples, labels


def confusion_matrix(cells: Series, *, n_classes: int) -> Ints:
    """Samples by true class (rows) and predicted class (columns); the last column is "none yet".

    Parameters
    ----------
    cells
        Rollups of the kind `confusion`.
    n_classes
        How many classes there are.

    Examples
    --------
    >>> from collections import Counter
    >>> from dashboard.core.tally import confusion_bucket
    >>> confusion_matrix([(confusion_bucket(1, 0), Counter(n=3))], n_classes=2)
    array([[0, 0, 0],
           [3, 0, 0]])

    """
    matrix = np.zeros((n_classes, n_classes + 1), dtype=np.int64)
    for bucket, counts in cells:
        truth, predicted = confusion_cell(bucket)
        matrix[truth, n_classes if predicted is None else predicted] = counts["n"]
    return matrix


@dataclass(frozen=True)
class ClassScore:
    """How well one class is told from the others; None where a share has no whole.

    Parameters
    ----------
    index
        The class.
    support, predicted
        How often it was the true one, and the predicted one.
    precision, recall, f1
        As in the textbooks; F1 is 0 where nothing of it was found.

    """

    index: int
    support: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


def class_scores(matrix: Ints) -> tuple[ClassScore, ...]:
    """Scores of every class from a confusion matrix.

    Examples
    --------
    >>> class_scores(np.array([[8, 1, 0], [1, 2, 0]]))[1]
    ClassScore(index=1, support=3, predicted=3, precision=0.6666666666666666, \
recall=0.6666666666666666, f1=0.6666666666666666)

    """
    made = []
    for index in range(len(matrix)):
        right = int(matrix[index, index])
        support, predicted = int(matrix[index].sum()), int(matrix[:, index].sum())
        made.append(
            ClassScore(
                index, support, predicted,
                right / predicted if predicted else None,
                right / support if support else None,
                2 * right / (support + predicted) if support + predicted else None,
            )
        )  # fmt: skip
    return tuple(made)


def mistakes(matrix: Ints, *, most: int) -> list[tuple[int, int | None, int]]:
    """The commonest mistakes: true class, predicted class and how often.

    Examples
    --------
    >>> mistakes(np.array([[8, 1, 0], [3, 2, 0]]), most=1)
    [(1, 0, 3)]

    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    n_classes = len(matrix)
    found = []
    for truth, predicted in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if n := int(wrong[truth, predicted]):
            found.append((int(truth), None if predicted == n_classes else int(predicted), n))
    return found
