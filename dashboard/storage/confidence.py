"""The probability of the predicted class, which lies in a blob, as SQL can compare it.

The blob holds float64 with the lowest byte first. From 0 on, numbers compare as their bytes do
from the highest down, so that mostly two bytes decide; decoding every row would take far longer.
"""

from __future__ import annotations

import struct

import sqlalchemy as sa

from dashboard.storage.schema import predictions

Condition = sa.ColumnElement[bool]

_BYTES = 8
_MOST = 1.5  # more than any; rounding may leave a probability just over 1
_BEYOND = b"\x40"  # the highest byte of 2.0; what a model made of too large numbers is no less

_start = predictions.c.predicted * _BYTES
_there = sa.func.length(predictions.c.probabilities) >= _start + _BYTES


def at_least(bound: float) -> Condition:
    """Where the confidence is no less.

    Parameters
    ----------
    bound
        Any number.

    """
    made: Condition = sa.true()  # all bytes are equal
    for found, wanted in _bytes(max(bound, 0.0)):
        made = sa.and_(found >= wanted, sa.or_(found > wanted, made))
    return sa.and_(made, _byte(_BYTES) < _BEYOND)


def at_most(bound: float) -> Condition:
    """Where the confidence is no greater.

    Parameters
    ----------
    bound
        Any number.

    """
    if bound < 0:
        return sa.false()
    made: Condition = sa.true()
    for found, wanted in _bytes(min(bound, _MOST)):
        made = sa.and_(found <= wanted, sa.or_(found < wanted, made))
    return sa.and_(made, _there)


def _byte(number: int) -> sa.ColumnElement[bytes]:
    """One byte of the predicted class's probability, the lowest being 1."""
    at = _start + number
    return sa.func.substr(predictions.c.probabilities, at, 1, type_=sa.LargeBinary)


def _bytes(number: float) -> list[tuple[sa.ColumnElement[bytes], bytes]]:
    """The bytes that are compared, those of a row and those of a number, the lowest first."""
    packed = struct.pack("<d", number + 0.0)  # -0.0 has a bit that 0.0 has not
    return [(_byte(n), bytes([b])) for n, b in enumerate(packed, start=1)]
