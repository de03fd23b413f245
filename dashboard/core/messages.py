"""A built-in stream of believable text messages, made up on the spot from a seed.

The phrases are in `dashboard.core._phrases`: this module makes messages of them, then messes them
up the way people do, with abbreviations, dropped marks, and slips of the thumb.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping

from dashboard.core import _phrases
from dashboard.core._phrases import expand, pick

Habit = Callable[[str, random.Random], str]

_BRITISH = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, _phrases.AMERICAN))})(?!\w)")
_TIDY = (  # what empty slots leave behind
    (re.compile(r"\s+"), " "),
    (re.compile(r"[ ,]+([.,?!]+(?: |$))"), r"\1"),
    (re.compile(r"([?!]|[^\x00-\xff])[.,!]+(?= )"), r"\1"),
    (re.compile(r",(?= [^\x00-\xff])"), ""),
    (re.compile(r"[ ,:-]+$"), ""),
    (re.compile(r"s's\b"), "s'"),
)


def _write(phrase: str, rng: random.Random) -> str:
    """Turn a phrase into a tidy message by a British or an American writer."""
    text = expand(phrase, rng)
    if rng.random() < 0.3:
        text = _BRITISH.sub(lambda match: _phrases.AMERICAN[match[0]], text).replace("£", "$")
    for mess, tidy in _TIDY:
        text = mess.sub(tidy, text).strip()
    return re.sub(r"[#^~]", lambda match: pick(_phrases.MARKS[match[0]], rng), text)


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
    text = re.sub(r"(?<!\.)[.,](?= )", pick(("", "", ",", "..", " -"), rng), text)
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


def _capitalize(text: str, _: random.Random) -> str:
    """Begin sentences with a capital letter, unless a link begins them."""
    return re.sub(r"(^\W?|[^.][.!?] )([a-z])(?!\S*\.\w)", lambda m: m[1] + m[2].upper(), text)


_HABITS: dict[str, Habit] = {
    "stop": lambda text, _: re.sub(r"(?<=[^\Wx])$", ".", text),
    "excite": lambda text, _: re.sub(r"[.!](?= |$)", "!!", text),
    "shorten": _respell(_phrases.SHORTER, 0.6),
    "dodge": _respell(_phrases.DODGED, 0.7),
    "capitalize": _capitalize,
    "lower": lambda text, _: text.lower(),
    "upper": lambda text, _: text.upper(),
    "loosen": _loosen,
    "slip": _slip,
}


def _message(kind: _phrases.Kind, rng: random.Random) -> str:
    """One message of a kind: a phrase, maybe greetings and a second thought, then habits."""
    phrase = pick(pick(kind.families, rng), rng)
    if rng.random() < kind.framed:
        phrase += "[.|.|!|..] {also} " + pick(pick(kind.families, rng), rng)
    if rng.random() < kind.framed and not phrase.startswith(("hi ", "[hi")):
        phrase = "{hi}[,|,|] " + phrase
    if rng.random() < kind.framed:
        phrase += "[.|] {bye}"
    text = _write(phrase, rng)
    for habit, chance in kind.habits.items():
        if rng.random() < chance:
            text = _HABITS[habit](text, rng)
    return text if 2 <= len(text) <= 300 else _message(kind, rng)


def sample_messages(n: int = 6000, *, seed: int = 42) -> Iterator[tuple[str, bool]]:
    """Made-up text messages, one of them spam in every seven.

    Some are hard on purpose: real shops that send links, friends who quote a scam or win a raffle,
    and spam that only says hello.

    Parameters
    ----------
    n
        Number of messages. The first ones are the same for any number.
    seed
        Seed of the random numbers. The same seed gives the same messages on any machine.

    Yields
    ------
    A message, and whether it is spam.

    Examples
    --------
    >>> messages = list(sample_messages())
    >>> messages[0]
    ('The train is packed, typical.', False)
    >>> messages[4]
    ('Cheap tickets from $19!! All dates, secure yours http://link.example/B6T', True)

    >>> round(sum(is_spam for _, is_spam in messages) / len(messages), 3)
    0.143

    """
    rng = random.Random(seed)
    for i in range(n):
        if i % 7 == 0:
            spot = int(rng.random() * 7)
        is_spam = i % 7 == spot
        kind = pick(_phrases.KINDS_OF_SPAM if is_spam else _phrases.KINDS_OF_HAM, rng)
        yield _message(kind, rng), is_spam
