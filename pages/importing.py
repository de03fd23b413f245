"""New from a file: dropped, looked into, named, imported, and on to the first question."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html
from dash.exceptions import PreventUpdate
from flask import current_app

from dashboard.errors import SluiceError
from dashboard.services.container import Services
from dashboard.services.datasets import BUILTINS
from dashboard.services.experiments import slug_of
from dashboard.services.intake import Intake
from dashboard.services.typed import text
from dashboard.ui import import_form
from dashboard.ui.components import attributes
from dashboard.ui.ids import Import

POLL_MS = 500

dash.register_page(
    "pages.importing", path="/import", name="New from a file", title="New from a file · Sluice",
)  # fmt: skip


def _services() -> Services:
    services: Services = current_app.config["SLUICE"]()
    return services


def layout(**_: Any) -> Any:
    """A place to drop a file; what it asks comes when the file is there."""
    most = _services().uploads.max_mb
    asked = current_app.config.get("SLUICE_ALL_IDS")
    return html.Div(
        [
            html.Header(html.H1("New from a file")),
            html.Div(
                [
                    html.P([html.B("Drop a file here"), " or choose one."]),
                    html.P(
                        "CSV, TSV, JSONL, Parquet, XLSX, or plain text with one sample per line; "
                        f"CSV, TSV and JSONL also packed as .gz. Up to {most:,} MB.",
                        className="soft",
                    ),
                ],
                id=Import.DROP,
                className="drop",
            ),
            html.P(id="import-sent", className="soft", role="status", hidden=True),
            html.P(id="import-refused", className="trouble", role="alert", hidden=True),
            html.Div(import_form.parts() if asked else None, id=Import.FORM),
            html.Div(
                [
                    html.Div(id=Import.STATUS, role="status"),
                    html.Button("Cancel", id=Import.CANCEL, type="button", className="quiet"),
                ],
                id=Import.PROGRESS,
                className="progress-box",
                hidden=True,
                **attributes(data_testid="import-progress"),
            ),
            html.Div(id=Import.RESULT, role="status", hidden=True),
            dcc.Store(id=Import.UPLOAD),
            dcc.Store(id=Import.READ),
            dcc.Store(id=Import.ASK),
            dcc.Interval(id=Import.TICK, interval=POLL_MS, disabled=True),
        ],
        id=Import.ROOT,
        className="import-page",
    )


@callback(
    Output(Import.FORM, "children"),
    Input(Import.UPLOAD, "data"),
    Input(Import.READ, "data"),
    prevent_initial_call=True,
)
def look(upload: dict[str, Any] | None, read: dict[str, Any] | None) -> Any:
    """Look into the file, and ask what to make of it."""
    wish = read if dash.ctx.triggered_id == Import.READ else upload
    if not wish:
        raise PreventUpdate
    try:
        looked = Intake(_services()).look(wish)
    except SluiceError as error:
        return html.P(str(error), className="trouble", role="alert")
    stored = _services().experiments.streams()
    own = [(s.slug, s.title) for s in stored if s.slug not in BUILTINS]
    return import_form.form(looked, own)


@callback(
    Output(Import.CLASSES, "value"),
    Output(Import.COUNTED, "children"),
    Input(Import.ASK, "data"),
    prevent_initial_call=True,
)
def find_classes(typed: dict[str, Any] | None) -> tuple[Any, str]:
    """Look for the classes in the column that was chosen."""
    if not typed:
        raise PreventUpdate
    try:
        found = Intake(_services()).classes(typed)
    except SluiceError as error:
        return dash.no_update, str(error)
    return "\n".join(found), import_form.counted(found)


@callback(
    Output(Import.STATUS, "children"),
    Input(Import.TICK, "n_intervals"),
    State(Import.GO, "data"),
    prevent_initial_call=True,
)
def follow(_n: int, typed: dict[str, Any] | None) -> Any:
    """Show how far the import is."""
    if not typed:
        raise PreventUpdate
    status = _services().importer.status(_slug(typed))
    running = status if status and status["state"] == "running" else None
    return import_form.progress(running)


@callback(
    Output(Import.CANCEL, "title"),
    Input(Import.CANCEL, "n_clicks"),
    State(Import.GO, "data"),
    prevent_initial_call=True,
)
def stop(_n: int, typed: dict[str, Any] | None) -> str:
    """Stop the import: nothing of it is left."""
    if typed:
        _services().importer.stop(_slug(typed))
    return "Stopping"


def _slug(typed: dict[str, Any]) -> str:
    try:
        return text(typed, "append") or slug_of(text(typed, "name"))
    except SluiceError:
        return ""


clientside_callback(
    ClientsideFunction("sluiceImport", "mounted"),
    Output(Import.DROP, "data-ready"),
    Input(Import.ROOT, "id"),
)

clientside_callback(
    ClientsideFunction("sluiceImport", "running"),
    Output(Import.TICK, "disabled"),
    Output(Import.PROGRESS, "hidden"),
    Input(Import.GO, "data"),
    Input(Import.DONE, "data"),
    prevent_initial_call=True,
)
