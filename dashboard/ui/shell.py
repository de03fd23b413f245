"""The frame around every page: navigation, theme, stores."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.services.people import LOCAL
from dashboard.ui.components import attributes
from dashboard.ui.ids import Frame, Import
from dashboard.ui.person import person

# The theme is set before the first paint, or a dark page would flash white.
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}
<script>
(function () {
  var wish = null;
  try { wish = localStorage.getItem("sluice:theme"); } catch (e) {}
  var dark = wish ? wish === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
</script>
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""

GROUPS = ("", "Understand", "Data")


def layout() -> Any:
    """The frame with an empty place for the page."""
    return html.Div(
        [
            html.A("Skip to the content", href="#content", className="skip"),
            html.Nav(
                [brand(), *navigation(), foot()],
                id=Frame.NAV,
                className="side",
                **attributes(aria_label="Pages"),
            ),
            html.Main(dash.page_container, id="content", tabIndex="-1"),
            dcc.Store(id=Frame.JOB_REQUEST),
            dcc.Store(id=Frame.JOB_RECEIPT),
            dcc.Store(id=Frame.REST_REQUEST),  # goes on beside a scan, which would end it
            dcc.Store(id=Frame.REST_RECEIPT),
            dcc.Store(id=Import.GO),  # an import goes on while its page is left
            dcc.Store(id=Import.DONE),
            dcc.Store(id=Frame.TROUBLE),  # a sentence for a person, from any callback
            dcc.Store(id=Frame.THEME_NAME),  # light or dark, told by the script
            html.Div(
                id=Frame.TOASTS, className="toasts", role="status", **attributes(aria_live="polite")
            ),
        ],
        className="app",
        **attributes(data_role=person().role.word),
    )


def brand() -> Any:
    """Name and mark."""
    return html.Div([html.Span(className="mark"), "Sluice"], className="brand")


def navigation() -> list[Any]:
    """One link per registered page that asks for one, in groups."""
    parts: list[Any] = []
    mine = [p for p in dash.page_registry.values() if person().may_open(p["module"])]
    pages = [p for p in mine if p.get("nav")]
    for group in GROUPS:
        members = [p for p in pages if p["nav"] == (group or "Label")]
        if group and members:
            parts.append(html.Div(group, className="group"))
        parts += [
            dbc.NavLink(p["name"], href=p["path"], id=nav_id(p["path"]), className="page")
            for p in members
        ]
    return parts


def nav_id(path: str) -> str:
    """Id of the navigation's link to a path."""
    return f"frame-nav-{path.strip('/') or 'label'}"


def foot() -> Any:
    """Theme, and what holds everywhere."""
    return html.Div(
        [
            html.Button(
                "Dark",
                id=Frame.THEME,
                type="button",
                className="quiet theme",
                **attributes(aria_label="Switch between light and dark"),
            ),
            *who(),
            html.Span("Everything stays on this machine."),
        ],
        className="foot",
    )


def who() -> list[Any]:
    """Who is signed in, and the way out; nothing where nobody has to sign in."""
    if person() is LOCAL:
        return []
    return [
        html.Form(
            [html.Span(person().name), html.Button("Sign out", className="quiet")],
            action="/sign-out",
            method="post",
            className="who",
        )
    ]
