"""Callbacks of the frame: they outlive the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, set_props
from dash.exceptions import PreventUpdate
from ulid import ULID

from dashboard.background import local_manager, parent_lives
from dashboard.errors import SluiceError
from dashboard.services.container import LazyServices
from dashboard.services.intake import Intake
from dashboard.services.jobs import DATASET, Receipt
from dashboard.services.wishes import whole
from dashboard.ui.ids import Frame, Import
from dashboard.ui.person import annotator


def tell(error: Exception) -> None:
    """Show the sentence of an error in a toast; one that has none is a bug and stays loud."""
    if not isinstance(error, SluiceError):
        raise error
    # The nonce lets the same sentence be told again.
    set_props(Frame.TROUBLE, {"data": {"sentence": str(error), "nonce": str(ULID())}})


def refuse(error: Exception) -> dict[str, Any]:
    """The receipt of a job that could not be begun: Dash lets `tell` say nothing about those."""
    if not isinstance(error, SluiceError):
        raise error
    return {"nonce": str(ULID()), **Receipt("refused", "", str(error))._asdict()}


def register(app: Dash, services: LazyServices) -> None:
    """Declare the frame's callbacks on an app."""
    _jobs(app, services)
    _rest(app, services)
    _imports(app, services)
    _script(app)


def _jobs(app: Dash, services: LazyServices) -> None:
    @app.callback(
        Output(Frame.JOB_RECEIPT, "data"),
        Input(Frame.JOB_REQUEST, "data"),
        background=True,
        interval=500,
        on_error=refuse,
        prevent_initial_call=True,
    )
    def run_job(wish: dict[str, Any] | None) -> dict[str, Any]:
        # The nonce in the request keeps two pages from sharing one result.
        if not wish or not wish.get("nonce"):
            raise PreventUpdate
        return _receipt(
            wish,
            lambda slug: services().jobs.run(
                str(wish.get("kind")),
                slug,
                count=whole(wish.get("count") or 100, "count"),
                annotator=annotator(),
                wanted=parent_lives,
            ),
        )


def _receipt(wish: Mapping[str, Any], work: Callable[[str], Receipt]) -> dict[str, Any]:
    """How a job ended. What was refused before it began, is told like a failure."""
    slug = str(wish.get("slug") or "")
    try:
        receipt = work(slug)
    except SluiceError as error:
        receipt = Receipt("failed", slug, str(error))
    return {"nonce": wish["nonce"], **receipt._asdict()}


def _rest(app: Dash, services: LazyServices) -> None:
    @app.callback(
        Output(Frame.REST_RECEIPT, "data"),
        Input(Frame.REST_REQUEST, "data"),
        background=True,
        interval=1000,
        manager=local_manager(app),  # what it writes lies in this machine's data folder
        prevent_initial_call=True,
    )
    def label_rest(wish: dict[str, Any] | None) -> dict[str, Any]:
        if not wish or not wish.get("nonce"):
            raise PreventUpdate
        return _receipt(wish, lambda slug: services().jobs.run(DATASET, slug, wanted=parent_lives))


def _imports(app: Dash, services: LazyServices) -> None:
    @app.callback(
        Output(Import.DONE, "data"),
        Input(Import.GO, "data"),
        background=True,
        interval=500,
        manager=local_manager(app),  # the file that was sent lies in this machine's data folder
        prevent_initial_call=True,
    )
    def bring(typed: dict[str, Any] | None) -> dict[str, Any]:
        if not typed or not typed.get("nonce"):
            raise PreventUpdate
        try:
            made = Intake(services()).bring(typed, watch=lambda *_: parent_lives())
        except SluiceError as error:
            return {"nonce": typed["nonce"], "trouble": str(error)}
        return {"nonce": typed["nonce"], **made._asdict()}

    app.clientside_callback(
        ClientsideFunction("sluiceImport", "arrived"),
        Output(Frame.TOASTS, "data-import"),
        Input(Import.DONE, "data"),
        prevent_initial_call=True,
    )


def _script(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("sluice", "trouble"),
        Output(Frame.TOASTS, "data-trouble"),
        Input(Frame.TROUBLE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sluice", "receipt"),
        Output(Frame.TOASTS, "data-receipt"),
        Input(Frame.JOB_RECEIPT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sluice", "receipt"),
        Output(Frame.TOASTS, "data-rest"),
        Input(Frame.REST_RECEIPT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sluice", "navigate"),
        Output(Frame.NAV, "data-path"),
        Input(Frame.LOCATION, "pathname"),
        Input(Frame.LOCATION, "search"),
        State(Frame.NAV, "id"),
    )
