"""What spot-checks say of the accuracy: their counts from few buckets, in one consistent read."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from dashboard.analytics.estimates import strata
from dashboard.analytics.estimates.strata import Checked
from dashboard.core.checks import cells
from dashboard.core.tally import Counts
from dashboard.services.floors import Floor
from dashboard.storage import checks
from dashboard.storage.experiments import Experiment
from dashboard.storage.upto import counts_before


def checked(
    connection: Connection, experiment: Experiment, totals: Counts, floor: Floor
) -> Checked | None:
    """The estimates that spot-checks have a part in; None where none was answered.

    Parameters
    ----------
    connection
        A read transaction.
    experiment
        The experiment.
    totals
        The counts over its whole log, in the same transaction.
    floor
        In force.

    """
    if not totals["spot"] + totals["spot:u"]:
        return None
    parts = cells(checks.drawn(connection, experiment.id), at=[floor.since])
    bounds = strata.bounds(parts, since=floor.since)
    before = {p: counts_before(connection, experiment.id, p) for p in bounds}
    return strata.checked(parts, before, totals, floor=floor.least, since=floor.since)
