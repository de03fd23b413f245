"""How often to ask, as the dialog of the labeling page says it, and what lies ahead then."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from dashboard.analytics import entropy
from dashboard.analytics.buckets import Buckets, Series, kind_for, make_buckets
from dashboard.analytics.estimates import plans
from dashboard.core import rates
from dashboard.core.catalog import STRATEGIES
from dashboard.core.rates import Ahead, Rate
from dashboard.core.spec import Spec, make_spec, with_floor
from dashboard.core.strategies import COLD_START, BudgetEntropySampler, EntropySampler
from dashboard.core.tally import Counts
from dashboard.core.uncertainty import QuantileSampler
from dashboard.core.weights import LEAST
from dashboard.errors import BadInput
from dashboard.services.labeling import find_with_stream
from dashboard.storage import rollups
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment

Data = dict[str, Any]
Wish = Mapping[str, Any]

DISCOUNT = "discount"
_LONGEST = 20  # characters of a number
_CHANGEABLE = ("strategy", "discount_factor", "budget", "floor", "margin")


@dataclass(frozen=True, kw_only=True)
class _Now:
    """An experiment as far as its question rate goes."""

    experiment: Experiment
    samples: int
    totals: Counts
    buckets: Buckets
    fine: Series

    @property
    def left(self) -> int:
        """Samples that have not been scanned."""
        return self.samples - self.experiment.position

    @property
    def share(self) -> float:
        """Share of the samples so far that was asked about."""
        return self.totals["asked"] / self.totals["n"] if self.totals["n"] else 0.0

    def spent(self, stop: int | None = None) -> float:
        """Sum of the query probabilities of the samples so far, or of those before a position."""
        if stop is None:
            return self.totals["pi"] / 1e9
        kept = self.buckets.within(0, stop)
        return float(kept.column("pi").sum()) / 1e9 if len(kept) else 0.0


class Rates:
    """Reads how often an experiment asks, and what another rate would bring.

    Parameters
    ----------
    database
        Where the log is.

    """

    def __init__(self, database: Database):
        self.database = database

    def tell(self, slug: str, wish: Wish) -> Data:
        """What the dialog shows: of a choice that is being made, else of the rate as it is.

        Parameters
        ----------
        slug
            The experiment.
        wish
            Of a choice, `choice` is `one-in`, `labels`, `open` or `discount`, and the numbers
            stand in `every`, `labels` and `discount` as they were typed; and in `floor`, in
            percent.

        Raises
        ------
        BadInput
            For a number that is none, or out of range.

        """
        now = self._now(slug)
        spec = now.experiment.spec
        chosen = _chosen(now, wish) if wish.get("choice") else spec
        return {
            **_shown(now),
            "floor": _percent(spec.floor),
            "so_far": _so_far(now),
            "ahead": _ahead(now, chosen),
            "floor_ahead": _floor_ahead(now, chosen),
        }

    def values(self, slug: str, wish: Wish) -> dict[str, Any]:
        """What has to be changed for a choice, as `Changes.strategy` takes it."""
        chosen = _chosen(self._now(slug), wish)
        return {name: getattr(chosen, name) for name in _CHANGEABLE}

    def _now(self, slug: str) -> _Now:
        with self.database.read() as connection:
            experiment, stream = find_with_stream(connection, slug)
            return _Now(
                experiment=experiment,
                samples=stream.samples,
                totals=rollups.totals(connection, experiment.id),
                buckets=_buckets(connection, experiment),
                fine=rollups.series(connection, experiment.id, "entropy"),
            )


def _buckets(connection: Connection, experiment: Experiment) -> Buckets:
    kind = kind_for(experiment.position)
    return make_buckets(kind, rollups.series(connection, experiment.id, kind))


# What was chosen -------------------------------------------------------------------------------


def _choice(spec: Spec) -> str:
    """The way of saying it that a recipe stands for."""
    if spec.strategy == QuantileSampler.name:
        return rates.LABELS
    return rates.ONE_IN if STRATEGIES[spec.strategy].has_budget else DISCOUNT


def _shown(now: _Now) -> Data:
    """The way of saying it that stands for the rate as it is, and a number for each."""
    spec, expected = now.experiment.spec, _expected(now, now.experiment.spec)
    asked = math.ceil(1 / now.share) if now.share else 1
    return {
        "choice": _choice(spec),
        "every": round(1 / spec.budget) if STRATEGIES[spec.strategy].has_budget else asked,
        "labels": now.totals["labels"] + (expected.expected if expected else now.left),
        "discount": _discount(now.experiment),
    }


_NUMBERS = {rates.ONE_IN: "every", rates.LABELS: "labels", DISCOUNT: "discount"}


def _chosen(now: _Now, wish: Wish) -> Spec:
    """The recipe that asks as was chosen, with the floor that was chosen."""
    spec = now.experiment.spec
    typed = _typed(wish, "floor").removesuffix("%").strip()
    if not typed or typed == _percent(spec.floor):
        return _at_rate(now, wish)
    # Where the floor alone is another one, a rate that was rounded to be shown stays as it is.
    shown = _shown(now)
    number = _NUMBERS.get(shown["choice"], "")
    as_shown = "" if shown.get(number) is None else str(shown[number])
    same = wish.get("choice") == shown["choice"] and _typed(wish, number) == as_shown
    return with_floor(spec if same else _at_rate(now, wish), _floor(typed))


def _floor(typed: str) -> float:
    try:
        percent = float(typed)
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:
        raise BadInput(f"The floor has to be a number of percent from 0 to 100, not {typed!r}.")
    return percent / 100


def _percent(floor: float) -> str:
    """A floor as it is shown and typed.

    Examples
    --------
    >>> _percent(0.02), _percent(0.004), _percent(0.0)
    ('2', '0.4', '0')

    """
    return f"{100 * floor:.6g}"


def _at_rate(now: _Now, wish: Wish) -> Spec:
    """The recipe that asks as often as was chosen, from where the experiment stands."""
    experiment, choice = now.experiment, wish.get("choice")
    if choice == DISCOUNT:
        return _plain(experiment, _typed(wish, "discount"))
    if choice == rates.OPEN:
        rate = Rate(rates.OPEN)
    elif choice == rates.ONE_IN:
        rate = rates.parse(f"1 in {_typed(wish, 'every')}")
    elif choice == rates.LABELS:
        rate = rates.parse(f"{_typed(wish, 'labels')} labels")
    else:
        raise BadInput("The page asked for something this server does not know; reload it.")
    return rates.with_rate(
        experiment.spec,
        rate,
        classes=len(experiment.classes),
        samples=now.samples,
        position=experiment.position,
        labels=now.totals["labels"],
    )


def _typed(wish: Wish, name: str) -> str:
    return " ".join(str(wish.get(name) or "").split())[:_LONGEST]


def _plain(experiment: Experiment, typed: str) -> Spec:
    """Plain entropy with a discount factor."""
    try:
        discount = float(typed)
    except ValueError:
        raise BadInput(f"The discount factor has to be a number, not {typed!r}.") from None
    made = make_spec(text=True, classes=2, discount_factor=discount)  # says what is out of range
    return dataclasses.replace(
        experiment.spec, strategy=made.strategy, discount_factor=made.discount_factor
    )


def _discount(experiment: Experiment) -> float | None:
    """The discount factor at the head, where the strategy has one."""
    spec, state = experiment.spec, experiment.strategy_state
    if spec.strategy == EntropySampler.name:
        return spec.discount_factor
    if spec.strategy == BudgetEntropySampler.name:
        found = math.exp(state) if isinstance(state, float) else spec.discount_factor
        return float(f"{found:.3g}")
    return None


# What lies ahead -------------------------------------------------------------------------------


def _expected(now: _Now, spec: Spec) -> Ahead | None:
    experiment = now.experiment
    halfway = experiment.position // 2
    spent, before = now.spent(), now.spent(halfway)
    if spec != experiment.spec and spec.strategy == EntropySampler.name:
        spent, before = _foretold(now, spec, halfway)
    return rates.ahead(
        spec,
        samples=now.samples,
        position=experiment.position,
        spent=spent,
        spent_halfway=before,
        # Another strategy begins with nothing learned, the same one goes on from where it is.
        state=experiment.strategy_state if spec.strategy == experiment.spec.strategy else None,
    )


def _foretold(now: _Now, spec: Spec, halfway: int) -> tuple[float, float]:
    """What another discount factor would have spent on the samples so far, and on half of them."""
    discount, floor = spec.discount_factor, spec.floor
    cold = now.totals[f"why:{COLD_START}"]
    spent = entropy.expected_queries(now.fine, discount=discount, floor=floor, cold=cold)
    sums = []
    for stop in (halfway, None):
        made = entropy.histogram(now.buckets, stop=stop)
        middles = (made.edges[:-1] + made.edges[1:]) / 2
        asked = entropy.query_probability(middles, discount=discount, floor=floor)
        sums.append(float((made.queried + made.skipped) @ asked))
    return spent, spent * sums[0] / sums[1] if sums[1] else 0.0


def _so_far(now: _Now) -> str:
    asked, scanned = now.totals["asked"], now.totals["n"]
    if not scanned:
        return "Nothing has been scanned so far."
    return f"So far: {rates.in_words(now.share)} asked, {asked:,} of {scanned:,} samples."


def _ahead(now: _Now, chosen: Spec) -> str:
    """What a recipe will bring, in a sentence or two."""
    if now.left < 1:
        return "Every sample of the stream has been scanned; nothing is left to ask about."
    expected = _expected(now, chosen)
    where = f"in the {now.left:,} samples that are left" if now.left > 1 else "in the last sample"
    if expected is None:
        words = f"It takes a few more samples to tell how many questions lie {where}."
    elif expected.low == expected.high:
        words = f"{_questions(expected.expected)} {where}."
    else:
        words = (
            f"About {_questions(expected.expected)} {where}, "
            f"between {expected.low:,} and {expected.high:,}."
        )
    was = now.experiment.spec.strategy
    if chosen.strategy != was:
        words += f" The strategy becomes “{STRATEGIES[chosen.strategy].title}”."
    return words


def _floor_ahead(now: _Now, chosen: Spec) -> str:
    """What a floor costs in labels and gains in certainty."""
    if chosen.floor < LEAST:
        return (
            "Without a floor, nobody is asked about what the model is sure of: how often it is "
            "wrong there is then known from spot-checks alone (Skipped)."
        )
    n = min(1_000, now.left)
    if not n:
        return ""
    skipped = 1 - now.share
    plan = plans.floor(chosen.floor, samples=n, skipped=skipped)
    budget = STRATEGIES[chosen.strategy].has_budget
    which = "of its questions" if budget else "questions more"
    return (
        f"About {plan.labels:,} {which} in the next {n:,} samples are then audits: blind, and "
        "about whatever it is sure of. They tell its accuracy there to about "
        f"± {100 * plan.half_width:.0f} points, if {plans.USUAL_ERROR:.0%} of what it skips is "
        "wrong."
    )


def _questions(n: int) -> str:
    return f"{n:,} question{'' if n == 1 else 's'}"
