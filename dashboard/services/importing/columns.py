"""What columns hold and what they are probably for, from their first values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dashboard.services.importing.plan import CATEGORY, DATE, MAX_CLASSES, NUMBER, TEXT, Column

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_EXACT = 2**53  # whole numbers up to here are floats without a loss

_TEXTS = ("text", "content", "message", "comment", "body", "sentence", "question", "review",
          "tweet", "sms", "utterance", "query", "document", "description", "title")  # fmt: skip
_LABELS = ("label", "class", "category", "target", "intent", "sentiment", "spam", "tag", "topic",
           "y", "gold", "truth")  # fmt: skip
_IDS = ("id", "uuid", "guid", "key", "uid")


def as_text(value: Any) -> str:
    """A value as a person would write it.

    Examples
    --------
    >>> as_text(3.0), as_text(True), as_text(None), as_text({"a": "é"}), as_text(date(2024, 5, 31))
    ('3', 'true', '', '{"a": "é"}', '2024-05-31')

    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return str(value)


def is_number(text: str) -> bool:
    """Whether a cell is a number; one with leading zeros is rather a code.

    Examples
    --------
    >>> [is_number(t) for t in ("12", "-0.5", "1e9", ".5", "007", "1,000", "nan", "", ".")]
    [True, True, True, True, False, False, False, False, False]

    """
    return _NUMBER.fullmatch(text) is not None and any(c.isdigit() for c in text)


def number(value: Any) -> float | int | None:
    """A value as a number, or None where it is none.

    Examples
    --------
    >>> number(" 12"), number("1.50"), number(True), number("n/a"), number(float("inf"))
    (12, 1.5, 1, None, None)

    """
    if isinstance(value, str):
        text = value.strip()
        if not is_number(text):
            return None
        whole = text.lstrip("+-").isdigit() and len(text) < 17
        value = int(text) if whole else float(text)
    elif isinstance(value, Decimal):
        value = float(value)
    elif isinstance(value, bool):
        value = int(value)
    elif not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else _large(value)
    return value if math.isfinite(value) else None


def _large(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def iso_date(value: Any) -> str | None:
    """A value as an ISO 8601 date, or None where it is none.

    Examples
    --------
    >>> iso_date("2024-05-31 17:05"), iso_date(date(2024, 5, 31)), iso_date("31.5.2024")
    ('2024-05-31 17:05', '2024-05-31', None)

    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        return None
    text = value.strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def typed(value: Any, kind: str) -> Any:
    """A value as its column's type has it; what does not fit says what it says, as text.

    Examples
    --------
    >>> typed("12", "number"), typed("n/a", "number"), typed("", "number"), typed(5, "category")
    (12, 'n/a', None, '5')

    """
    if kind == TEXT:
        return as_text(value).strip("\r\n")
    found = number(value) if kind == NUMBER else iso_date(value) if kind == DATE else None
    return as_text(value).strip() or None if found is None else found


def type_of(values: Sequence[Any]) -> str:
    """The type of a column with these values.

    Examples
    --------
    >>> type_of(["1", "2.5", ""]), type_of(["2024-05-31"]), type_of(["red", "green"] * 9)
    ('number', 'date', 'category')
    >>> type_of(["How are you?", "Fine, and you?", "So am I"])
    'text'

    """
    present = [v for v in values if as_text(v).strip()]
    if not present:
        return TEXT
    if all(isinstance(v, bool) for v in present):
        return CATEGORY
    if all(number(v) is not None for v in present):
        return NUMBER
    if all(iso_date(v) is not None for v in present):
        return DATE
    texts = [as_text(v) for v in present]
    distinct = len(set(texts))
    short = max(map(len, texts)) <= 60 and not any("\n" in t for t in texts)
    few = distinct <= max(2, min(len(texts) / 2, 20 + len(texts) / 20))
    return CATEGORY if short and few else TEXT


def describe(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[Column, ...]:
    """The columns of a table, from its first rows.

    Parameters
    ----------
    names
        Of the columns.
    rows
        Values in the same order.

    """
    held = [[row[i] for row in rows] for i in range(len(names))]
    types = [type_of(values) for values in held]
    texts = [[as_text(v).strip() for v in values] for values in held]
    distinct = [len(set(filter(None, column))) for column in texts]
    roles = _roles(names, types, texts, distinct)
    return tuple(
        Column(name=name, type=types[i], role=roles.get(i, "field"), distinct=distinct[i],
               empty=texts[i].count(""))
        for i, name in enumerate(names)
    )  # fmt: skip


def _roles(
    names: Sequence[str], types: list[str], texts: list[list[str]], distinct: list[int]
) -> dict[int, str]:
    """Which column is the text, which the label and which the id; each at most once."""
    rows = len(texts[0]) if texts else 0
    free = range(len(names))
    roles: dict[int, str] = {}
    labels = [i for i in free if 2 <= distinct[i] <= MAX_CLASSES and _looks(names[i], _LABELS)
              and (types[i] == CATEGORY or distinct[i] <= max(2, rows / 2))]  # fmt: skip
    if labels:
        roles[min(labels, key=lambda i: (_rank(names[i], _LABELS), distinct[i]))] = "label"
    words = [i for i in free if i not in roles and distinct[i] and not _looks(names[i], _IDS)
             and (types[i] == TEXT or len(names) == 1 or _looks(names[i], _TEXTS))]  # fmt: skip
    if words:
        roles[max(words, key=lambda i: (_looks(names[i], _TEXTS), _usual(texts[i])))] = "text"
    ids = [i for i in free if i not in roles and _looks(names[i], _IDS) and rows
           and distinct[i] == rows]  # fmt: skip
    if ids:
        roles[ids[0]] = "id"
    left = [i for i in free if i not in roles]
    if "label" not in roles.values() and len(names) == 2 and "text" in roles.values() and left:
        # A text and something that is one of few: the usual shape of a labeled set.
        other = left[0]
        if types[other] == CATEGORY and 2 <= distinct[other] <= max(2, rows / 2):
            roles[other] = "label"
    return roles


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())


def _looks(name: str, usual: Sequence[str]) -> bool:
    return not set(usual).isdisjoint(_words(name))


def _rank(name: str, usual: Sequence[str]) -> int:
    return min(usual.index(word) for word in _words(name) if word in usual)


def _usual(texts: Sequence[str]) -> float:
    present = [len(t) for t in texts if t]
    return sum(present) / len(present) if present else 0.0
