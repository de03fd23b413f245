"""What the analytics pages show: rollups in one consistent read, then arrays."""

from __future__ import annotations

import json
import math

from sqlalchemy.engine import Connection

from dashboard.analytics import accuracy, entropy, queries
from dashboard.analytics.buckets import Buckets, Series, kind_for, make_buckets
from dashboard.analytics.entropy import Histogram
from dashboard.analytics.estimates.along import accuracy_estimates
from dashboard.core.strategies import COLD_START, BudgetEntropySampler, EntropySampler
from dashboard.services import strata
from dashboard.services.checks import status_of
from dashboard.services.findings import (
    AccuracyReport,
    EntropyReport,
    Opening,
    QueriesReport,
    SkippedReport,
    Subject,
)
from dashboard.services.floors import Floors
from dashboard.services.labeling import find_experiment
from dashboard.services.quality import QualityReport, quality_report
from dashboard.services.stories import changed
from dashboard.storage import experiments, log, rollups, skipped, streams
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Stream

WINDOW = 500
MOST_MISTAKES = 12


class Reports:
    """Reads rollups and works out figures; changes and draws nothing.

    Parameters
    ----------
    database
        Where the rollups are.

    """

    def __init__(self, database: Database):
        self.database = database
        self._floors = Floors()

    def opening(self, slug: str | None) -> Opening:
        """The named experiment, or the one used last; never raises for a name."""
        with self.database.read() as connection:
            wanted = slug or experiments.last_used(connection)
            found = experiments.find(connection, wanted) if wanted else None
            others = tuple(
                (e.slug, e.name)
                for e in experiments.every(connection)
                if e.archived_at is None or e.slug == wanted
            )
            stream = streams.get(connection, found.stream_id) if found else None
        if found is None or stream is None:
            problem = f"There is no experiment {slug!r}." if slug else ""
            return Opening("", problem, 0, 2, others)
        classes, truth = len(found.classes), all_known(stream)
        return Opening(found.slug, "", stream.samples, classes, others, truth)

    def token(self, slug: str) -> str:
        """Names the state of an experiment's log; empty where there is no such experiment."""
        with self.database.read() as connection:
            found = experiments.find(connection, slug)
            return "" if found is None else _token(found)

    def accuracy(self, slug: str, *, window: int = WINDOW) -> AccuracyReport:
        """How often the model was right.

        Parameters
        ----------
        slug
            The experiment.
        window
            Samples that the rolling accuracy looks back on.

        """
        with self.database.read() as connection:
            experiment, subject = self._subject(connection, slug)
            buckets = _buckets(connection, experiment)
            cells = rollups.series(connection, experiment.id, "confusion")
            marks = _marks(connection, experiment)
            floor = self._floors.in_force(connection, experiment)
            spots = strata.checked(connection, experiment, subject.totals, floor)
        n_classes = len(subject.classes)
        matrix = accuracy.confusion_matrix(cells, n_classes=n_classes)
        return AccuracyReport(
            subject,
            accuracy.accuracy_curve(buckets, n_classes=n_classes, window=window),
            accuracy_estimates(buckets, floor=floor.least, since=floor.since).with_checks(spots),
            matrix,
            accuracy.class_scores(matrix),
            accuracy.mistakes(matrix, most=MOST_MISTAKES),
            marks,
        )

    def skipped(self, slug: str) -> SkippedReport:
        """How often the model was wrong on what nobody was asked about.

        Parameters
        ----------
        slug
            The experiment.

        """
        with self.database.read() as connection:
            experiment, subject = self._subject(connection, slug)
            buckets = _buckets(connection, experiment)
            floor = self._floors.in_force(connection, experiment)
            known, correct = skipped.known(connection, experiment.id, subject.totals)
            spots = strata.checked(connection, experiment, subject.totals, floor)
            status = status_of(connection, experiment)
        estimates = accuracy_estimates(buckets, floor=floor.least, since=floor.since)
        return SkippedReport(subject, estimates.with_checks(spots), known, correct, status)

    def queries(self, slug: str, *, window: int = WINDOW, days: bool = False) -> QueriesReport:
        """What was asked, why, and what the answers took.

        Parameters
        ----------
        slug
            The experiment.
        window
            Samples that the rolling share looks back on.
        days
            Whether answers are added up by the day rather than by the hour.

        """
        with self.database.read() as connection:
            experiment, subject = self._subject(connection, slug)
            buckets = _buckets(connection, experiment)
            by_hour = rollups.series(connection, experiment.id, "hour")
        return QueriesReport(
            subject,
            queries.query_curve(buckets, window=window),
            queries.reasons(buckets),
            queries.saved(subject.totals),
            queries.pace(by_hour, days=days),
        )

    def entropy(
        self,
        slug: str,
        *,
        last: int | None = None,
        stretch: tuple[int, int] | None = None,
        times: float = 1.0,
    ) -> EntropyReport:
        """How unsure the model was.

        Parameters
        ----------
        slug
            The experiment.
        last
            Only the last so many samples.
        stretch
            Only positions from the first to before the second.
        times
            By what to multiply the discount factor of now, for a comparison.

        """
        with self.database.read() as connection:
            experiment, subject = self._subject(connection, slug)
            buckets = _buckets(connection, experiment)
            fine = rollups.series(connection, experiment.id, "entropy")
        now = _discount(experiment)
        other = (now or subject.spec.discount_factor or 1.0) * times
        return EntropyReport(
            subject=subject,
            histogram=_histogram(buckets, last, stretch),
            drift=entropy.drift(buckets),
            discount=now,
            other=other,
            same=now is not None and times == 1,
            floor=subject.spec.floor,
            expected=_expected(fine, subject, other),
        )

    def quality(self, slug: str, *, long: bool = False) -> QualityReport:
        """How well the classes are told apart, and what moves along the stream."""
        with self.database.read() as connection:
            found = self._subject(connection, slug)
            return quality_report(connection, self._floors, *found, long=long)

    def _subject(self, connection: Connection, slug: str) -> tuple[Experiment, Subject]:
        experiment = find_experiment(connection, slug)
        stream = streams.get(connection, experiment.stream_id)
        return experiment, Subject(
            token=_token(experiment),
            slug=experiment.slug,
            name=experiment.name,
            names=tuple(c.name for c in experiment.classes),
            classes=tuple(c.title for c in experiment.classes),
            samples=stream.samples,
            truth=all_known(stream),
            spec=experiment.spec,
            warm_until=min(experiment.warm_until, experiment.position),
            totals=rollups.totals(connection, experiment.id),
        )


