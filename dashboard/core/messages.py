"""A built-in stream of believable text messages, made up on the spot from a seed.

The phrases are in `dashboard.core._phrases`: this module puts them together, then messes them up
the way people do, with abbreviations, dropped marks, and slips of the thumb.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from dashboard.core import _phrases

T = TypeVar("T")
Habit = Callable[[str, random.Random], str]

_RULES = {**_phrases.WORDS, **_phrases.BRANDS}
_SLOT = re.compile(r"\[([^\[\]]*)\]|\{(\w+)\}")
_MARKS = {"#": "0123456789", "^": "123456789", "~": "ABCDEFGHKMPRTWXZ"}
_BRITISH = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, _phrases.AMERICAN))})(?!\w)")
_TIDY = (  # what empty slots leave behind
    (re.compile(r"\s+"), " "),
    (re.compile(r"[ ,]+([.,?!]+(?: |$))"), r"\1"),
    (re.compile(r"([?!]|[^\x00-\xff])[.,!]+(?= )"), r"\1"),
    (re.compile(r",(?= [^\x00-\xff])"), ""),
    (re.compile(r"[ ,:-]+$"), ""),
    (re.compile(r"s's\b"), "s'"),
)


def _pick(options: Sequence[T], rng: random.Random) -> T:
    """One of the options; `rng.choice` may draw another in another version of Python."""
    return options[int(rng.random() * len(options))]


def _expand(phrase: str, rng: random.Random) -> str:
    """Fill the slots of a phrase, from the innermost on; try not to say one thing twice."""
    while slot := _SLOT.search(phrase):
        options = _RULES[slot[2]] if slot[2] else slot[1].split("|")
        part = _pick(options, rng)
        if slot[2] and part in phrase:
            part = _pick(options, rng)
        phrase = phrase[: slot.start()] + part + phrase[slot.end() :]
    return phrase


def _write(phrase: str, rng: random.Random) -> str:
    """Turn a phrase into a tidy message by a British or an American writer."""
    text = _expand(phrase, rng)
    if rng.random() < 0.3:
        text = _BRITISH.sub(lambda match: _phrases.AMERICAN[match[0]], text).replace("£", "$")
    for mess, tidy in _TIDY:
        text = mess.sub(tidy, text).strip()
    text = "".join(_pick(_MARKS[mark], rng) if mark in _MARKS else mark for mark in text)
    return re.sub(r"(^|[.!?] )([a-z])(?!\S*\.\w)", lambda m: m[1] + m[2].upper(), text)


def _respell(spellings: Mapping[str, str], chance: float) -> Habit:
    """The habit of writing some words another way."""

    def habit(text: str, rng: random.Random) -> str:
        words = text.split(" ")
        for i, word in enumerate(words):
            stem = word.rstrip(".,!?")
            if stem.lower() in spellings and rng.random() < chance:
                words[i] = spellings[stem.lower()] + word[len(stem) :]
        return " ".join(words)

    return habit


def _loosen(text: str, rng: random.Random) -> str:
    """Drop marks and apostrophes, or write other marks in their place."""
    text = re.sub(r"(?<!\.)[.,](?= )", _pick(("", "", ",", "..", " -"), rng), text)
    return text.replace("'", "").rstrip(".") or text


def _slip(text: str, rng: random.Random) -> str:
    """Swap two letters inside a word, or drop one."""
    words = text.split(" ")
    i = int(rng.random() * len(words))
    word = words[i]
    if word.isascii() and word.isalpha() and len(word) > 3:
        at = 1 + int(rng.random() * (len(word) - 2))
        pair = word[at + 1] + (word[at] if rng.random() < 0.5 else "")
        words[i] = word[:at] + pair + word[at + 2 :]
    return " ".join(words)


_lower: Habit = lambda text, _: text.lower()  # noqa: E731
