"""What takes long to work out, kept as long as it holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The last few of something, by the state of what they were worked out from.

    Parameters
    ----------
    most
        How many to keep; the one used longest ago goes first.

    Examples
    --------
    >>> squares = Kept[int](most=1)
    >>> squares.get(3, lambda: 9), squares.get(3, lambda: 0), squares.get(4, lambda: 16)
    (9, 9, 16)
    >>> squares.get(3, lambda: 0)
    0

    """

    def __init__(self, most: int):
        self.most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for this key, made now where it was not.

        Parameters
        ----------
        key
            Names the state that it holds for.
        make
            Works it out; two threads may both do so.

        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            self._values[key] = made
            while len(self._values) > self.most:
                self._values.popitem(last=False)
        return made
