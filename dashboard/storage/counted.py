"""Predictions as they are counted."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from dashboard.core.tally import Row
from dashboard.storage.schema import predictions

_PLAIN = tuple(name for name in Row._fields if name != "probability")

# What `row_of` takes, in this order.
NAMES = (*_PLAIN, "probabilities")
COLUMNS = tuple(predictions.c[name] for name in NAMES)

_PREDICTED = NAMES.index("predicted")
_DOUBLE = struct.Struct("<d")


def row_of(record: Sequence[Any]) -> Row:
    """A prediction as it is counted, from its columns.

    Parameters
    ----------
    record
        Values of `COLUMNS`.

    Examples
    --------
    >>> blob = struct.pack("<2d", 0.25, 0.75)
    >>> row_of((7, 1, 0.8, 0.05, "", None, None, None, blob)).probability
    0.75

    """
    *plain, blob = record
    predicted = record[_PREDICTED]
    return Row._make((*plain, None if predicted is None else _probability(blob, predicted)))


def _probability(blob: bytes, predicted: int) -> float | None:
    # A file that was brought along may hold anything: what is no probability is not counted.
    start = _DOUBLE.size * predicted
    if not 0 <= start <= len(blob) - _DOUBLE.size:
        return None
    found: float = _DOUBLE.unpack_from(blob, start)[0]
    return told(found)


def told(probability: float) -> float | None:
    """A probability, or None where a model made it of numbers too large for it.

    Examples
    --------
    >>> told(0.5), told(float("nan"))
    (0.5, None)

    """
    return probability if 0 <= probability < 2 else None
