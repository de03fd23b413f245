"""What the quality page shows: rollups in one consistent read, then arrays."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from dashboard.analytics.quality import Quality, quality
from dashboard.services.findings import Subject
from dashboard.services.floors import Floors
from dashboard.storage import rollups
from dashboard.storage.experiments import Experiment

KINDS = ("cell", "confidence", "confusion")


@dataclass(frozen=True)
class QualityReport:
    """Figures of the quality page."""

    subject: Subject
    quality: Quality


def quality_report(
    connection: Connection, floors: Floors, experiment: Experiment, subject: Subject
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

    """
    floor = floors.in_force(connection, experiment)
    series = {kind: rollups.series(connection, experiment.id, kind) for kind in KINDS}
    made = quality(
        series, subject.totals, n_classes=len(subject.classes), floor=floor.least,
        since=floor.since, truth=subject.truth,
    )  # fmt: skip
    return QualityReport(subject, made)
