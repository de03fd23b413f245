"""All experiments at a glance: progress, rates, the last thing that happened, a small curve."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from dashboard.core.tally import BUCKET_SIZES, Counts
from dashboard.services.labeling import now_ms
from dashboard.services.rest import Rest, one_at_a_time, rest_of
from dashboard.storage import experiments, overview, rollups
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.prepared import Shelf

MAX_BUCKETS = 250

Point = tuple[int, float]
Curve = tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One experiment as of one moment.

    Parameters
    ----------
    slug, name, uid
        What it is called.
    stream, preset
        Title of its stream, and the named recipe it started from.
    samples, predictions
        How many there are, and how many of them have been predicted.
    labels
        Labels given.
    ask_rate, accuracy
        Shares, or None where there is nothing to divide by.
    active_at
        When its log changed last, or when it was made.
    archived
        Whether it was put aside.
    curve
        Samples seen and accuracy over all of them, where its log is not empty.
    rest
        What there is of its labeled data set.

    """

    slug: str
    name: str
    uid: str
    stream: str
    preset: str
    samples: int
    predictions: int
    labels: int
    ask_rate: float | None
    accuracy: float | None
    active_at: int
    archived: bool
    curve: Curve
    rest: Rest = field(default_factory=Rest)


@dataclass(frozen=True)
class Glance:
    """All experiments, and the moment of looking."""

    summaries: tuple[Summary, ...]
    at: int

    @property
    def stamp(self) -> str:
        """Differs where anything to be seen has moved, but for the time of day."""
        return hashlib.sha256(repr(self.summaries).encode()).hexdigest()[:16]


class Overviews:
    """Reads all experiments at once; changes nothing.

    Parameters
    ----------
    database
        The storage.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(self, database: Database, *, clock: Callable[[], int] = now_ms):
        self.database = database
        self.clock = clock
        # The page looks every few seconds, and most logs have not moved since.
        self._curves: dict[str, tuple[int, Curve]] = {}

    def glance(self) -> Glance:
        """Live experiments, the one used last first, then archived ones."""
        shelf, now = Shelf(self.database.settings.exports), self.clock()
        with self.database.read() as connection:
            found = experiments.every(connection)
            totals = overview.totals(connection)
            stream_of = overview.titles_and_samples(connection)
            active = overview.last_events(connection)
            curves = {e.uid: self._curve(connection, e) for e in found}
            rests = one_at_a_time(
                [
                    rest_of(connection, shelf, e, samples=stream_of[e.stream_id][1], at=now)
                    for e in found
                ]
            )
            summaries = tuple(
                _summary(
                    e,
                    counts=totals.get(e.id, Counter()),
                    stream=stream_of[e.stream_id],
                    active_at=active.get(e.id, e.created_at),
                    curve=curves[e.uid][1],
                    rest=rest,
                )
                for e, rest in zip(found, rests, strict=True)
            )
        self._curves = curves
        return Glance(summaries, now)

    def _curve(self, connection: Connection, experiment: Experiment) -> tuple[int, Curve]:
        """The head of a log, and the curve up to it: the one of last time while it stays."""
        known = self._curves.get(experiment.uid)
        if known is not None and known[0] == experiment.head:
            return known
        return experiment.head, _curve(connection, experiment)


def _summary(
    experiment: Experiment,
    *,
    counts: Counts,
    stream: tuple[str, int],
    active_at: int,
    curve: Curve,
    rest: Rest,
) -> Summary:
    total, known = counts["n"], counts["known"]
    return Summary(
        slug=experiment.slug,
        name=experiment.name,
        uid=experiment.uid,
        stream=stream[0],
        preset=experiment.spec.preset,
        samples=stream[1],
        predictions=total,
        labels=counts["labels"],
        ask_rate=counts["asked"] / total if total else None,
        accuracy=counts["correct"] / known if known else None,
        active_at=active_at,
        archived=experiment.archived_at is not None,
        curve=curve,
        rest=rest,
    )


def _curve(connection: Connection, experiment: Experiment) -> Curve:
    """Accuracy so far, at the end of each bucket of the finest size that is not too many."""
    size = next(
        (s for s in BUCKET_SIZES if experiment.position <= s * MAX_BUCKETS), BUCKET_SIZES[-1]
    )
    seen = known = correct = 0
    points = []
    for _, counts in rollups.series(connection, experiment.id, str(size)):
        seen += counts["n"]
        known += counts["known"]
        correct += counts["correct"]
        if known:
            points.append((seen, correct / known))
    return tuple(points)
