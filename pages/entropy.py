"""How unsure the model was, of what it asked about and of what it skipped."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from dash import Input, Output, callback, dcc, html

from dashboard.figures import entropy as figures
from dashboard.figures import words
from dashboard.figures.theme import blank
from dashboard.services.choices import ASK_MOST, EntropyChoices
from dashboard.services.findings import EntropyReport, Opening
from dashboard.ui import charts, live
from dashboard.ui.ids import Entropy
from dashboard.ui.live import Part, Pen

PAGE = live.LivePage(
    "Entropy", ids=Entropy,
    outputs={
        "histogram": Output(Entropy.HISTOGRAM, "figure"),
        "caption": Output(Entropy.CAPTION, "children"),
        "what_if": Output(Entropy.WHAT_IF, "children"),
        "range_box": Output(Entropy.RANGE_BOX, "hidden"),
        "drift": Output(Entropy.DRIFT, "figure"),
    },
    controls=[
        *(Input(id_, "data") for id_ in (Entropy.SPAN, Entropy.BARS, Entropy.COUNTS)),
        *(Input(id_, "value") for id_ in (Entropy.RANGE, Entropy.ASK)),
    ],
)  # fmt: skip
PAGE.register_page(order=12)


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = live.reports().opening(experiment)
    if live.bare(opening):
        return PAGE.nothing(opening)
    default = EntropyChoices(range=(0, opening.samples))
    chosen = EntropyChoices.read({**asdict(default), **params})
    body = [_histogram(opening, chosen), _drift(opening.slug)]
    return PAGE.around(opening, body, defaults=default)


def _histogram(opening: Opening, chosen: EntropyChoices) -> Any:
    return charts.card(
        "Unsure samples are asked about, sure ones skipped",
        "How unsure the model was: 0 is sure, 1 is a coin toss. The line is the probability with "
        "which a sample of that entropy is asked about.",
        [
            charts.controls(
                charts.segments(
                    Entropy.SPAN, "Stretch of the log",
                    options=[("all", "whole log"), ("500", "last 500"), ("5000", "last 5,000"),
                             ("range", "a stretch")],
                    value=chosen.span,
                ),
                charts.segments(
                    Entropy.BARS, "Bars",
                    options=[("over", "overlaid"), ("beside", "side by side")],
                    value=chosen.bars,
                ),
                charts.segments(
                    Entropy.COUNTS, "Counts",
                    options=[("linear", "linear"), ("log", "logarithmic")],
                    value=chosen.counts,
                ),
            ),
            _range(opening, chosen),
            charts.graph(Entropy.HISTOGRAM, blank(), height=360),
            html.P(id=Entropy.CAPTION, className="caption"),
            _ask(chosen),
        ],
        chart="entropy-histogram", slug=opening.slug,
    )  # fmt: skip


def _range(opening: Opening, chosen: EntropyChoices) -> Any:
    slider = dcc.RangeSlider(
        id=Entropy.RANGE, min=0, max=opening.samples, step=opening.step, marks=None,
        value=list(chosen.range), allow_direct_input=False,
        tooltip={"always_visible": True, "placement": "bottom"},
    )  # fmt: skip
    return html.Div(
        [html.Span("Positions", className="soft"), slider], id=Entropy.RANGE_BOX,
        className="range-box", hidden=chosen.span != "range",
    )  # fmt: skip


def _ask(chosen: EntropyChoices) -> Any:
    slider = dcc.Input(
        id=Entropy.ASK, type="range", min=-ASK_MOST, max=ASK_MOST, step=0.02,
        value=f"{chosen.ask:g}",
    )  # fmt: skip
    return html.Div(
        [
            html.H3(html.Label("What if it asked less, or more?", htmlFor=Entropy.ASK)),
            html.Div(
                [html.Span("ask less"), slider, html.Span("ask more")], className="ask-slider"
            ),
            html.P(id=Entropy.WHAT_IF, role="status"),
            html.P(words.CAUTION, className="caption"),
        ],
        className="ask",
    )


def _drift(slug: str) -> Any:
    return charts.card(
        "How it moves along the stream",
        "Each column is a stretch of the stream; the stronger a color, the more of its samples "
        "had that entropy. A model that learns moves its samples down, towards sure.",
        [charts.graph(Entropy.DRIFT, blank(), height=320)],
        chart="entropy-drift", slug=slug,
    )  # fmt: skip


@callback(PAGE.outputs, PAGE.inputs)
def draw(asked: live.Asked, controls: live.Asked) -> live.Drawn:
    """Redraw what has moved: the log, a choice, or the theme."""
    chosen = EntropyChoices.read(controls)
    return PAGE.redraw(
        asked,
        lambda reports, slug: reports.entropy(
            slug, last=chosen.last, stretch=chosen.stretch, times=chosen.times
        ),
        [
            Part("histogram", partial(_draw_histogram, chosen), view=chosen.counts,
                 choices=(controls,)),
            Part("drift", _draw_drift),
        ],
    )  # fmt: skip


def _draw_histogram(chosen: EntropyChoices, report: EntropyReport, pen: Pen) -> live.Drawn:
    subject = report.subject
    rules = figures.rules(
        report.discount, None if report.same else report.other, floor=report.floor,
        budget=subject.spec.budget,
    )  # fmt: skip
    figure = figures.histogram(
        report.histogram, theme=pen.theme, side_by_side=chosen.bars == "beside",
        log=chosen.counts == "log", rules=rules, revision=chosen.counts,
    )  # fmt: skip
    return {
        "histogram": pen.put(figure, "histogram", view=chosen.counts),
        "caption": words.histogram_caption(report.histogram),
        "what_if": words.what_if(
            other=report.other, expected=report.expected, now=report.discount,
            same=report.same, steers=report.steers,
            queried=subject.totals["asked"], samples=subject.totals["n"],
        ),
        "range_box": chosen.span != "range",
    }  # fmt: skip


def _draw_drift(report: EntropyReport, pen: Pen) -> live.Drawn:
    return {"drift": pen.put(figures.drift(report.drift, theme=pen.theme), "drift")}
