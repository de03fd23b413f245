"""What was asked, why, and what the answers took."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, html
from flask import current_app

from dashboard.figures import queries as figures
from dashboard.figures import words
from dashboard.figures.theme import blank
from dashboard.services.choices import QueriesChoices
from dashboard.services.findings import QueriesReport
from dashboard.services.reports import Reports
from dashboard.ui import charts
from dashboard.ui.ids import Frame, Queries

dash.register_page(
    "pages.queries", path="/queries", name="Queries", title="Queries · Sluice",
    nav="Understand", order=11,
)  # fmt: skip

IDS = charts.PageIds(
    Queries.ROOT, Queries.BODY, Queries.EMPTY, Queries.TICK, Queries.SLUG, Queries.SHOWN
)
OUTPUTS = {
    "strip": Output(Queries.STRIP, "children"),
    "saved": Output(Queries.SAVED, "children"),
    "ratio": Output(Queries.RATIO, "figure"),
    "caption": Output(Queries.CAPTION, "children"),
    "counts": Output(Queries.COUNTS, "figure"),
    "reasons": Output(Queries.REASONS, "figure"),
    "answers": Output(Queries.ANSWERS, "figure"),
    "seconds": Output(Queries.SECONDS, "figure"),
    "pace_caption": Output(Queries.PACE_CAPTION, "children"),
    "empty": Output(Queries.EMPTY, "hidden"),
    "body": Output(Queries.BODY, "hidden"),
    "shown": Output(Queries.SHOWN, "data"),
}


def _reports() -> Reports:
    reports: Reports = current_app.config["SLUICE"]().reports
    return reports


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = _reports().opening(experiment)
    if not opening.slug and not current_app.config.get("SLUICE_ALL_IDS"):
        return charts.nothing("Queries", opening.problem, path="/queries", others=opening.others)
    chosen = QueriesChoices.read(params)
    body = [
        html.Div(id=Queries.STRIP, className="strip"),
        html.P(id=Queries.SAVED, className="sentence"),
        _ratio(opening.slug, chosen),
        html.Div(_along(opening.slug), className="pair even"),
        html.Div(_over_time(opening.slug, chosen), className="pair even"),
    ]
    return charts.page(
        "Queries", body, ids=IDS, slug=opening.slug, others=opening.others,
        defaults=asdict(QueriesChoices()),
    )  # fmt: skip


def _ratio(slug: str, chosen: QueriesChoices) -> Any:
    return charts.card(
        "How much it asks",
        "The share of samples it asked about. The dashed line is what the odds alone would give: "
        "where the two part, it was the luck of the draw.",
        [
            charts.controls(
                charts.segments(
                    Queries.WINDOW, "Window of the rolling curve",
                    options=[("100", "last 100"), ("500", "last 500"), ("2000", "last 2,000")],
                    value=chosen.window,
                )
            ),
            charts.graph(Queries.RATIO, blank(), height=320),
            html.P(id=Queries.CAPTION, className="caption"),
        ],
        chart="query-ratio", slug=slug,
    )  # fmt: skip


def _along(slug: str) -> list[Any]:
    return [
        charts.card(
            "Queried and skipped",
            "How many of both there have been: the gap between the lines is work nobody had.",
            [charts.graph(Queries.COUNTS, blank(), height=270)],
            chart="query-counts", slug=slug,
        ),
        charts.card(
            "Why it asked",
            "Each bar is a stretch of the stream. Audits are blind spot-checks that only the "
            "floor asked for; a cold start asks until two classes are known.",
            [charts.graph(Queries.REASONS, blank(), height=270)],
            chart="query-reasons", slug=slug,
        ),
    ]  # fmt: skip


def _over_time(slug: str, chosen: QueriesChoices) -> list[Any]:
    return [
        charts.card(
            "When it was answered",
            "Answers, labels and passes alike, by the time they were given and by who knew.",
            [
                charts.controls(
                    charts.segments(
                        Queries.PER, "One bar per",
                        options=[("hour", "by hour"), ("day", "by day")],
                        value=chosen.per,
                    )
                ),
                charts.graph(Queries.ANSWERS, blank(), height=250),
                html.P(id=Queries.PACE_CAPTION, className="caption"),
            ],
            chart="answers", slug=slug,
        ),
        charts.card(
            "How long an answer takes",
            "Seconds from a sample on the screen to its answer, on average. Only answers given "
            "by hand are timed.",
            [charts.graph(Queries.SECONDS, blank(), height=250)],
            chart="answer-seconds", slug=slug,
        ),
    ]  # fmt: skip


@callback(
    OUTPUTS,
    {
        "_tick": Input(Queries.TICK, "n_intervals"),
        "window": Input(Queries.WINDOW, "data"),
        "per": Input(Queries.PER, "data"),
        "theme": Input(Frame.THEME_NAME, "data"),
        "shown": State(Queries.SHOWN, "data"),
        "slug": State(Queries.SLUG, "data"),
    },
)
def draw(
    _tick: int | None, window: str, per: str, theme: str | None, shown: dict[str, Any] | None,
    slug: str,
) -> dict[str, Any]:  # fmt: skip
    """Redraw what has moved: the log, a choice, or the theme."""
    made: dict[str, Any] = dict.fromkeys(OUTPUTS, dash.no_update)
    token = _reports().token(slug)
    chosen = QueriesChoices.read({"window": window, "per": per})
    wanted = {
        "ratio": ["", token, theme, chosen.window],
        "along": ["", token, theme],
        "pace": [chosen.per, token, theme],
    }
    stale = charts.stale(shown, wanted)
    if not (token and theme and stale):
        return made
    report = _reports().queries(slug, window=int(chosen.window), days=chosen.per == "day")
    for part in stale:
        made.update(_DRAWN[part](report, theme, shown))
    is_empty = report.subject.empty
    return {**made, "empty": not is_empty, "body": is_empty, "shown": wanted}


def _drawn_ratio(report: QueriesReport, theme: str, shown: dict[str, Any] | None) -> dict[str, Any]:
    figure = figures.ratio(report.curve, theme=theme, budget=report.budget)
    return {
        "ratio": charts.drawn(figure, "ratio", shown=shown),
        "caption": words.ratio_caption(report.curve),
    }


def _drawn_along(report: QueriesReport, theme: str, shown: dict[str, Any] | None) -> dict[str, Any]:
    counts = figures.counts(report.curve, theme=theme)
    reasons = figures.reasons(report.reasons, theme=theme)
    return {
        "strip": charts.strip(words.query_figures(report.saved)),
        "saved": words.saved_sentence(report.saved),
        "counts": charts.drawn(counts, "along", shown=shown),
        "reasons": charts.drawn(reasons, "along", shown=shown),
    }


def _drawn_pace(report: QueriesReport, theme: str, shown: dict[str, Any] | None) -> dict[str, Any]:
    view = "day" if report.pace.hours > 1 else "hour"
    answers = figures.answers(report.pace, theme=theme, revision=view)
    seconds = figures.seconds(report.pace, theme=theme, revision=view)
    return {
        "answers": charts.drawn(answers, "pace", shown=shown, view=view),
        "seconds": charts.drawn(seconds, "pace", shown=shown, view=view),
        "pace_caption": words.pace_caption(report.pace),
    }


_DRAWN = {"ratio": _drawn_ratio, "along": _drawn_along, "pace": _drawn_pace}

clientside_callback(
    ClientsideFunction("sluice", "choose"),
    Output(Queries.ROOT, "data-choices"),
    Input(Queries.WINDOW, "data"),
    Input(Queries.PER, "data"),
)
