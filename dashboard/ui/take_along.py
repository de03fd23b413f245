"""What a row of the experiments page offers to take along, and how far the longest of it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dash import html

from dashboard.services.overview import Summary
from dashboard.ui.forms import aria, sends
from dashboard.ui.ids import Experiments, Frame

_FORMATS = (("csv", "CSV"), ("jsonl", "JSONL"), ("parquet", "Parquet"))


def menu(summary: Summary) -> Any:
    """Labels, labeled data set, model and all of it, as links."""
    items = [
        _entry("Labels", _links(summary, "labels")),
        _entry("Labeled data set", _data_set(summary)),
        _entry("Model", [_link(summary, "model.zip", "ZIP with README")]),
        _entry("Whole experiment", [_link(summary, "experiment.zip", "ZIP")]),
    ]
    return html.Details(
        [html.Summary("Download", **aria(label=f"Download of {summary.name}")),
         html.Div(items, className="menu-items takes")],
        className="menu",
    )  # fmt: skip


def line(summary: Summary) -> Any:
    """How far the labeling of the rest is; nothing where nobody asked for it."""
    rest = summary.rest
    if rest.running:
        share = rest.done / max(1, rest.total)
        stop = html.Button(
            "Stop", type="button", className="quiet",
            **sends(Experiments.WISH, {"do": "stop-rest", "slug": summary.slug}),
        )  # fmt: skip
        words = f"Labeling the rest: {rest.done:,} of {rest.total:,}"
        bar = html.Span(html.Span(style={"width": f"{share:.1%}"}), className="bar",
                        **aria(hidden="true"))  # fmt: skip
        return html.Div([html.Span(words), bar, stop], className="rest")
    if rest.trouble:
        return html.Div(rest.trouble, className="rest bad")
    if rest.head is not None and rest.current:
        return html.Div(
            [html.Span("The rest is labeled:"), *_links(summary, "dataset", head=rest.head)],
            className="rest",
        )
    return None


def _entry(words: str, choices: list[Any]) -> Any:
    return html.Div([html.Span(words), html.Span(choices, className="takes-choices")])


def _data_set(summary: Summary) -> list[Any]:
    rest = summary.rest
    if rest.quick:
        return _links(summary, "dataset")
    if rest.running:
        return [html.Span("under way", className="soft")]
    wish = {"kind": "dataset", "slug": summary.slug}
    again = html.Button(
        "Label the rest again" if rest.head is not None else "Label the rest",
        type="button", disabled=rest.waits,
        title="Another experiment's is under way" if rest.waits else
        "The model predicts every sample that has no label; the experiment stays as it is",
        **sends(Frame.REST_REQUEST, wish),
    )  # fmt: skip
    if rest.head is None:
        return [again]
    links = _links(summary, "dataset", head=rest.head)
    then = html.Span("as it is now" if rest.current else f"as of event {rest.head:,}",
                     className="soft")  # fmt: skip
    return [*links, then, *([] if rest.current else [again])]


def _links(summary: Summary, what: str, *, head: int | None = None) -> list[Any]:
    query = "" if head is None else f"?head={head}"
    return [_link(summary, f"{what}.{fmt}{query}", words) for fmt, words in _FORMATS]


def _link(summary: Summary, name: str, words: str) -> Any:
    address = f"/experiments/{quote(summary.slug, safe='')}/{name}"
    return html.A(words, href=address, download="")
