"""All experiments: how far they are, and everything that can be done to them as a whole."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html
from dash.exceptions import PreventUpdate
from flask import current_app

from dashboard.errors import SluiceError
from dashboard.services.container import Services
from dashboard.services.datasets import BUILTINS
from dashboard.services.manager import Manager
from dashboard.services.overview import Glance
from dashboard.ui import run_dialogs, runs
from dashboard.ui.forms import opens
from dashboard.ui.ids import Experiments, Frame

POLL_MS = 3_000
_UNMOVED: Any = dash.no_update

dash.register_page(
    "pages.experiments", path="/experiments", name="Experiments", title="Experiments · Sluice",
    nav="Data", order=5,
)  # fmt: skip


def _services() -> Services:
    services: Services = current_app.config["SLUICE"]()
    return services


def _streams() -> list[tuple[str, str]]:
    """Streams to choose from: the built-in ones, then those that were imported."""
    stored = [(s.slug, s.title) for s in _services().experiments.streams()]
    return [*((b.slug, b.title) for b in BUILTINS.values()),
            *(s for s in stored if s[0] not in BUILTINS)]  # fmt: skip


def layout(experiment: str | None = None, **more: Any) -> Any:
    """The page, with the row of the address marked; with `all=1`, also of those used long ago."""
    glance = _services().overviews.glance()
    here, every = experiment or "", bool(more.get("all"))
    header = html.Header(
        [html.H1("Experiments"),
         dcc.Link("New from a file", href="/import", className="go push"),
         html.Button("New experiment", type="button", className="primary",
                     **opens(Experiments.CREATE))]
    )  # fmt: skip
    return html.Div(
        [
            header,
            html.Div(id=Experiments.NOTICE, role="status", className="note", hidden=True),
            html.Div(runs.listing(glance, here=here, every=every), id=Experiments.LIST),
            *run_dialogs.dialogs(_streams()),
            dcc.Store(id=Experiments.WISH),
            dcc.Store(id=Experiments.CREATE_WISH),
            dcc.Store(id=Experiments.PLACE),
            dcc.Store(id=Experiments.SEEN, data=_seen(glance, here, every=every)),
            dcc.Interval(id=Experiments.TICK, interval=POLL_MS),
        ],
        id=Experiments.ROOT,
        className="runs-page",
    )


def _seen(glance: Glance, here: str, *, every: bool) -> dict[str, Any]:
    return {"stamp": glance.stamp, "here": here, "all": every}


@callback(
    Output(Frame.LOCATION, "href"),
    Output(Experiments.CREATE_TROUBLE, "children"),
    Output(Experiments.CREATE_TROUBLE, "hidden"),
    Input(Experiments.CREATE_WISH, "data"),
    prevent_initial_call=True,
    running=[
        (Output(Experiments.CREATE_BUTTON, "disabled"), True, False),
        (Output(Experiments.CREATE_BUTTON, "children"), run_dialogs.FETCHING, run_dialogs.CREATE),
    ],
)
def create(typed: dict[str, Any] | None) -> tuple[Any, Any, bool]:
    """Make an experiment and go there: the label page does the warm start."""
    if not typed:
        raise PreventUpdate
    try:
        made = Manager(_services()).create(typed)
    except SluiceError as error:
        return dash.no_update, str(error), False
    return f"/?experiment={made.slug}", "", True


@callback(
    Output(Experiments.LIST, "children"),
    Output(Experiments.NOTICE, "children"),
    Output(Experiments.NOTICE, "hidden"),
    Output(Experiments.SEEN, "data"),
    Output(Experiments.PLACE, "data"),
    Input(Experiments.WISH, "data"),
    State(Experiments.SEEN, "data"),
    prevent_initial_call=True,
)
def act(
    wish: dict[str, Any] | None, seen: dict[str, Any] | None = None
) -> tuple[Any, str, bool, Any, Any]:
    """Do what the page asks for and show what there is then."""
    if not wish:
        raise PreventUpdate
    services = _services()
    here, place = str(wish.get("here") or ""), _UNMOVED
    try:
        done = Manager(services).act(wish)
        notice = done.notice
        if wish.get("slug") == here and done.slug != here:
            here = place = done.slug or services.experiments.last_used() or ""
    except SluiceError as error:
        notice = str(error)
    glance = services.overviews.glance()
    every = bool((seen or {}).get("all"))
    listed = runs.listing(glance, here=here, every=every)
    return listed, notice, not notice, _seen(glance, here, every=every), place


# Beside `act`, not one callback with it: Dash drops the answer of a callback that is called again
# meanwhile, and a look during a slow wish would swallow what came of the wish.
@callback(
    Output(Experiments.LIST, "children", allow_duplicate=True),
    Output(Experiments.SEEN, "data", allow_duplicate=True),
    Input(Experiments.TICK, "n_intervals"),
    State(Experiments.SEEN, "data"),
    prevent_initial_call=True,
)
def follow(_n: int, seen: dict[str, Any] | None) -> tuple[Any, Any]:
    """Show what has moved since."""
    seen = seen or {}
    glance = _services().overviews.glance()
    if glance.stamp == seen.get("stamp"):
        raise PreventUpdate
    here, every = str(seen.get("here") or ""), bool(seen.get("all"))
    return runs.listing(glance, here=here, every=every), _seen(glance, here, every=every)


clientside_callback(
    ClientsideFunction("sluice", "placed"),
    Output(Experiments.ROOT, "data-place"),
    Input(Experiments.PLACE, "data"),
    prevent_initial_call=True,
)
