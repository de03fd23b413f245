"""Made streams with known properties."""

from __future__ import annotations

import random
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


_DO = ("cancel", "freeze", "order", "renew", "refund", "verify", "report")
_WHAT = ("card", "transfer", "top up", "cash withdrawal", "exchange rate", "direct debit", "pin",
         "passcode", "statement", "identity", "virtual card")  # fmt: skip
_ASKING = ("Can I {}?", "How do I {}?", "Please {} for me", "I would like to {}", "why can't I {}")

INTENTS = tuple(f"{do}_{what}".replace(" ", "_") for do in _DO for what in _WHAT)


def intent_texts(n: int, *, seed: int = 0) -> Iterator[tuple[str, int]]:
    """Questions to a bank with one of 77 intents, by their index in `INTENTS`.

    Parameters
    ----------
    n
        How many.
    seed
        Of the order.

    """
    rng = random.Random(seed)
    for _ in range(n):
        do, what = rng.randrange(len(_DO)), rng.randrange(len(_WHAT))
        words = f"{_DO[do]} my {_WHAT[what]}"
        if rng.random() < 0.5:
            words += rng.choice((" today", " abroad", " in the app", " at once", " again"))
        yield rng.choice(_ASKING).format(words), do * len(_WHAT) + what
