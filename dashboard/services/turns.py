"""Whose turn it is at which query, where several people label one experiment.

Whoever is shown an open query has it to themselves for a while; one whose time is over goes to
whoever comes next. Where nobody signs in, everyone is the same person, and nothing of this happens.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Connection, RowMapping

from dashboard.services.people import signed_in
from dashboard.storage import experiments, leases, log
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment

LEASE_SECONDS = 600


class Turns:
    """Hands open queries to people.

    Parameters
    ----------
    database
        The storage.
    clock
        Milliseconds since 1970 UTC.
    seconds
        How long a query that one person was shown is not shown to another.

    """

    def __init__(
        self, database: Database, clock: Callable[[], int], *, seconds: int = LEASE_SECONDS
    ):
        self.database = database
        self.clock = clock
        self.milliseconds = 1000 * seconds

    def asked(
        self, connection: Connection, experiment: Experiment, position: int, person: str
    ) -> tuple[RowMapping | None, bool]:
        """The open query at a position, if there is one, and whether there is another to go to."""
        if person:
            found = log.open_at(connection, experiment.id, position)
            return found, self.is_free(connection, experiment, person, besides=position)
        first = log.open_queries(connection, experiment.id, 2)
        found = next((query for query in first if query["position"] == position), None)
        if found is None and len(first) > 1:  # there may be more of them
            found = log.open_at(connection, experiment.id, position)
        return found, len(first) > 1

    def is_free(
        self, connection: Connection, experiment: Experiment, person: str, *, besides: int = -1
    ) -> bool:
        """Whether there is an open query for a person: theirs, or nobody's."""
        if not person:
            return log.open_query(connection, experiment.id) is not None
        found = leases.free(connection, experiment.id, person, at=self.clock(), besides=besides)
        return found is not None

    def pass_on(
        self, connection: Connection, experiment: Experiment, person: str, answered: int | None
    ) -> None:
        """In the transaction of an answer or a scan: the person goes on to their next query."""
        if not person:
            return
        if answered is not None:
            leases.release(connection, experiment.id, answered)
        self._next(connection, experiment, person)

    def go_back(
        self, connection: Connection, experiment: Experiment, person: str, position: int
    ) -> bool:
        """In the transaction of an undo: the person has the query again that they had answered.

        Unless another has it, for whom an oracle had answered it.
        """
        if not person:
            return False
        at = self.clock()
        until = at + self.milliseconds
        return leases.take(connection, experiment.id, position, person, at=at, until=until)

    def take(self, slug: str, annotator: str, *, anew: bool = False) -> bool:
        """Give a person the query that they get next; False where none is free for them.

        Parameters
        ----------
        slug
            The experiment.
        annotator
            Who is to be shown a query; nobody in particular needs none of their own.
        anew
            Whether the time of the one that they have begins again.

        """
        if not signed_in(annotator):
            return False
        with self.database.write() as connection:
            experiment = experiments.find(connection, slug)
            if experiment is None:  # deleted meanwhile
                return False
            found = self._next(connection, experiment, annotator)
            if found is not None and anew:
                self.go_back(connection, experiment, annotator, found)
        return found is not None

    def _next(self, connection: Connection, experiment: Experiment, person: str) -> int | None:
        at = self.clock()
        until = at + self.milliseconds
        return leases.take_next(connection, experiment.id, person, at=at, until=until)
