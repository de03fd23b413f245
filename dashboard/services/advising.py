"""Whether to go on labeling: the evidence from the rollups, the looks at the probe, the target."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.engine import Connection

from dashboard.analytics.advice import Advice, Known, Target, advise
from dashboard.analytics.buckets import Buckets, kind_for, make_buckets
from dashboard.analytics.estimates.accuracy import accuracy
from dashboard.analytics.estimates.anytime import least_accuracy
from dashboard.analytics.estimates.counters import evidence_now, odds_now
from dashboard.analytics.estimates.forecast import Forecast, forecast
from dashboard.analytics.estimates.result import FEWEST, Estimate
from dashboard.analytics.stability import changes
from dashboard.core.weights import LEAST
from dashboard.errors import BadInput
from dashboard.services import strata
from dashboard.services.floors import Floors
from dashboard.services.kept import Kept
from dashboard.services.labeling import Labeling, find_with_stream, refuse_archived
from dashboard.services.probes import Probes
from dashboard.services.views import PACE_OVER
from dashboard.storage import experiments, log, rollups
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Stream

STANDINGS_KEPT = 16
LEAST_TARGET, MOST_TARGET = 50.0, 99.9  # per cent
LEAST_WITHIN, MOST_WITHIN = 0.1, 50.0


@dataclass(frozen=True)
class Evidences:
    """What the rollups say of the accuracy so far.

    Parameters
    ----------
    estimate
        Of all samples, with its band.
    known
        Its half-width, and the limit below it that holds at all looks.
    floor
        Least query probability of any sample that it is about.
    per_class
        Labels of each class.
    labels, scanned, samples
        Labels given, samples predicted, and the length of the stream.
    seconds
        How long an answer takes, or None.
    forecast
        What it takes to reach the target; None without one, or where nothing can be told yet.
    target
        The target, or None.

    """

    estimate: Estimate
    known: Known
    floor: float
    per_class: tuple[int, ...]
    labels: int
    scanned: int
    samples: int
    seconds: float | None
    forecast: Forecast | None
    target: Target | None

    @property
    def measurable(self) -> bool:
        """Whether labels, other than spot-checks, can tell of the accuracy: there is a floor."""
        return self.floor >= LEAST

    @property
    def left(self) -> int:
        """Labels that the rest of the stream is likely to ask for, at the rate so far."""
        rest = max(0, self.samples - self.scanned)
        return round(rest * self.labels / self.scanned) if self.scanned else 0


@dataclass(frozen=True)
class Standing:
    """Where an experiment stands.

    Parameters
    ----------
    evidence
        What the rollups say.
    advice
        The verdict; None where there are too many labels to look back on.
    changes
        Labels looked back on, share of the probe that they changed, and the agreement.
    probe
        How many samples are predicted again and again.

    """

    evidence: Evidences
    advice: Advice | None
    changes: tuple[tuple[int, float, float], ...]
    probe: int


class Advisor:
    """Says whether to go on; reads only, but for the target.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling
        self.probes = Probes(labeling)
        self._floors = Floors()
        self._standings = Kept[Standing](STANDINGS_KEPT)

    def standing(self, slug: str) -> Standing:
        """The evidence, and what it comes to.

        Parameters
        ----------
        slug
            The experiment.

        """
        with self.labeling.database.read() as connection:
            experiment, stream = find_with_stream(connection, slug)
        key = (experiment.uid, experiment.head, stream.samples, experiment.target)
        return self._standings.get(key, lambda: self._stand(slug, experiment, stream))

    def _stand(self, slug: str, experiment: Experiment, stream: Stream) -> Standing:
        evidence = self.evidence(slug)
        looks = self.probes.looks(experiment, stream)
        if looks is None:
            return Standing(evidence, None, (), 0)
        advice = advise(
            looks,
            samples=evidence.samples,
            per_class=evidence.per_class,
            floor=evidence.floor,
            known=evidence.known,
            target=evidence.target,
            seconds=evidence.seconds,
        )
        probe = len(looks[-1].predicted) if looks else 0
        return Standing(evidence, advice, changes(looks), probe)

    def line(self, slug: str) -> dict[str, str]:
        """The verdict and its first reason, for the labeling page."""
        advice = self.standing(slug).advice
        if advice is None:
            return {"verdict": "", "because": ""}
        return {"verdict": str(advice.verdict), "because": str(advice.because[0])}

    def token(self, slug: str) -> str:
        """Names the state that a standing is of; empty where there is no such experiment."""
        with self.labeling.database.read() as connection:
            found = experiments.find(connection, slug)
        return "" if found is None else f"{found.uid}:{found.head}:{found.target}"

    def evidence(self, slug: str) -> Evidences:
        """What the rollups say, and how far away the target is."""
        with self.labeling.database.read() as connection:
            experiment, stream = find_with_stream(connection, slug)
            totals = rollups.totals(connection, experiment.id)
            floor = self._floors.in_force(connection, experiment)
            buckets = _buckets(connection, experiment)
            spots = strata.checked(connection, experiment, totals, floor)
            seconds = _pace(connection, experiment)
        first = int(np.searchsorted(buckets.index, -(-floor.since // buckets.size)))
        kept = Buckets(buckets.size, buckets.index[first:], buckets.counts[first:])
        target = target_of(experiment.target)
        estimate, known, ahead = _worked_out(kept, floor.least, target, seconds)
        if spots is not None and spots.accuracy.shown:
            # The limit that holds at all looks stays that of the audits alone.
            estimate = spots.accuracy
            known = replace(known, half_width=float(estimate.high - estimate.low) / 2)
        return Evidences(
            estimate=estimate,
            known=known,
            floor=floor.least,
            per_class=tuple(totals[f"is:{c}"] for c in range(len(experiment.classes))),
            labels=totals["labels"],
            scanned=totals["n"],
            samples=stream.samples,
            seconds=seconds,
            forecast=ahead,
            target=target,
        )

    def set_target(self, slug: str, accuracy_typed: str, within_typed: str) -> Target | None:
        """Say what is enough, in per cent as it was typed; nothing typed is no target.

        Raises
        ------
        BadInput
            For what is no number or out of range, or an archived experiment.

        """
        target = _typed(accuracy_typed, within_typed)
        kept = None if target is None else json.dumps(vars(target))
        with self.labeling.database.write() as connection:
            experiment, _ = find_with_stream(connection, slug)
            refuse_archived(experiment)
            experiments.change(connection, experiment.id, target=kept)
        return target


def target_of(stored: str | None) -> Target | None:
    """A target as it is kept with an experiment; None where that is none.

    Examples
    --------
    >>> target_of('{"accuracy": 0.95, "within": 0.02}')
    Target(accuracy=0.95, within=0.02)
    >>> target_of(None), target_of('{"accuracy": "high"}')
    (None, None)

    """
    try:
        found = json.loads(stored or "null")
        target = Target(float(found["accuracy"]), float(found["within"]))
    except (TypeError, ValueError, KeyError):  # an experiment that was brought in may hold anything
        return None
    usable = 0 < target.accuracy < 1 and 0 < target.within <= 1
    return target if usable else None


def _typed(accuracy_typed: str, within_typed: str) -> Target | None:
    if not accuracy_typed.strip():
        return None
    wanted = _per_cent(accuracy_typed, "accuracy", LEAST_TARGET, MOST_TARGET)
    within = 100.0
    if within_typed.strip():
        within = _per_cent(within_typed, "number after ±", LEAST_WITHIN, MOST_WITHIN)
    return Target(wanted / 100, within / 100)


def _per_cent(typed: str, what: str, least: float, most: float) -> float:
    try:
        value = float(typed.strip().rstrip("%").replace(",", ".")[:20])
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise BadInput(
            f"The {what} has to be a number from {least:g} to {most:g}, not {typed.strip()[:20]!r}."
        )
    return value


def _buckets(connection: Connection, experiment: Experiment) -> Buckets:
    kind = kind_for(experiment.position)
    return make_buckets(kind, rollups.series(connection, experiment.id, kind))


def _pace(connection: Connection, experiment: Experiment) -> float | None:
    """Seconds that an answer takes, the median of the last ones."""
    answers = log.recent_answers(connection, experiment.id, PACE_OVER)
    times = [row["milliseconds"] for row in answers if row["milliseconds"] is not None]
    return statistics.median(times) / 1000 if times else None


def _worked_out(
    buckets: Buckets, floor: float, target: Target | None, seconds: float | None
) -> tuple[Estimate, Known, Forecast | None]:
    """The estimate, what is known for sure, and the way to the target."""
    evidence = evidence_now(buckets, floor=floor)
    odds, passed = odds_now(buckets), odds_now(buckets, "uo")
    estimate = accuracy(evidence)
    if not estimate.shown:
        return estimate, Known(), None
    least = least_accuracy(evidence, odds, passed_odds=passed).item()
    known = Known(least, float(estimate.high - estimate.low) / 2)
    if target is None:
        return estimate, known, None
    # Errors go on as they did lately: over the shortest stretch that has audits enough.
    recent = _recent(buckets, math.ceil(FEWEST / floor))
    lately = evidence_now(recent, floor=floor)
    asked = int(recent.column("asked").sum()) / max(1.0, float(lately.scanned))
    ahead = forecast(
        evidence, odds + passed, target=target.accuracy, half_width=target.within, asked=asked,
        seconds=seconds or 0.0, recent=lately,
    )  # fmt: skip
    return estimate, known, ahead


def _recent(buckets: Buckets, samples: int) -> Buckets:
    width = buckets.width(samples) + 1  # the last one may have just begun
    return Buckets(buckets.size, buckets.index[-width:], buckets.counts[-width:])
