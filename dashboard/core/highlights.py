"""Where in a sample its features stand: the words of a text, the fields of a row.

What a feature adds is shared evenly among the places that it comes from, so that all places of a
sample together, with the bias, add up to the model's score.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from river import compose, feature_extraction

from dashboard.core import tokens
from dashboard.core.explanation import features_of
from dashboard.core.pipelines import word_shapes

Span = tuple[int, int]
Pushes = Mapping[Any, float]


class Piece(NamedTuple):
    """A piece of a text, and what it adds; None where no feature comes from it."""

    text: str
    push: float | None


def pieces(pipeline: compose.Pipeline, text: str, pushes: Pushes) -> list[Piece]:
    """A text in pieces that join to it exactly, each with what it adds.

    Parameters
    ----------
    pipeline
        One that begins with a bag of words.
    text
        The sample, as it is shown.
    pushes
        What each feature adds.

    Examples
    --------
    >>> from river import linear_model
    >>> model = feature_extraction.BagOfWords(on="text") | linear_model.LogisticRegression()
    >>> pieces(model, "Café au lait!", {"cafe": 0.5, "au": 0.0, "lait": -0.25})[:3]
    [Piece(text='Café', push=0.5), Piece(text=' ', push=None), Piece(text='au', push=0.0)]

    """
    vectorizer = next(iter(pipeline.steps.values()))
    read, origin = as_read(vectorizer, text)
    found = list(_spans(vectorizer)(read))
    times: dict[Any, int] = defaultdict(int)
    for token, places in found:
        times[token] += len(places)
    sums: dict[Span, float] = {}
    for token, places in found:
        if token in pushes:
            for start, stop in places:
                place = origin[start], origin[stop - 1] + 1
                sums[place] = sums.get(place, 0.0) + pushes[token] / times[token]
    return list(_cut(text, sums))


def as_read(vectorizer: feature_extraction.BagOfWords, text: str) -> tuple[str, list[int]]:
    """A text as the tokenizer gets it, and for each of its characters the one it comes from.

    Lower case and the loss of accents change how long a text is: `İ` becomes two characters.

    Examples
    --------
    >>> as_read(feature_extraction.BagOfWords(strip_accents=False), "İS")
    ('i̇s', [0, 0, 1])

    """
    read = text
    strips = vectorizer.strip_accents and not text.isascii()
    if strips:
        read = _without_accents(read)
    if vectorizer.lowercase:
        read = read.lower()
    origin = []
    for i, character in enumerate(text):
        kept = _without_accents(character) if strips else character
        origin += [i] * len(kept.lower() if vectorizer.lowercase else kept)
    return read, origin


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _spans(
    vectorizer: feature_extraction.BagOfWords,
) -> Callable[[str], Iterator[tuple[str, tuple[Span, ...]]]]:
    if vectorizer.tokenizer is word_shapes:
        return tokens.spans
    pattern = vectorizer.tokenizer_pattern

    def words(text: str) -> Iterator[tuple[str, tuple[Span, ...]]]:
        for match in re.finditer(pattern, text):
            yield match.group(), (match.span(),)

    return words


def _cut(text: str, sums: Mapping[Span, float]) -> Iterator[Piece]:
    done = 0
    for (start, stop), push in _apart(sums):
        if start > done:
            yield Piece(text[done:start], None)
        yield Piece(text[start:stop], push)
        done = stop
    if done < len(text):
        yield Piece(text[done:], None)


def _apart(sums: Mapping[Span, float]) -> list[tuple[Span, float]]:
    """In order, with those made one that share a character: a ligature may belong to two words."""
    apart: list[tuple[Span, float]] = []
    for (start, stop), push in sorted(sums.items()):
        if apart and start < apart[-1][0][1]:
            (start, end), before = apart.pop()
            stop, push = max(stop, end), before + push
        apart.append(((start, stop), push))
    return apart


def by_field(
    pipeline: compose.Pipeline, x: Mapping[str, Any], pushes: Pushes
) -> dict[str, float | None]:
    """What each field of a row adds, all its features together; None where it has none.

    Parameters
    ----------
    pipeline
        One that reads rows field by field, as all here do.
    x
        The row.
    pushes
        What each feature adds.

    Examples
    --------
    >>> from dashboard.core.pipelines import PIPELINES
    >>> model = PIPELINES["rows-adpredictor"].build()
    >>> by_field(model, {"size": 3, "color": "red"}, {"size>0.0": 0.25, "color=red": -0.5})
    {'size': 0.25, 'color': -0.5}

    """
    fields = {
        name: [i for i in features_of(pipeline, {name: x[name]}) if i in pushes] for name in x
    }
    times: dict[Any, int] = defaultdict(int)
    for name in fields:
        for i in fields[name]:
            times[i] += 1
    return {
        name: sum(pushes[i] / times[i] for i in found) if found else None
        for name, found in fields.items()
    }
