"""Text to tokens: word shapes, for every script.

Where words are not set apart by spaces (Chinese, Japanese, Thai and others), and for Hangul, the
characters themselves are the tokens; with the bigrams that follow anyway, these are the character
uni- and bigrams that retrieval in those languages rests on (Nie, Gao, Zhang and Zhou 2000, "On
the use of words and n-grams for Chinese information retrieval"). A letter and its marks stay
together (Hindi, Arabic, decomposed accents). What only changes how a symbol looks (direction
marks, joiners, skin tones, variation selectors) is no token; the parts of a composed emoji, and
the two letters of a flag, are known by their bigram.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Thai and Lao, Myanmar, Hangul, Khmer, kana and Bopomofo, Han and its extensions.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af"
)
_MARKS = "".join(chr(c) for c in range(0x300, 0x1800) if unicodedata.category(chr(c))[0] == "M")
_JOINERS = "\u00ad\u200c\u200d"
_UNSEEN = (
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff"
    "\U000e0020-\U000e007f"
)

_WORD = rf"[^\W\d_{_UNSPACED}]+(?:[{_MARKS}{_JOINERS}]+[^\W\d_{_UNSPACED}]*)*"
_SHAPES = re.compile(rf"(\d+)|[{_UNSPACED}][{_MARKS}]*|{_WORD}(?:'{_WORD})*|[^\w\s{_UNSEEN}]|_")
# The same without what only other scripts need: three times as fast.
_ASCII_SHAPES = re.compile(r"(\d+)|[a-zA-Z]+(?:'[a-zA-Z]+)*|[^\w\s]|_")


def shapes(text: str) -> Iterator[str]:
    """Words, single symbols and digit runs folded to their length, with bigrams.

    Parameters
    ----------
    text
        The text, in lower case.

    Examples
    --------
    >>> list(shapes("call 0800"))
    ['call', '#4', 'call #4']
    >>> list(shapes("你好吗"))
    ['你', '好', '你 好', '吗', '好 吗']
    >>> list(shapes("हिन्दी ❤️"))
    ['हिन्दी', 'हिन्*', '❤', 'हिन्दी ❤']

    """
    # The same steps as in `spans`, without the places, which would make it slower by half.
    previous = ""
    for match in (_ASCII_SHAPES if text.isascii() else _SHAPES).finditer(text):
        digits, word = match[1], match[0]
        token = f"#{len(digits)}" if digits else word
        yield token
        if len(word) > 4:
            yield "#5+" if digits else f"{word[:4]}*"
        if previous:
            yield f"{previous} {token}"
        previous = token


def spans(text: str) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """The same tokens, each with where it comes from: one word, or the two of a bigram.

    Parameters
    ----------
    text
        The text, in lower case.

    Examples
    --------
    >>> list(spans("call 0800"))
    [('call', ((0, 4),)), ('#4', ((5, 9),)), ('call #4', ((0, 4), (5, 9)))]

    """
    previous, before = "", (0, 0)
    for match in (_ASCII_SHAPES if text.isascii() else _SHAPES).finditer(text):
        digits, word, here = match[1], match[0], match.span()
        token = f"#{len(digits)}" if digits else word
        yield token, (here,)
        if len(word) > 4:
            yield "#5+" if digits else f"{word[:4]}*", (here,)
        if previous:
            yield f"{previous} {token}", (before, here)
        previous, before = token, here
