"""The sheet of the log page: everything that happened to a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.services.stories import Step, Story
from dashboard.ui.forms import CLOSES, aria, sends
from dashboard.ui.ids import Log
from dashboard.ui.log_table import moment


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
    pairs = [
        part
        for name, value in fields.items()
        for part in (
            html.Dt(name, dir="auto"),
            html.Dd("–" if value is None else str(value), dir="auto"),
        )
    ]
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
    "audit": "an audit fell on it, a blind check of what the model is sure about",
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
