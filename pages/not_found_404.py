"""What stands at every address that leads nowhere."""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html

dash.register_page("pages.not_found_404", name="Not found", title="Not found · Sluice")


def layout(**_: str) -> Any:
    """A sentence, and the ways back."""
    return html.Div(
        [
            html.Header(html.H1("There is no such page")),
            html.Div(
                [
                    html.P("The address may be mistyped, or come from another version of Sluice. "
                           "Nothing is lost: every experiment is where it was."),
                    html.P([dcc.Link("Go on labeling", href="/", className="go"), " or ",
                            dcc.Link("see all experiments", href="/experiments"), "."]),
                ],
                className="empty",
            ),
        ]
    )  # fmt: skip
