"""What stands around the table of a log: its filter, and the line above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html

from dashboard.services.records import SKIPPED, Opening, Overview, Page
from dashboard.ui.forms import aria, choice_field, text_field
from dashboard.ui.ids import Log

ORDERS = (("-position", "newest first"), ("entropy", "the surest first"),
          ("-entropy", "the least sure first"))  # fmt: skip
TABLES = (("labels", "Labels"), ("predictions", "Predictions"))
FORMATS = (("csv", "Download CSV"), ("jsonl", "JSONL"), ("parquet", "Parquet"))
HOW = {
    "labels": "One row per answer in force. Choose a row to see everything that happened to the "
    "sample, and to change or take back its label.",
    "predictions": "One row per sample the model predicted before it could learn it, asked about "
    "or skipped. Choose a row to see everything that happened to the sample.",
    "skipped": "One row per sample the model was sure enough of to ask nobody. Confidence is the "
    "probability of the predicted class. Surest means lowest entropy: with two classes that is "
    "the order of confidence, with more it takes all their probabilities into account.",
}
_RANGES = (
    ("position", "Position"),
    ("entropy", "Entropy"),
    ("query_probability", "Asked with"),
    ("seconds", "Seconds"),
)
_ALWAYS = ("q", "label", "predicted", "correct", "suspected", "confidence_min", "confidence_max")
_YES_NO = (("", "any"), ("true", "yes"), ("false", "no"))
_SOURCES = (("person", "a person"), ("oracle", "known truth"), ("warm-start", "warm start"),
            ("import", "import"))  # fmt: skip


def filters(opening: Opening) -> Any:
    """The form that chooses rows."""
    overview, table, chosen = opening.overview, opening.table, opening.params
    more = _more(opening)
    used = [name for name in chosen if name not in _ALWAYS]
    return html.Form(
        [
            text_field("Search the samples", id_="log-field-q", name="q", kind="search",
                       value=chosen.get("q", ""), placeholder="Search"),
            *_main(overview, table, chosen),
            html.Details(
                [html.Summary("More"), html.Div(more, className="more-fields")],
                open=bool(used), className="more",
            ),
            html.Button("Clear", type="button", id="log-clear", className="quiet"),
        ],
        id=Log.FILTERS,
        className="filters",
        role="search",
        **_attributes(opening),
    )  # fmt: skip


def _attributes(opening: Opening) -> dict[str, Any]:
    return {
        **aria(label="Filter"),
        "data-experiment": opening.overview.slug,
        "data-table": opening.table,
    }


def _main(overview: Overview, table: str, chosen: Mapping[str, str]) -> list[Any]:
    label = choice_field("Label", name="label", value=chosen.get("label", ""),
                         options=_classes(overview, _NO_LABEL[table]))  # fmt: skip
    guess = choice_field("Predicted", name="predicted", value=chosen.get("predicted", ""),
                         options=_classes(overview, "no guess"))  # fmt: skip
    right = choice_field(
        "Prediction was",
        name="correct",
        value=chosen.get("correct", ""),
        options=(("", "any"), ("true", "right"), ("false", "wrong")),
    )
    doubt = choice_field("Show", name="suspected", value=chosen.get("suspected", ""),
                         options=_SUSPECTED)  # fmt: skip
    if table == SKIPPED:
        return [guess, _range("confidence", "Confidence", chosen), right]
    return [label, guess, right, doubt] if table == "labels" else [guess, right, label]


_SUSPECTED = (("", "all answers"), ("true", "suspected mistakes"))
_NO_LABEL = {"labels": "passed", "predictions": "no label", SKIPPED: "no label"}


def _classes(overview: Overview, none: str) -> list[tuple[str, str]]:
    return [("", "any"), *((c.name, c.title) for c in overview.classes), ("none", none)]


def _more(opening: Opening) -> list[Any]:
    overview, chosen = opening.overview, opening.params
    fields = [
        choice_field("Truth", name="truth", value=chosen.get("truth", ""),
                     options=_classes(overview, "unknown")),
    ]  # fmt: skip
    if opening.table == SKIPPED:
        return [*fields, *(_range(name, caption, chosen) for name, caption in _RANGES[:3])]
    if opening.table == "labels":
        fields.append(choice_field("Source", name="source", value=chosen.get("source", ""),
                                   options=(("", "any"), *_SOURCES)))  # fmt: skip
    else:
        fields.append(choice_field("Asked", name="asked", value=chosen.get("asked", ""),
                                   options=_YES_NO))  # fmt: skip
    known = dict.fromkeys([*overview.reasons, *filter(None, [chosen.get("reason")])])
    reasons = [("", "any"), *((reason, reason) for reason in known)]
    fields.append(
        choice_field("Reason", name="reason", value=chosen.get("reason", ""), options=reasons)
    )
    ranges = [r for r in _RANGES if r[0] != "seconds" or opening.table == "labels"]
    return [*fields, *(_range(name, caption, chosen) for name, caption in ranges)]


def _range(name: str, caption: str, chosen: Mapping[str, str]) -> Any:
    ends = [
        text_field(words, id_=f"log-field-{name}-{end}", name=f"{name}_{end}", numeric=True,
                   value=chosen.get(f"{name}_{end}", ""))
        for end, words in (("min", f"{caption} from"), ("max", "to"))
    ]  # fmt: skip
    return html.Div(ends, className="range")


def switch(opening: Opening) -> Any:
    """Labels or predictions, as two links."""
    links = []
    for table, words in TABLES:
        address = {"experiment": opening.overview.slug, "table": table}
        here = aria(current="true") if table == opening.table else {}
        links.append(
            html.Span(
                dcc.Link([words, " ", html.Span(f"{opening.overview.totals[table]:,}")],
                         href=f"/log?{urlencode(address)}"),
                className="on" if here else "", **here,
            )
        )  # fmt: skip
    return html.Nav(links, className="tabs", **aria(label="Which log"))


def bar(slug: str, page: Page) -> list[Any]:
    """How many rows there are, and the same rows as files."""
    table, params = page.chosen.table, page.params
    one, more = _COUNTED[page.table]
    words = f"{page.total:,} {one if page.total == 1 else more}"
    if params:
        words = f"{page.count:,} of {words}" if page.count else f"None of {words} is like this"
    if params.get("suspected") == "true":
        return [html.Span(_suspected(page), className="count")]
    kept = {**params, "skipped": "true"} if page.table == SKIPPED else params
    query = f"?{urlencode(kept)}" if kept else ""
    address = f"/experiments/{quote(slug)}/{table}"
    links = [
        html.A(name, href=f"{address}.{ending}{query}", download="", className="quiet")
        for ending, name in FORMATS
    ]
    return [html.Span(words, className="count"), html.Span(links, className="files")]


_COUNTED = {
    "labels": ("answer", "answers"),
    "predictions": ("prediction", "predictions"),
    SKIPPED: ("skipped sample", "skipped samples"),
}


def orders(opening: Opening) -> Any:
    """Orders to choose at once; the headings of the table have the others."""
    buttons = [
        html.Button(words, type="button",
                    **{"data-sort": sort, **aria(pressed=str(sort == str(opening.sort)).lower())})
        for sort, words in ORDERS
    ]  # fmt: skip
    return html.Div(buttons, className="segments", role="group", id="log-orders",
                    **aria(label="Order"))  # fmt: skip


def _suspected(page: Page) -> str:
    """How many suspected mistakes there are, and what makes them so."""
    if not page.count:
        return "None of these answers is very unlikely to a model that learned all others."
    one = "answer is" if page.count == 1 else "answers are"
    return (
        f"{page.count:,} {one} very unlikely to a model that learned the others. Some will be "
        "right; choose a row to look again and, where it is wrong, to change the label."
    )


def trouble(sentence: str) -> Any:
    """A sentence in place of rows."""
    return html.Span(sentence, className="wrong", role="alert")
