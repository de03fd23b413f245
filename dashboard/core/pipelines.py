"""The models a person can choose: feature extraction, then a classifier, all of River.

A pipeline receives a sample as a dictionary of fields; a text sample is `{"text": "..."}`.
Binary pipelines learn `False` (the first class) and `True` (the second), as River's own data
sets do; the others learn the index of the class, so that renaming a class changes no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from river import base, compose, feature_extraction, linear_model, optim, preprocessing

TEXT = "text"

_SHAPES = re.compile(r"(\d+)|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")


def word_shapes(text: str) -> Iterator[str]:
    """Words, single punctuation marks and digit runs folded to their length, with bigrams.

    Amounts and telephone numbers are rarely seen twice, but their length is: `£1000` and `£2000`
    are one feature. What is longer than four characters is also known by its beginning
    (`deli*`, `#5+`), so that an inflected or misspelled word is not wholly unknown. Bigrams are
    joined by a space, because tuples would break JSON and `debug_one`. Pickled pipelines name
    this function by its import path: keep it here.

    Parameters
    ----------
    text
        The text, lower-cased before by the vectorizer.

    Examples
    --------
    >>> list(word_shapes("call 08001234 now!"))
    ['call', '#8', '#5+', 'call #8', 'now', '#8 now', '!', 'now !']
    >>> list(word_shapes("delivered"))
    ['delivered', 'deli*']

    """
    previous = ""
    for match in _SHAPES.finditer(text):
        digits, word = match[1], match[0]
        token = f"#{len(digits)}" if digits else word
        yield token
        if len(word) > 4:
            yield "#5+" if digits else f"{word[:4]}*"
        if previous:
            yield f"{previous} {token}"
        previous = token


class BinaryCounts(base.Transformer):
    """Says that a token is there, not how often.

    Examples
    --------
    >>> BinaryCounts().transform_one({"win": 3, "a": 1})
    {'win': 1, 'a': 1}

    """

    def transform_one(self, x: dict[Any, Any]) -> dict[Any, int]:
        return dict.fromkeys(x, 1)


class Scaler(preprocessing.StandardScaler):
    """River's standard scaler, except that a prediction leaves nothing behind.

    River makes a mean and a variance of 0 for every field it is asked about. The values are the
    same, but the state is not: a replay, which predicts nothing, would end with fewer fields.

    Examples
    --------
    >>> scaler = Scaler()
    >>> scaler.transform_one({"size": 3.0}), len(scaler.means)
    ({'size': 0.0}, 0)

    """

    def transform_one(self, x: dict[Any, Any]) -> dict[Any, float]:
        known = super().transform_one({i: value for i, value in x.items() if i in self.counts})
        return {i: known.get(i, 0.0) for i in x}


def _shapes() -> feature_extraction.BagOfWords:
    return feature_extraction.BagOfWords(on=TEXT, strip_accents=False, tokenizer=word_shapes)


def _shapes_adpredictor() -> compose.Pipeline:
    return _shapes() | linear_model.AdPredictor(beta=1, epsilon=0)


def _shapes_softmax() -> compose.Pipeline:
    return _shapes() | BinaryCounts() | linear_model.SoftmaxRegression(optim.AdaGrad(0.3))


def _bag_of_words_lr() -> compose.Pipeline:
    return feature_extraction.BagOfWords(on=TEXT) | linear_model.LogisticRegression()


def _bag_of_words_softmax() -> compose.Pipeline:
    return feature_extraction.BagOfWords(on=TEXT) | linear_model.SoftmaxRegression()


def _tfidf_lr() -> compose.Pipeline:
    return feature_extraction.TFIDF(on=TEXT) | linear_model.LogisticRegression()


def _tfidf_softmax() -> compose.Pipeline:
    return feature_extraction.TFIDF(on=TEXT) | linear_model.SoftmaxRegression()


def _row_features() -> compose.TransformerUnion:
    numbers = compose.SelectType(int, float) | Scaler()
    words = compose.SelectType(str) | preprocessing.OneHotEncoder()
    union: compose.TransformerUnion = numbers + words
    return union


def _rows_lr() -> compose.Pipeline:
    return _row_features() | linear_model.LogisticRegression(optim.AdaGrad(0.3))


def _rows_softmax() -> compose.Pipeline:
    return _row_features() | linear_model.SoftmaxRegression(optim.AdaGrad(0.3))


@dataclass(frozen=True)
class Pipeline:
    """An entry of the catalog: what it is for, and how to build a fresh one."""

    name: str
    title: str
    build: Callable[[], compose.Pipeline]
    text: bool = True
    binary: bool = False


PIPELINES: dict[str, Pipeline] = {
    p.name: p
    for p in (
        Pipeline(
            "shapes-adpredictor", "word shapes | AdPredictor", _shapes_adpredictor, True, True
        ),
        Pipeline("shapes-softmax", "word shapes | softmax regression", _shapes_softmax),
        Pipeline(
            "bag-of-words-lr", "bag of words | logistic regression", _bag_of_words_lr, True, True
        ),
        Pipeline(
            "bag-of-words-softmax", "bag of words | softmax regression", _bag_of_words_softmax
        ),
        Pipeline("tfidf-lr", "TF-IDF | logistic regression", _tfidf_lr, True, True),
        Pipeline("tfidf-softmax", "TF-IDF | softmax regression", _tfidf_softmax),
        Pipeline("rows-lr", "scaled fields | logistic regression", _rows_lr, False, True),
        Pipeline("rows-softmax", "scaled fields | softmax regression", _rows_softmax, False),
    )
}
