"""What the analytics pages are given: figures with the experiment they are about."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.analytics.accuracy import AccuracyCurve, ClassScore
from dashboard.analytics.buckets import Ints
from dashboard.analytics.entropy import Drift, Histogram
from dashboard.analytics.estimates.along import AccuracyEstimates
from dashboard.analytics.queries import Pace, QueryCurve, Reasons, Saved
from dashboard.core.catalog import STRATEGIES
from dashboard.core.checks import Status
from dashboard.core.spec import Spec
from dashboard.core.strategies import BudgetEntropySampler
from dashboard.core.tally import Counts


@dataclass(frozen=True)
class Subject:
    """The experiment that a report is about.

    Parameters
    ----------
    token
        Names this state of its log: as long as it stays the same, so does every report.
    slug, name
        The experiment's.
    names, classes
        Of the classes, in class order: as they are exported, and as they are shown.
    samples
        Length of the stream.
    truth
        Whether the stream's true classes are known, all of them.
    spec
        The recipe.
    warm_until
        Position at which the warm start ends, or 0.
    totals
        Counts over the whole log.

    """

    token: str
    slug: str
    name: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    samples: int
    truth: bool
    spec: Spec
    warm_until: int
    totals: Counts

    @property
    def empty(self) -> bool:
        """Whether nothing has been counted yet."""
        return not self.totals["n"]


@dataclass(frozen=True)
class AccuracyReport:
    """Figures of the accuracy page."""

    subject: Subject
    curve: AccuracyCurve
    estimates: AccuracyEstimates
    matrix: Ints
    scores: tuple[ClassScore, ...]
    mistakes: list[tuple[int, int | None, int]]
    corrections: list[tuple[str, int]]


@dataclass(frozen=True)
class SkippedReport:
    """Figures of the page of what was skipped.

    Parameters
    ----------
    subject
        The experiment.
    estimates
        As on the accuracy page.
    known, correct
        Skipped samples whose class is known, and those of them that were predicted right.
    checks
        How spot-checks stand.

    """

    subject: Subject
    estimates: AccuracyEstimates
    known: int
    correct: int
    checks: Status

    @property
    def skipped(self) -> int:
        """How many nobody was asked about."""
        return self.subject.totals["n"] - self.subject.totals["asked"]

    @property
    def sampled(self) -> int:
        """How many the sampler skipped, those included that were spot-checked since."""
        return self.skipped + self.checks.answered


@dataclass(frozen=True)
class QueriesReport:
    """Figures of the queries page."""

    subject: Subject
    curve: QueryCurve
    reasons: Reasons
    saved: Saved
    pace: Pace

    @property
    def budget(self) -> float | None:
        """The share that the strategy aims at; None where it aims at none."""
        spec = self.subject.spec
        return spec.budget if STRATEGIES[spec.strategy].has_budget else None


@dataclass(frozen=True)
class EntropyReport:
    """Figures of the entropy page.

    Parameters
    ----------
    subject
        The experiment.
    histogram, drift
        As in `analytics.entropy`.
    discount
        The discount factor now; None where entropy plays no part in the strategy.
    other
        The discount factor to compare with.
    same
        Whether that is the one of now.
    floor
        Least query probability of any sample.
    expected
        Queries that the other discount factor would be expected to make on the whole log.

    """

    subject: Subject
    histogram: Histogram
    drift: Drift
    discount: float | None
    other: float
    same: bool
    floor: float
    expected: float

    @property
    def steers(self) -> bool:
        """Whether the strategy changes its discount factor as it goes."""
        return self.subject.spec.strategy == BudgetEntropySampler.name


@dataclass(frozen=True)
class Opening:
    """What a page needs to know before its first figure: which experiment, and which there are.

    Parameters
    ----------
    slug
        The experiment, or empty.
    problem
        Why there is none, or empty.
    samples
        Length of its stream.
    classes
        How many there are.
    others
        Slug and name of the experiments to choose from.
    truth
        Whether the true class of every sample is known.

    """

    slug: str
    problem: str
    samples: int
    classes: int
    others: tuple[tuple[str, str], ...]
    truth: bool = False

    @property
    def step(self) -> int:
        """Samples by which a slider over the stream moves."""
        return max(1, self.samples // 400)
