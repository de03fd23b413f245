"""What the quality page shows: rollups in one consistent read, then arrays."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from dashboard.analytics.buckets import kind_for, make_buckets
from dashboard.analytics.drift import Drifts, drifts
from dashboard.analytics.quality import Quality, quality
from dashboard.analytics.stretches import Stretches, stretches
from dashboard.services import strata
from dashboard.services.findings import Subject
from dashboard.services.floors import Floor, Floors
from dashboard.storage import rollups
from dashboard.storage.experiments import Experiment

KINDS = ("cell", "confidence", "confusion")


@dataclass(frozen=True)
class QualityReport:
    """Figures of the quality page.

    Parameters
    ----------
    subject
        The experiment.
    quality
        Of the whole log.
    stretches, drifts
        Along the stream.
    floor
        The least query probability of any sample since there was a floor; 0 where there is none.

    """

    subject: Subject
    quality: Quality
    stretches: Stretches
    drifts: Drifts
    floor: float


def quality_report(
    connection: Connection,
    floors: Floors,
    experiment: Experiment,
    subject: Subject,
    *,
    long: bool = False,
) -> QualityReport:
    """How well the classes are told apart.

    Parameters
    ----------
    connection
        Within one read.
    floors
        What is known of the floors of each log.
    experiment, subject
        What it is about.
    long
        Whether prevalence is estimated in longer stretches.

    """
    n_classes, truth = len(subject.classes), subject.truth
    least, since = floors.in_force(connection, experiment)
    along = kind_for(experiment.position)
    series = {kind: rollups.series(connection, experiment.id, kind) for kind in (*KINDS, along)}
    buckets = make_buckets(along, series[along])
    found = quality(
        series, subject.totals, n_classes=n_classes, floor=least, since=since, truth=truth
    )
    precision = strata.precision(connection, experiment, subject.totals, Floor(least, since))
    return QualityReport(
        subject,
        found.with_precision(precision),
        stretches(
            buckets, n_classes=n_classes, floor=least, since=since, long=long, truth=truth
        ),
        drifts(buckets, floor=least, since=since),
        least,
    )  # fmt: skip
