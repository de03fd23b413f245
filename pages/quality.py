"""How well the classes are told apart, and whether the probabilities can be believed."""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import Input, Output, callback, html

from dashboard.figures import quality as figures
from dashboard.figures import quality_along as along
from dashboard.figures import quality_words as words
from dashboard.figures.theme import blank
from dashboard.services.choices import QualityChoices
from dashboard.services.findings import Opening
from dashboard.services.quality import QualityReport
from dashboard.ui import charts, live
from dashboard.ui.ids import Quality
from dashboard.ui.live import Part, Pen

PAGE = live.LivePage(
    "Quality", ids=Quality,
    outputs={
        "strip": Output(Quality.STRIP, "children"),
        "note": Output(Quality.NOTE, "children"),
        "confusion": Output(Quality.CONFUSION, "figure"),
        "confusion_caption": Output(Quality.CONFUSION_CAPTION, "children"),
        "scores": Output(Quality.SCORES, "children"),
        "means": Output(Quality.MEANS, "children"),
        "scores_caption": Output(Quality.SCORES_CAPTION, "children"),
        "reliability": Output(Quality.RELIABILITY, "figure"),
        "reliability_caption": Output(Quality.RELIABILITY_CAPTION, "children"),
        "prevalence": Output(Quality.PREVALENCE, "figure"),
        "prevalence_caption": Output(Quality.PREVALENCE_CAPTION, "children"),
        "drift": Output(Quality.DRIFT, "figure"),
        "drift_caption": Output(Quality.DRIFT_CAPTION, "children"),
    },
    controls=[Input(id_, "data") for id_ in (Quality.MATRIX, Quality.STRETCH)],
)  # fmt: skip
PAGE.register_page(order=13)


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = live.reports().opening(experiment)
    if live.bare(opening):
        return PAGE.nothing(opening)
    chosen = QualityChoices.read(params)
    pair = [_confusion(opening, chosen), _reliability(opening.slug)]
    body = [
        html.Div(id=Quality.STRIP, className="strip"),
        html.P(id=Quality.NOTE, className="sentence"),
        html.Div(pair, className="pair quality-pair"),
        _scores(opening.slug),
        _prevalence(opening.slug, chosen),
        _drift(opening.slug),
    ]
    return PAGE.around(opening, body, defaults=QualityChoices())


def _confusion(opening: Opening, chosen: QualityChoices) -> Any:
    switch = charts.controls(
        charts.segments(
            Quality.MATRIX, "Confusion matrix",
            options=[("estimate", "estimate"), ("truth", "known truth")], value=chosen.matrix,
        )
    )  # fmt: skip
    many = opening.classes > figures.MOST_NUMBERS
    height = 560 if many else max(300, 130 + 58 * opening.classes)
    return charts.card(
        "Confusion matrix",
        "Each row is a true class, each column what the model said, weighted so that the answers "
        "speak for all samples so far, asked about or not. Right ones are on the diagonal; the "
        "stronger a color, the larger its share of the row.",
        [
            html.Div(switch, hidden=not opening.truth),
            charts.graph(Quality.CONFUSION, blank(), height=height),
            html.P(id=Quality.CONFUSION_CAPTION, className="caption"),
        ],
        chart="quality-confusion", slug=opening.slug,
    )  # fmt: skip


def _scores(slug: str) -> Any:
    return charts.card(
        "Class by class",
        "Precision: how often it is right when it names the class. Recall: how much of the class "
        "it finds. Prevalence: how much of the stream the class is. Each with the limits between "
        "which it lies.",
        [
            html.Div(id=Quality.SCORES, className="quality-scores"),
            html.Div(id=Quality.MEANS, className="quality-means"),
            html.P(id=Quality.SCORES_CAPTION, className="caption"),
        ],
        chart="quality-scores", slug=slug,
    )  # fmt: skip


def _reliability(slug: str) -> Any:
    return charts.card(
        "Calibration",
        "Of the samples predicted with 80%, about 80% should be right: then the points lie on the "
        "dotted line. Below it the model is too sure, above it not sure enough. The bars show how "
        "many samples there are.",
        [
            charts.graph(Quality.RELIABILITY, blank(), height=340),
            html.P(id=Quality.RELIABILITY_CAPTION, className="caption"),
        ],
        chart="reliability-diagram", slug=slug,
    )  # fmt: skip


