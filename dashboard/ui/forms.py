"""Native form fields with their captions, and what the script reads from the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc, html

_input: Any = dcc.Input  # its stubs know no `decimal`


def text_field(
    caption: str,
    *,
    id_: str,
    name: str,
    value: str = "",
    placeholder: str = "",
    numeric: bool = False,
    kind: str = "text",
) -> Any:
    """A line to type in.

    Parameters
    ----------
    caption
        What it is, for everyone.
    id_, name
        Its id, and the name that its text is sent under.
    value, placeholder
        What it holds at first, and what it shows while it holds nothing.
    numeric
        Whether a phone should offer digits.
    kind
        `text` or `search`.

    """
    # A number field would swallow what it cannot read; the service says what is wrong with it.
    entry = _input(
        id=id_, name=name, value=value, placeholder=placeholder, type=kind, autoComplete="off",
        inputMode="decimal" if numeric else "text", className="entry",
    )  # fmt: skip
    return html.Label([html.Span(caption), entry], className=f"field field-{name}")


def choice_field(
    caption: str, *, name: str, options: Iterable[tuple[str, str]], value: str = ""
) -> Any:
    """A native list to choose from: pairs of the value that is sent and the words shown."""
    made = [
        html.Option(words, value=sent, selected="selected" if sent == value else None)
        for sent, words in options
    ]
    return html.Label(
        [html.Span(caption), html.Select(made, name=name, className="entry")],
        className=f"field field-{name}",
    )


def sends(store: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a button or a form that puts a wish into a store, for a callback to fulfill.

    A form adds what is typed into it.
    """
    return {"data-send": store, "data-wish": json.dumps(wish)}


def opens(dialog: str) -> dict[str, Any]:
    """Attributes of a button that opens a dialog."""
    return {"data-opens": dialog}


def swaps(shown: str, hidden: str) -> dict[str, Any]:
    """Attributes of a button that shows one element and hides another."""
    return {"data-shows": shown, "data-hides": hidden}


def aria(**values: str) -> dict[str, Any]:
    """ARIA attributes: `aria(label="Search")`."""
    return {f"aria-{name}": value for name, value in values.items()}


CLOSES: dict[str, Any] = {"data-closes": ""}
