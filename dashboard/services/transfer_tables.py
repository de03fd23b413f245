"""What the lines of an experiment's file have to be, one after the other.

Each checker remembers what the lines before it said: order, counts and numbers have to fit
together, so that no page meets a hole in a log.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from dashboard.core.checks import ALL, MOST
from dashboard.core.events import ANSWERS, CORRECTIONS, SCANNING, Kind, Source
from dashboard.core.weights import NONE
from dashboard.services.transfer_checks import (
    MAX_COUNT,
    MAX_WORD,
    Record,
    Wrong,
    check_classes,
    check_spec,
    require,
    typed,
    within,
)
from dashboard.storage import streams
from dashboard.storage.archive import EVENTS, PREDICTIONS, SAMPLES

MAX_TIME = 253_402_300_800_000  # the year 10000, in milliseconds
_OUTCOMES = (None, "label", "pass", "retracted")


class Samples:
    """Checks the samples of a stream one by one, and digests them.

    Parameters
    ----------
    kind
        `text` or `rows`.
    classes
        How many classes a truth may be of.

    """

    def __init__(self, kind: str, classes: int):
        self.kind, self.classes = kind, classes
        self.count = self.truths = 0
        self.first: Record = {}
        self._sha = hashlib.sha256()

    def row(self, record: Record) -> Record:
        row = typed(record, SAMPLES)
        require(row["position"] == self.count, "leaves out a position before it")
        within(row, "truth", 0, self.classes)
        text = self.kind == "text"
        fits = (row["text"] is not None) is text is (row["fields"] is None)
        require(fits, "is a text among rows, or a row among texts")
        fields = {"text": row["text"]} if text else _row_fields(row["fields"])
        if not self.count:
            self.first = fields
        self.count += 1
        self.truths += row["truth"] is not None
        columns = (row["sample_id"], row["text"], row["fields"], row["truth"])
        self._sha.update(streams.printed([columns]))
        return row

    @property
    def fingerprint(self) -> str:
        return self._sha.hexdigest()


def _row_fields(text: str) -> Record:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    require(isinstance(fields, dict), "has fields that are no JSON object")
    return dict(fields)


def _check_change(payload: Any) -> None:
    """Recipe and classes before and after."""
    for side in ("before", "after"):
        recipe = payload.get(side) if isinstance(payload, dict) else None
        require(isinstance(recipe, dict), f"does not say what was {side}")
        assert isinstance(recipe, dict)
        check_spec(recipe.get("spec"))
        check_classes(recipe.get("classes"))


def _check_mark(payload: Any) -> None:
    fine = isinstance(payload, dict) and payload.keys() == {"flag", "note"}
    fine = fine and isinstance(payload["flag"], bool) and isinstance(payload["note"], str)
    require(fine, "is no flag and note")


def _check_check(payload: Any) -> None:
    """What was drawn from what, or what was taken back."""
    require(isinstance(payload, dict), "does not say what it drew")
    drew = "positions" in payload
    positions = payload.get("positions" if drew else "taken_back")
    whole = isinstance(positions, list) and all(_is_count(p) for p in positions)
    require(whole, "does not say which samples it drew or took back")
    if drew:
        fine = _is_count(payload.get("population")) and _is_count(payload.get("stop"))
        among = payload.get("among")
        known = isinstance(among, str) and (among in (ALL, NONE) or among.isdecimal())
        require(fine and known, "does not say what it drew from")


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_COUNT


_SAYS = {Kind.CHANGE: _check_change, Kind.MARK: _check_mark, Kind.CHECK: _check_check}


class Events:
    """Checks the events of a log one by one.

    Parameters
    ----------
    samples, classes, head
        How many there are of each.

    """

    def __init__(self, samples: int, classes: int, head: int):
        self.samples, self.classes, self.head = samples, classes, head
        self.count = self.scanned = self.stop = 0
        self.state: tuple[float | None, str | None] = (None, None)

    def row(self, record: Record) -> Record:
        row = typed(record, EVENTS)
        self.count += 1
        require(row["seq"] == self.count, f"should have the number {self.count}")
        try:
            kind, _ = Kind(row["kind"]), Source(row["source"])
        except ValueError as error:
            raise Wrong(f"is of a kind that this Sluice does not know ({error})") from error
        self._check_numbers(row)
        if kind in ANSWERS or kind in CORRECTIONS:
            require(row["position"] is not None, "names no sample")
        if kind in CORRECTIONS:
            require(bool(row["target"]), "names no event that it corrects")
        if kind in (Kind.LABEL, Kind.RELABEL):
            require(row["label"] is not None, "has no label")
        if kind in _SAYS:
            _SAYS[kind](json.loads(row["payload"] or "null"))
        if kind in SCANNING:
            require(row["first"] <= row["stop"], "scans backward")
            self.scanned += row["stop"] - row["first"]
        self.stop, self.state = row["stop"], (row["strategy_state"], row["strategy_memory"])
        return row

    def _check_numbers(self, row: Record) -> None:
        for name in ("position", "first", "stop"):
            within(row, name, 0, self.samples + (name != "position"))
        within(row, "label", 0, self.classes)
        within(row, "target", 0, row["seq"])
        within(row, "at", 0, MAX_TIME)
        within(row, "retracted_at", 0, MAX_TIME)
        within(row, "milliseconds", 0, min(row["at"] + 1, MAX_COUNT))
        if row["voided"]:
            within(row, "voided", row["seq"] + 1, self.head + 1)
        for name in ("annotator", "key"):
            require(len(row[name] or "") <= MAX_WORD, f"has a {name} that is too long")


class Predictions:
    """Checks the predictions of a log one by one.

    Parameters
    ----------
    classes, head
        How many there are of each.

    """

    def __init__(self, classes: int, head: int):
        self.classes, self.head = classes, head
        self.count = self.live = 0
        self._last = (-1, 0)

    def row(self, record: Record) -> Record:
        row = typed(record, PREDICTIONS)
        here = row["position"], row["voided"]
        require(here > self._last, "is out of order")
        self._last = here
        if not row["voided"]:
            require(row["position"] == self.live, "leaves out a position before it")
            self.live += 1
        within(row, "voided", 0, self.head + 1)
        within(row, "seq", 1, self.head + 1)
        within(row, "answered", 1, self.head + 1)
        within(row, "at", 0, MAX_TIME)
        known = len(row["probabilities"]) // 8
        require(
            len(row["probabilities"]) == 8 * known <= 8 * self.classes,
            "has probabilities that are not eight bytes for each class",
        )
        within(row, "predicted", 0, known)
        for name in ("truth", "label"):
            within(row, name, 0, self.classes)
        for name in ("entropy", "query_probability"):
            if not -0.001 <= row[name] <= 1.001:
                raise Wrong(f"says {name} is {row[name]}, which is not from 0 to 1")
        require(len(row["reason"]) <= MAX_WORD, "has a reason that is too long")
        require(row["answer"] in _OUTCOMES, "has an answer that this Sluice does not know")
        half = (row["answered"] is None) is not (row["answer"] is None)
        require(not half, "is half answered")
        within(row, "checked", 1, self.head + 1)
        within(row, "turn", 0, MOST)
        half = (row["checked"] is None) is not (row["turn"] is None)
        require(not half, "is half drawn")
        self.count += 1
        return row
