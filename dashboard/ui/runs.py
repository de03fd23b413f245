"""The list of experiments: one calm row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashboard.services.overview import Glance, Summary
from dashboard.ui import take_along
from dashboard.ui.forms import aria, opens, sends, swaps, text_field
from dashboard.ui.ids import Experiments
from dashboard.ui.person import home
from dashboard.ui.sparkline import lowest, sparkline

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FEW = 50  # rows: a browser takes seconds to build hundreds
_HEADS = ("Experiment", "Accuracy so far", "Accuracy", "Asked", "Labels", "Predicted",
          "Last activity")  # fmt: skip


def listing(glance: Glance, *, here: str, every: bool = False) -> list[Any]:
    """Live experiments as a table, archived ones folded away under it; of many, those used last.

    Parameters
    ----------
    glance
        What there is.
    here
        The experiment in the address; it has a row however long ago it was used.
    every
        Whether all have a row.

    """
    live = [s for s in glance.summaries if not s.archived]
    archived = [s for s in glance.summaries if s.archived]
    low = lowest([s.curve for s in live or archived if s.curve])
    words = f"Curves run from the first prediction to the last, on one scale: {low:.0%} to 100%."
    scale = html.P(words, className="scale soft")
    parts: list[Any] = [_nothing(archived)]
    if live:
        shown = live if every else _few(live, here)
        rows = [_row(s, low=low, here=here, at=glance.at) for s in shown]
        parts = [_table(rows), _left_out(len(shown), len(live), here), scale]
    if archived:
        shown = archived if every else _few(archived, here)
        table = _table([_row(s, low=low, here=here, at=glance.at) for s in shown])
        left_out = _left_out(len(shown), len(archived), here)
        heading = html.Summary(f"Archived ({len(archived):,})")
        folded = [heading, table, left_out, None if live else scale]
        parts.append(html.Details(folded, className="archive"))
    return parts


def _few(summaries: Sequence[Summary], here: str) -> list[Summary]:
    return [s for i, s in enumerate(summaries) if i < FEW or s.slug == here]


def _left_out(shown: int, there: int, here: str) -> Any:
    """How many have no row, and the way to them."""
    if shown == there:
        return None
    address = f"/experiments?{urlencode({'experiment': here, 'all': 1})}"
    words = f"{shown:,} of {there:,} are shown, those used last. "
    return html.P([words, dcc.Link("Show all", href=address)], className="scale")


def _nothing(archived: Sequence[Summary]) -> Any:
    words = "There is no experiment yet. " if not archived else "No experiment is live. "
    return html.Div(
        [
            html.P(words + "Bring a file of your own, or make one from a built-in stream."),
            html.Button("New experiment", type="button", className="primary",
                        **opens(Experiments.CREATE)),
            dcc.Link("New from a file", href="/import", className="go"),
        ],
        className="empty",
    )  # fmt: skip


def _table(rows: Sequence[Any]) -> Any:
    heads = [html.Th(words, scope="col", className="n" if i > 1 else "")
             for i, words in enumerate(_HEADS)]  # fmt: skip
    actions = html.Th(html.Span("Actions", className="visually-hidden"), scope="col")
    return html.Table([html.Thead(html.Tr([*heads, actions])), html.Tbody(rows)], className="runs")


def _row(summary: Summary, *, low: float, here: str, at: int) -> Any:
    return html.Tr(
        [
            html.Th(_name(summary), scope="row", className="run-name"),
            html.Td(_curve(summary, low=low), className="run-curve"),
            _cell("Accuracy", _percent(summary.accuracy)),
            _cell("Asked", _one_in(summary.ask_rate)),
            _cell("Labels", f"{summary.labels:,}"),
            _cell("Predicted", _progress(summary)),
            _cell("Last activity", ago(summary.active_at, at)),
            html.Td(
                html.Div(
                    _put_aside(summary) if summary.archived else _actions(summary),
                    className="run-links",
                ),
                className="run-actions",
            ),
        ],
        className="here" if summary.slug == here else "",
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def _cell(caption: str, content: Any) -> Any:
    """A number; a phone shows its caption too."""
    attributes: dict[str, Any] = {"data-caption": caption}
    return html.Td(content, className="n", **attributes)


def _name(summary: Summary) -> Any:
    recipe = html.Span(f"{summary.stream} · {summary.preset}", className="soft")
    if summary.archived:
        return [html.Span(summary.name, className="called"), recipe, take_along.line(summary)]
    shown, form = f"experiments-name-{summary.uid}", f"experiments-rename-{summary.uid}"
    rename = {"do": "rename", "slug": summary.slug}
    back = html.Button("Cancel", type="button", className="quiet", **swaps(shown, form))
    return [
        html.Span(dcc.Link(summary.name, href=_to(home(), summary)), id=shown, className="called"),
        html.Form(
            [text_field("New name", id_=f"experiments-called-{summary.uid}", name="name",
                        value=summary.name),
             html.Button("Rename", className="primary"), back],
            id=form, hidden=True, className="rename", **sends(Experiments.WISH, rename),
        ),
        recipe,
        take_along.line(summary),
    ]  # fmt: skip


def _to(path: str, summary: Summary) -> str:
    return f"{path}?{urlencode({'experiment': summary.slug})}"


def _curve(summary: Summary, *, low: float) -> Any:
    if not summary.curve:
        return html.Span("nothing yet", className="soft")
    words = f"Accuracy from {summary.curve[0][1]:.0%} to {summary.curve[-1][1]:.1%}"
    return sparkline(summary.curve, low=low, words=words)


def _one_in(rate: float | None) -> str:
    """How often it asks, as on the label page.

    Examples
    --------
    >>> _one_in(0.05), _one_in(0.4), _one_in(None)
    ('1 in 20', '1 in 2.5', '–')

    """
    if not rate:
        return "–"
    return f"1 in {1 / rate:.0f}" if 1 / rate >= 9.5 else f"1 in {1 / rate:.1f}".removesuffix(".0")


def _progress(summary: Summary) -> Any:
    done = summary.predictions / max(1, summary.samples)
    return [
        html.Span([f"{summary.predictions:,}", html.Span(f" of {summary.samples:,}")]),
        html.Span(html.Span(style={"width": f"{done:.1%}"}), className="bar",
                  **aria(hidden="true")),
    ]  # fmt: skip


def _actions(summary: Summary) -> list[Any]:
    shown, form = f"experiments-name-{summary.uid}", f"experiments-rename-{summary.uid}"
    wish = {"slug": summary.slug, "name": summary.name}
    items = [
        html.Button("Rename", type="button", **swaps(form, shown)),
        html.Button("Start over", type="button", **_asks(Experiments.RESET, "reset", wish)),
        html.Button("Archive", type="button",
                    **sends(Experiments.WISH, {"do": "archive", "slug": summary.slug})),
        html.Button("Delete", type="button", className="bad",
                    **_asks(Experiments.DELETE, "delete", wish)),
    ]  # fmt: skip
    links = [
        dcc.Link(words, href=_to(path, summary), className="quiet")
        for path, words in (("/", "Label"), ("/accuracy", "Accuracy"), ("/log", "Log"))
    ]
    menu = html.Details(
        [html.Summary("Manage", **aria(label=f"Manage {summary.name}")),
         html.Div(items, className="menu-items")],
        className="menu",
    )  # fmt: skip
    return [*links, take_along.menu(summary), menu]


def _asks(dialog: str, do: str, wish: dict[str, str]) -> dict[str, Any]:
    """Attributes of a button that has a dialog ask before it does something."""
    return {**opens(dialog), "data-asks": sends("", {"do": do, **wish})["data-wish"]}


def _put_aside(summary: Summary) -> list[Any]:
    wish = {"slug": summary.slug, "name": summary.name}
    return [
        dcc.Link("Log", href=_to("/log", summary), className="quiet"),
        take_along.menu(summary),
        html.Button("Reopen", type="button", className="quiet",
                    **sends(Experiments.WISH, {"do": "reopen", "slug": summary.slug})),
        html.Button("Delete", type="button", className="quiet",
                    **_asks(Experiments.DELETE, "delete", wish)),
    ]  # fmt: skip


def ago(then: int, now: int) -> str:
    """How long ago something was.

    Examples
    --------
    >>> ago(0, 30_000), ago(0, 5 * MINUTE), ago(0, 3 * HOUR), ago(0, DAY), ago(0, 9 * DAY)
    ('just now', '5 min ago', '3 h ago', '1 day ago', '9 days ago')

    """
    passed = max(0, now - then)
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if passed < DAY:
        return f"{passed // HOUR} h ago"
    days = passed // DAY
    return f"{days:,} day{'s' if days > 1 else ''} ago"
