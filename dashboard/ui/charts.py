"""Parts of the analytics pages: data in, component out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboard.ui.components import attributes

CONFIG: Any = {
    "displayModeBar": False, "displaylogo": False, "responsive": True, "doubleClick": "reset",
}  # fmt: skip
CLASS_COLORS = 8

Options = Sequence[tuple[str, str]]


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


def controls(*parts: Any) -> Any:
    """The row of controls over a chart."""
    return html.Div(list(parts), className="controls")


def segments(id_: str, label: str, *, options: Options, value: str) -> Any:
    """One of a few, as buttons in a row. What is chosen is the `data` of the id.

    Dash's own radio items are a list box of labels, which screen readers stumble over.
    """
    return _group(label, dcc.Store(id=id_, data=value), options, [value])


def windows(id_: str, value: str) -> Any:
    """How far a rolling curve looks back."""
    options = [("100", "last 100"), ("500", "last 500"), ("2000", "last 2,000")]
    return segments(id_, "Window of the rolling curve", options=options, value=value)


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
