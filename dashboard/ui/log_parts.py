"""What stands around the table of a log: its filter, the line above it, a sample's story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html

from dashboard.services.records import Opening, Overview, Page
from dashboard.services.stories import Step, Story
from dashboard.ui.forms import CLOSES, aria, choice_field, sends, text_field
from dashboard.ui.ids import Log
from dashboard.ui.log_table import moment

TABLES = (("labels", "Labels"), ("predictions", "Predictions"))
FORMATS = (("csv", "Download CSV"), ("jsonl", "JSONL"), ("parquet", "Parquet"))
HOW = {
    "labels": "One row per answer in force. Choose a row to see everything that happened to the "
    "sample, and to change or take back its label.",
    "predictions": "One row per sample the model predicted before it could learn it, asked about "
    "or skipped. Choose a row to see everything that happened to the sample.",
}
_RANGES = (
    ("position", "Position"),
    ("entropy", "Entropy"),
    ("query_probability", "Asked with"),
    ("seconds", "Seconds"),
)
_YES_NO = (("", "any"), ("true", "yes"), ("false", "no"))
_SOURCES = (("person", "a person"), ("oracle", "known truth"), ("warm-start", "warm start"),
            ("import", "import"))  # fmt: skip


def filters(opening: Opening) -> Any:
    """The form that chooses rows."""
    overview, table, chosen = opening.overview, opening.table, opening.params
    more = _more(opening)
    used = [name for name in chosen if name not in ("q", "label", "predicted", "correct")]
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
    return [label, guess, right] if table == "labels" else [guess, right, label]


_NO_LABEL = {"labels": "passed", "predictions": "no label"}


def _classes(overview: Overview, none: str) -> list[tuple[str, str]]:
    return [("", "any"), *((c.name, c.title) for c in overview.classes), ("none", none)]


def _more(opening: Opening) -> list[Any]:
    overview, chosen = opening.overview, opening.params
    fields = [
        choice_field("Truth", name="truth", value=chosen.get("truth", ""),
                     options=_classes(overview, "unknown")),
    ]  # fmt: skip
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
    one, more = {"labels": ("answer", "answers"), "predictions": ("prediction", "predictions")}[
        table
    ]
    words = f"{page.total:,} {one if page.total == 1 else more}"
    if params:
        words = f"{page.count:,} of {words}" if page.count else f"None of {words} is like this"
    query = f"?{urlencode(params)}" if params else ""
    address = f"/experiments/{quote(slug)}/{table}"
    links = [
        html.A(name, href=f"{address}.{ending}{query}", download="", className="quiet")
        for ending, name in FORMATS
    ]
    return [html.Span(words, className="count"), html.Span(links, className="files")]


def trouble(sentence: str) -> Any:
    """A sentence in place of rows."""
    return html.Span(sentence, className="wrong", role="alert")


# A sample's story --------------------------------------------------------------------------


def story(slug: str, told: Story, *, key: str, notice: str = "") -> list[Any]:
    """Everything that happened to a sample, and what can be done about its label.

    Parameters
    ----------
    slug
        The experiment.
    told
        The story.
    key
        Idempotency key of the next correction.
    notice
        What came of the last one.

    """
    titles = {c.name: c.title for c in told.classes}
    return [
        html.Header(
            [html.H2(f"Sample {told.position:,}", id="log-sheet-title"),
             html.Span(told.sample.sample_id, className="soft"),
             html.Button("Close", type="button", className="quiet push", **CLOSES)],
        ),
        html.Div(_content(told), className="told", dir="auto", tabIndex="0"),
        html.P(_now(told, titles), className="now"),
        _corrections(slug, told, key=key),
        html.P(notice, className="note", role="status", hidden=not notice),
        html.H3("What happened"),
        html.Ol([_step(step, titles) for step in told.steps], className="steps"),
    ]  # fmt: skip


def _content(told: Story) -> Any:
    fields = told.sample.fields
    if set(fields) == {"text"}:
        return told.sample.text
    pairs = [p for k, v in fields.items() for p in (html.Dt(k), html.Dd(str(v)))]
    return html.Dl(pairs, className="card-fields")


def _now(told: Story, titles: Mapping[str, str]) -> list[Any]:
    if not told.asked:
        label: list[Any] = ["It was never asked about, so it has no label."]
    elif told.answer == "pass":
        label = ["You passed: it has no label."]
    elif told.label is None:
        label = ["Its label was taken back."]
    else:
        label = ["Its label is ", html.B(titles[told.label]), "."]
    if told.truth is None:
        return [*label, " The true class is not known."]
    return [*label, " The true class is ", html.B(titles[told.truth]), "."]


def _corrections(slug: str, told: Story, *, key: str) -> Any:
    if not told.changeable:
        words = "" if not told.asked else "The experiment is archived; reopen it to change labels."
        return html.P(words, className="soft", hidden=not words)
    wish = {"do": "correct", "experiment": slug, "position": told.position, "key": key}
    buttons = [
        html.Button(
            [html.Span(className="swatch", **aria(hidden="true")), c.title],
            type="button", className=f"choice class-{i % 8 + 1}",
            **_choice({**wish, "label": i}, chosen=c.name == told.label),
        )
        for i, c in enumerate(told.classes)
    ]  # fmt: skip
    if told.label is not None:
        buttons.append(
            html.Button("Take it back", type="button", className="quiet",
                        **sends(Log.WISH, {**wish, "label": None}))
        )  # fmt: skip
    caption = "The model becomes that of the corrected labels. Questions and predictions that "
    return html.Div(
        [html.H3("Change the label"), html.Div(buttons, className="choices"),
         html.P(caption + "were made in the meantime stay as they were.", className="soft")],
    )  # fmt: skip


def _choice(wish: Mapping[str, Any], *, chosen: bool) -> dict[str, Any]:
    """The label in force is pressed, and pressing it again is no correction."""
    if chosen:
        return aria(pressed="true")
    return {**aria(pressed="false"), **sends(Log.WISH, wish)}


def _step(step: Step, titles: Mapping[str, str]) -> Any:
    return html.Li(
        [html.Time(f"{moment(step.at)} UTC", dateTime=step.at), html.Span(_told(step, titles))],
        className=f"step-{step.kind}",
    )


def _told(step: Step, titles: Mapping[str, str]) -> str:
    """A step as a sentence."""
    facts = step.facts
    who = f" by {facts['annotator']}" if facts.get("annotator") else ""
    label = titles.get(str(facts.get("label")), "")
    if step.kind == "predicted":
        return _predicted(facts, titles)
    if step.kind == "label":
        source = {"oracle": "from known truth", "warm-start": "by the warm start",
                  "import": "by an import"}.get(str(facts["source"]), who.strip())  # fmt: skip
        return f"Labeled {label} {source}".rstrip() + _took(facts)
    if step.kind == "mark":
        return _marked(facts, who)
    before, after = facts.get("before"), facts.get("after")
    return {
        "replaced": "That prediction was taken back, because an earlier answer was undone; the "
        "sample was scanned again.",
        "pass": f"Passed{who}{_took(facts)}",
        "undo": f"The answer was undone{who}; the question stood open again.",
        "relabel": f"Relabeled {label}{who}.",
        "retract": f"The label was taken back{who}.",
        "strategy": f"The question rate was changed{who}, from {before} to {after}.",
        "class-renamed": f"The class {before} was renamed {after}{who}.",
        "class-added": f"The class {after} was added{who}.",
        "guideline": f"What belongs to {after} was written down{who}.",
    }[step.kind]


def _marked(facts: Mapping[str, Any], who: str) -> str:
    """What a mark changed."""
    flag = {True: f"Flagged{who}.", False: f"The flag was taken back{who}."}
    told = [] if facts["flag"] is None else [flag[facts["flag"]]]
    if facts["note"] is not None:
        note = f"Noted{who}: {facts['note']}" if facts["note"] else f"The note was taken out{who}."
        told.append(note)
    return " ".join(told)


def _took(facts: Mapping[str, Any]) -> str:
    return "." if facts.get("seconds") is None else f", after {facts['seconds']:.1f} s."


_WHY = {
    "cold-start": "it did not know two classes yet",
    "audit": "a blind spot-check fell on it",
    "spot-check": "a blind spot-check fell on it",
    "random": "it was drawn at random",
}


def _predicted(facts: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    if facts["predicted"] is None:
        guess = "The model had no guess"
    else:
        guess = f"Predicted {titles[facts['predicted']]}, {facts['probability']:.0%}"
    numbers = (
        f"entropy {facts['entropy']:.3f}, asked with probability {facts['query_probability']:.3f}"
    )
    if facts["reason"] is None:
        return f"{guess}. Skipped: it was sure enough ({numbers})."
    why = _WHY.get(facts["reason"], "the model was unsure")
    return f"{guess}. Asked, because {why} ({numbers})."
