"""The fields that logs are filtered and sorted by: how each is read from text and said in SQL.

`browse` puts them together. Names are looked up here and values become bound parameters, so that
nothing a browser sends is ever part of a statement.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from dashboard.core.catalog import STRATEGIES
from dashboard.core.events import Source
from dashboard.core.strategies import AUDIT, COLD_START, SPOT_CHECK
from dashboard.errors import BadInput
from dashboard.storage import confidence
from dashboard.storage.schema import events, predictions, samples

LABELS, PREDICTIONS = "labels", "predictions"
TABLES = (LABELS, PREDICTIONS)
REASONS = (*STRATEGIES, COLD_START, AUDIT, SPOT_CHECK)
NONE = "none"  # no class: passed, never asked, or unknown
MAX_TEXT = 200

Value = str | int | float | bool | None
Condition = sa.ColumnElement[bool]

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?([eE]-?\d{1,2})?")


Parser = Callable[[str, Any, Sequence[str]], Value]


@dataclass(frozen=True)
class Field:
    """Something that rows can be chosen by.

    Parameters
    ----------
    tables
        The logs that have it.
    parse
        Reads a value from text: name, text, class names.
    condition
        What a row of `predictions`, with its event and its sample, has to satisfy.

    """

    tables: tuple[str, ...]
    parse: Parser
    condition: Callable[[Any], Condition]


def short(value: Any) -> str:
    """A value from outside as it can stand in a sentence."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}…"


def _text(name: str, value: Any, _classes: Sequence[str]) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
        raise BadInput(f"The text to search for ({name}) may have {MAX_TEXT} characters.")
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise BadInput("The text to search for holds half a character; type it again.")
    return value


def _class(name: str, value: Any, classes: Sequence[str]) -> int | None:
    if value in classes:
        return list(classes).index(value)
    if value != NONE:
        raise BadInput(f"There is no {name} {short(value)}; the classes are "
                       f"{', '.join(classes)}, and {NONE}.")  # fmt: skip
    return None


def _one_of(*choices: str) -> Parser:
    def parse_choice(name: str, value: Any, _classes: Sequence[str]) -> str:
        if value not in choices:
            raise BadInput(f"There is no {name} {short(value)}; choose one of "
                           f"{', '.join(choices)}.")  # fmt: skip
        return str(value)

    return parse_choice


def _truth_value(name: str, value: Any, _classes: Sequence[str]) -> bool:
    if value not in ("true", "false"):
        raise BadInput(f"The value of {name} has to be true or false, not {short(value)}.")
    return bool(value == "true")


def _number(name: str, value: Any, _classes: Sequence[str]) -> float:
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise BadInput(f"The value of {name} has to be a number, not {short(value)}.")
    return float(text)


def _contains(text: str) -> Condition:
    # Fields are kept as JSON; without its quotation marks it reads as they are shown: `size: 3`.
    spelled = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', "")
    shown = sa.func.replace(samples.c.fields, '"', "")
    return sa.or_(samples.c.text.icontains(text, autoescape=True),
                  shown.icontains(spelled, autoescape=True))  # fmt: skip


def _is(column: sa.ColumnElement[Any]) -> Callable[[Any], Condition]:
    return lambda value: column.is_(None) if value is None else column == value


def _asked(wanted: bool) -> Condition:
    """Whether the sampler asked: a spot-check asks all the same about what it skipped."""
    passed_over = predictions.c.reason.in_(("", SPOT_CHECK))
    return ~passed_over if wanted else passed_over


def _skipped(wanted: bool) -> Condition:
    """Whether nobody was asked, up to now."""
    return predictions.c.reason == "" if wanted else predictions.c.reason != ""


_known = sa.func.coalesce(predictions.c.truth, predictions.c.label)


def _correct(wanted: bool) -> Condition:
    if wanted:
        return predictions.c.predicted == _known
    # A model that had no guess was wrong, as in the exports.
    unlike = sa.or_(predictions.c.predicted.is_(None), predictions.c.predicted != _known)
    return sa.and_(_known.is_not(None), unlike)


