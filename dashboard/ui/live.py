"""What the analytics pages have in common: they look at the log's head and redraw what moved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

import dash
from dash import ClientsideFunction, Input, Output, Patch, State, clientside_callback, dcc, html
from flask import current_app

from dashboard.services.advising import Advisor
from dashboard.services.choices import (
    AccuracyChoices,
    EntropyChoices,
    QualityChoices,
    QueriesChoices,
)
from dashboard.services.findings import Opening, Subject
from dashboard.services.reports import Reports
from dashboard.ui.components import attributes, empty, page_header
from dashboard.ui.ids import Frame, Live

EVERY = 1_000  # ms between looks at the head


class Report(Protocol):
    """Figures with what they are about."""

    @property
    def subject(self) -> Subject:
        """The experiment."""


Choices = AccuracyChoices | QueriesChoices | EntropyChoices | QualityChoices
R = TypeVar("R", bound=Report)
Asked = Mapping[str, Any]
Drawn = dict[str, Any]


def reports() -> Reports:
    """The service that works the figures out."""
    found: Reports = current_app.config["SLUICE"]().reports
    return found


def advisor() -> Advisor:
    """The service that says whether to go on."""
    found: Advisor = current_app.config["SLUICE"]().advisor
    return found


def bare(opening: Opening) -> bool:
    """Whether there is no experiment to show; but Dash is to learn all ids, whatever there is."""
    return not opening.slug and not current_app.config.get("SLUICE_ALL_IDS")


@dataclass(frozen=True)
class Pen:
    """What a part is drawn with.

    Parameters
    ----------
    theme
        `light` or `dark`.
    shown
        What the page shows: the state of each part, its view first.

    """

    theme: str
    shown: Mapping[str, Any]

    def put(self, figure: Any, part: str, *, view: str = "") -> Any:
        """A figure, or as much of it as leaves the reader's zoom alone.

        Dash writes a zoom into the figure, where it counts as asked for: `uirevision` does not
        keep it, and the next whole figure would undo it. So a figure is sent whole only where the
        part was not shown before, or in another view; then all but the ranges of its axes.

        Parameters
        ----------
        figure
            A plotly figure.
        part
            Its part of the page.
        view
            What makes a zoom meaningless when it changes.

        """
        return figure if (self.shown.get(part) or [None])[0] != view else _unzoomed(figure)


def _unzoomed(figure: Any) -> Patch:
    patch = Patch()
    whole = figure.to_dict()
    patch["data"] = whole["data"]
    for key, value in whole["layout"].items():
        if "axis" not in key:
            patch["layout"][key] = value
            continue
        for name, setting in value.items():
            if name not in ("range", "autorange"):
                patch["layout"][key][name] = setting
    return patch


@dataclass(frozen=True)
class Part(Generic[R]):
    """What is redrawn together.

    Parameters
    ----------
    name
        What the page calls it.
    draw
        Makes outputs of a report.
    view
        What makes a zoom meaningless when it changes.
    choices
        What else it depends on, beside the log and the theme.

    """

    name: str
    draw: Callable[[R, Pen], Drawn]
    view: str = ""
    choices: Sequence[Any] = ()


class LivePage:
    """A page that follows the log of its experiment.

    Parameters
    ----------
    title
        Its name, which is its address as well.
    ids
        Of its parts.
    outputs
        What it draws, by name.
    controls
        What is chosen on it. Behind its prefix, an id is the name of the choice in the address.

    """

    def __init__(
        self,
        title: str,
        *,
        ids: type[Live],
        outputs: Mapping[str, Output],
        controls: Sequence[Input],
    ):
        self.title, self.path, self.ids, self.controls = title, f"/{title.lower()}", ids, controls
        self.outputs = {
            **outputs,
            "empty": Output(ids.EMPTY, "hidden"),
            "body": Output(ids.BODY, "hidden"),
            "shown": Output(ids.SHOWN, "data"),
        }
        self.inputs = {
            "asked": {
                "tick": Input(ids.TICK, "n_intervals"),
                "theme": Input(Frame.THEME_NAME, "data"),
                "shown": State(ids.SHOWN, "data"),
                "slug": State(ids.SLUG, "data"),
            },
            "controls": {str(c.component_id).partition("-")[2]: c for c in controls},
        }

    def register_page(self, *, order: int) -> None:
        """Tell Dash, and let the script write what is chosen into the address.

        Dash reads only those files in `pages` that hold this method's name.

        Parameters
        ----------
        order
            Its place in the navigation.

        """
        dash.register_page(
            f"pages.{self.title.lower()}", path=self.path, name=self.title,
            title=f"{self.title} · Sluice", nav="Understand", order=order,
        )  # fmt: skip
        clientside_callback(
            ClientsideFunction("sluice", "choose"),
            Output(self.ids.ROOT, "data-choices"),
            *self.controls,
        )

    def around(self, opening: Opening, body: Sequence[Any], *, defaults: Choices) -> Any:
        """The page: header, body, and what keeps it up to date.

        Parameters
        ----------
        opening
            The experiment, and those to choose from.
        body
            The charts; hidden as long as there is nothing to draw.
        defaults
            Choices that need not stand in the address.

        """
        slug, ids = opening.slug, self.ids
        live = html.Span("Live", className="saved", title="Redrawn when something was labeled")
        nothing = empty(
            "Nothing has been labeled in this experiment yet. The charts begin with the first "
            "samples.",
            link="Start labeling", href=f"/?experiment={slug}",
        )  # fmt: skip
        return html.Div(
            [
                page_header(self.title, slug=slug, experiments=opening.others, right=live),
                html.Div(nothing, id=ids.EMPTY, hidden=True),
                html.Div(list(body), id=ids.BODY),
                dcc.Interval(id=ids.TICK, interval=EVERY),
                dcc.Store(id=ids.SLUG, data=slug),
                dcc.Store(id=ids.SHOWN, data={}),
            ],
            id=ids.ROOT, className="analytics",
            **attributes(data_slug=slug, data_defaults=json.dumps(asdict(defaults))),
        )  # fmt: skip

    def nothing(self, opening: Opening) -> Any:
        """The page without an experiment, and what to do about it."""
        if opening.problem:
            note = empty(
                f"{opening.problem} It may have been reset, archived or deleted: choose another "
                "one above, or open the one used last.",
                link="Open the one used last", href=self.path,
            )  # fmt: skip
        else:
            note = empty(
                "There is no experiment yet. The Label page makes the first one.",
                link="Open the Label page", href="/",
            )  # fmt: skip
        choose = [("", "Choose an experiment"), *opening.others] if opening.others else []
        return html.Div([page_header(self.title, slug="", experiments=choose), note])

    def redraw(
        self,
        asked: Asked,
        report: Callable[[Reports, str], R],
        parts: Sequence[Part[R]],
    ) -> Drawn:
        """The outputs of the parts that have moved: by the log, a choice, or the theme.

        Parameters
        ----------
        asked
            The `slug` of the experiment; the `theme`, None as long as the script has not told;
            what is `shown`.
        report
            Works the figures out; called only where something has moved.
        parts
            Those of the page.

        """
        made: Drawn = dict.fromkeys(self.outputs, dash.no_update)
        slug, theme, shown = (asked[key] for key in ("slug", "theme", "shown"))
        token = reports().token(slug)
        wanted = {p.name: [p.view, token, theme, *p.choices] for p in parts}
        moved = stale(shown, wanted)
        if not (token and theme and moved):
            return made
        found, pen = report(reports(), slug), Pen(theme, shown or {})
        for part in parts:
            if part.name in moved:
                made.update(part.draw(found, pen))
        is_empty = found.subject.empty
        return {**made, "empty": not is_empty, "body": is_empty, "shown": wanted}


def stale(shown: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> set[str]:
    """Parts of a page that no longer show what they should.

    Examples
    --------
    >>> stale({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b", "c"}
    True

    """
    return {part for part, state in wanted.items() if (shown or {}).get(part) != state}
