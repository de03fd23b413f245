"""Word shapes: what they were for spaced scripts, characters where words are not set apart."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from dashboard.core.pipelines import word_shapes
from dashboard.core.tokens import shapes

# The rule of the first release, which every experiment on spaced scripts was made with.
_OLD = re.compile(r"(\d+)|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")


def old_shapes(text: str) -> Iterator[str]:
    previous = ""
    for match in _OLD.finditer(text):
        digits, word = match[1], match[0]
        token = f"#{len(digits)}" if digits else word
        yield token
        if len(word) > 4:
            yield "#5+" if digits else f"{word[:4]}*"
        if previous:
            yield f"{previous} {token}"
        previous = token


def test_tokens_of_every_sms_are_what_they_were(sms_examples):
    for x, _ in sms_examples:
        text = x["text"].lower()
        assert list(word_shapes(text)) == list(old_shapes(text))


@pytest.mark.parametrize(
    "letters",
    [
        range(128),
        [*range(32, 127), *range(0xC0, 0x250)],
        [*range(0x370, 0x400), 32, 46],
        [*range(0x400, 0x460), 32, 49, 95],
        [*range(0x5D0, 0x5EB), 32, 39],
        [*range(0x621, 0x64B), 32, 0x61F],
    ],
    ids=["ascii", "latin", "greek", "cyrillic", "hebrew", "arabic"],
)
def test_tokens_of_spaced_scripts_are_what_they_were(letters):
    rng = random.Random(5)
    for _ in range(300):
        text = "".join(chr(rng.choice(letters)) for _ in range(60)).lower()
        text = text.replace("\u0307", "")  # the lower case of İ has a mark, which is new
        assert list(shapes(text)) == list(old_shapes(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", ["你", "好", "你 好"]),
        ("iphone手机", ["iphone", "ipho*", "手", "iphone 手", "机", "手 机"]),
        ("2024年", ["#4", "年", "#4 年"]),
        ("カタ。", ["カ", "タ", "カ タ", "。", "タ 。"]),
        ("한국어", ["한", "국", "한 국", "어", "국 어"]),
        ("สวัสดี", ["ส", "วั", "ส วั", "ส", "วั ส", "ดี", "ส ดี"]),
        ("हिन्दी", ["हिन्दी", "हिन्*"]),
        ("می\u200cخواهم", ["می\u200cخواهم", "می\u200cخ*"]),
        ("שָׁלוֹם", ["שָׁלוֹם", "שָׁל*"]),
        ("مرحبا\u200f", ["مرحبا", "مرحب*"]),
        ("cafe\u0301", ["cafe\u0301", "cafe*"]),
        ("👍🏿", ["👍"]),
        ("👩🏽\u200d💻", ["👩", "💻", "👩 💻"]),
        ("🇫🇷", ["🇫", "🇷", "🇫 🇷"]),
        ("❤\ufe0f", ["❤"]),
        ("\ufeff\u200b", []),
        ("", []),
        ("snake_case", ["snake", "snak*", "_", "snake _", "case", "_ case"]),
    ],
)
def test_other_scripts_and_emoji(text, expected):
    assert list(shapes(text)) == expected


def test_alike_in_every_script_that_is_not_spaced():
    """Two texts that share a word share its characters and their bigrams."""
    one, other = set(shapes("我想取消订单")), set(shapes("订单什么时候到"))
    assert one & other == {"订", "单", "订 单"}


def test_long_texts_take_time_in_proportion():
    """No pattern backtracks: a megabyte of anything is over in a moment."""
    for piece in ("a", "1", "你", "a'", "é\u0301", "\u0301", "👩\u200d", " ", "_", "\u200d"):
        tokens = sum(1 for _ in shapes(piece * 100_000))
        assert tokens <= 400_001
