"""The labeling page: one sample, one key, one request."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, callback, clientside_callback, dcc, html
from dash.exceptions import PreventUpdate
from flask import current_app

from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.ui import label_dialogs, label_parts
from dashboard.ui.components import attributes, page_header
from dashboard.ui.ids import Label
from dashboard.ui.person import annotator

dash.register_page(
    "pages.label", path="/", name="Label", title="Label · Sluice", nav="Label", order=0
)


def _services() -> Services:
    services: Services = current_app.config["SLUICE"]()
    return services


def layout(experiment: str | None = None, **_: str) -> Any:
    """The page with its first view inside, so that the first paint needs no request."""
    view = Desk(_services(), annotator=annotator()).open(experiment)
    return html.Div(
        [
            _header(view["slug"]),
            html.Div(id="label-note", className="note", hidden=True),
            label_parts.strip(),
            html.Div(id="label-trouble", className="trouble", role="alert", hidden=True),
            label_parts.progress(),
            label_parts.desk(),
            label_parts.advice(),
            html.Section(id="label-finished", className="finished", hidden=True),
            label_parts.after(),
            *label_dialogs.dialogs(),
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


@callback(Output(Label.REPLY, "data"), Input(Label.OUTBOX, "data"), prevent_initial_call=True)
def step(wish: dict[str, Any] | None) -> dict[str, Any]:
    """Do what the page asks for and send it what to show next."""
    if not wish:
        raise PreventUpdate
    return Desk(_services(), annotator=annotator()).handle(wish)


clientside_callback(
    ClientsideFunction("sluice", "paint"),
    Output(Label.PAINTED, "data-n"),
    Input(Label.REPLY, "data"),
)
