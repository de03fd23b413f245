"""Whether an id has been there before, in eight bytes each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class SeenIds:
    """Ids seen so far, as sorted runs of 64-bit hashes that are merged when there are many.

    A set of a million strings takes 100 MB, this takes 8. Two different ids of one hash among ten
    million would take a chance of one in 370,000.

    Examples
    --------
    >>> seen = SeenIds()
    >>> seen.again(["a", "b", "a"]), seen.again(["c", "b"]), seen.again(["d"])
    ([2], [1], [])

    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.int64]] = []

    def again(self, ids: Sequence[str]) -> list[int]:
        """Places of the ids that were there before, in this list or an earlier one.

        Parameters
        ----------
        ids
            Some ids, in order. All of them count as seen from now on.

        """
        hashes = np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids))
        distinct, first = np.unique(hashes, return_index=True)
        known = np.zeros(len(distinct), dtype=bool)
        for run in self._runs:
            places = np.searchsorted(run, distinct)
            places[places == len(run)] = 0
            known |= run[places] == distinct
        self._keep(distinct)
        if len(distinct) == len(ids) and not known.any():
            return []
        new = np.zeros(len(ids), dtype=bool)
        new[first[~known]] = True
        return [int(i) for i in np.flatnonzero(~new)]

    def _keep(self, run: NDArray[np.int64]) -> None:
        """Keep a run; each is at least twice as long as the next one, so that there are few."""
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.sort(np.concatenate((self._runs.pop(), run)), kind="stable")
        if len(run):
            self._runs.append(run)
