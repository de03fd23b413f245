"""What spot-checks say of the accuracy: their counts from few buckets, in one consistent read."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from dashboard.analytics.estimates import strata
from dashboard.analytics.estimates.result import Estimate
from dashboard.analytics.estimates.strata import Checked
from dashboard.core.checks import Cell, cells
from dashboard.core.tally import Counts
from dashboard.core.weights import LEAST
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
    parts, before = _parts(connection, experiment, floor)
    return strata.checked(parts, before, totals, floor=floor.least, since=floor.since)


def precision(
    connection: Connection, experiment: Experiment, totals: Counts, floor: Floor
) -> Estimate | None:
    """Precision of each class from spot-checks; None where there are none, or there is a floor.

    Parameters
    ----------
    connection, experiment, totals, floor
        As for `checked`.

    """
    if floor.least >= LEAST or not totals["spot"]:
        return None
    parts, before = _parts(connection, experiment, floor)
    return strata.precision_from_checks(parts, before, n_classes=len(experiment.classes))


def _parts(
    connection: Connection, experiment: Experiment, floor: Floor
) -> tuple[list[Cell], dict[int, Counts]]:
    """The strata, and the counts before each of their bounds."""
    parts = cells(checks.drawn(connection, experiment.id), at=[floor.since])
    bounds = strata.bounds(parts, since=floor.since)
    return parts, {p: counts_before(connection, experiment.id, p) for p in bounds}
