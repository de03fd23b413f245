"""Parts of the analytics pages: data in, component out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import Patch, dcc, html

from dashboard.ui.components import empty, page_header

EVERY = 1_000  # ms between looks at the head
CONFIG: Any = {
    "displayModeBar": False, "displaylogo": False, "responsive": True, "doubleClick": "reset",
}  # fmt: skip
CLASS_COLORS = 8

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PageIds:
    """Ids of what every analytics page has."""

    root: str
    body: str
    empty: str
    tick: str
    slug: str
    shown: str


def page(
    title: str,
    body: Sequence[Any],
    *,
    ids: PageIds,
    slug: str,
    others: Sequence[tuple[str, str]],
    defaults: Mapping[str, Any],
) -> Any:
    """An analytics page: header, body, and what keeps it up to date.

    Parameters
    ----------
    title
        Name of the page.
    body
        The charts; hidden as long as there is nothing to draw.
    ids
        Of the parts.
    slug
        The experiment.
    others
        Slug and name of the experiments to choose from.
    defaults
        Value of each control that need not stand in the address.

    """
    live = html.Span("Live", className="saved", title="Redrawn when something was labeled")
    return html.Div(
        [
            page_header(title, slug=slug, experiments=others, right=live),
            html.Div(
                empty(
                    "Nothing has been labeled in this experiment yet. The charts begin with the "
                    "first samples.",
                    link="Start labeling", href=f"/?experiment={slug}",
                ),
                id=ids.empty, hidden=True,
            ),
            html.Div(list(body), id=ids.body),
            dcc.Interval(id=ids.tick, interval=EVERY),
            dcc.Store(id=ids.slug, data=slug),
            dcc.Store(id=ids.shown, data={}),
        ],
        id=ids.root, className="analytics",
        **attributes(data_slug=slug, data_defaults=json.dumps(defaults)),
    )  # fmt: skip


def nothing(title: str, problem: str, *, path: str, others: Sequence[tuple[str, str]]) -> Any:
    """A page without an experiment, and what to do about it.

    Parameters
    ----------
    title
        Name of the page.
    problem
        A sentence about the experiment that was asked for, or empty where there is none at all.
    path
        Of the page.
    others
        Slug and name of the experiments to choose from.

    """
    if problem:
        note = empty(
            f"{problem} It may have been reset, archived or deleted: choose another one above, "
            "or open the one used last.",
            link="Open the one used last", href=path,
        )  # fmt: skip
    else:
        note = empty(
            "There is no experiment yet. The Label page makes the first one.",
            link="Open the Label page", href="/",
        )  # fmt: skip
    choose = [("", "Choose an experiment"), *others] if others else []
    return html.Div([page_header(title, slug="", experiments=choose), note])


def card(
    title: str,
    how: str,
    content: Sequence[Any],
    *,
    chart: str,
    slug: str,
    testid: str | None = None,
) -> Any:
    """A chart with its heading, how to read it, and its data.

    Parameters
    ----------
    title
        The heading.
    how
        One plain sentence on how to read it.
    content
        Controls, graph and caption.
    chart
        Name of its CSV.
    slug
        The experiment.
    testid
        Its `data-testid`; the name of the CSV unless given.

    """
    data = html.A(
        "Data as CSV", href=f"/experiments/{slug}/charts/{chart}.csv", className="csv",
        download="", **attributes(data_chart=chart, aria_label=f"Data as CSV: {title}"),
    )  # fmt: skip
    return html.Section(
        [
            html.Div([html.H2(title, id=f"chart-{chart}"), data], className="chart-head"),
            html.P(how, className="how"),
            *content,
        ],
        className="chart",
        **attributes(data_testid=testid or chart, aria_labelledby=f"chart-{chart}"),
    )  # fmt: skip


def graph(id_: str, blank: Mapping[str, Any], *, height: int) -> Any:
    """A graph that is blank until its data are there."""
    return dcc.Graph(
        id=id_, figure=blank, config=CONFIG, responsive=True, className="plot",
        style={"height": f"{height}px"},
    )  # fmt: skip


def attributes(**values: str) -> dict[str, Any]:
    """Attributes with hyphens in their names.

    Examples
    --------
    >>> attributes(aria_label="Bars")
    {'aria-label': 'Bars'}

    """
    return {name.replace("_", "-"): value for name, value in values.items()}


def controls(*parts: Any) -> Any:
    """The row of controls over a chart."""
    return html.Div(list(parts), className="controls")


def segments(id_: str, label: str, *, options: Options, value: str) -> Any:
    """One of a few, as buttons in a row. What is chosen is the `data` of the id.

    Dash's own radio items are a list box of labels, which screen readers stumble over.
    """
    return _group(label, dcc.Store(id=id_, data=value), options, [value])


def toggles(id_: str, label: str, *, options: Options, values: Sequence[str]) -> Any:
    """Some of a few, as buttons in a row. What is chosen is the `data` of the id."""
    return _group(label, dcc.Store(id=id_, data=list(values)), options, values)


def _group(label: str, store: Any, options: Options, pressed: Sequence[str]) -> Any:
    buttons = [
        html.Button(
            name, type="button",
            **attributes(data_value=value, aria_pressed=str(value in pressed).lower()),
        )
        for value, name in options
    ]  # fmt: skip
    many = str(isinstance(store.data, list)).lower()
    row = html.Div(
        buttons, className="segments", role="group",
        **attributes(aria_label=label, data_for=store.id, data_many=many),
    )  # fmt: skip
    return html.Div([row, store])


def strip(figures: Iterable[tuple[str, str]]) -> list[Any]:
    """Numbers with what they mean."""
    return [html.Div([html.B(n), html.Span(caption)], className="fig") for n, caption in figures]


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, label: str, texts: int = 1
) -> Any:
    """A table of numbers that scrolls where it is long.

    Parameters
    ----------
    columns
        Their headings.
    rows
        Cells; strings or components.
    label
        What the table holds, for those who cannot see it.
    texts
        How many columns, from the left, are text.

    """
    heads = [
        html.Th(c, scope="col", className="n" if i >= texts else "t") for i, c in enumerate(columns)
    ]
    body = [
        html.Tr([html.Th(row[0], scope="row", className="t"),
                 *(html.Td(cell, className="n" if i >= texts else "t")
                   for i, cell in enumerate(row[1:], start=1))])
        for row in rows
    ]  # fmt: skip
    return html.Div(
        html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className=f"texts-{texts}"),
        className="scroll", tabIndex="0", role="region", **attributes(aria_label=label),
    )  # fmt: skip


def class_name(index: int, title: str) -> Any:
    """A class with its color, the same everywhere."""
    swatch = html.Span(
        className=f"swatch class-{index % CLASS_COLORS + 1}", **attributes(aria_hidden="true")
    )
    return html.Span([swatch, html.Span(title)], className="class-name", title=title)


def drawn(figure: Any, part: str, *, shown: Mapping[str, Any] | None, view: str = "") -> Any:
    """A figure, or as much of it as leaves the reader's zoom alone.

    Dash writes a zoom into the figure, where it counts as asked for: `uirevision` does not keep
    it, and the next whole figure would undo it. So a figure is sent whole only where the part was
    not shown before, or in another view; then all but the ranges of its axes.

    Parameters
    ----------
    figure
        A plotly figure.
    part
        Its part of the page.
    shown
        What the page shows.
    view
        What makes a zoom meaningless when it changes.

    """
    if ((shown or {}).get(part) or [None])[0] != view:
        return figure
    patch = Patch()
    whole = figure.to_dict()
    patch["data"] = whole["data"]
    for key, value in whole["layout"].items():
        if "axis" not in key:
            patch["layout"][key] = value
            continue
        for name, setting in value.items():
            if name not in ("range", "autorange"):
                patch["layout"][key][name] = setting
    return patch


def stale(shown: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> set[str]:
    """Parts of a page that no longer show what they should.

    Examples
    --------
    >>> stale({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b", "c"}
    True

    """
    return {part for part, state in wanted.items() if (shown or {}).get(part) != state}