def _prevalence(slug: str, chosen: QualityChoices) -> Any:
    return charts.card(
        "Prevalence along the stream",
        "The share of each class in one stretch of the stream after the other, estimated from the "
        "answers of that stretch; the boxes are the limits between which it lies. The dotted "
        "lines are the truth, where it is known.",
        [
            charts.controls(
                charts.segments(
                    Quality.STRETCH, "Length of a stretch",
                    options=[("short", "as short as can be"), ("long", "four times as long")],
                    value=chosen.stretch,
                )
            ),
            charts.graph(Quality.PREVALENCE, blank(), height=320),
            html.P(id=Quality.PREVALENCE_CAPTION, className="caption"),
        ],
        chart="prevalence-curve", slug=slug,
    )  # fmt: skip


def _drift(slug: str) -> Any:
    return charts.card(
        "Drift",
        "Above the input as the model sees it: how unsure it was of each stretch. Below how often "
        "it was wrong. A triangle marks where a detector, fed with these means, noticed a change. "
        "A model that learns becomes surer and is wrong less often, which is a change, too: what "
        "asks for a look is a triangle that points upwards.",
        [
            charts.graph(Quality.DRIFT, blank(), height=400),
            html.P(id=Quality.DRIFT_CAPTION, className="caption"),
        ],
        chart="drift-curve", slug=slug,
    )  # fmt: skip


@callback(PAGE.outputs, PAGE.inputs)
def draw(asked: live.Asked, controls: live.Asked) -> live.Drawn:
    """Redraw what has moved: the log, a choice, or the theme."""
    chosen = QualityChoices.read(controls)
    return PAGE.redraw(
        asked,
        lambda reports, slug: reports.quality(slug, long=chosen.long),
        [
            Part("confusion", partial(_draw_confusion, chosen), choices=(chosen.matrix,)),
            Part("scores", _draw_scores),
            Part("reliability", _draw_reliability),
            Part("prevalence", _draw_prevalence, choices=(chosen.stretch,)),
            Part("drift", _draw_drift),
        ],
    )


def _put(pen: Pen, report: QualityReport, figure: Any, name: str) -> Any:
    # A chart of nothing, drawn where nobody sees it, would have lines at no place at all.
    return pen.put(figure if report.subject.totals.get("n") else blank(), name)


def _draw_confusion(chosen: QualityChoices, report: QualityReport, pen: Pen) -> live.Drawn:
    data, truth = report.quality, chosen.matrix == "truth"
    figure = figures.confusion(data, theme=pen.theme, classes=report.subject.classes, truth=truth)
    return {
        "confusion": _put(pen, report, figure, "confusion"),
        "confusion_caption": words.confusion_caption(data, truth=truth),
    }


def _draw_scores(report: QualityReport, _pen: Pen) -> live.Drawn:
    data, titles = report.quality, report.subject.classes
    rows = [
        (charts.class_name(i, titles[i]), *map(_cell, row))
        for i, row in enumerate(words.classes(data))
    ]
    return {
        "strip": charts.strip(words.figures(data)),
        "note": words.headline(data),
        "scores": charts.table(words.COLUMNS, rows, label="Table of classes"),
        "means": charts.table(words.MEANS, words.means(data), label="Table of means"),
        "scores_caption": words.scores_caption(data),
    }


def _cell(cell: words.Cell | str) -> Any:
    """A score over its interval over the truth, where there are."""
    if isinstance(cell, str):
        return cell
    value = html.Span(cell.value, className="why" if cell.why else None)
    more = [html.Small(line) for line in (cell.interval, cell.truth) if line]
    return html.Span([value, *more], className="lines", title=cell.why or None)


def _draw_reliability(report: QualityReport, pen: Pen) -> live.Drawn:
    data = report.quality.reliability
    return {
        "reliability": _put(pen, report, figures.reliability(data, theme=pen.theme), "reliability"),
        "reliability_caption": words.reliability_caption(data),
    }


def _draw_prevalence(report: QualityReport, pen: Pen) -> live.Drawn:
    data = report.stretches
    figure = along.prevalence(data, theme=pen.theme, classes=report.subject.classes)
    return {
        "prevalence": _put(pen, report, figure, "prevalence"),
        "prevalence_caption": words.prevalence_caption(data, floor=report.floor),
    }


def _draw_drift(report: QualityReport, pen: Pen) -> live.Drawn:
    return {
        "drift": _put(pen, report, along.drift(report.drifts, theme=pen.theme), "drift"),
        "drift_caption": words.drift_caption(report.drifts),
    }
