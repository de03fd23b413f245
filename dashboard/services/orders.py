"""Which rows a page of a log has, read once for many pages where that takes long."""

from __future__ import annotations

from array import array
from functools import partial

from sqlalchemy.engine import Connection

from dashboard.services.kept import Kept
from dashboard.storage import browse
from dashboard.storage.browse import Filter, Sort
from dashboard.storage.experiments import Experiment

# No index has the rows in another order than that of their positions, so every page reads the
# whole log. The first rows of an order are quick to find and few, so they are kept for the pages
# that follow; further down, where the database sorts, the order is worked out once and kept whole.
FAR_DOWN = 2_000
BEGINNINGS_KEPT = 32
ORDERS_KEPT = 4
LONGEST_KEPT = 1_000_000  # rows, eight bytes each


class Orders:
    """Remembers orders of rows as long as the log has not moved."""

    def __init__(self) -> None:
        self._beginnings = Kept[list[int]](BEGINNINGS_KEPT)
        self._whole: Kept[array[int]] = Kept(ORDERS_KEPT)

    def keys(
        self,
        connection: Connection,
        experiment: Experiment,
        chosen: Filter,
        sort: Sort,
        *,
        first: int,
        stop: int,
        count: int,
    ) -> list[int]:
        """What identifies the rows from `first` to before `stop`, as `browse.keys` has it.

        Parameters
        ----------
        connection
            A read transaction.
        experiment
            Whose log.
        chosen, sort
            Which rows, in which order.
        first, stop
            Indices of rows in that order.
        count
            How many rows there are.

        """
        first, stop = min(first, count), min(stop, count)
        key = (experiment.uid, experiment.head, chosen, sort)
        if chosen.terms or browse.is_sorted(chosen, sort):
            if stop <= FAR_DOWN:
                read = partial(browse.keys, connection, experiment, chosen, sort)
                begin = partial(read, first=0, stop=FAR_DOWN)
                return self._beginnings.get(key, begin)[first:stop]
            if first >= FAR_DOWN and count <= LONGEST_KEPT:
                whole = partial(browse.order, connection, experiment, chosen, sort)
                return self._whole.get(key, whole)[first:stop].tolist()
        return browse.keys(connection, experiment, chosen, sort, first=first, stop=stop)
