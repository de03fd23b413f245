"""What opens over the labeling page: keys, guidelines, question rate, and the question before a
reset.
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.ui.components import attributes
from dashboard.ui.label_parts import button


def dialogs() -> list[Any]:
    """All of them, closed."""
    return [_reset(), _keys(), _guide(), _rate()]


def _dialog(name: str, title: str, content: list[Any], buttons: list[Any], more: str = "") -> Any:
    return html.Dialog(
        [html.H2(title), *content, html.Div(buttons, className="dialog-buttons")],
        id=f"label-{name}-dialog",
        className=more or None,
        **attributes(aria_label=title),
    )


def _problem(name: str) -> Any:
    return html.Div(id=f"label-{name}-problem", className="trouble", role="alert", hidden=True)


def _reset() -> Any:
    words = (
        "The model forgets everything. The log so far is kept as an archived experiment, which "
        "can be reopened or deleted on the Experiments page."
    )
    sure = html.Button("Reset", id="label-reset-yes", type="button", className="danger")
    buttons = [button("Keep labeling", "label-reset-no"), sure]
    return _dialog("reset", "Start this experiment over?", [html.P(words)], buttons)


def _keys() -> Any:
    content = [
        html.P("One key each, kept in this browser. Ctrl+Z always undoes."),
        html.Div(id="label-keys-list", className="keys"),
        _problem("keys"),
    ]
    buttons = [button("Cancel", "label-keys-no"), button("Save", "label-keys-yes", more="go")]
    return _dialog("keys", "Keys", content, buttons)


def _guide() -> Any:
    content = [html.Div(id="label-guide-body", className="guide"), _problem("guide")]
    return _dialog(
        "guide", "Guidelines", content, [button("Close", "label-guide-close")], more="wide"
    )


def _rate() -> Any:
    content = [html.Div(id="label-rate-body", className="rates"), _problem("rate")]
    buttons = [button("Cancel", "label-rate-no"), button("Save", "label-rate-yes", more="go")]
    return _dialog("rate", "Question rate", content, buttons)
