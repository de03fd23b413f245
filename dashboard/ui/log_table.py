"""The columns of the two logs, and their cells as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboard.services.records import SKIPPED as SKIPPED_TABLE
from dashboard.services.records import Opening, Overview, Page

SKIPPED, ASKED, RIGHT, WRONG, PASSED = "Skipped", "Asked", "Right", "Wrong", "Passed"
_CLASSES = ("label", "predicted", "truth")
_DIGITS = ("probability", "entropy", "query_probability", "likelihood")

_TITLES = {
    "position": "#", "text": "Sample", "label": "Label", "predicted": "Predicted",
    "probability": "Probability", "entropy": "Entropy", "query_probability": "Asked with",
    "reason": "Reason", "source": "Source", "annotator": "By", "labeled_at": "Labeled (UTC)",
    "seconds": "Seconds", "truth": "Truth", "asked": "Question", "correct": "Prediction was",
    "likelihood": "Likelihood", "at": "Predicted (UTC)", "sample_id": "Sample id",
}  # fmt: skip
_WIDTHS = {
    "position": 84, "label": 116, "predicted": 124, "probability": 112, "entropy": 100,
    "query_probability": 114, "reason": 140, "source": 112, "annotator": 90, "labeled_at": 176,
    "likelihood": 110, "seconds": 100, "truth": 116, "asked": 114, "correct": 134, "at": 176,
    "sample_id": 122,
}  # fmt: skip
_ORDER = {
    "labels": (
        "position", "text", "label", "likelihood", "predicted", "probability", "truth",
        "labeled_at", "seconds", "source", "reason", "entropy", "query_probability", "annotator",
        "sample_id",
    ),
    "predictions": (
        "position", "text", "predicted", "correct", "entropy", "query_probability", "asked",
        "reason", "label", "truth", "at",
    ),
    "skipped": (
        "position", "text", "predicted", "probability", "entropy", "query_probability", "truth",
        "correct", "at", "sample_id",
    ),
}  # fmt: skip
_UNSORTED = ("text", "probability", "likelihood", "sample_id")


def columns(opening: Opening) -> list[dict[str, Any]]:
    """Column definitions of the grid, sorted as the address says."""
    overview = opening.overview
    names: list[str] = list(_ORDER[opening.table])
    if opening.table == "predictions":
        names += [*(f"p_{c.name}" for c in overview.classes), "sample_id"]
    made = [_column(name, overview) for name in names]
    for column in made:
        if opening.table == SKIPPED_TABLE and column["field"] == "probability":
            column["headerName"] = "Confidence"
        if column["field"] == "likelihood":
            column["hide"] = opening.params.get("suspected") != "true"
        if column["field"] == opening.sort.field:
            column["sort"] = "desc" if opening.sort.descending else "asc"
    return made


def _column(name: str, overview: Overview) -> dict[str, Any]:
    titles = {f"p_{c.name}": f"P({c.title})" for c in overview.classes}
    number = name in (*_DIGITS, "position", "seconds") or name in titles
    made: dict[str, Any] = {
        # The field is the name that the server sorts by.
        "field": name,
        "headerName": titles.get(name) or _TITLES[name],
        "sortable": name not in _UNSORTED and name not in titles,
        "cellClass": f"cell-{'number' if number else 'text'} cell-{_plain(name)}",
        "headerClass": "head-number" if number else "",
    }
    if name == "text":
        return {**made, "width": 430, "minWidth": 180}
    made["width"] = _WIDTHS.get(name, 120)
    if name in _CLASSES:
        rules = {_is(c.title): f"class-{i % 8 + 1}" for i, c in enumerate(overview.classes)}
        made["cellClassRules"] = _by_class(rules)
    elif name in ("asked", "correct"):
        made["cellClassRules"] = {f"is-{w.lower()}": _is(w) for w in (ASKED, SKIPPED, RIGHT, WRONG)}
    return made


def _plain(name: str) -> str:
    """A name fit for a style sheet: a class may be called anything."""
    return name if name in _TITLES else "share"


def _is(words: str) -> str:
    return f"params.value == {json.dumps(words)}"


def _by_class(rules: Mapping[str, str]) -> dict[str, str]:
    """One rule for each color; classes beyond the eighth share colors."""
    joined: dict[str, str] = {}
    for condition, color in rules.items():
        joined[color] = f"{joined[color]} || {condition}" if color in joined else condition
    return joined


def cells(page: Page, overview: Overview) -> list[dict[str, str]]:
    """The rows as the grid shows them: every cell is plain text."""
    titles = {c.name: c.title for c in overview.classes}
    rows = [_cells(row, page.chosen.table, titles) for row in page.rows]
    if not overview.is_text:
        for row in rows:
            row["text"] = row["text"].replace("\n", " · ")
    return rows


def _cells(row: Mapping[str, Any], table: str, titles: Mapping[str, str]) -> dict[str, str]:
    made = {"key": str(row["position"]), "position": f"{row['position']:,}"}
    made |= {name: _title(row[name], titles) for name in _CLASSES}
    made |= {k: _share(v) for k, v in row.items() if k in _DIGITS or k.startswith("p_")}
    for name in ("text", "reason", "source", "annotator", "sample_id"):
        made[name] = str(row.get(name) or "")
    for name in ("at", "labeled_at"):
        made[name] = moment(row.get(name))
    if table == "labels":
        made["label"] = made["label"] or PASSED
        made["seconds"] = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
    else:
        made["asked"] = ASKED if row["asked"] else SKIPPED
        made["correct"] = {True: RIGHT, False: WRONG, None: ""}[row["correct"]]
    return made


def _title(name: str | None, titles: Mapping[str, str]) -> str:
    return "" if name is None else titles[name]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def moment(iso: str | None) -> str:
    """A time to the second.

    Examples
    --------
    >>> moment("2026-11-22T08:20:30.007Z")
    '2026-11-22 08:20:30'

    """
    return "" if iso is None else iso[:19].replace("T", " ")


def sort_of(model: Any) -> str:
    """The grid's order in the words of the service.

    Examples
    --------
    >>> sort_of([{"colId": "entropy", "sort": "desc"}])
    '-entropy'

    """
    if not isinstance(model, list) or not model or not isinstance(model[0], dict):
        return ""
    field = str(model[0].get("colId"))
    return f"-{field}" if model[0].get("sort") == "desc" else field