def _marks(connection: Connection, experiment: Experiment) -> list[tuple[str, int]]:
    """Kind and position of what a reader of the curve may want to be told."""
    found = [(kind, at) for kind, at, _ in log.corrections(connection, experiment.id)]
    for _, scanned, payload in log.changes(connection, experiment.id):
        if any(kind == "strategy" for kind, _ in changed(**json.loads(payload))):
            found.append(("strategy", max(0, scanned - 1)))
    return found


def all_known(stream: Stream) -> bool:
    """Whether the true class of every sample is known."""
    return stream.truths == stream.samples > 0


def _token(experiment: Experiment) -> str:
    # The uid as well: a reset keeps the slug and begins again at head 0.
    return f"{experiment.uid}:{experiment.head}:{experiment.warm_until}:{experiment.name}"


def _buckets(connection: Connection, experiment: Experiment) -> Buckets:
    kind = kind_for(experiment.position)
    return make_buckets(kind, rollups.series(connection, experiment.id, kind))


def _discount(experiment: Experiment) -> float | None:
    """The discount factor at the head, where the strategy has one."""
    spec = experiment.spec
    if spec.strategy == EntropySampler.name:
        return spec.discount_factor
    if spec.strategy == BudgetEntropySampler.name:
        state = experiment.strategy_state
        return math.exp(state) if isinstance(state, float) else spec.discount_factor
    return None


def _histogram(buckets: Buckets, last: int | None, stretch: tuple[int, int] | None) -> Histogram:
    if stretch is not None:
        return entropy.histogram(buckets, first=stretch[0], stop=stretch[1])
    return entropy.histogram(buckets, first=entropy.last(buckets, last) if last else 0)


def _expected(fine: Series, subject: Subject, discount: float) -> float:
    cold = subject.totals[f"why:{COLD_START}"]
    return entropy.expected_queries(fine, discount=discount, floor=subject.spec.floor, cold=cold)
