"""Which requests are looked at at all: from our own pages, of a size, and well-formed.

A page of another site can send requests to this server from a person's browser, and, by giving its
own name this machine's address (DNS rebinding), even read the answers. Nobody has to sign in on
this machine, so the name that a request was sent to, and the page it came from, are all there is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Request, Response, request

from dashboard.errors import BadInput, Forbidden
from dashboard.security import values
from dashboard.settings import LOOPBACK, Settings

CALLBACKS = "/_dash-update-component"
MAX_BODY = 4 * 2**20  # what a callback is sent is a few kilobytes
SAFE = ("GET", "HEAD", "OPTIONS")
_MEGABYTE = 2**20
_RELOAD = "The page sent something that this server does not know; reload it."


def register(app: Dash, settings: Settings) -> None:
    """Look at every request before anything else does.

    Parameters
    ----------
    app
        The app; Dash's own preparations come first.
    settings
        Say who may reach it.

    """
    server: Flask = app.server
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @server.before_request
    def look() -> None:
        if settings.users is None and not settings.open and not is_local(request.host):
            raise BadInput(
                f"This Sluice is for its own machine: open http://127.0.0.1:{settings.port}. To "
                "serve it under another name, set SLUICE_USERS, or SLUICE_OPEN=1 if everyone who "
                "can reach it may label."
            )
        if request.method not in SAFE and not same_origin(request):
            raise Forbidden("This request does not come from a page of Sluice.")
        if request.path == "/uploads":
            request.max_content_length = settings.max_upload_mb * _MEGABYTE

    @server.errorhandler(413)
    def too_large(_error: Exception) -> Response:
        return Response("This is more than the server takes at once.\n", 413, mimetype="text/plain")

    @server.errorhandler(DependencyException)
    def no_script(_error: Exception) -> Response:
        return Response("There is no such script; reload the page.\n", 404, mimetype="text/plain")


def register_bodies(app: Dash) -> None:
    """Look at what callbacks are sent; after it is known who sends it."""

    def look() -> None:
        if request.path == CALLBACKS and request.method == "POST":
            check_callback(app, body_of(request))

    app.server.before_request(look)


def is_local(host: str) -> bool:
    """Whether a name, with its port, can only be this machine's.

    Examples
    --------
    >>> is_local("127.0.0.1:8050"), is_local("[::1]:8050"), is_local("evil.example:8050")
    (True, True, False)

    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name in LOOPBACK or name.endswith(".localhost")


def same_origin(asking: Request) -> bool:
    """Whether a request comes from a page of our own, or from no page at all.

    As in Filippo Valsorda, "Cross-Site Request Forgery" (2025): browsers say where a request comes
    from in `Sec-Fetch-Site`, older ones in `Origin`, and other programs carry no one's session.

    Parameters
    ----------
    asking
        The request.

    """
    site = asking.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = asking.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == asking.host
    except ValueError:
        return False


def body_of(asking: Request) -> dict[str, Any]:
    """The body of a callback's request, as Dash will read it.

    Raises
    ------
    BadInput
        If it is no JSON object.

    """
    if not asking.is_json:
        raise BadInput(_RELOAD)
    try:
        body = asking.get_json()
    except (RecursionError, UnicodeDecodeError) as error:
        raise BadInput(_RELOAD) from error
    if not isinstance(body, dict):
        raise BadInput(_RELOAD)
    return body


def check_callback(app: Dash, body: dict[str, Any]) -> None:
    """Make sure that a request names a callback of this app, and its inputs in their order.

    Dash takes the names from the request: a callback whose arguments were renamed would otherwise
    run with them. Their values have to be of the kind that the page sends.

    Raises
    ------
    BadInput
        If it does not.

    """
    output = body.get("output")
    known = app.callback_map.get(output) if isinstance(output, str) else None
    if known is None or "callback" not in known:
        raise BadInput(_RELOAD)
    several = isinstance(known["output"], list | tuple)
    outputs = known["output"] if several else [known["output"]]
    changed = body.get("changedPropIds", [])
    if not (
        _names(body.get("inputs", [])) == _names(known["inputs"])
        and _names(body.get("state", [])) == _names(known["state"])
        and _names(body.get("outputs", []))
        == [(o.component_id, o.component_property) for o in outputs]
        and isinstance(body.get("outputs", []), list) == several  # Dash answers alike
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
        and all(values.fits(one) for part in ("inputs", "state") for one in _each(body.get(part)))
    ):
        raise BadInput(_RELOAD)


def _each(given: Any) -> list[Any]:
    if given is None:
        return []
    return [given] if isinstance(given, dict) else given if isinstance(given, list) else [None]


def _names(given: Any) -> list[tuple[Any, Any]] | None:
    """Component and property of each input, state or output; None where that is not what it is."""
    found = []
    for one in _each(given):
        if not (isinstance(one, dict) and isinstance(one.get("property"), str)):
            return None
        # Behind an @ stands what tells callbacks with the same output apart.
        found.append((one.get("id"), one["property"].partition("@")[0]))
    return found
