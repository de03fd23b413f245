"""What the experiments page asks: a new one's recipe, and whether one is meant to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.core.spec import PRESETS
from dashboard.figures.checks import floor_costs
from dashboard.ui.forms import CLOSES, aria, choice_field, sends, text_field
from dashboard.ui.ids import Experiments

CREATE = "Create"
FETCHING = "Fetching…"
_PRESET_WORDS = {
    "recommended": "recommended: asks about 1 in 20, with spot-checks",
    "blog": "blog: as in the article, a bag of words",
    "river-docs": "river-docs: as in River's documentation",
}


def dialogs(streams: Sequence[tuple[str, str]]) -> list[Any]:
    """All of them, closed.

    Parameters
    ----------
    streams
        Slug and title of those to choose from.

    """
    return [_create(streams), _reset(), _delete()]


def _create(streams: Sequence[tuple[str, str]]) -> Any:
    return html.Dialog(
        html.Form(
            [
                html.H2("New experiment", id="experiments-create-title"),
                html.Div(_recipe(streams), className="fields"),
                html.Details(
                    [html.Summary("How eagerly it asks"),
                     html.Div(_eagerness(), className="fields")],
                    className="advanced",
                ),
                html.P(id=Experiments.CREATE_TROUBLE, className="trouble", role="alert",
                       hidden=True),
                html.Div(
                    [html.Button("Cancel", type="button", className="quiet", **CLOSES),
                     html.Button(CREATE, id=Experiments.CREATE_BUTTON, className="primary")],
                    className="dialog-buttons",
                ),
            ],
            **sends(Experiments.CREATE_WISH, {}),
        ),
        id=Experiments.CREATE,
        className="create",
        **aria(labelledby="experiments-create-title"),
    )  # fmt: skip


def _recipe(streams: Sequence[tuple[str, str]]) -> list[Any]:
    presets = [(name, _PRESET_WORDS.get(name, name)) for name in PRESETS]
    return [
        text_field("Name", id_="experiments-field-name", name="name",
                   placeholder="What you will call it"),
        choice_field("Stream", name="stream", options=streams),
        choice_field("Preset", name="preset", options=presets),
        html.Div(
            [
                text_field("Warm start, in samples", id_="experiments-field-warm", numeric=True,
                           name="warm_start", value="0"),
                text_field("Seed", id_="experiments-field-seed", name="seed", value="42",
                           numeric=True),
            ],
            className="two",
        ),
        html.P("A warm start answers the questions about the first samples from known truth, "
               "so that the model knows something when you begin.", className="hint"),
    ]  # fmt: skip


def _eagerness() -> list[Any]:
    return [
        html.Div(
            [
                text_field("Discount factor", id_="experiments-field-discount", numeric=True,
                           name="discount", placeholder="as in the preset"),
                text_field("Floor", id_="experiments-field-floor", name="floor", numeric=True,
                           placeholder="as in the preset"),
            ],
            className="two",
        ),
        html.P("A sample of entropy H is asked about with probability H to the power of the "
               "discount factor: 3 asks a lot, 100 little, and it makes the strategy plain "
               "entropy. The floor is the least probability any sample has.", className="hint"),
        html.P(floor_costs(), className="hint"),
    ]  # fmt: skip


def _question(dialog: str, title: str, content: list[Any], *, keep: str, go: str) -> Any:
    buttons = [html.Button(keep, type="button", className="quiet", **CLOSES),
               html.Button(go, className="danger")]  # fmt: skip
    return html.Dialog(
        html.Form(
            [html.H2([title, " ", html.Span(className="asked-of"), "?"], id=f"{dialog}-title"),
             *content, html.Div(buttons, className="dialog-buttons")],
            **sends(Experiments.WISH, {}),
        ),
        id=dialog, **aria(labelledby=f"{dialog}-title"),
    )  # fmt: skip


def _reset() -> Any:
    words = (
        "The model forgets everything and the stream begins anew. The log so far is kept as an "
        "archived experiment, which can be reopened or deleted here."
    )
    return _question(Experiments.RESET, "Start over with", [html.P(words)], keep="Keep it",
                     go="Start over")  # fmt: skip


def _delete() -> Any:
    words = "Its labels and its whole log go with it, and there is no way back. To keep them, "
    content = [
        html.P(words + "archive it, or download the labels first."),
        text_field("Type its name to delete it", id_="experiments-field-delete", name="name"),
    ]
    return _question(Experiments.DELETE, "Delete", content, keep="Keep it", go="Delete")
