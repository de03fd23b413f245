"""What people type into fields: text that may be anything, read or refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboard.errors import BadInput

_WHOLE = re.compile(r"\d{1,12}")


def text(typed: Mapping[str, Any], field: str) -> str:
    """A field as text; empty where it is something else."""
    value = typed.get(field)
    return value if isinstance(value, str) else ""


def whole(typed: Mapping[str, Any], field: str, words: str, *, otherwise: int) -> int:
    """A field as a whole number.

    Examples
    --------
    >>> whole({"seed": "1,000"}, "seed", "seed", otherwise=42)
    1000
    >>> whole({}, "seed", "seed", otherwise=42)
    42

    """
    found = text(typed, field).replace(",", "").strip()
    if not found:
        return otherwise
    if not _WHOLE.fullmatch(found):
        raise BadInput(f"The {words} has to be a whole number, not {found[:40]!r}.")
    return int(found)


def number(typed: Mapping[str, Any], field: str, words: str) -> float | None:
    """A field as a number; None where it is empty."""
    found = text(typed, field).strip()
    if not found:
        return None
    try:
        return float(found)
    except ValueError as error:
        raise BadInput(f"The {words} has to be a number, not {found[:40]!r}.") from error
