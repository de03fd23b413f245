"""The logs as tables: every answer, every prediction, and the whole story of each sample."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback
from dash.exceptions import PreventUpdate
from flask import current_app
from ulid import ULID

from dashboard.errors import NotFound, SluiceError
from dashboard.services.container import Services
from dashboard.services.corrections import Corrections
from dashboard.services.records import NOTHING, Opening
from dashboard.ui import log_page, log_parts, log_story, log_table
from dashboard.ui.components import empty
from dashboard.ui.ids import Log
from dashboard.ui.person import annotator

dash.register_page("pages.log", path="/log", name="Log", title="Log · Sluice", nav="Data", order=4)


def _services() -> Services:
    services: Services = current_app.config["SLUICE"]()
    return services


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page for an address; total, because Dash calls it once with none."""
    services = _services()
    slug = experiment or services.experiments.last_used() or ""
    if not slug:
        return _page("", NOTHING, _no_experiment())
    try:
        opening = services.records.opening(slug, params)
    except NotFound as error:
        missing = empty(str(error), link="See all experiments", href="/experiments")
        return _page(slug, NOTHING, missing)
    bare = not any(opening.overview.totals.values())
    return _page(slug, opening, _nothing_yet(slug) if bare else None)


def _page(slug: str, opening: Opening, instead: Any) -> Any:
    every = _services().experiments.to_choose(slug)
    head = [log_parts.switch(opening)]
    return log_page.page("Log", slug, opening, every, head=head, instead=instead)


def _no_experiment() -> Any:
    return empty("There is no experiment yet, so nothing has been logged. The first one is made "
                 "when you open the label page.", link="Start labeling", href="/")  # fmt: skip


def _nothing_yet(slug: str) -> Any:
    return empty("Nothing has been predicted or labeled yet. The log fills while you label.",
                 link="Start labeling", href=f"/?experiment={slug}")  # fmt: skip


@callback(
    Output(Log.GRID, "getRowsResponse"),
    Output(Log.BAR, "children"),
    Input(Log.GRID, "getRowsRequest"),
    State(Log.SHOWN, "data"),
    prevent_initial_call=True,
)
def rows(request: dict[str, Any] | None, shown: dict[str, Any] | None) -> tuple[Any, Any]:
    """Answer the grid's wish for a block of rows."""
    if not request or not shown or not shown.get("experiment"):
        raise PreventUpdate
    slug, table, params = str(shown["experiment"]), shown.get("table"), shown.get("params")
    records = _services().records
    try:
        page = records.page(
            slug, table, params=params, sort=log_table.sort_of(request.get("sortModel")),
            first=request.get("startRow"), stop=request.get("endRow"),
        )  # fmt: skip
        made = log_table.cells(page, records.overview(slug))
    except SluiceError as error:
        return {"rowData": [], "rowCount": 0}, log_parts.trouble(str(error))
    line = log_parts.bar(slug, page)
    return {"rowData": made, "rowCount": page.count}, line


@callback(
    Output(Log.STORY, "children"),
    Output(Log.CHANGED, "data"),
    Input(Log.WISH, "data"),
    prevent_initial_call=True,
)
def story(wish: dict[str, Any] | None) -> tuple[Any, Any]:
    """Tell a sample's story, after correcting its label where that is wished."""
    if not wish:
        raise PreventUpdate
    try:
        told = Corrections(_services(), annotator=annotator()).handle(wish)
    except SluiceError as error:
        return log_parts.trouble(str(error)), dash.no_update
    content = log_story.story(
        str(wish["experiment"]), told.story, key=str(ULID()), notice=told.notice
    )
    return content, str(ULID()) if told.changed else dash.no_update


@callback(
    Output(Log.HEAD, "data"),
    Input(Log.TICK, "n_intervals"),
    State(Log.HEAD, "data"),
    State(Log.SHOWN, "data"),
    prevent_initial_call=True,
)
def head(_n: int, known: str | None, shown: dict[str, Any] | None) -> str:
    """Tell when the log has moved."""
    try:
        now = _services().experiments.find(str((shown or {}).get("experiment")))
    except SluiceError as error:
        raise PreventUpdate from error
    if (fresh := f"{now.uid}:{now.head}") == known:
        raise PreventUpdate
    return fresh


clientside_callback(
    ClientsideFunction("sluice", "logMoved"),
    Output(Log.ROOT, "data-head"),
    Input(Log.HEAD, "data"),
    Input(Log.CHANGED, "data"),
    prevent_initial_call=True,
)

clientside_callback(
    ClientsideFunction("sluice", "logSorted"),
    Output(Log.ROOT, "data-sort"),
    Input(Log.GRID, "getRowsRequest"),
    prevent_initial_call=True,
)
