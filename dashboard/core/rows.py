"""Rows of fields as features: numbers, dates in parts, categories as marks, texts as words.

What a field is comes from the stream's `columns`, a mapping of fields to types that is stored with
the experiment's recipe. The importer brings values into these forms:

==========  =============================================================================
number      int or float; missing where it is not finite
category    str, usually one of few
date        str in ISO 8601: `2024-05-31`, or with a time, `2024-05-31T17:05:00+02:00`
text        str, several words
==========  =============================================================================

A field without a type is a number where its value is one, else a category; so is a value that is
not of its field's type, so that `n/a` among numbers says what it says. Missing fields and None
are left out. Nothing here keeps state: what is learned is learned by what comes after.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from river import base

from dashboard.core.tokens import shapes

LARGEST = 1e100  # squares of larger numbers are no floats any more


class FieldType(StrEnum):
    """What a field of a row is, and with it how it is learned."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


Columns = Mapping[str, str]
Features = dict[Any, Any]

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:Z|([+-])(\d\d):?(\d\d))?)?"
)


def date_parts(text: str) -> dict[str, float]:
    """A date as numbers: days since 1970, month, weekday from Monday, and the hour if it has one.

    Days are in UTC where an offset is given; month, weekday and hour are those on the clock.

    Parameters
    ----------
    text
        ISO 8601.

    Examples
    --------
    >>> date_parts("1970-01-03")
    {'day': 2.0, 'month': 1, 'weekday': 5}
    >>> date_parts("2024-05-31T18:00:00+02:00")
    {'day': 19874.666666666668, 'month': 5, 'weekday': 4, 'hour': 18}
    >>> date_parts("soon"), date_parts("2024-13-01")
    ({}, {})

    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return {}
    year, month, day, hour, minute = (int(part or 0) for part in found.groups()[:5])
    if not (year and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return {}
    seconds = calendar.timegm((year, month, day, hour, minute, 0)) + float(found[6] or 0)
    if found[7]:
        seconds -= int(f"{found[7]}1") * 60 * (int(found[8]) * 60 + int(found[9]))
    parts = {
        "day": seconds / 86_400,
        "month": month,
        "weekday": calendar.weekday(year, month, day),
    }
    return parts if found[4] is None else {**parts, "hour": hour}


def number_of(value: object) -> float | None:
    """A finite number of a size that can be squared, or None.

    Examples
    --------
    >>> number_of(3), number_of(True), number_of(float("nan")), number_of(10**400)
    (3, None, None, 1e+100)

    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None
    return min(LARGEST, max(-LARGEST, value))


class RowTransformer(base.Transformer):
    """Base of what reads rows by the types of their fields.

    Parameters
    ----------
    columns
        Types of fields.

    """

    def __init__(self, columns: Columns):
        self.columns = columns

    def _typed(self, x: Mapping[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
        """Field, type and value, the value as its type wants it."""
        for field, value in x.items():
            if value is None or value != value:
                continue
            kind = self.columns.get(field)
            if kind == FieldType.TEXT:
                yield field, kind, str(value)
            elif kind == FieldType.DATE and isinstance(value, str) and date_parts(value):
                yield field, kind, date_parts(value)
            elif kind in (None, FieldType.NUMBER) and (number := number_of(value)) is not None:
                yield field, FieldType.NUMBER, number
            else:
                yield field, FieldType.CATEGORY, str(value)


class Numbers(RowTransformer):
    """Numbers as they are, and the day of each date.

    Examples
    --------
    >>> Numbers({"at": "date"}).transform_one({"size": 3, "color": "red", "at": "1970-01-03"})
    {'size': 3, 'at': 2.0}

    """

    def transform_one(self, x: Mapping[Any, Any]) -> Features:
        made: Features = {}
        for field, kind, value in self._typed(x):
            if kind == FieldType.NUMBER:
                made[field] = value
            elif kind == FieldType.DATE:
                made[field] = value["day"]
        return made


class Marks(RowTransformer):
    """What is there or is not: categories, months, weekdays, hours, and words of texts.

    Examples
    --------
    >>> Marks({"at": "date"}).transform_one({"size": 3, "color": "red", "at": "1970-01-03"})
    {'color=red': 1, 'at month=1': 1, 'at weekday=5': 1}
    >>> Marks({"title": "text"}).transform_one({"title": "Red hat"})
    {'title: red': 1, 'title: hat': 1, 'title: red hat': 1}

    """

    def transform_one(self, x: Mapping[Any, Any]) -> Features:
        made: Features = {}
        for field, kind, value in self._typed(x):
            if kind == FieldType.CATEGORY:
                made[f"{field}={value}"] = 1
            elif kind == FieldType.DATE:
                made.update({f"{field} {p}={n}": 1 for p, n in value.items() if p != "day"})
            elif kind == FieldType.TEXT:
                made.update({f"{field}: {token}": 1 for token in shapes(value.lower())})
        return made


class Attributes(RowTransformer):
    """Fields as a tree splits on them: numbers, categories, all parts of dates; no texts.

    Numbers and categories have names of their own: a tree cannot take both under one.

    Examples
    --------
    >>> Attributes({"at": "date"}).transform_one({"color": "red", "at": "1970-01-03"})
    {'color is': 'red', 'at day': 2.0, 'at month': 1, 'at weekday': 5}

    """

    def transform_one(self, x: Mapping[Any, Any]) -> Features:
        made: Features = {}
        for field, kind, value in self._typed(x):
            if kind == FieldType.DATE:
                made.update({f"{field} {part}": n for part, n in value.items()})
            elif kind == FieldType.CATEGORY:
                made[f"{field} is"] = value
            elif kind == FieldType.NUMBER:
                made[field] = value
        return made


class Buckets(base.Transformer):
    """Scaled numbers as marks, one for each half of a standard deviation that they reach.

    For models that know only what is there and what is not, as AdPredictor does, and for linear
    ones where the data is not. A number has the marks of all thresholds between the mean and
    itself, so that neighbors are alike.

    Parameters
    ----------
    keep
        Whether to hand on the numbers too.

    Examples
    --------
    >>> Buckets().transform_one({"size": 1.2, "age": -0.6})
    {'size>0.0': 1, 'size>0.5': 1, 'size>1.0': 1, 'age<0.0': 1, 'age<0.5': 1}

    """

    STEP, STEPS = 0.5, 8

    def __init__(self, keep: bool = False):
        self.keep = keep

    def transform_one(self, x: Mapping[Any, Any]) -> Features:
        made: Features = dict(x) if self.keep else {}
        for field, value in x.items():
            sign = ">" if value >= 0 else "<"
            for step in range(min(self.STEPS, int(abs(value) / self.STEP) + 1)):
                made[f"{field}{sign}{step * self.STEP}"] = 1
        return made
