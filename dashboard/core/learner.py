"""The model at work: predict, decide, learn; and the same again from a log."""

from __future__ import annotations

import copyreg
import hashlib
import math
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from river import compose

from dashboard.core.pipelines import PIPELINES, TEXT
from dashboard.core.spec import Spec
from dashboard.core.strategies import Decision, Sampler, State

Fields = dict[Any, Any]


class Prediction(NamedTuple):
    """One scanned sample: what the model thought of it, and whether it asked.

    Parameters
    ----------
    position
        Index of the sample in its stream.
    predicted
        Index of the most probable class; None where the model names no class yet.
    probabilities
        One per class, in class order; NaN where the model does not know the class yet.
    decision
        Entropy, query probability and the outcome of the draw.

    """

    position: int
    predicted: int | None
    probabilities: tuple[float, ...]
    decision: Decision


_new = tuple.__new__  # a third of the time of calling the class


class Learner:
    """A sampler over the classes of one experiment.

    Parameters
    ----------
    spec
        The recipe.
    n_classes
        How many classes there are.

    Examples
    --------
    >>> from dashboard.core.spec import make_spec
    >>> learner = Learner(make_spec("blog", text=True, classes=2), n_classes=2)
    >>> learner.scan(0, {"text": "free prize"}).decision.asked
    True
    >>> for _ in range(9):
    ...     learner.learn({"text": "free prize"}, 1)
    >>> round(learner.predict({"text": "a free lunch"})[True], 3)
    0.522

    """

    def __init__(self, spec: Spec, *, n_classes: int):
        self.spec = spec
        self.n_classes = n_classes
        self._classes = range(n_classes)
        self.sampler: Sampler = spec.build()
        self._binary = PIPELINES[spec.pipeline].binary
        # AdPredictor makes its bias weight (mean 0) and every pipeline its plan at the first
        # prediction. Making them now keeps "prediction changes nothing" true, and with it replay
        # without prediction.
        self.predict({TEXT: ""} if PIPELINES[spec.pipeline].text else {})

    @property
    def pipeline(self) -> compose.Pipeline:
        """The model itself: feature extraction, then a classifier."""
        return cast(compose.Pipeline, self.sampler.classifier)

    def predict(self, x: Fields) -> dict[Any, float]:
        """Probability of each class. Draws nothing and changes nothing."""
        y_pred: dict[Any, float] = self.sampler.classifier.predict_proba_one(x)
        return y_pred

    def scan(self, position: int, x: Fields) -> Prediction:
        """Predict a sample, then draw once whether to ask about it."""
        y_pred = self.predict(x)
        # Ties go to the class that River's own predict_one would name: the first in its order.
        predicted: int | None
        probabilities: tuple[float, ...]
        if self._binary:  # the same as below, in a third of the time
            no, yes = probabilities = y_pred[False], y_pred[True]
            predicted = 1 if yes > no else 0
        else:
            predicted = int(max(y_pred, key=y_pred.__getitem__)) if y_pred else None
            get = y_pred.get
            probabilities = tuple([get(i, math.nan) for i in self._classes])
        decision = self.sampler.decide(y_pred)
        return _new(Prediction, (position, predicted, probabilities, decision))

    def learn(self, x: Fields, label: int) -> None:
        """Learn that a sample is of a class, given by its index."""
        self.sampler.learn_one(x, bool(label) if self._binary else label)

    def replay(self, labels: Iterable[tuple[Fields, int]], *, draws: int, state: State) -> None:
        """Learn from a log what a live run learned, without predicting anything again.

        Parameters
        ----------
        labels
            Samples and class indices in the order in which they were learned.
        draws
            How many samples were scanned meanwhile.
        state
            The strategy's own state at the end, as logged.

        """
        for x, label in labels:
            self.learn(x, label)
        self.sampler.advance(draws, state=state)

    def fingerprint(self) -> str:
        """Digest of weights, strategy and random state: equal iff the next decisions are."""
        return digest(self.sampler)


def digest(thing: Any) -> str:
    """SHA-256 over the whole state of an object, down to the last bit of each number.

    A pickle will not do: it also tells which strings happened to be shared in memory.

    Parameters
    ----------
    thing
        Anything that can be pickled.

    Examples
    --------
    >>> digest({"a": 0.1, "b": [1, True]}) == digest({"a": 0.1, "b": [1, True]})
    True
    >>> digest(0.1) == digest(0.1 + 1e-18), digest(0.1) == digest(0.1 + 1e-17)
    (True, False)

    """
    sha = hashlib.sha256()
    _feed(sha.update, thing, depth=0)
    return sha.hexdigest()


def _feed(update: Any, thing: Any, *, depth: int) -> None:
    if depth > 60:
        raise ValueError("the object is nested too deeply, or refers to itself")
    if thing is None or isinstance(thing, (bool, int, str, bytes)):
        update(f"{type(thing).__name__}:{thing!r};".encode("utf-8", "surrogatepass"))
    elif isinstance(thing, float):
        update(f"float:{thing.hex()};".encode())
    elif isinstance(thing, (list, tuple)):
        update(f"{type(thing).__name__}[{len(thing)}]".encode())
        for item in thing:
            _feed(update, item, depth=depth + 1)
    elif isinstance(thing, dict):
        update(f"{type(thing).__name__}{{{len(thing)}}}".encode())
        for key, value in thing.items():
            _feed(update, key, depth=depth + 1)
            _feed(update, value, depth=depth + 1)
    elif isinstance(thing, (set, frozenset)):
        _feed(update, sorted(thing, key=repr), depth=depth + 1)
    elif isinstance(thing, type) or hasattr(thing, "__qualname__"):
        update(f"name:{getattr(thing, '__module__', '')}.{thing.__qualname__};".encode())
    else:
        _feed_object(update, thing, depth=depth + 1)


def _feed_object(update: Any, thing: Any, *, depth: int) -> None:
    reducer = copyreg.dispatch_table.get(type(thing))
    reduced = reducer(thing) if reducer else thing.__reduce_ex__(4)
    if isinstance(reduced, str):
        update(f"global:{reduced};".encode())
        return
    call, args, *rest = reduced
    _feed(update, call, depth=depth)
    _feed(update, args, depth=depth)
    state, items, pairs = (*rest, None, None, None)[:3]
    _feed(update, state, depth=depth)
    _feed(update, list(items) if items is not None else None, depth=depth)
    _feed(update, list(pairs) if pairs is not None else None, depth=depth)
