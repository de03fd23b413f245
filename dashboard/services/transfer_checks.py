"""What the records of an experiment's file have to look like before they are believed.

Nothing that gets past these can stop a page from being drawn; whether the log replays is for
`verify` to say. Each check raises `Wrong` with what is wrong; the caller knows the line.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, get_origin, get_type_hints

from dashboard.core.learner import Learner
from dashboard.core.pipelines import PIPELINES, TEXT
from dashboard.core.spec import MAX_SEED, Spec
from dashboard.errors import SluiceError
from dashboard.storage.archive import Field
from dashboard.storage.experiments import LabelClass

Record = dict[str, Any]

MAX_CLASSES = 4_095
MAX_VALUE = 1e6
MAX_WHOLE, MAX_COUNT = 2**53, 2**31  # of 64 bits, as JSON may hold them, and of 32
MAX_STATE = 700  # a strategy's state is a logarithm at most, and has to have a power
MAX_WORD, MAX_TEXT = 200, 32 << 20
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Wrong(Exception):
    """What is wrong with a record, as a predicate."""


def require(fine: bool, wrong: str) -> None:
    """Raise `Wrong` unless something holds."""
    if not fine:
        raise Wrong(wrong)


# Single values ---------------------------------------------------------------------------------


def plain(values: Mapping[str, Any]) -> Record:
    """A row as JSON can hold it: bytes as Base64, numbers that JSON does not know as words.

    Examples
    --------
    >>> plain({"label": 1, "probabilities": b"ab", "strategy_state": math.inf})
    {'label': 1, 'probabilities': 'YWI=', 'strategy_state': 'inf'}

    """
    return {name: v if type(v) in _AS_IS else _plain(v) for name, v in values.items()}


_AS_IS = {int, str, type(None), dict, list}


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def typed(record: Mapping[str, Any], fields: Sequence[Field]) -> Record:
    """A record with a value of the right type for each field, and no other fields."""
    if unknown := record.keys() - {field.name for field in fields}:
        raise Wrong(f"has a field {min(unknown)!r:.80} that this Sluice does not know")
    row = {}
    for field in fields:
        value = record.get(field.name)
        # Most values are small whole numbers, and there are millions of them.
        plainly = field.kind is int and type(value) is int and -MAX_WHOLE < value < MAX_WHOLE
        row[field.name] = value if plainly else _typed(value, field)
    return row


def _typed(value: Any, field: Field) -> Any:
    if value is None:
        require(not field.required, f"has no {field.name}")
        return field.default
    kind = type(value)
    if field.kind is str and kind is str:
        _check_text(field.name, value, MAX_TEXT)
    elif field.kind is int and kind is int:
        raise Wrong(f"says {field.name} is {value!s:.20}, which is out of range")
    elif field.kind is float and kind in (int, float) and -MAX_STATE <= value <= MAX_STATE:
        return float(value)
    elif field.kind is bytes and kind is str:
        value = _bytes(field.name, value)
    else:
        raise Wrong(f"says {field.name} is {value!r:.40}, which is no {_NAMES[field.kind]}")
    if field.name in _JSON:
        _JSON[field.name](field.name, value)
    return value


_NAMES = {str: "text", int: "whole number", float: "number", bytes: "Base64"}


def _bytes(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong(f"has {name} that are no Base64") from error


def _check_text(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise Wrong(f"has a {name} of {len(value):,} characters")
    if "\0" in value:  # no database keeps these two
        raise Wrong(f"has a {name} with a NUL in it")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Wrong(f"has a {name} with half a character in it") from error


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"has a {name} that is no JSON") from error


def _check_memory(name: str, text: str) -> None:
    numbers = _parsed(name, text)
    fine = isinstance(numbers, list) and all(type(n) in (int, float) for n in numbers)
    require(fine, f"has a {name} that is no list of numbers")


_JSON = {"strategy_memory": _check_memory, "payload": _parsed}


def word(record: Mapping[str, Any], name: str, longest: int = MAX_WORD) -> str:
    """A short text that has to be there."""
    value = record.get(name)
    require(isinstance(value, str), f"has no {name}")
    _check_text(name, str(value), longest)
    return str(value)


def within(record: Record, name: str, low: int, stop: int) -> None:
    """Require a whole number from `low` to before `stop`, or nothing."""
    value = record[name]
    if value is not None and not low <= value < stop:
        raise Wrong(f"says {name} is {value}, which is not from {low} to {stop - 1}")


# Documents -------------------------------------------------------------------------------------


def check_spec(document: Any) -> Spec:
    """The recipe of the sampler, where this Sluice can build it."""
    require(isinstance(document, dict), "has no spec")
    known, hints = {f.name: f for f in dataclasses.fields(Spec)}, get_type_hints(Spec)
    if unknown := document.keys() - known.keys():
        raise Wrong(f"has a spec with a field {min(unknown)!r:.80} that this Sluice does not know")
    for name, value in document.items():
        require(_is_a(value, hints[name]), f"has a spec whose {name} is {value!r:.40}")
        if isinstance(value, float):
            require(0 <= value <= MAX_VALUE, f"has a spec whose {name} is {value}")
    try:
        spec = Spec(**document)
    except TypeError as error:
        raise Wrong(f"has a spec that lacks a field ({error})") from error
    require(0 <= spec.seed <= MAX_SEED, f"has a spec whose seed is {spec.seed}")
    require(0 <= spec.floor <= 1, f"has a spec whose floor is {spec.floor}")
    return spec


def _is_a(value: Any, hint: Any) -> bool:
    kind = get_origin(hint) or hint
    if kind is float:
        return type(value) in (int, float)
    return isinstance(value, hint if kind is UnionType else kind)


def try_out(spec: Spec, n_classes: int, fields: Mapping[str, Any]) -> None:
    """Build what the recipe says and show it a sample."""
    pipeline = PIPELINES.get(spec.pipeline)
    fits = (
        pipeline is not None
        and pipeline.text is (set(fields) == {TEXT})
        and (n_classes == 2 or not pipeline.binary)
    )
    require(fits, f"has a spec whose pipeline {spec.pipeline!r:.80} does not fit")
    try:
        Learner(spec, n_classes=n_classes).scan(0, dict(fields))
    except (SluiceError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise Wrong(
            f"has a spec that this Sluice cannot build for its samples ({type(error).__name__}: "
            f"{error!s:.80})"
        ) from error


def check_classes(document: Any) -> tuple[LabelClass, ...]:
    """The classes of an experiment, in order."""
    require(
        isinstance(document, list) and 2 <= len(document) <= MAX_CLASSES,
        f"should have 2 to {MAX_CLASSES:,} classes",
    )
    made = []
    for each in document:
        require(isinstance(each, dict), "has a class that is no object")
        for name in ("name", "title"):
            require(bool(word(each, name).strip()), f"has a class without a {name}")
        for name, value in each.items():
            require(isinstance(value, (str, int, type(None))), _ODD_CLASS)
            _check_text(name, str(value), MAX_TEXT)
        try:
            made.append(LabelClass(**each))
        except TypeError as error:
            raise Wrong(_ODD_CLASS) from error
    require(len({c.name for c in made}) == len(made), "has two classes of one name")
    return tuple(made)


_ODD_CLASS = "has a class with something that this Sluice does not know"


def check_names(what: str, document: Any) -> list[str]:
    """A list of names, such as the classes of a stream, in order."""
    fine = isinstance(document, list) and all(isinstance(name, str) for name in document)
    require(fine and len(document) <= MAX_CLASSES, f"should have a list of {what}")
    for name in document:
        _check_text(what, name, MAX_WORD)
    return list(document)
