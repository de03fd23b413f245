"""What a page may send: everything is checked, a browser can send anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboard.errors import BadInput

Wish = Mapping[str, Any]

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def whole(value: Any, what: str) -> int:
    """A whole number from 0.

    Examples
    --------
    >>> whole(7, "position")
    7

    Raises
    ------
    BadInput
        For anything else.

    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadInput(f"The page sent no usable {what}; reload it.")
    return value


def text(value: Any, what: str) -> str:
    """A text as it can be stored: without NUL and without halves of characters.

    Examples
    --------
    >>> text("so\\0me \\ud83d", "note")
    'some ?'

    """
    if not isinstance(value, str):
        raise BadInput(f"The page sent no usable {what}; reload it.")
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def key_of(wish: Wish) -> str:
    """The idempotency key of a wish."""
    key = wish.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise BadInput("The page sent no usable idempotency key; reload it.")
    return key
