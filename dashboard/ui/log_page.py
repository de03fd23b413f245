"""The page around a table of a log: the log page and that of what was skipped share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.services.records import SKIPPED, Opening
from dashboard.ui import log_parts, log_table
from dashboard.ui.components import page_header
from dashboard.ui.forms import aria
from dashboard.ui.grid import infinite_grid
from dashboard.ui.ids import Log

POLL_MS = 2_000


def page(
    title: str,
    slug: str,
    opening: Opening,
    experiments: Sequence[tuple[str, str]],
    *,
    head: Sequence[Any],
    instead: Any,
) -> Any:
    """Header, table, and what stands around it.

    Parameters
    ----------
    title
        Of the page.
    slug, opening
        The experiment, and what the address asks of it.
    experiments
        Slug and name of those to choose from.
    head
        What stands over the table.
    instead
        Stands in for the table, which stays, hidden, for Dash; or None.

    """
    header = page_header(title, slug=slug, experiments=experiments)
    content = html.Div(
        [*head, *_content(opening)], hidden=instead is not None, className="log-content"
    )
    kind = "log-page ledger" if opening.table == SKIPPED else "log-page"
    return html.Div([header, instead, content], id=Log.ROOT, className=kind)


def _content(opening: Opening) -> list[Any]:
    overview, table = opening.overview, opening.table
    shown = {"experiment": overview.slug, "table": table, "params": dict(opening.params)}
    return [
        html.P(log_parts.HOW[table], className="how"),
        html.Div(opening.trouble, className="trouble", role="alert", hidden=not opening.trouble),
        log_parts.filters(opening),
        log_parts.orders(opening) if table == SKIPPED else None,
        html.Div(id=Log.BAR, className="log-bar", role="status"),
        html.Div(_grid(opening), className="log-grid"),
        html.Dialog(html.Div(id=Log.STORY), id=Log.SHEET, className="sheet",
                    **aria(labelledby="log-sheet-title")),
        dcc.Store(id=Log.SHOWN, data=shown),
        dcc.Store(id=Log.WISH),
        dcc.Store(id=Log.CHANGED),
        dcc.Store(id=Log.HEAD, data=f"{overview.uid}:{overview.head}"),
        dcc.Interval(id=Log.TICK, interval=POLL_MS),
    ]  # fmt: skip


def _grid(opening: Opening) -> Any:
    columns = log_table.columns(opening)
    return infinite_grid(Log.GRID, columns=columns, rows=opening.overview.totals[opening.table])
