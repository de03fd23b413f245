"""Who sends the request at hand: told by the session, never by what was sent.

A background callback runs in another process, without a session: Dash takes along what its hook
has put into the callback's context.
"""

from __future__ import annotations

from dash import callback_context, hooks
from dash.exceptions import MissingCallbackContextException
from flask import g, has_request_context

from dashboard.services.people import LOCAL, Person

_PLACE = "sluice_annotator"


def person() -> Person:
    """Who asks for a page."""
    found: Person = g.get("person", LOCAL) if has_request_context() else LOCAL
    return found


@hooks.custom_data(_PLACE)  # type: ignore[untyped-decorator]
def _take_along(_context: object) -> str:
    return person().name


def home() -> str:
    """The page that an experiment opens on."""
    return "/" if person().may_open("pages.label") else "/accuracy"


def annotator() -> str:
    """Who gives an answer, in a callback or in the job it started."""
    if has_request_context():
        return person().name
    try:
        return str(callback_context.custom_data[_PLACE])
    except MissingCallbackContextException:  # called from neither a page nor a job
        return LOCAL.name
