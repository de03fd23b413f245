"""What the labeling page is made of. The script in `assets/label` fills it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.ui.components import attributes


def button(words: Any, id_: str, *, title: str = "", more: str = "", **aria: str) -> Any:
    """A quiet button that the script listens to by its id."""
    return html.Button(
        words,
        id=id_,
        type="button",
        className=f"quiet {more}".strip(),
        title=title or None,
        **attributes(**{f"aria_{name}": value for name, value in aria.items()}),
    )


def _key_button(name: str, id_: str, key: str, title: str, **aria: str) -> Any:
    words = [name, " ", html.Kbd(key, **attributes(aria_hidden="true"))]
    return button(words, id_, title=title, keyshortcuts=key, **aria)


def strip() -> Any:
    """The numbers above the sample; how often it asks can be changed where it is told."""
    return html.Div(
        [
            _figure("predictions", "predictions", "Samples the model has predicted"),
            _figure("labels", "labels", "Labels given"),
            _figure("skipped", "skipped since the last", "Samples it was sure enough of"),
            _figure(
                "accuracy",
                "accuracy",
                "Share of right predictions, each made before the sample was learned",
            ),
            _rate(),
            _figure("seconds", "per label", "Median of the last 25 answers"),
        ],
        className="strip",
    )


def _figure(testid: str, caption: str, title: str) -> Any:
    return html.Div(_number(testid, caption), className="fig", title=title)


def _number(testid: str, caption: str) -> list[Any]:
    return [
        html.B("–", id=f"label-{testid}", **attributes(data_testid=testid)),
        html.Span(caption),
    ]


def _rate() -> Any:
    return html.Button(
        _number("ask-rate", "asked"),
        id="label-rate",
        type="button",
        className="fig rate",
        title="How often it asks; press to change it",
        **attributes(aria_haspopup="dialog"),
    )


def progress() -> Any:
    """How far a job is, and a way to stop it."""
    return html.Div(
        [
            html.Div(
                [html.Span(id="label-progress-text"), button("Cancel", "label-cancel")],
                className="progress-line",
            ),
            html.Progress(
                id="label-progress-bar", max="1", value="0", **attributes(aria_label="Progress")
            ),
        ],
        id="label-progress",
        className="progress-box",
        hidden=True,
        **attributes(data_testid="progress"),
    )


def desk() -> Any:
    """The sample, its answers, and what else can be done with it."""
    return html.Section(
        [
            _sample(),
            html.Div(id="label-guess", className="guess", hidden=True),
            html.Div(id="label-find", className="find", hidden=True),
            html.Div(
                id="label-answers",
                className="answers",
                role="group",
                **attributes(aria_label="Classes"),
            ),
            _small(),
        ],
        id="label-desk",
        **attributes(aria_label="Labeling"),
    )


def _sample() -> Any:
    sample = html.Div(
        id="label-sample",
        className="sample",
        tabIndex="-1",
        dir="auto",
        role="region",
        **attributes(
            data_testid="sample", data_sample_id="", aria_live="polite", aria_label="Sample"
        ),
    )
    return html.Div([sample, _marks()], className="sample-card")


def _marks() -> Any:
    """One line under the sample, there or not: nothing moves when it is marked."""
    return html.Div(
        [
            html.Span("⚑ Flagged", id="label-flagged", className="flag", hidden=True),
            html.Span(id="label-noted", className="noted", dir="auto"),
            html.Div(id="label-jotting", hidden=True),
        ],
        id="label-marks",
        className="marks",
    )


def _small() -> Any:
    return html.Div(
        [
            _key_button("Pass", "label-pass", "0", "I don't know"),
            _key_button("Undo", "label-undo", "U", "Take back the last answer"),
            _key_button("Flag", "label-flag", "F", "Mark this sample", pressed="false"),
            _key_button("Note", "label-jot", "N", "Write something down about this sample"),
            _key_button("Guidelines", "label-guide", "?", "What to label how"),
            button("Show the prediction first", "label-show", more="push toggle", pressed="false"),
            html.Button(
                "Label 100 for me",
                id="label-oracle",
                type="button",
                className="quiet",
                hidden=True,
                title="Answers with the known truth (oracle)",
            ),
            html.A("Download CSV", id="label-download", className="quiet", href="#", download=""),
            button("Keys", "label-keys"),
            button("Reset", "label-reset"),
        ],
        className="small",
    )


def advice() -> Any:
    """Whether to go on, in one line under the answers: nothing above it moves when it changes."""
    return html.P(
        [
            html.A(id="label-verdict", href="/accuracy", title="What it rests on"),
            html.Span(id="label-because"),
        ],
        id="label-advice",
        className="advice",
        hidden=True,
        **attributes(data_testid="advice"),
    )


def after() -> Any:
    """What is read after the answer."""
    return html.Div(
        [
            html.Section(
                [html.H2("The one before"), html.Div(id="label-last", className="why"), _why()]
            ),
            html.Section([html.H2("Last answers"), html.Table(id="label-recent")]),
        ],
        id="label-after",
        className="after",
        hidden=True,
    )


def _why() -> Any:
    """Closed until somebody wants to know: it costs a request of its own."""
    title = "What spoke for which class, and what the answer changed"
    opens = _key_button("Why", "label-why", "W", title, expanded="false", controls="label-why-body")
    return html.Div(
        [opens, html.Div(id="label-why-body", className="because", hidden=True)],
        className="why-more",
    )
