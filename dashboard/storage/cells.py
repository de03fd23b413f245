"""What stands in the cells of the logs: plain values, whatever the database holds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from dashboard.core.pipelines import TEXT
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Sample

Value = str | int | float | bool | None
Record = tuple[Value, ...]


def fields_of(row: Any) -> dict[str, Any]:
    """What a sample consists of: its text, or its fields."""
    found: dict[str, Any] = {TEXT: row.text} if row.fields is None else json.loads(row.fields)
    return found


def content(row: Any, names: list[str] | None) -> Record:
    """A sample as cells: its text, or its fields of these names."""
    values = fields_of(row)
    if names is None:
        return (Sample("", values, None).text,)
    return tuple(_value(values.get(name)) for name in names)


def namer(experiment: Experiment) -> Callable[[int | None], str | None]:
    """A function from the index of a class to its name."""
    names: dict[int | None, str | None] = {None: None}
    names.update((index, c.name) for index, c in enumerate(experiment.classes))
    return names.__getitem__


def number(value: float) -> float | None:
    """A number, or None where it is none."""
    return None if math.isnan(value) else value


@lru_cache(maxsize=256)  # all predictions of one event bear the same time
def iso(at: int) -> str:
    """Milliseconds since 1970 UTC as ISO 8601.

    Examples
    --------
    >>> iso(1_795_342_830_007)
    '2026-11-22T10:20:30.007Z'

    """
    seconds, milliseconds = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{milliseconds:03d}Z"


def _value(value: Any) -> Value:
    """A field as one cell; what is neither text nor number nor truth value becomes JSON."""
    if isinstance(value, float):
        return number(value)
    if value is None or isinstance(value, (str, int)):
        return value
    return json.dumps(value, ensure_ascii=False)
