"""The labeling page: one sample, one key, one request."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, callback, clientside_callback, dcc, html
from dash.exceptions import PreventUpdate
from flask import current_app

from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.ui.components import attributes, page_header
from dashboard.ui.ids import Label

dash.register_page(
    "pages.label", path="/", name="Label", title="Label · Sluice", nav="Label", order=0
)


def _services() -> Services:
    services: Services = current_app.config["SLUICE"]()
    return services


def layout(experiment: str | None = None, **_: str) -> Any:
    """The page with its first view inside, so that the first paint needs no request."""
    view = Desk(_services()).open(experiment)
    return html.Div(
        [
            _header(view["slug"]),
            html.Div(id="label-note", className="note", hidden=True),
            _strip(),
            html.Div(id="label-trouble", className="trouble", role="alert", hidden=True),
            _progress(),
            _desk(),
            _finished(),
            _after(),
            _reset_dialog(),
            _keys_dialog(),
            dcc.Store(id=Label.OUTBOX),
            dcc.Store(id=Label.REPLY, data=view),
            html.Div(id=Label.PAINTED, hidden=True),
        ],
        id=Label.ROOT,
        className="label-page",
    )


def _header(slug: str) -> Any:
    every = [
        (e.slug, e.name)
        for e in _services().experiments.every()
        if e.archived_at is None or e.slug == slug
    ]
    status = html.Span(
        id="label-status",
        className="saved",
        role="status",
        **attributes(data_testid="status", data_state="scanning"),
    )
    return page_header("Label", slug=slug, experiments=every, right=status)


def _figure(testid: str, caption: str, title: str) -> Any:
    return html.Div(
        [html.B("–", id=f"label-{testid}", **attributes(data_testid=testid)), html.Span(caption)],
        className="fig",
        title=title,
    )


def _strip() -> Any:
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
            _figure("ask-rate", "asked", "How often it asks"),
            _figure("seconds", "per label", "Median of the last 25 answers"),
        ],
        className="strip",
    )


def _progress() -> Any:
    return html.Div(
        [
            html.Div(
                [
                    html.Span(id="label-progress-text"),
                    html.Button("Cancel", id="label-cancel", type="button", className="quiet"),
                ],
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


def _desk() -> Any:
    return html.Section(
        [
            html.Div(
                id="label-sample",
                className="sample",
                tabIndex="-1",
                dir="auto",
                **attributes(
                    data_testid="sample",
                    data_sample_id="",
                    aria_live="polite",
                    aria_label="Sample",
                ),
            ),
            html.Div(id="label-guess", className="guess", hidden=True),
            html.Div(
                id="label-answers",
                className="answers",
                role="group",
                **attributes(aria_label="Classes"),
            ),
            html.Div(
                [
                    _key_button("Pass", "label-pass", "0", "I don't know"),
                    _key_button("Undo", "label-undo", "U", "Take back the last answer"),
                    html.Button(
                        "Show the prediction first",
                        id="label-show",
                        type="button",
                        className="quiet push toggle",
                        **attributes(aria_pressed="false"),
                    ),
                    html.Button(
                        "Label 100 for me",
                        id="label-oracle",
                        type="button",
                        className="quiet",
                        hidden=True,
                        title="Answers with the known truth (oracle)",
                    ),
                    html.A(
                        "Download CSV",
                        id="label-download",
                        className="quiet",
                        href="#",
                        download="",
                    ),
                    html.Button("Keys", id="label-keys", type="button", className="quiet"),
                    html.Button("Reset", id="label-reset", type="button", className="quiet"),
                ],
                className="small",
            ),
        ],
        id="label-desk",
        **attributes(aria_label="Labeling"),
    )


def _key_button(name: str, id_: str, key: str, title: str) -> Any:
    return html.Button(
        [name, " ", html.Kbd(key, **attributes(aria_hidden="true"))],
        id=id_,
        type="button",
        className="quiet",
        title=title,
        **attributes(aria_keyshortcuts=key),
    )


def _finished() -> Any:
    return html.Section(id="label-finished", className="finished", hidden=True)


def _after() -> Any:
    return html.Div(
        [
            html.Section([html.H2("The one before"), html.Div(id="label-last", className="why")]),
            html.Section([html.H2("Last answers"), html.Table(id="label-recent")]),
        ],
        id="label-after",
        className="after",
        hidden=True,
    )


def _reset_dialog() -> Any:
    return html.Dialog(
        [
            html.H2("Start this experiment over?"),
            html.P(
                "The model forgets everything. The log so far is kept as an archived "
                "experiment, which can be reopened or deleted on the Experiments page."
            ),
            html.Div(
                [
                    html.Button(
                        "Keep labeling", id="label-reset-no", type="button", className="quiet"
                    ),
                    html.Button("Reset", id="label-reset-yes", type="button", className="danger"),
                ],
                className="dialog-buttons",
            ),
        ],
        id="label-reset-dialog",
        **attributes(aria_label="Reset"),
    )


def _keys_dialog() -> Any:
    return html.Dialog(
        [
            html.H2("Keys"),
            html.P("One key each, kept in this browser. Ctrl+Z always undoes."),
            html.Div(id="label-keys-list", className="keys"),
            html.Div(id="label-keys-problem", className="trouble", role="alert", hidden=True),
            html.Div(
                [
                    html.Button("Cancel", id="label-keys-no", type="button", className="quiet"),
                    html.Button("Save", id="label-keys-yes", type="button", className="go"),
                ],
                className="dialog-buttons",
            ),
        ],
        id="label-keys-dialog",
        **attributes(aria_label="Keys"),
    )


@callback(Output(Label.REPLY, "data"), Input(Label.OUTBOX, "data"), prevent_initial_call=True)
def step(wish: dict[str, Any] | None) -> dict[str, Any]:
    """Do what the page asks for and send it what to show next."""
    if not wish:
        raise PreventUpdate
    return Desk(_services()).handle(wish)


clientside_callback(
    ClientsideFunction("sluice", "paint"),
    Output(Label.PAINTED, "data-n"),
    Input(Label.REPLY, "data"),
)
