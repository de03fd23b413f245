"""All services over one data folder, made once per process, at first use."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from dashboard.services.advising import Advisor
from dashboard.services.changes import Changes
from dashboard.services.checks import Checks
from dashboard.services.completion import Completion
from dashboard.services.downloads import Downloads
from dashboard.services.experiments import Experiments
from dashboard.services.explanations import Explanations
from dashboard.services.importing.service import Importer
from dashboard.services.importing.uploads import Uploads
from dashboard.services.jobs import Jobs
from dashboard.services.labeling import Labeling
from dashboard.services.lines import Lines
from dashboard.services.marks import Marks
from dashboard.services.model_export import ModelExport
from dashboard.services.overview import Overviews
from dashboard.services.records import Records
from dashboard.services.reports import Reports
from dashboard.services.runs import Runs
from dashboard.services.suspects import Suspects
from dashboard.services.transfer import Transfer
from dashboard.services.verification import Verification
from dashboard.services.views import Views
from dashboard.services.workers import Workers
from dashboard.settings import Settings
from dashboard.storage import rollups
from dashboard.storage.database import Database
from dashboard.storage.snapshots import SnapshotStore, open_cache
from dashboard.storage.streams import SampleReader


@dataclass(frozen=True)
class Services:
    """Everything the pages, the routes and the command line call."""

    settings: Settings
    database: Database
    experiments: Experiments
    labeling: Labeling
    changes: Changes
    checks: Checks
    marks: Marks
    runs: Runs
    importer: Importer
    uploads: Uploads
    jobs: Jobs
    views: Views
    explanations: Explanations
    verification: Verification
    downloads: Downloads
    completion: Completion
    model_export: ModelExport
    transfer: Transfer
    records: Records
    overviews: Overviews
    reports: Reports
    advisor: Advisor
    lines: Lines
    workers: Workers


def open_services(settings: Settings) -> Services:
    """Open the storage and put the services on it.

    Parameters
    ----------
    settings
        Where the data folder is.

    """
    database = Database(settings)
    rollups.restore(database)
    snapshots = SnapshotStore(database, lambda: open_cache(settings.snapshots))
    samples = SampleReader(database)
    experiments = Experiments(database, snapshots)
    labeling = Labeling(database, snapshots, samples, lease_seconds=settings.lease_seconds)
    advisor = Advisor(labeling)
    runs = Runs(labeling, experiments)
    importer = Importer(database)
    importer.clear_abandoned()
    uploads = Uploads(settings.uploads, max_mb=settings.max_upload_mb)
    uploads.clear_old()
    workers = Workers(settings)
    return Services(
        settings=settings,
        database=database,
        experiments=experiments,
        labeling=labeling,
        changes=Changes(labeling),
        checks=Checks(labeling),
        marks=Marks(labeling),
        runs=runs,
        importer=importer,
        uploads=uploads,
        jobs=Jobs(database, runs, experiments),
        views=Views(database, samples, hindrance=workers.hindrance),
        explanations=Explanations(labeling),
        verification=Verification(labeling),
        downloads=Downloads(database),
        completion=Completion(labeling),
        model_export=ModelExport(labeling),
        transfer=Transfer(labeling),
        records=Records(database, samples, Suspects(labeling)),
        overviews=Overviews(database),
        reports=Reports(database),
        advisor=advisor,
        lines=Lines(advisor),
        workers=workers,
    )


class LazyServices:
    """Opens the services when they are first asked for: no connection survives a fork.

    Parameters
    ----------
    settings
        Where the data folder is.

    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self._services: Services | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Services:
        """The services of this process."""
        with self._lock:
            if self._services is None:
                self._services = open_services(self.settings)
            return self._services

    def forget(self) -> None:
        """Close what is open: the next use opens anew, in whatever process that is."""
        with self._lock:
            if self._services is not None:
                self._services.database.close()
            self._services = None
