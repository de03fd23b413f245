"""River's Hoeffding tree, such that a replay ends with the same tree.

Three things in River's stand against it. Its normal distributions carry a random generator each,
never used and without a seed. Its observer of categories makes an entry for each class that it
is asked about by a prediction, and keeps its values in a set, whose order a pickle may change.
Predictions and splits are River's.
"""

from __future__ import annotations

from typing import Any

from river import proba, stats, tree
from river.tree.nodes.htc_nodes import LeafNaiveBayesAdaptive
from river.tree.splitter import GaussianSplitter
from river.tree.splitter.nominal_splitter_classif import NominalSplitterClassif


class _Normal(proba.Gaussian):
    def __init__(self) -> None:
        self._var = stats.Var(ddof=1)


class _Numbers(GaussianSplitter):
    def update(self, att_val: Any, target_val: Any, w: float) -> None:
        if target_val not in self._att_dist_per_class:
            self._att_dist_per_class[target_val] = _Normal()
            self._min_per_class[target_val] = self._max_per_class[target_val] = att_val
        super().update(att_val, target_val, w)


class _Values(dict[Any, None]):
    """A set that keeps the order in which its members came."""

    def add(self, value: Any) -> None:
        self[value] = None


class _Categories(NominalSplitterClassif):
    def __init__(self) -> None:
        super().__init__()
        self._att_values: Any = _Values()

    def cond_proba(self, att_val: Any, target_val: Any) -> float:
        known = target_val in self._att_dist_per_class
        return float(super().cond_proba(att_val, target_val)) if known else 0.0


class _Leaf(LeafNaiveBayesAdaptive):
    @staticmethod
    def new_nominal_splitter() -> _Categories:
        return _Categories()


class HoeffdingTree(tree.HoeffdingTreeClassifier):
    """A decision tree that splits a leaf when it is sure enough of the best split.

    Domingos and Hulten 2000, "Mining high-speed data streams".

    Parameters
    ----------
    grace_period
        Labels that a leaf gathers between two attempts to split it.

    Examples
    --------
    >>> model = HoeffdingTree(grace_period=10)
    >>> for i in range(80):
    ...     model.learn_one({"color": "rgb"[i % 3]}, i % 3 == 0)
    >>> model.predict_one({"color": "r"}), model.predict_one({"color": "g"}), model.height
    (True, False, 2)

    """

    def __init__(self, grace_period: int = 200):
        super().__init__(grace_period=grace_period, splitter=_Numbers())

    def _new_leaf(self, initial_stats: Any = None, parent: Any = None) -> _Leaf:
        return _Leaf(initial_stats or {}, parent.depth + 1 if parent else 0, self.splitter)
