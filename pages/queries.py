"""What was asked, why, and what the answers took."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, callback, html

from dashboard.figures import queries as figures
from dashboard.figures import words
from dashboard.figures.theme import blank
from dashboard.services.choices import QueriesChoices
from dashboard.services.findings import QueriesReport
from dashboard.ui import charts, live
from dashboard.ui.ids import Queries
from dashboard.ui.live import Part, Pen

PAGE = live.LivePage(
    "Queries", ids=Queries,
    outputs={
        "strip": Output(Queries.STRIP, "children"),
        "saved": Output(Queries.SAVED, "children"),
        "ratio": Output(Queries.RATIO, "figure"),
        "caption": Output(Queries.CAPTION, "children"),
        "counts": Output(Queries.COUNTS, "figure"),
        "reasons": Output(Queries.REASONS, "figure"),
        "answers": Output(Queries.ANSWERS, "figure"),
        "seconds": Output(Queries.SECONDS, "figure"),
        "pace_caption": Output(Queries.PACE_CAPTION, "children"),
    },
    controls=[Input(id_, "data") for id_ in (Queries.WINDOW, Queries.PER)],
)  # fmt: skip
PAGE.register_page(order=11)


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = live.reports().opening(experiment)
    if live.bare(opening):
        return PAGE.nothing(opening)
    chosen = QueriesChoices.read(params)
    body = [
        html.Div(id=Queries.STRIP, className="strip"),
        html.P(id=Queries.SAVED, className="sentence"),
        _ratio(opening.slug, chosen),
        html.Div(_along(opening.slug), className="pair even"),
        html.Div(_over_time(opening.slug, chosen), className="pair even"),
    ]
    return PAGE.around(opening, body, defaults=QueriesChoices())


def _ratio(slug: str, chosen: QueriesChoices) -> Any:
    return charts.card(
        "How much it asks",
        "The share of samples it asked about. The dashed line is what the odds alone would give: "
        "where the two part, it was the luck of the draw.",
        [
            charts.controls(charts.windows(Queries.WINDOW, chosen.window)),
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
            "Each bar is a stretch of the stream. Audits are blind checks that only the "
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


@callback(PAGE.outputs, PAGE.inputs)
def draw(asked: live.Asked, controls: live.Asked) -> live.Drawn:
    """Redraw what has moved: the log, a choice, or the theme."""
    chosen = QueriesChoices.read(controls)
    days = chosen.per == "day"
    return PAGE.redraw(
        asked,
        lambda reports, slug: reports.queries(slug, window=int(chosen.window), days=days),
        [
            Part("ratio", _draw_ratio, choices=(chosen.window,)),
            Part("along", _draw_along),
            Part("pace", _draw_pace, view=chosen.per),
        ],
    )  # fmt: skip


def _draw_ratio(report: QueriesReport, pen: Pen) -> live.Drawn:
    figure = figures.ratio(report.curve, theme=pen.theme, budget=report.budget)
    return {
        "ratio": pen.put(figure, "ratio"),
        "caption": words.ratio_caption(report.curve),
    }


def _draw_along(report: QueriesReport, pen: Pen) -> live.Drawn:
    return {
        "strip": charts.strip(words.query_figures(report.saved)),
        "saved": words.saved_sentence(report.saved),
        "counts": pen.put(figures.counts(report.curve, theme=pen.theme), "along"),
        "reasons": pen.put(figures.reasons(report.reasons, theme=pen.theme), "along"),
    }


def _draw_pace(report: QueriesReport, pen: Pen) -> live.Drawn:
    view = "day" if report.pace.hours > 1 else "hour"
    answers = figures.answers(report.pace, theme=pen.theme, revision=view)
    seconds = figures.seconds(report.pace, theme=pen.theme, revision=view)
    return {
        "answers": pen.put(answers, "pace", view=view),
        "seconds": pen.put(seconds, "pace", view=view),
        "pace_caption": words.pace_caption(report.pace),
    }
