"""Spot-checks of what was skipped: queue some at random, or take back what still waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from dashboard.core import checks
from dashboard.core.checks import ALL, MOST, Status
from dashboard.core.events import Event, Kind
from dashboard.core.weights import class_name
from dashboard.errors import BadInput
from dashboard.services.labeling import (
    Labeling,
    Outcome,
    find_experiment,
    refuse_archived,
    stands_at,
)
from dashboard.storage import checks as stored
from dashboard.storage import log, rollups
from dashboard.storage.experiments import Experiment
from dashboard.storage.log import Append

USUAL = 20
_LONGEST_KEY = 100


class Checks:
    """Spot-checks of experiments.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling

    def status(self, slug: str) -> Status:
        """How many wait, have an answer, and could be drawn."""
        with self.labeling.database.read() as connection:
            return status_of(connection, find_experiment(connection, slug))

    def queue(
        self,
        slug: str,
        n: int = USUAL,
        *,
        predicted: str | None = None,
        key: str | None = None,
        annotator: str = "",
    ) -> Outcome:
        """Draw skipped samples at random, to be asked about as if they were queries.

        Parameters
        ----------
        slug
            The experiment.
        n
            How many; all, where fewer are left.
        predicted
            Draw from those alone that were predicted to be of this class: a name, or `none`.
        key
            Idempotency key.
        annotator
            Who asks.

        Raises
        ------
        BadInput
            For a number out of range, an unknown class, or where nothing can be drawn.

        """
        number(n)
        return self.labeling.retrying(lambda: self._queue(slug, n, predicted, key, annotator))

    def take_back(self, slug: str, *, key: str | None = None, annotator: str = "") -> Outcome:
        """Leave the samples that still wait as they were: skipped."""
        return self.labeling.retrying(lambda: self._take_back(slug, key, annotator))

    def fulfill(self, wish: Mapping[str, Any], *, annotator: str) -> Outcome:
        """What the page of the skipped asks for: to queue some, or to take back what waits."""
        slug, nonce = str(wish.get("experiment") or ""), wish.get("nonce")
        key = str(nonce)[:_LONGEST_KEY] if nonce else None
        if wish.get("do") == "take-back":
            return self.take_back(slug, key=key, annotator=annotator)
        if wish.get("do") != "spot-check":
            raise BadInput("The page asked for something this server does not know; reload it.")
        predicted = str(wish.get("predicted") or "") or None
        return self.queue(
            slug, number(wish.get("n")), predicted=predicted, key=key, annotator=annotator
        )

    def _queue(
        self, slug: str, n: int, predicted: str | None, key: str | None, annotator: str
    ) -> Outcome:
        with self.labeling.database.read() as connection:
            experiment = find_experiment(connection, slug)
            refuse_archived(experiment)
            if key and log.find_key(connection, experiment.id, key):
                return Outcome(False, "These spot-checks were queued before.")
            if stands_at(connection, experiment) < experiment.warm_until:
                raise BadInput("The warm start is not done; wait for its end, then spot-check.")
            among = _among(experiment, predicted)
            skipped = stored.skipped(connection, experiment.id, among=among)
        if not skipped:
            of = "" if among == ALL else " that was predicted to be of this class"
            raise BadInput(f"Nothing{of} is left to spot-check; label on, and more is skipped.")
        drawn = checks.make(
            skipped, n, seed=experiment.spec.seed, seq=experiment.head + 1,
            stop=experiment.position, among=among,
        )  # fmt: skip
        self._append(experiment, drawn.payload(), key, annotator)
        return Outcome(True, f"{len(drawn.positions)} queued.")

    def _take_back(self, slug: str, key: str | None, annotator: str) -> Outcome:
        with self.labeling.database.read() as connection:
            experiment = find_experiment(connection, slug)
            refuse_archived(experiment)
            if key and log.find_key(connection, experiment.id, key):
                return Outcome(False, "These spot-checks were taken back before.")
            waiting = stored.waiting(connection, experiment.id)
        if not waiting:
            return Outcome(False, "No spot-check waits for an answer.")
        self._append(experiment, {"taken_back": waiting}, key, annotator)
        return Outcome(True, f"{len(waiting)} taken back.")

    def _append(
        self, experiment: Experiment, payload: dict[str, Any], key: str | None, annotator: str
    ) -> None:
        event = Event(
            seq=experiment.head + 1,
            kind=Kind.CHECK,
            first=experiment.position,
            stop=experiment.position,
            at=self.labeling.clock(),
            strategy_state=experiment.strategy_state,
            annotator=annotator,
            key=key,
            payload=json.dumps(payload),
        )
        with self.labeling.database.write() as connection:
            log.append(connection, experiment.id, Append(event))


def status_of(connection: Connection, experiment: Experiment) -> Status:
    """How spot-checks stand, within one read."""
    totals = rollups.totals(connection, experiment.id)
    waiting = len(stored.waiting(connection, experiment.id))
    answered = totals["spot"] + totals["spot:u"]
    return Status(waiting, answered, totals["n"] - totals["asked"] - waiting)


def number(typed: Any) -> int:
    """How many to spot-check, as it was typed.

    Examples
    --------
    >>> number(" 20 ")
    20

    """
    text = str(typed).strip()
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MOST:
        raise BadInput(f"Spot-check from 1 to {MOST} samples at a time, not {text!r:.20}.")
    return int(text)


def _among(experiment: Experiment, predicted: str | None) -> str:
    names = [c.name for c in experiment.classes]
    if predicted is None:
        return ALL
    if predicted in names:
        return class_name(names.index(predicted))
    if predicted == "none":
        return class_name(None)
    raise BadInput(f"There is no class {predicted!r:.60}; the classes are {', '.join(names)}.")
