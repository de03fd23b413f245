"""The models a person can choose: feature extraction, then a classifier, all of River.

A pipeline receives a sample as a dictionary of fields; a text sample is `{"text": "..."}`.
Binary pipelines learn `False` (the first class) and `True` (the second), as River's own data
sets do; the others learn the index of the class, so that renaming a class changes no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from river import (
    base,
    compose,
    feature_extraction,
    linear_model,
    optim,
    preprocessing,
)

from dashboard.core.bayes import NaiveBayes
from dashboard.core.rows import Attributes, Buckets, Columns, Marks, Numbers
from dashboard.core.tokens import shapes
from dashboard.core.trees import HoeffdingTree

TEXT = "text"


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
    return shapes(text)


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


def _bag_of_words() -> feature_extraction.BagOfWords:
    return feature_extraction.BagOfWords(on=TEXT)


def _tfidf() -> feature_extraction.TFIDF:
    return feature_extraction.TFIDF(on=TEXT)


def _row_features(columns: Columns) -> compose.TransformerUnion:
    numbers = Numbers(columns) | Scaler()
    union: compose.TransformerUnion = numbers + Marks(columns)
    return union


def _row_steps(columns: Columns, *, keep: bool) -> compose.TransformerUnion:
    numbers = Numbers(columns) | Scaler() | Buckets(keep)
    union: compose.TransformerUnion = numbers + Marks(columns)
    return union


def _adpredictor() -> linear_model.AdPredictor:
    # Any other prior changes state on prediction; any epsilon above 0 forgets.
    return linear_model.AdPredictor(beta=1, epsilon=0)


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """An entry of the catalog: what it is, what it is for, and how to build a fresh one.

    Parameters
    ----------
    name
        As specs and the command line know it.
    title
        For people.
    text
        Whether it learns texts; rows of fields otherwise.
    binary
        Whether it learns two classes only.
    fits
        When to choose it, in a sentence.
    source
        Where it is described.
    make
        A fresh pipeline, from the types of a row's fields.

    """

    name: str
    title: str
    text: bool
    binary: bool
    fits: str
    source: str
    make: Callable[[Columns], compose.Pipeline] = field(repr=False)

    def build(self, columns: Columns | None = None) -> compose.Pipeline:
        """A fresh pipeline; `columns` gives the types of a row's fields, where they are known."""
        return self.make(columns or {})


PIPELINES: dict[str, Pipeline] = {
    p.name: p
    for p in (
        Pipeline(
            name="shapes-adpredictor",
            title="word shapes | AdPredictor",
            text=True,
            binary=True,
            fits="The default for texts of two classes: sure of itself only where it has reason.",
            source="Graepel et al. 2010, Web-scale Bayesian click-through rate prediction",
            make=lambda _: _shapes() | _adpredictor(),
        ),
        Pipeline(
            name="shapes-softmax",
            title="word shapes | softmax regression",
            text=True,
            binary=False,
            fits="The default for texts of 3 to 20 classes.",
            source="Duchi, Hazan and Singer 2011, AdaGrad",
            make=lambda _: (
                _shapes() | BinaryCounts() | linear_model.SoftmaxRegression(optim.AdaGrad(0.3))
            ),
        ),
        Pipeline(
            name="shapes-naive-bayes",
            title="word shapes | naive Bayes",
            text=True,
            binary=False,
            fits="The default for texts of more than 20 classes: few labels of each will do.",
            source="McCallum and Nigam 1998, A comparison of event models for naive Bayes",
            make=lambda _: _shapes() | BinaryCounts() | NaiveBayes(alpha=0.1),
        ),
        Pipeline(
            name="bag-of-words-lr",
            title="bag of words | logistic regression",
            text=True,
            binary=True,
            fits="The blog post's model, to compare with.",
            source="River's documentation",
            make=lambda _: _bag_of_words() | linear_model.LogisticRegression(),
        ),
        Pipeline(
            name="bag-of-words-softmax",
            title="bag of words | softmax regression",
            text=True,
            binary=False,
            fits="The same for more classes.",
            source="River's documentation",
            make=lambda _: _bag_of_words() | linear_model.SoftmaxRegression(),
        ),
        Pipeline(
            name="tfidf-lr",
            title="TF-IDF | logistic regression",
            text=True,
            binary=True,
            fits="The model of River's documentation on active learning, to compare with.",
            source="River's documentation",
            make=lambda _: _tfidf() | linear_model.LogisticRegression(),
        ),
        Pipeline(
            name="tfidf-softmax",
            title="TF-IDF | softmax regression",
            text=True,
            binary=False,
            fits="The same for more classes.",
            source="River's documentation",
            make=lambda _: _tfidf() | linear_model.SoftmaxRegression(),
        ),
        Pipeline(
            name="rows-adpredictor",
            title="fields in steps | AdPredictor",
            text=False,
            binary=True,
            fits="The default for rows of two classes; bends with the data, unlike a line.",
            source="Graepel et al. 2010, Web-scale Bayesian click-through rate prediction",
            make=lambda columns: _row_steps(columns, keep=False) | _adpredictor(),
        ),
        Pipeline(
            name="rows-lr",
            title="scaled fields | logistic regression",
            text=False,
            binary=True,
            fits="Rows of two classes where numbers tell along a line.",
            source="Duchi, Hazan and Singer 2011, AdaGrad",
            make=lambda columns: (
                _row_features(columns) | linear_model.LogisticRegression(optim.AdaGrad(0.3))
            ),
        ),
        Pipeline(
            # Logs of the first release name it: what stands under a name never changes.
            name="rows-softmax",
            title="scaled fields | softmax regression",
            text=False,
            binary=False,
            fits="The same for more classes.",
            source="Duchi, Hazan and Singer 2011, AdaGrad",
            make=lambda columns: (
                _row_features(columns) | linear_model.SoftmaxRegression(optim.AdaGrad(0.3))
            ),
        ),
        Pipeline(
            name="rows-steps-softmax",
            title="scaled fields and steps | softmax regression",
            text=False,
            binary=False,
            fits="The default for rows of more classes.",
            source="Duchi, Hazan and Singer 2011, AdaGrad",
            make=lambda columns: (
                _row_steps(columns, keep=True) | linear_model.SoftmaxRegression(optim.AdaGrad(0.3))
            ),
        ),
        Pipeline(
            name="rows-tree",
            title="fields | Hoeffding tree",
            text=False,
            binary=False,
            fits="Rows where fields tell in combination; wants hundreds of labels, reads no text.",
            source="Domingos and Hulten 2000, Mining high-speed data streams",
            make=lambda columns: Attributes(columns) | HoeffdingTree(grace_period=50),
        ),
    )
}