def _range(column: sa.ColumnElement[Any], *, scale: int = 1) -> tuple[Any, Any]:
    def value(bound: float) -> float:
        return bound if scale == 1 else round(bound * scale)

    return lambda low: column >= value(low), lambda high: column <= value(high)


def _ranges() -> dict[str, Field]:
    found = {}
    for name, tables, column, scale in (
        ("position", TABLES, predictions.c.position, 1),
        ("entropy", TABLES, predictions.c.entropy, 1),
        ("query_probability", TABLES, predictions.c.query_probability, 1),
        ("seconds", (LABELS,), events.c.milliseconds, 1000),
    ):
        low, high = _range(column, scale=scale)
        found[f"{name}_min"] = Field(tables, _number, low)
        found[f"{name}_max"] = Field(tables, _number, high)
    return found


FIELDS: dict[str, Field] = {
    "q": Field(TABLES, _text, _contains),
    "label": Field(TABLES, _class, _is(predictions.c.label)),
    "predicted": Field(TABLES, _class, _is(predictions.c.predicted)),
    "truth": Field(TABLES, _class, _is(predictions.c.truth)),
    "asked": Field((PREDICTIONS,), _truth_value, _asked),
    "skipped": Field((PREDICTIONS,), _truth_value, _skipped),
    "reason": Field(TABLES, _one_of(*REASONS), _is(predictions.c.reason)),
    "source": Field((LABELS,), _one_of(*(str(s) for s in Source)), _is(events.c.source)),
    "correct": Field(TABLES, _truth_value, _correct),
    **_ranges(),
    "confidence_min": Field((PREDICTIONS,), _number, confidence.at_least),
    "confidence_max": Field((PREDICTIONS,), _number, confidence.at_most),
}


# Orders ----------------------------------------------------------------------------------------

Order = Callable[[bool], list[sa.ColumnElement[Any]]]


def _by(*columns: sa.ColumnElement[Any], tie: sa.ColumnElement[Any]) -> Order:
    def order(descending: bool) -> list[sa.ColumnElement[Any]]:
        # The tie makes the order total, or pages would overlap; it runs the same way, which
        # SQLite sorts twice as fast where many rows are equal.
        return [*(_directed(c, descending) for c in columns), tie.desc() if descending else tie]

    return order


def _directed(column: sa.ColumnElement[Any], descending: bool) -> sa.ColumnElement[Any]:
    """Rows without a value come last, in either direction and on any database."""
    made = column.desc() if descending else column.asc()
    return made.nulls_last() if getattr(column, "nullable", True) else made


def _plain(column: sa.ColumnElement[Any]) -> Order:
    """By a column that is never empty and alone decides: read straight off an index."""
    return lambda descending: [column.desc() if descending else column.asc()]


_right = sa.case((_known.is_(None), None), (predictions.c.predicted == _known, 1), else_=0)


def _orders(tie: sa.ColumnElement[Any]) -> dict[str, Order]:
    columns = predictions.c
    simple = ("predicted", "entropy", "query_probability", "label", "truth")
    return {
        **{name: _by(columns[name], tie=tie) for name in simple},
        "reason": _by(sa.func.nullif(columns.reason, ""), tie=tie),
        "correct": _by(_right, tie=tie),
    }


ORDERS: dict[str, dict[str, Order]] = {
    LABELS: {
        "labeled_at": _plain(events.c.seq),  # events are numbered as they come
        "position": _plain(events.c.position),
        "seconds": _by(events.c.milliseconds, tie=events.c.seq),
        "source": _by(events.c.source, tie=events.c.seq),
        "annotator": _by(events.c.annotator, tie=events.c.seq),
        **_orders(events.c.seq),
    },
    PREDICTIONS: {
        "position": _plain(predictions.c.position),
        "at": _plain(predictions.c.position),  # the later was scanned later
        "asked": _by(sa.case((_asked(True), 1), else_=0),
                     tie=predictions.c.position),
        **_orders(predictions.c.position),
    },
}  # fmt: skip


def reads(order: Sequence[sa.ColumnElement[Any]], table: sa.Table) -> bool:
    """Whether an order needs a table."""
    parts = (part for clause in order for part in visitors.iterate(clause))
    return any(getattr(part, "table", None) is table for part in parts)
