"""What whoever asks may do: by the route, the callback and the page; and who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash
from dash import Dash, html
from flask import Flask, current_app, g, request

from dashboard.errors import Forbidden
from dashboard.security import requests, rules
from dashboard.security.audit import FILE, Audit
from dashboard.security.signin import route_of
from dashboard.services.people import LOCAL, PAGES, Person, Role
from dashboard.settings import Settings

_READY = "SLUICE_READY"


def prepare(app: Dash) -> None:
    """Let pages open to those alone who may see them.

    Dash asks every page for its layout once before that, to learn the ids of its components; what
    it gets then, it keeps to itself.

    Parameters
    ----------
    app
        The app; this comes right after Dash's own preparations.

    """
    server: Flask = app.server
    for module, registered in dash.page_registry.items():
        if callable(registered["layout"]):
            registered["layout"] = _guarded(registered["layout"], module)

    @server.before_request
    def settle() -> None:
        server.config[_READY] = True


def _guarded(layout: Callable[..., Any], module: str) -> Callable[..., Any]:
    def opened(*words: Any, **params: Any) -> Any:
        person: Person | None = g.get("person")
        if not current_app.config.get(_READY) or (person and person.may_open(module)):
            return layout(*words, **{**params, **_one_experiment(params)})
        return _closed(person, PAGES.get(module, Role.LEAD))

    return opened


def _one_experiment(params: Mapping[str, Any]) -> dict[str, Any]:
    """The last of the experiments in an address, which Dash hands over as a list."""
    named = params.get("experiment")
    return {"experiment": named[-1]} if isinstance(named, list) and named else {}


def _closed(person: Person | None, need: Role) -> Any:
    who = f"{person.name} is signed in as {person.role.word}." if person else "Nobody is signed in."
    return html.Div(
        [
            html.Header(html.H1("This page is not for you")),
            html.Div(
                html.P(f"{who} The page is for those who may do what a {need.word} may: ask a lead "
                       "for that role, or choose another page."),
                className="empty",
            ),
        ]
    )  # fmt: skip


def register(app: Dash, settings: Settings) -> None:
    """Guard every route and callback; after it is known who asks, and what they sent.

    Parameters
    ----------
    app
        The app.
    settings
        Say where the audit log is.

    """
    audit = Audit(settings.data / FILE)

    def look() -> None:
        route = route_of(request)
        if route in rules.PUBLIC:
            return
        person: Person = g.person
        need, deed = _what(app, route)
        if not person.may(need):
            _tell(audit, person, {**(deed or {"path": request.path}), "deed": "refused"})
            raise Forbidden(
                f"{person.name} is signed in as {person.role.word}; this is for those who may do "
                f"what a {need.word} may."
            )
        if deed is not None and person is not LOCAL:
            _tell(audit, person, deed)

    app.server.before_request(look)


def _what(app: Dash, route: str) -> tuple[Role, dict[str, Any] | None]:
    """What a request needs, and what to write of it into the audit log."""
    need = rules.ROUTES.get(route, Role.LEAD)
    if route == requests.CALLBACKS and request.method == "POST":
        body = requests.body_of(request)
        need = max(need, rules.need(app.callback_map[body["output"]]["output"], body))
        # A job that is only asked how far it is was told when it was started.
        return need, None if "cacheKey" in request.args else rules.deed_of(need, body)
    if route.startswith(rules.TOLD):
        return need, {"deed": request.method.lower(), "path": request.full_path.rstrip("?")}
    return need, None


def _tell(audit: Audit, person: Person, deed: dict[str, Any]) -> None:
    about = {**deed, "role": person.role.word, "address": request.remote_addr}
    audit.note(str(about.pop("deed")), who=person.name, **about)
