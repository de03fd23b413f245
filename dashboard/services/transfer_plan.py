"""What an experiment's file says of it before its tables: checked, and ready to be stored."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard.core.spec import Spec
from dashboard.errors import BadInput
from dashboard.services import transfer_file
from dashboard.services.advising import target_of
from dashboard.services.experiments import slug_of
from dashboard.services.transfer_checks import (
    MAX_COUNT,
    SLUG,
    Record,
    Wrong,
    check_classes,
    check_names,
    check_spec,
    require,
    typed,
    within,
    word,
)
from dashboard.services.transfer_file import Parcel
from dashboard.services.transfer_tables import MAX_TIME
from dashboard.storage import archive


@dataclass(frozen=True)
class Plan:
    """An experiment and its stream as they will be stored.

    Parameters
    ----------
    experiment, stream
        Their columns, but for the slug under which each will be known.
    spec
        The recipe in `experiment`.
    n_classes
        How many classes the experiment has, and
    n_truths
        of how many a sample's known label may be.

    """

    experiment: Record
    stream: Record
    spec: Spec
    n_classes: int
    n_truths: int


def read_plan(parcel: Parcel) -> Plan:
    """The two documents of a file.

    Raises
    ------
    BadInput
        If this Sluice could not store or show what they say.

    """
    part = transfer_file.STREAM
    try:
        stream, names = _stream(parcel.document(part))
        part = transfer_file.EXPERIMENT
        return _plan(parcel.document(part), stream, names)
    except Wrong as error:
        parcel.refuse(str(error), part=part)


def _stream(document: Record) -> tuple[Record, int]:
    names = check_names("classes", document.get("classes"))
    columns = document.get("columns", {})
    fine = isinstance(columns, dict) and all(isinstance(v, str) for v in columns.values())
    require(fine, "has columns that are no field types")
    texts = {"classes": json.dumps(names), "columns": json.dumps(columns)}
    row = typed({**document, **texts}, archive.STREAM)
    require(row["kind"] in ("text", "rows"), f"has the kind {row['kind']!r:.40}")
    require(bool(SLUG.fullmatch(row["slug"])), f"has the slug {row['slug']!r:.80}")
    for name in ("slug", "title"):
        word(row, name)
    for name in ("samples", "truths"):
        within(row, name, 0, MAX_COUNT)
    within(row, "created_at", 0, MAX_TIME)
    return row, len(names)


def _plan(document: Record, stream: Record, n_truths: int) -> Plan:
    spec, classes = check_spec(document.get("spec")), check_classes(document.get("classes"))
    texts = {"spec": json.dumps(spec.to_dict()), "classes": json.dumps([vars(c) for c in classes])}
    row = typed({**document, **texts}, archive.EXPERIMENT)
    try:
        slug_of(row["name"])
    except BadInput as error:
        raise Wrong(f"has a name that cannot be used ({error})") from error
    for name in ("slug", "archived_from"):
        fine = row[name] is None or SLUG.fullmatch(word(row, name))
        require(bool(fine), f"has the {name} {row[name]!r:.80}")
    require(
        row["target"] is None or target_of(row["target"]) is not None,
        f"has the target {row['target']!r:.80}",
    )
    within(row, "head", 0, MAX_COUNT)
    for name in ("position", "warm_start", "warm_until"):
        within(row, name, 0, stream["samples"] + 1)
    for name in ("created_at", "archived_at"):
        within(row, name, 0, MAX_TIME)
    return Plan(row, stream, spec, len(classes), min(len(classes), n_truths))
