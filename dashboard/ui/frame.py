"""Callbacks of the frame: they outlive the pages."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard.background import parent_lives
from dashboard.services.container import LazyServices
from dashboard.ui.ids import Frame

ANNOTATOR = "local"


def register(app: Dash, services: LazyServices) -> None:
    """Declare the frame's callbacks on an app."""

    @app.callback(
        Output(Frame.JOB_RECEIPT, "data"),
        Input(Frame.JOB_REQUEST, "data"),
        background=True,
        interval=500,
        prevent_initial_call=True,
    )
    def run_job(wish: dict[str, Any] | None) -> dict[str, Any]:
        # The nonce in the request keeps two pages from sharing one result.
        if not wish or not wish.get("nonce"):
            raise PreventUpdate
        receipt = services().jobs.run(
            str(wish.get("kind")),
            str(wish.get("slug") or ""),
            count=int(wish.get("count") or 100),
            annotator=ANNOTATOR,
            wanted=parent_lives,
        )
        return {"nonce": wish["nonce"], **receipt._asdict()}

    app.clientside_callback(
        ClientsideFunction("sluice", "receipt"),
        Output(Frame.TOASTS, "data-receipt"),
        Input(Frame.JOB_RECEIPT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sluice", "navigate"),
        Output(Frame.NAV, "data-path"),
        Input(Frame.LOCATION, "pathname"),
        Input(Frame.LOCATION, "search"),
        State(Frame.NAV, "id"),
    )
