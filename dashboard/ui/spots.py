"""Spot-checks on the page of what was skipped: how they stand, and a form to queue some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.services.checks import USUAL
from dashboard.ui.components import attributes
from dashboard.ui.forms import choice_field, sends, text_field
from dashboard.ui.ids import Skipped, Spots

ANY = ""  # of whatever class predicted


def panel(
    slug: str, classes: Sequence[tuple[str, str]], *, standing: Any, promise: Any, may: bool
) -> Any:
    """How spot-checks stand, and for who may, a form that queues some.

    Parameters
    ----------
    slug
        The experiment.
    classes
        Name and title of each.
    standing, promise
        What the callbacks put there later.
    may
        Whether the form is shown.

    """
    options = [(ANY, "of all that was skipped"), *((n, f"predicted {t}") for n, t in classes)]
    # Dash cannot read a native field while a form holds it: it is told of the number alone.
    fields = [
        text_field("How many", id_=Skipped.NUMBER, name="n", value=str(USUAL), numeric=True),
        choice_field("Drawn from", name="predicted", options=options),
        html.Button(go(USUAL), id=Skipped.GO, className="primary"),
    ]
    return html.Section(
        [
            html.H2("Spot-checks"),
            html.P(standing, id=Skipped.CHECKS, className="standing", role="status"),
            html.Form(
                [html.Div(fields, className="spot-fields"),
                 html.P(promise, id=Skipped.PROMISE, className="hint")],
                hidden=not may, **sends(Spots.WISH, {"do": "spot-check", "experiment": slug}),
            ),
            html.Div(id=Spots.SAID, className="note", role="status", hidden=True),
            dcc.Store(id=Spots.WISH),
        ],
        className="spots", **attributes(aria_label="Spot-checks", data_testid="spot-checks"),
    )  # fmt: skip


def go(n: int) -> str:
    """What the button says."""
    return f"Spot-check {n:,} at random"


def standing(slug: str, said: str, *, waiting: int, may: bool) -> list[Any]:
    """How they stand, with the ways on from there."""
    if not waiting:
        return [said]
    wish = {"do": "take-back", "experiment": slug}
    back = html.Button(
        "Take back the rest", type="button", className="quiet", **sends(Spots.WISH, wish)
    )
    link = html.A("Label them", href=f"/?experiment={slug}", className="go")
    return [said, " ", link, *([" ", back] if may else [])]
