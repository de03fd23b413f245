"""The ledger of what was skipped: how wrong it may be, and every sample of it."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, callback, html
from dash.exceptions import PreventUpdate
from flask import current_app

from dashboard.errors import BadInput, NotFound, SluiceError
from dashboard.figures import checks, estimates
from dashboard.services.checks import USUAL, number
from dashboard.services.container import Services
from dashboard.services.findings import SkippedReport
from dashboard.services.people import Role
from dashboard.services.records import NOTHING, SKIPPED, Opening
from dashboard.ui import charts, log_page, spots
from dashboard.ui.components import attributes, empty
from dashboard.ui.ids import Log, Skipped, Spots
from dashboard.ui.person import annotator, person

dash.register_page("pages.skipped", path="/skipped", name="Skipped", title="Skipped · Sluice",
                   nav="Understand", order=14)  # fmt: skip


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
        opening = services.records.opening(slug, params, table=SKIPPED)
        report = services.reports.skipped(slug)
    except NotFound as error:
        missing = empty(str(error), link="See all experiments", href="/experiments")
        return _page(slug, NOTHING, missing)
    instead = None if report.sampled else _nothing_yet(slug, asked=report.subject.totals["asked"])
    return _page(slug, opening, instead, report)


def _page(slug: str, opening: Opening, instead: Any, report: SkippedReport | None = None) -> Any:
    figures, note = (None, "") if report is None else (_figures(report), _note(report))
    head = [
        html.Section(
            [
                html.Div(figures, id=Skipped.FIGURES, className="strip"),
                html.P(note, id=Skipped.NOTE, className="caption"),
            ],
            className="estimate",
            **attributes(aria_label="How wrong it may be", data_testid="skipped-error"),
        ),
        spots.panel(
            slug,
            [(c.name, c.title) for c in opening.overview.classes],
            standing=None if report is None else _standing(report),
            promise="" if report is None else _promise(report, str(USUAL)),
            may=_may(),
        ),
    ]
    every = _services().experiments.to_choose(slug)
    return log_page.page("Skipped", slug, opening, every, head=head, instead=instead)


def _no_experiment() -> Any:
    return empty("There is no experiment yet, so nothing has been skipped. The first one is made "
                 "when you open the label page.", link="Start labeling", href="/")  # fmt: skip


def _nothing_yet(slug: str, *, asked: int) -> Any:
    why = (
        "Every sample so far was asked about: the model still has to become sure of something."
        if asked
        else "Nothing has been predicted yet."
    )
    return empty(f"Nothing has been skipped. {why} This list fills while you label.",
                 link="Start labeling", href=f"/?experiment={slug}")  # fmt: skip


def _figures(report: SkippedReport) -> list[Any]:
    return charts.strip(
        estimates.skipped_figures(
            report.estimates, skipped=report.sampled, of=report.subject.totals["n"],
            known=report.known, correct=report.correct, checked=report.checks.answered,
        )
    )  # fmt: skip


def _note(report: SkippedReport) -> str:
    return estimates.skipped_note(report.estimates) if report.sampled else ""


def _may() -> bool:
    return person().may(Role.LEAD)


def _standing(report: SkippedReport) -> Any:
    said = checks.standing(report.checks)
    return spots.standing(
        report.subject.slug, said, waiting=report.checks.waiting, may=_may()
    )  # fmt: skip


def _promise(report: SkippedReport, typed: Any) -> str:
    try:
        n = number(typed)
    except BadInput as error:
        return str(error)
    found = report.estimates
    return checks.promise(
        n, report.checks, found.skipped, skipped=report.sampled, floor=found.floor
    )


@callback(
    Output(Skipped.FIGURES, "children"),
    Output(Skipped.NOTE, "children"),
    Output(Skipped.CHECKS, "children"),
    Output(Skipped.PROMISE, "children"),
    Output(Skipped.GO, "children"),
    Input(Log.HEAD, "data"),
    Input(Skipped.NUMBER, "value"),
    State(Log.SHOWN, "data"),
    prevent_initial_call=True,
)
def figures(_head: str, typed: str, shown: dict[str, Any] | None) -> tuple[Any, ...]:
    """Work the estimate out anew when the log has moved, and what more checks would bring."""
    if not shown or shown.get("table") != SKIPPED:
        raise PreventUpdate
    try:
        report = _services().reports.skipped(str(shown.get("experiment")))
    except SluiceError as error:
        raise PreventUpdate from error
    return (_figures(report), _note(report), _standing(report), _promise(report, typed),
            _go(typed))  # fmt: skip


def _go(typed: Any) -> str:
    try:
        return spots.go(number(typed))
    except BadInput:
        return spots.go(USUAL)


@callback(
    Output(Spots.SAID, "children"),
    Output(Spots.SAID, "hidden"),
    Input(Spots.WISH, "data"),
    prevent_initial_call=True,
)
def act(wish: dict[str, Any] | None) -> tuple[str, bool]:
    """Queue spot-checks, or take back what waits; the figures follow when the log has moved."""
    if not wish:
        raise PreventUpdate
    try:
        outcome = _services().checks.fulfill(wish, annotator=annotator())
    except SluiceError as error:
        return str(error), False
    return outcome.notice, not outcome.notice
