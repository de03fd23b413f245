"""What can happen in an experiment. The log is a sequence of these; state is their fold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.core.strategies import State


class Kind(StrEnum):
    """Kinds of events.

    A *branch* is an answer with all that was scanned because of it.
    """

    LABEL = "label"  # a query answered with a class; then scanned on
    PASS = "pass"  # a query answered with "don't know"; then scanned on
    SCAN = "scan"  # scanned on without an answer
    UNDO = "undo"  # the target and its branch are voided, its query stands open again
    RELABEL = "relabel"  # the target's label is another one; what was scanned since stays
    RETRACT = "retract"  # the target's label is taken back; what was scanned since stays
    CHANGE = "change"  # strategy, classes or pipeline are others from here on
    MARK = "mark"  # a flag or a note on a sample; no model learns of it
    CHECK = "check"  # skipped samples are queued to be asked about blind, or taken back again


class Source(StrEnum):
    """Who gave an answer."""

    PERSON = "person"
    ORACLE = "oracle"
    WARM_START = "warm-start"
    IMPORT = "import"


ANSWERS = (Kind.LABEL, Kind.PASS)
SCANNING = (Kind.LABEL, Kind.PASS, Kind.SCAN)
CORRECTIONS = (Kind.UNDO, Kind.RELABEL, Kind.RETRACT)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One step of an experiment, written in one transaction.

    Parameters
    ----------
    seq
        Number of the event, from 1; the experiment's head is that of the last.
    kind
        What happened.
    first, stop
        The samples scanned in this step: positions from `first` to before `stop`.
    at
        When, in milliseconds since 1970 UTC.
    position
        The sample that an answer or a correction is about.
    label
        Index of the class, for `label` and `relabel`.
    target
        The event that a correction is about.
    strategy_state
        What the strategy had learned after this step.
    annotator
        Who did it.
    source
        On whose knowledge an answer rests.
    key
        Made by the client once per sample shown: a repeated request is recognized by it.
    milliseconds
        From shown to answered.
    payload
        JSON: of a change, the recipe and the classes `before` and `after`; of a mark, what it
        says; of a check, what was drawn from what, see `core.checks`.

    """

    seq: int
    kind: Kind
    first: int
    stop: int
    at: int
    position: int | None = None
    label: int | None = None
    target: int | None = None
    strategy_state: State = None
    annotator: str = ""
    source: Source = Source.PERSON
    key: str | None = None
    milliseconds: int | None = None
    payload: str | None = None
