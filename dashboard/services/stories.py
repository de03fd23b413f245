"""The whole story of one sample: predicted, asked, answered, undone, relabeled, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection, Row

from dashboard.core.catalog import STRATEGIES
from dashboard.core.events import ANSWERS, Kind
from dashboard.errors import NotFound
from dashboard.storage import history, log
from dashboard.storage.cells import Value, iso
from dashboard.storage.experiments import Experiment, LabelClass
from dashboard.storage.marks import Mark
from dashboard.storage.streams import Sample


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened to a sample.

    Parameters
    ----------
    kind
        `predicted`, `replaced` (an undo took the prediction back), or the kind of an event; of
        a change, what was changed: `strategy`, `class-added`, `class-renamed` or `guideline`.
    seq
        The event it happened in.
    at
        ISO 8601.
    facts
        What is known of it; a prediction's are those of its row.

    """

    kind: str
    seq: int
    at: str
    facts: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Story:
    """A sample and everything that happened to it.

    Parameters
    ----------
    sample
        The sample as the model sees it.
    position
        Where it stands in the stream.
    asked
        Whether anybody was asked about it.
    answer, label, truth
        What became of the question, the class in force and the known class, as names.
    steps
        In order.
    changeable
        Whether the answer can be changed.
    classes
        In class order.

    """

    sample: Sample
    position: int
    asked: bool
    answer: str | None
    label: str | None
    truth: str | None
    steps: tuple[Step, ...]
    changeable: bool
    classes: tuple[LabelClass, ...]


def tell(connection: Connection, experiment: Experiment, position: int, sample: Sample) -> Story:
    """Everything that happened to a sample.

    Raises
    ------
    NotFound
        If it has not been scanned, or its question is still open: no truth leaks.

    """
    scans = history.scans(connection, experiment.id, position)
    now = next((row for row in scans if row.voided == 0), None)
    if now is None or (now.reason and now.answered is None):
        raise NotFound(f"The sample at position {position} has no row in the log yet.")
    names = [c.name for c in experiment.classes]
    happened = history.events_about(connection, experiment.id, position)
    steps = [step for row in scans for step in _scan_steps(row, names)]
    steps += [_event_step(row, names) for row in happened if row.kind != Kind.MARK]
    steps += _mark_steps([row for row in happened if row.kind == Kind.MARK])
    steps += _change_steps(history.changes(connection, experiment.id), steps)
    return Story(
        sample=sample,
        position=position,
        asked=now.reason != "",
        answer=now.answer,
        label=_name(names, now.label),
        truth=_name(names, now.truth),
        steps=tuple(sorted(steps, key=lambda step: step.seq)),
        changeable=now.answered is not None and experiment.archived_at is None,
        classes=experiment.classes,
    )


def _name(names: Sequence[str], index: int | None) -> str | None:
    return None if index is None else names[index]


def _scan_steps(row: Row[Any], names: Sequence[str]) -> list[Step]:
    probability = None
    if row.predicted is not None:
        probability = log.unpack(row.probabilities)[row.predicted]
    facts = {
        "predicted": _name(names, row.predicted),
        "probability": probability,
        "entropy": row.entropy,
        "query_probability": row.query_probability,
        "reason": row.reason or None,
    }
    made = [Step(kind="predicted", seq=row.seq, at=iso(row.at), facts=facts)]
    if row.voided:
        made.append(Step(kind="replaced", seq=row.voided, at=iso(row.undone_at), facts={}))
    return made


def _event_step(row: Row[Any], names: Sequence[str]) -> Step:
    facts = {
        "label": _name(names, row.label),
        "annotator": row.annotator or None,
        "source": row.source if row.kind in ANSWERS else None,
        "seconds": None if row.milliseconds is None else row.milliseconds / 1000,
    }
    return Step(kind=row.kind, seq=row.seq, at=iso(row.at), facts=facts)


def _mark_steps(rows: Sequence[Row[Any]]) -> list[Step]:
    """A step for each flag and note, with what was there before."""
    made, old = [], Mark()
    for row in rows:
        new = Mark(**json.loads(row.payload))
        facts = {
            "flag": None if new.flag == old.flag else new.flag,
            "note": None if new.note == old.note else new.note,
            "annotator": row.annotator or None,
        }
        made.append(Step(kind=Kind.MARK, seq=row.seq, at=iso(row.at), facts=facts))
        old = new
    return made


def _change_steps(rows: Sequence[Row[Any]], steps: Sequence[Step]) -> list[Step]:
    """The changes that were made while this sample's story went on."""
    first, last = min(s.seq for s in steps), max(s.seq for s in steps)
    return [
        Step(kind=kind, seq=row.seq, at=iso(row.at), facts={**facts, "annotator": row.annotator})
        for row in rows
        if first < row.seq < last
        for kind, facts in changed(**json.loads(row.payload))
    ]


def changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Value]]]:
    """What a change changed, one thing at a time: `strategy`, `class-added`, ..."""
    was, is_ = _strategy(before["spec"]), _strategy(after["spec"])
    if was != is_:
        yield "strategy", {"before": was, "after": is_}
    old, new = before["classes"], after["classes"]
    for b, a in zip(old, new, strict=False):
        if b["title"] != a["title"]:
            yield "class-renamed", {"before": b["title"], "after": a["title"]}
        if b.get("guideline") != a.get("guideline"):
            yield "guideline", {"after": a["title"]}
    for a in new[len(old) :]:
        yield "class-added", {"after": a["title"]}


def _strategy(spec: Mapping[str, Any]) -> str:
    """A strategy with the values that it takes, such as `entropy, discount factor 100`."""
    taken = (*STRATEGIES[spec["strategy"]].parameters, "floor")
    values = [f"{name.replace('_', ' ')} {spec[name]:g}" for name in taken]
    return ", ".join([spec["strategy"], *values])
