"""How unsure the model was, of what it asked about and of what it skipped."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html
from flask import current_app

from dashboard.figures import entropy as figures
from dashboard.figures import words
from dashboard.figures.theme import blank
from dashboard.services.choices import ASK_MOST, EntropyChoices
from dashboard.services.findings import EntropyReport, Opening
from dashboard.services.reports import Reports
from dashboard.ui import charts
from dashboard.ui.ids import Entropy, Frame

dash.register_page(
    "pages.entropy", path="/entropy", name="Entropy", title="Entropy · Sluice",
    nav="Understand", order=12,
)  # fmt: skip

IDS = charts.PageIds(
    Entropy.ROOT, Entropy.BODY, Entropy.EMPTY, Entropy.TICK, Entropy.SLUG, Entropy.SHOWN
)
OUTPUTS = {
    "histogram": Output(Entropy.HISTOGRAM, "figure"),
    "caption": Output(Entropy.CAPTION, "children"),
    "what_if": Output(Entropy.WHAT_IF, "children"),
    "range_box": Output(Entropy.RANGE_BOX, "hidden"),
    "drift": Output(Entropy.DRIFT, "figure"),
    "empty": Output(Entropy.EMPTY, "hidden"),
    "body": Output(Entropy.BODY, "hidden"),
    "shown": Output(Entropy.SHOWN, "data"),
}


def _reports() -> Reports:
    reports: Reports = current_app.config["SLUICE"]().reports
    return reports


def layout(experiment: str | None = None, **params: Any) -> Any:
    """The page with the choices of its address; the figures follow."""
    opening = _reports().opening(experiment)
    if not opening.slug and not current_app.config.get("SLUICE_ALL_IDS"):
        return charts.nothing("Entropy", opening.problem, path="/entropy", others=opening.others)
    default = EntropyChoices(range=(0, opening.samples))
    chosen = EntropyChoices.read({**asdict(default), **params})
    return charts.page(
        "Entropy", [_histogram(opening, chosen), _drift(opening.slug)], ids=IDS,
        slug=opening.slug, others=opening.others, defaults=asdict(default),
    )  # fmt: skip


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


@callback(
    OUTPUTS,
    {
        "_tick": Input(Entropy.TICK, "n_intervals"),
        "theme": Input(Frame.THEME_NAME, "data"),
        "shown": State(Entropy.SHOWN, "data"),
        "slug": State(Entropy.SLUG, "data"),
        "controls": {
            "bars": Input(Entropy.BARS, "data"),
            "counts": Input(Entropy.COUNTS, "data"),
            "span": Input(Entropy.SPAN, "data"),
            "range": Input(Entropy.RANGE, "value"),
            "ask": Input(Entropy.ASK, "value"),
        },
    },
)
def draw(
    _tick: int | None, theme: str | None, shown: dict[str, Any] | None, slug: str,
    controls: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Redraw what has moved: the log, a choice, or the theme."""
    made: dict[str, Any] = dict.fromkeys(OUTPUTS, dash.no_update)
    token = _reports().token(slug)
    chosen = EntropyChoices.read(controls)
    wanted = {"histogram": [chosen.counts, token, theme, controls], "drift": ["", token, theme]}
    stale = charts.stale(shown, wanted)
    if not (token and theme and stale):
        return made
    report = _reports().entropy(slug, last=chosen.last, stretch=chosen.stretch, times=chosen.times)
    if "histogram" in stale:
        made.update(_drawn_histogram(report, chosen, theme, shown))
    if "drift" in stale:
        made["drift"] = charts.drawn(figures.drift(report.drift, theme=theme), "drift", shown=shown)
    is_empty = report.subject.empty
    return {**made, "empty": not is_empty, "body": is_empty, "shown": wanted}


def _drawn_histogram(
    report: EntropyReport, chosen: EntropyChoices, theme: str, shown: dict[str, Any] | None
) -> dict[str, Any]:
    subject = report.subject
    rules = figures.rules(
        report.discount, None if report.same else report.other, floor=report.floor,
        budget=subject.spec.budget,
    )  # fmt: skip
    figure = figures.histogram(
        report.histogram, theme=theme, side_by_side=chosen.bars == "beside",
        log=chosen.counts == "log", rules=rules, revision=chosen.counts,
    )  # fmt: skip
    return {
        "histogram": charts.drawn(figure, "histogram", shown=shown, view=chosen.counts),
        "caption": words.histogram_caption(report.histogram),
        "what_if": words.what_if(
            other=report.other, expected=report.expected, now=report.discount,
            same=report.same, steers=report.steers,
            queried=subject.totals["asked"], samples=subject.totals["n"],
        ),
        "range_box": chosen.span != "range",
    }  # fmt: skip


clientside_callback(
    ClientsideFunction("sluice", "choose"),
    Output(Entropy.ROOT, "data-choices"),
    Input(Entropy.SPAN, "data"),
    Input(Entropy.RANGE, "value"),
    Input(Entropy.BARS, "data"),
    Input(Entropy.COUNTS, "data"),
    Input(Entropy.ASK, "value"),
)
