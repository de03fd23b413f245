"""What is digested of samples: one definition for all who write or read a stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def printed(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Id, text, fields and truth of samples, as bytes to digest.

    Parameters
    ----------
    rows
        Tuples of these four. Whether they come at once or in parts makes no difference.

    Examples
    --------
    >>> printed([("a", "one", None, 0)]) + printed([("b", "two", None, None)])
    b"('a', 'one', None, 0)('b', 'two', None, None)"

    """
    return "".join(map(repr, rows)).encode("utf-8", "surrogatepass")
