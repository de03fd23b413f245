"""Values that nobody in their right mind sends, and right ones made a little wrong."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 7, 255, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1,
    10**30, 10**400, 0.5, -0.0, 1e308, -1e308, 5e-324, 1.0000000000000002, float("nan"),
    float("inf"), float("-inf"), True, False,
)  # fmt: skip
_TEXTS = (
    "", " ", "\t", "\n", "0", "-1", "00", "1.5", "1e9", "1e999", "nan", "inf", "-inf", "0x10",
    "1,000", "1_000", "١٢", "²", "½", "Ⅷ", "9" * 30, "9" * 5_000, "true", "null", "none",
    "undefined",
    "\0", "a\0b", "\ud800", "x\udfffy", "\ufeff",
    "\u202e", "e\u0301", "ﬃ", "İ", "😀" * 40, "\U0001f469\u200d\U0001f467",
    "日本語", "ไทย", "عربي", "a" * 300, "a" * 20_000, "é" * 90, "-" * 90,
    "<script>alert(1)</script>",
    "<b>&amp;", "' OR 1=1 --", '"; DROP TABLE events; --', "%", "_", "\\", "%00", "%2e%2e%2f",
    "%s%n", "{0}", "{{7*7}}", "${7*7}", "$(id)", "`id`", "=1+1", "@SUM(A1)", "../../etc/passwd",
    "..\\..\\x", "/", "//", "//evil.example/", "/etc/passwd", "C:\\x", ".", "..", "~", "CON",
    "javascript:alert(1)", "https://evil.example/", "__proto__", "constructor", "__class__",
    "a\r\nSet-Cookie: x=y", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "2026-11-22T08:20:30.007Z",
    "local", "oracle", "warm-start", "first-start", "labels", "predictions", "skipped", "retracted",
)  # fmt: skip


def _nested(depth: int) -> Any:
    made: Any = 1
    for level in range(depth):
        made = [made] if level % 2 else {"a": made}
    return made


_THINGS: tuple[Callable[[], Any], ...] = (
    lambda: None, list, dict, lambda: [[]], lambda: [None], lambda: {"": ""}, lambda: [{}],
    lambda: _nested(40), lambda: _nested(300), lambda: list(range(1_000)),
    lambda: {str(i): i for i in range(1_000)}, lambda: ["a"] * 3, lambda: {"data": {}, "id": "x"},
    lambda: {"props": {"children": "x"}, "type": "Div", "namespace": "dash_html_components"},
    lambda: {"__dash_patch_update": "__dash_patch_update", "operations": []},
    lambda: {"_dash_no_update": "_dash_no_update"},
)  # fmt: skip


def hostile(rng: random.Random) -> Any:
    """Anything but what was expected."""
    u = rng.random()
    if u < 0.35:
        return rng.choice(_NUMBERS)
    return rng.choice(_TEXTS) if u < 0.75 else rng.choice(_THINGS)()


def hostile_text(rng: random.Random) -> str:
    """A text that is none."""
    return rng.choice(_TEXTS) if rng.random() < 0.8 else str(rng.choice(_NUMBERS))[:6_000]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(min(len(value), 50)):
            yield from _places(value[index], (*path, index))


def _text_like(rng: random.Random, text: str, pool: Sequence[str]) -> Any:
    ways: tuple[Callable[[], Any], ...] = (
        lambda: text[: rng.randrange(len(text) + 1)],
        lambda: text + text,
        text.upper,
        lambda: f" {text} ",
        lambda: text + rng.choice("\0\ud800\n .-%'\"<é日"),
        lambda: [text],
        lambda: {"value": text},
        lambda: re.sub(r"\d", str(rng.randrange(10)), text, count=1),
        lambda: rng.choice(pool) if pool else "",
        lambda: rng.choice(pool) if pool else "",
    )
    return rng.choice(ways)()


def _number_like(rng: random.Random, value: float) -> Any:
    return rng.choice(
        (value + 1, value - 1, -value, value * 1_000, float(value), f"{value}", [value], not value)
    )


def _dict_like(rng: random.Random, value: dict[Any, Any]) -> Any:
    made = dict(value)
    key = rng.choice(list(made)) if made else ""
    what = rng.randrange(5)
    if what == 0:
        made.pop(key, None)
    elif what == 1:
        made[hostile_text(rng)] = hostile(rng)
    elif what == 2 and made:
        made[f"{key}x"] = made.pop(key)
    elif what == 3 and len(made) > 1:
        other = rng.choice(list(made))
        made[key], made[other] = made[other], made[key]
    else:
        return [made]
    return made


def _list_like(rng: random.Random, value: list[Any]) -> Any:
    made = list(value)
    what = rng.randrange(5)
    if what == 0 and made:
        made.pop(rng.randrange(len(made)))
    elif what == 1:
        made.insert(rng.randrange(len(made) + 1), hostile(rng))
    elif what == 2:
        rng.shuffle(made)
    elif what == 3:
        made = made * 2
    else:
        return dict(enumerate(made)) and {str(i): v for i, v in enumerate(made)}
    return made


def _like(rng: random.Random, value: Any, pool: Sequence[str]) -> Any:
    """A value close to another one."""
    if isinstance(value, str):
        return _text_like(rng, value, pool)
    if isinstance(value, (int, float)) and abs(value) < 2**63:
        return _number_like(rng, value)
    if isinstance(value, dict):
        return _dict_like(rng, value)
    return _list_like(rng, value) if isinstance(value, list) else hostile(rng)


def mutate(rng: random.Random, value: Any, *, times: int, pool: Sequence[str] = ()) -> Any:
    """A value with some of its parts made wrong.

    Parameters
    ----------
    rng
        Where chance comes from.
    value
        Plain data; it stays as it is.
    times
        How many parts.
    pool
        Names that mean something to the app.

    Examples
    --------
    >>> mutate(random.Random(3), {"do": "look", "n": 1}, times=1)
    {'do': '', 'n': 1}

    """
    made = copy.deepcopy(value)
    for _ in range(times):
        places = list(_places(made))
        # The whole is one place of many, and what it is made of is more to the point.
        path = rng.choice(places[1:] if len(places) > 1 and rng.random() < 0.9 else places)
        made = _put(rng, made, path, pool)
    return made


def _put(rng: random.Random, whole: Any, path: tuple[Any, ...], pool: Sequence[str]) -> Any:
    parent: Any = None
    here = whole
    for step in path:
        parent, here = here, here[step]
    new = _like(rng, here, pool) if rng.random() < 0.5 else hostile(rng)
    if parent is None:
        return new
    parent[path[-1]] = new
    return whole


def as_json(value: Any) -> bytes:
    """A value as a browser, or something worse, would write it: NaN and half characters too."""
    return json.dumps(value).encode()


def spoil(rng: random.Random, raw: bytes) -> bytes:
    """Bytes that were damaged on their way."""
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: raw[: rng.randrange(len(raw) + 1)],
        lambda: raw + raw,
        lambda: raw.replace(b'"', b"'", rng.randrange(1, 4)),
        lambda: raw[: (i := rng.randrange(len(raw) + 1))] + rng.randbytes(3) + raw[i:],
        lambda: b"\xef\xbb\xbf" + raw,
        lambda: raw.decode("utf-8", "replace").encode("utf-16"),
        lambda: raw.replace(b":", b": 9" + b"9" * 5_000 + b', "x":', 1),
        lambda: b"[" * rng.choice((10, 900, 100_000)),
        lambda: b'{"a":' * rng.choice((10, 900, 50_000)) + b"1" + b"}" * 10,
        lambda: raw[:-1] + b', "output": "label-reply.data", "output": 1}',
        lambda: b"",
        lambda: b"null",
        lambda: rng.randbytes(rng.randrange(200)),
        lambda: raw + b" " * 5_000_000 if rng.random() < 0.02 else raw + b"\0",
    )
    return rng.choice(ways)()
