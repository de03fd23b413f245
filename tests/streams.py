"""Made streams with known properties."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.core.pipelines import TEXT
from dashboard.storage.streams import Sample

_HAM = (
    "see you at home tonight",
    "are we still on for lunch",
    "thanks for the lift today",
    "running late be there soon",
    "can you pick up some milk",
)
_SPAM = (
    "win cash call now free prize",
    "free ringtone text win now",
    "claim your free prize now",
    "urgent cash loan call now free",
    "win win win free entry now",
)


def sure_texts(n: int, *, hard_every: int = 50_000) -> Iterator[tuple[str, int]]:
    """Texts of ten kinds that are soon known by heart, and one word never seen now and then.

    Parameters
    ----------
    n
        How many.
    hard_every
        Distance of the texts that nobody can be sure of.

    """
    for i in range(n):
        spam = i % 3 == 0
        if i % hard_every == hard_every - 1:
            yield f"zq{i}", int(spam)
        else:
            yield (_SPAM if spam else _HAM)[i // 3 % 5], int(spam)


def sure_samples(n: int, *, hard_every: int = 50_000) -> Iterator[Sample]:
    """The same as samples of a stream."""
    for i, (text, label) in enumerate(sure_texts(n, hard_every=hard_every)):
        yield Sample(f"sure-{i}", {TEXT: text}, label)
