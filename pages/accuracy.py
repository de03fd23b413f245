"""How often the model was right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, html
from flask import current_app

from dashboard.figures import accuracy as figures
from dashboard.figures import words
from dashboard.figures.theme import blank
from dashboard.services.choices import AccuracyChoices
from dashboard.services.findings import AccuracyReport
from dashboard.services.reports import Reports
from dashboard.ui import charts
from dashboard.ui.ids import Accuracy, Frame

dash.register_page(
    "pages.accuracy", path="/accuracy", name="Accuracy", title="Accuracy · Sluice",
    nav="Understand", order=10,
)  # fmt: skip

IDS = charts.PageIds(
    Accuracy.ROOT, Accuracy.BODY, Accuracy.EMPTY, Accuracy.TICK, Accuracy.SLUG, Accuracy.SHOWN
)
OUTPUTS = {
    "curve": Output(Accuracy.CURVE, "figure"),
    "caption": Output(Accuracy.CAPTION, "children"),
    "strip": Output(Accuracy.STRIP, "children"),
    "confusion": Output(Accuracy.CONFUSION, "figure"),
    "scores": Output(Accuracy.SCORES, "children"),
    "mistakes": Output(Accuracy.MISTAKES, "children"),
    "empty": Output(Accuracy.EMPTY, "hidden"),
    "body": Output(Accuracy.BODY, "hidden"),
    "shown": Output(Accuracy.SHOWN, "data"),
}


def _reports() -> Reports:
    reports: Reports = current_app.config["SLUICE"]().reports
    return reports


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = _reports().opening(experiment)
    if not opening.slug and not current_app.config.get("SLUICE_ALL_IDS"):
        return charts.nothing("Accuracy", opening.problem, path="/accuracy", others=opening.others)
    chosen = AccuracyChoices.read(params)
    body = [
        html.Div(id=Accuracy.STRIP, className="strip"),
        _curve(opening.slug, chosen),
        *_by_class(opening.slug, opening.classes),
    ]
    return charts.page(
        "Accuracy", body, ids=IDS, slug=opening.slug, others=opening.others,
        defaults=asdict(AccuracyChoices()),
    )  # fmt: skip


def _curve(slug: str, chosen: AccuracyChoices) -> Any:
    return charts.card(
        "Progressive accuracy",
        "How often the model was right on samples it had not learned yet. The dotted line is what "
        "always naming the commonest class would score: a model below it knows nothing.",
        [
            charts.controls(
                charts.segments(
                    Accuracy.BY, "Horizontal axis",
                    options=[("samples", "by samples"), ("labels", "by labels")], value=chosen.by,
                ),
                charts.toggles(
                    Accuracy.CURVES, "Curves",
                    options=[("overall", "overall"), ("rolling", "rolling"),
                             ("balanced", "balanced"), ("f1", "F1")],
                    values=chosen.curves,
                ),
                charts.segments(
                    Accuracy.WINDOW, "Window of the rolling curve",
                    options=[("100", "last 100"), ("500", "last 500"), ("2000", "last 2,000")],
                    value=chosen.window,
                ),
            ),
            charts.graph(Accuracy.CURVE, blank(), height=360),
            html.P(id=Accuracy.CAPTION, className="caption"),
        ],
        chart="accuracy-curve", slug=slug,
    )  # fmt: skip


def _by_class(slug: str, classes: int) -> list[Any]:
    many = classes > figures.MOST_NUMBERS
    confusion = charts.card(
        "Which classes it confuses",
        "Each row is a true class, each column what the model said. Right answers are on the "
        "diagonal; the stronger a color, the larger its share of the row.",
        [charts.graph(Accuracy.CONFUSION, blank(), height=560 if many else 130 + 58 * classes)],
        chart="confusion", slug=slug,
    )  # fmt: skip
    scores = charts.card(
        "Class by class",
        "Precision: how often it is right when it names the class. Recall: how much of the class "
        "it finds. F1 is high only where both are.",
        [html.Div(id=Accuracy.SCORES)],
        chart="class-scores", slug=slug,
    )  # fmt: skip
    mistakes = charts.card(
        "Most often mistaken",
        "The commonest mistakes, from the same counts.",
        [html.Div(id=Accuracy.MISTAKES)],
        chart="mistakes", slug=slug,
    )  # fmt: skip
    if many:
        return [html.Div([confusion, mistakes], className="pair"), scores]
    return [html.Div([confusion, scores], className="pair"), html.Div(mistakes, hidden=True)]


@callback(
    OUTPUTS,
    {
        "_tick": Input(Accuracy.TICK, "n_intervals"),
        "by": Input(Accuracy.BY, "data"),
        "curves": Input(Accuracy.CURVES, "data"),
        "window": Input(Accuracy.WINDOW, "data"),
        "theme": Input(Frame.THEME_NAME, "data"),
        "shown": State(Accuracy.SHOWN, "data"),
        "slug": State(Accuracy.SLUG, "data"),
    },
)
def draw(
    _tick: int | None, by: str, curves: list[str], window: str, theme: str | None,
    shown: dict[str, Any] | None, slug: str,
) -> dict[str, Any]:  # fmt: skip
    """Redraw what has moved: the log, a choice, or the theme."""
    made: dict[str, Any] = dict.fromkeys(OUTPUTS, dash.no_update)
    token = _reports().token(slug)
    chosen = AccuracyChoices.read({"by": by, "curves": curves, "window": window})
    wanted = {
        "curve": [chosen.by, token, theme, list(chosen.curves), chosen.window],
        "classes": ["", token, theme],
    }
    stale = charts.stale(shown, wanted)
    if not (token and theme and stale):
        return made
    report = _reports().accuracy(slug, window=int(chosen.window))
    if "curve" in stale:
        made.update(_drawn_curve(report, chosen, theme, shown))
    if "classes" in stale:
        made.update(_drawn_classes(report, theme, shown))
    is_empty = report.subject.empty
    return {**made, "empty": not is_empty, "body": is_empty, "shown": wanted}


def _drawn_curve(
    report: AccuracyReport, chosen: AccuracyChoices, theme: str, shown: dict[str, Any] | None
) -> dict[str, Any]:
    subject = report.subject
    figure = figures.curve(
        report.curve, theme=theme, by=chosen.by, show=chosen.curves, classes=subject.classes,
        warm_until=subject.warm_until, corrections=report.corrections, revision=chosen.by,
    )  # fmt: skip
    return {
        "curve": charts.drawn(figure, "curve", shown=shown, view=chosen.by),
        "caption": words.accuracy_caption(
            report.curve, truth=subject.truth, rolling="rolling" in chosen.curves
        ),
        "strip": charts.strip(words.accuracy_figures(report.curve, subject.classes)),
    }


def _drawn_classes(
    report: AccuracyReport, theme: str, shown: dict[str, Any] | None
) -> dict[str, Any]:
    titles = report.subject.classes
    scores = [
        (charts.class_name(s.index, titles[s.index]), *words.score_cells(s)) for s in report.scores
    ]
    mistakes = [
        (charts.class_name(t, titles[t]), "none yet" if p is None else titles[p], f"{n:,}")
        for t, p, n in report.mistakes
    ]
    return {
        "confusion": charts.drawn(
            figures.confusion(report.matrix, theme=theme, classes=titles), "classes", shown=shown
        ),
        "scores": charts.table(
            ("class", "support", "precision", "recall", "F1"), scores, label="Table of classes"
        ),
        "mistakes": charts.table(
            ("true class", "predicted", "samples"), mistakes, label="Table of mistakes", texts=2
        ),
    }


clientside_callback(
    ClientsideFunction("sluice", "choose"),
    Output(Accuracy.ROOT, "data-choices"),
    Input(Accuracy.BY, "data"),
    Input(Accuracy.CURVES, "data"),
    Input(Accuracy.WINDOW, "data"),
)
