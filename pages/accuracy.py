"""How often the model was right."""

from __future__ import annotations

from functools import partial
from typing import Any

import dash
from dash import Input, Output, State, callback, html

from dashboard.figures import accuracy as figures
from dashboard.figures import estimates, words
from dashboard.figures.theme import blank
from dashboard.services.choices import AccuracyChoices
from dashboard.services.findings import AccuracyReport, Opening
from dashboard.ui import advice_card, charts, live
from dashboard.ui.ids import Accuracy
from dashboard.ui.live import Part, Pen

PAGE = live.LivePage(
    "Accuracy", ids=Accuracy,
    outputs={
        "curve": Output(Accuracy.CURVE, "figure"),
        "caption": Output(Accuracy.CAPTION, "children"),
        "strip": Output(Accuracy.STRIP, "children"),
        "estimate": Output(Accuracy.ESTIMATE, "children"),
        "estimate_note": Output(Accuracy.ESTIMATE_NOTE, "children"),
        "confusion": Output(Accuracy.CONFUSION, "figure"),
        "scores": Output(Accuracy.SCORES, "children"),
        "mistakes": Output(Accuracy.MISTAKES, "children"),
    },
    controls=[Input(id_, "data") for id_ in (Accuracy.BY, Accuracy.CURVES, Accuracy.WINDOW)],
)  # fmt: skip
PAGE.register_page(order=10)


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = live.reports().opening(experiment)
    if live.bare(opening):
        return PAGE.nothing(opening)
    body = [
        html.Div(id=Accuracy.STRIP, className="strip"),
        _curve(opening, AccuracyChoices.read(params)),
        _estimate(opening.slug),
        advice_card.card(opening.slug),
        *_by_class(opening.slug, opening.classes),
    ]
    return PAGE.around(opening, body, defaults=AccuracyChoices())


def _curve(opening: Opening, chosen: AccuracyChoices) -> Any:
    return charts.card(
        "Progressive accuracy",
        "How often the model was right on samples it had not learned yet: estimated for all of "
        "them from the answers, with a band, and where the class is known. The dotted line is "
        "what always naming the commonest class would score: a model below it knows nothing.",
        [
            charts.controls(
                charts.segments(
                    Accuracy.BY, "Horizontal axis",
                    options=[("samples", "by samples"), ("labels", "by labels")], value=chosen.by,
                ),
                charts.toggles(
                    Accuracy.CURVES, "Curves",
                    options=[("estimate", "estimate"), ("naive", "asked only"),
                             ("overall", figures.known_name(opening.truth)),
                             ("rolling", "rolling"), ("balanced", "balanced"), ("f1", "F1")],
                    values=chosen.curves,
                ),
                charts.windows(Accuracy.WINDOW, chosen.window),
            ),
            charts.graph(Accuracy.CURVE, blank(), height=360),
            html.P(id=Accuracy.CAPTION, className="caption"),
        ],
        chart="accuracy-curve", slug=opening.slug,
    )  # fmt: skip


def _estimate(slug: str) -> Any:
    return charts.card(
        "How well it is known",
        "The estimate with its interval, for all samples and for the skipped alone, beside the "
        "naive figure and, where there is one, the truth.",
        [html.Div(id=Accuracy.ESTIMATE), html.P(id=Accuracy.ESTIMATE_NOTE, className="caption")],
        chart="accuracy-estimate", slug=slug,
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


@callback(PAGE.outputs, PAGE.inputs)
def draw(asked: live.Asked, controls: live.Asked) -> live.Drawn:
    """Redraw what has moved: the log, a choice, or the theme."""
    chosen = AccuracyChoices.read(controls)
    return PAGE.redraw(
        asked,
        lambda reports, slug: reports.accuracy(slug, window=int(chosen.window)),
        [
            Part("curve", partial(_draw_curve, chosen), view=chosen.by,
                 choices=(list(chosen.curves), chosen.window)),
            Part("estimate", _draw_estimate),
            Part("classes", _draw_classes),
        ],
    )  # fmt: skip


@callback(
    Output(Accuracy.ADVICE, "children"),
    Output(Accuracy.ADVICE_SHOWN, "data"),
    Input(Accuracy.TICK, "n_intervals"),
    Input(Accuracy.TARGET_SAID, "children"),
    State(Accuracy.SLUG, "data"),
    State(Accuracy.ADVICE_SHOWN, "data"),
)
def advise(_n: int, _said: object, slug: str, shown: str | None) -> tuple[Any, Any]:
    """Say anew whether to go on where the log has moved: beside the charts, which do not wait."""
    advisor = live.advisor()
    token = advisor.token(slug)
    if not token or token == shown:
        return dash.no_update, dash.no_update
    return advice_card.content(advisor.standing(slug), slug), token


@callback(
    Output(Accuracy.TARGET_SAID, "children"),
    Input(Accuracy.TARGET_WISH, "data"),
    State(Accuracy.SLUG, "data"),
    prevent_initial_call=True,
)
def aim(wish: live.Asked | None, slug: str) -> Any:
    """Set a target, or take it away, and say what was understood."""
    if not wish:
        return dash.no_update
    return advice_card.aim(live.advisor(), slug, wish)


def _draw_curve(chosen: AccuracyChoices, report: AccuracyReport, pen: Pen) -> live.Drawn:
    subject = report.subject
    figure = figures.curve(
        report.curve, report.estimates, theme=pen.theme, by=chosen.by, show=chosen.curves,
        classes=subject.classes, truth=subject.truth, warm_until=subject.warm_until,
        corrections=report.corrections, revision=chosen.by,
    )  # fmt: skip
    return {
        "curve": pen.put(figure, "curve", view=chosen.by),
        "caption": _caption(chosen, report),
        "strip": charts.strip([
            estimates.headline(report.estimates.now),
            *words.accuracy_figures(report.curve, subject.classes, truth=subject.truth),
        ]),
    }  # fmt: skip


def _caption(chosen: AccuracyChoices, report: AccuracyReport) -> str:
    said = words.accuracy_caption(
        report.curve, truth=report.subject.truth, rolling="rolling" in chosen.curves
    )
    return f"{said} {estimates.NAIVE}" if "naive" in chosen.curves else said


def _draw_estimate(report: AccuracyReport, _pen: Pen) -> live.Drawn:
    rows = estimates.rows(report.estimates, report.curve, truth=report.subject.truth)
    return {
        "estimate": charts.table(estimates.COLUMNS, rows, label="Table of estimates"),
        "estimate_note": estimates.note(report.estimates),
    }


def _draw_classes(report: AccuracyReport, pen: Pen) -> live.Drawn:
    titles = report.subject.classes
    figure = figures.confusion(report.matrix, theme=pen.theme, classes=titles)
    scores = [
        (charts.class_name(s.index, titles[s.index]), *words.score_cells(s)) for s in report.scores
    ]
    mistakes = [
        (charts.class_name(t, titles[t]), "none yet" if p is None else titles[p], f"{n:,}")
        for t, p, n in report.mistakes
    ]
    return {
        "confusion": pen.put(figure, "classes"),
        "scores": charts.table(
            ("class", "support", "precision", "recall", "F1"), scores, label="Table of classes"
        ),
        "mistakes": charts.table(
            ("true class", "predicted", "samples"), mistakes, label="Table of mistakes", texts=2
        ),
    }
