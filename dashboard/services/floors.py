"""The floor in force: the least query probability of every sample that an estimate is about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.engine import Connection

from dashboard.core.weights import LEAST
from dashboard.storage import log
from dashboard.storage.experiments import Experiment


class Floor(NamedTuple):
    """A floor and the stretch that it holds for.

    Parameters
    ----------
    least
        No sample of the stretch had a lower query probability.
    since
        Position at which the stretch begins; before it the floor was 0.

    """

    least: float
    since: int


class Span(NamedTuple):
    """A part of the log with one recipe, which a change ended.

    Parameters
    ----------
    seq
        The change.
    stop
        Position at which the log stood then.
    floor
        Until then.

    """

    seq: int
    stop: int
    floor: float


class Floors:
    """Remembers the changes of each log: they only ever become more."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Span, ...]] = {}

    def in_force(self, connection: Connection, experiment: Experiment) -> Floor:
        """The floor that holds for an experiment, from where on it has one."""
        known = self._known.get(experiment.uid, ())
        after = known[-1].seq if known else 0
        found = log.changes(connection, experiment.id, after=after)
        if found:
            known += tuple(
                Span(seq, position, json.loads(payload)["before"]["spec"]["floor"])
                for seq, position, payload in found
            )
            self._known[experiment.uid] = known
        return floor_in_force(experiment.spec.floor, known)


def floor_in_force(now: float, spans: Sequence[Span]) -> Floor:
    """The least floor of any sample since the floor was last 0.

    What an unseen error may weigh at most is decided by the lowest floor that it can have had.

    Parameters
    ----------
    now
        The floor at the head.
    spans
        Parts of the log that have ended, in order.

    Examples
    --------
    Raised from 0 to 5 % at position 900, lowered to 2 % at 3,000:

    >>> floor_in_force(0.02, [Span(40, 900, 0.0), Span(95, 3_000, 0.05)])
    Floor(least=0.02, since=900)

    Lowered and raised again at once, nothing was scanned meanwhile:

    >>> floor_in_force(0.05, [Span(40, 900, 0.05), Span(41, 900, 0.0)])
    Floor(least=0.05, since=0)

    """
    if now < LEAST:
        return Floor(now, 0)
    # An undo may have taken back what a span scanned; what is left of it lies before its end.
    begins = [0, *(span.seq for span in spans)]
    scanned = [span for begin, span in zip(begins, spans, strict=False) if span.seq > begin + 1]
    since = max((span.stop for span in scanned if span.floor < LEAST), default=0)
    return Floor(min([now, *(s.floor for s in scanned if s.stop > since)]), since)
