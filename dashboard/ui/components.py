"""Parts that several pages share: data in, component out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.ui.ids import Frame


def attributes(**values: str) -> dict[str, Any]:
    """`data-` and `aria-` attributes, which Dash takes as keywords with hyphens.

    Examples
    --------
    >>> attributes(data_testid="sample", aria_live="polite")
    {'data-testid': 'sample', 'aria-live': 'polite'}

    """
    return {name.replace("_", "-"): value for name, value in values.items()}


def page_header(
    title: str, *, slug: str, experiments: Sequence[tuple[str, str]], right: Any = None
) -> Any:
    """A page's title, the experiment picker beside it, and something at the far end.

    Parameters
    ----------
    title
        Name of the page.
    slug
        The experiment shown.
    experiments
        Slug and name of those to choose from.
    right
        Component at the far end of the line.

    """
    return html.Header([html.H1(title), picker(slug, experiments), right])


def picker(slug: str, experiments: Sequence[tuple[str, str]]) -> Any:
    """A native list of experiments; the script opens the chosen one on the same page."""
    options = [
        html.Option(name, value=value, selected="selected" if value == slug else None)
        for value, name in experiments
    ]
    return html.Select(
        options,
        id=Frame.PICKER,
        className="exp",
        hidden=not options,
        **attributes(aria_label="Experiment"),
    )


def empty(sentence: str, *, link: str, href: str) -> Any:
    """What a page shows while there is nothing to show, and what to do about it."""
    return html.Div([html.P(sentence), html.A(link, href=href, className="go")], className="empty")
