"""Who asks: sessions by Flask-Login, and the page to sign in.

What they may is looked up by `guard`.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, Request, Response, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from dashboard.errors import SluiceError, Unavailable
from dashboard.security import page, requests, rules
from dashboard.security.attempts import Attempts, TooMany
from dashboard.security.audit import FILE, Audit
from dashboard.services.people import LOCAL, Person, Role
from dashboard.services.users import User, Users
from dashboard.settings import Settings

logger = logging.getLogger(__name__)

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
HOURS = 12  # without a request, and the session ends
_FRESH = 10 * 60  # seconds between two cookies
_FORM = 16 * 2**10


class SignInNeeded(SluiceError):
    """Nobody knows who asks."""

    status = 401


class _Known(UserMixin):  # type: ignore[misc]  # without types
    """A user as Flask-Login wants one."""

    def __init__(self, user: User):
        self.user = user

    def get_id(self) -> str:
        return self.user.session


class _Sessions(SecureCookieSessionInterface):
    """Cookies that go back by HTTPS alone where they came by it."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def register(app: Dash, settings: Settings, users: Users | None, look: page.Look) -> None:
    """Find out who sends each request to an app, and turn away whom nobody knows.

    Parameters
    ----------
    app
        The app.
    settings
        Say what the server is called, and what stands in front of it.
    users
        Those who may sign in, or None where nobody has to.
    look
        Of the page to sign in.

    """
    server: Flask = app.server
    if settings.proxies:
        n = settings.proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    if users is None:
        server.before_request(_let_everyone_in)
        return
    server.config.update(
        # Cookies do not tell ports apart: two servers on one machine would sign each other out.
        SESSION_COOKIE_NAME=f"sluice-{settings.port}",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=HOURS),
    )
    server.session_interface = _Sessions()
    _remember(server, users)
    attempts = Attempts(settings.data / "attempts")
    _Door(users, attempts, Audit(settings.data / FILE), look).register(server)
    server.before_request(_find_out_who)
    server.after_request(_keep_to_oneself)


def _let_everyone_in() -> None:
    g.person = LOCAL


def _remember(server: Flask, users: Users) -> None:
    manager = LoginManager()
    # Not by `init_app`, which would touch the session with every style sheet, too.
    server.login_manager = manager  # type: ignore[attr-defined]

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(known: str) -> _Known | None:
        user = users.by_session(known)
        return None if user is None else _Known(user)


def route_of(asking: Request) -> str:
    """The route of a request as it was declared; empty where there is none."""
    return asking.url_rule.rule if asking.url_rule is not None else ""


def _find_out_who() -> BaseResponse | None:
    if route_of(request) in rules.PUBLIC:
        return None
    person = _signed_in()
    if person is None:
        return _to_the_door()
    g.person = person
    _keep_alive()
    return None


def _signed_in() -> Person | None:
    try:
        if not current_user.is_authenticated:
            return None
    except SluiceError as error:  # of the file; who is outside need not know where it is
        logger.error("%s", error)
        raise Unavailable("Nobody can sign in: the server's log says why.") from error
    known: Person = current_user.user.person
    return known


def _to_the_door() -> BaseResponse:
    """Send a person to the page to sign in; a program is told with a status."""
    if request.path == SIGN_OUT:
        return redirect(SIGN_IN, 303)
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect(page.address(SIGN_IN, request.full_path.rstrip("?")))
    raise SignInNeeded("Nobody is signed in, or the session has ended; sign in first.")


def _keep_alive() -> None:
    now = int(time.time())
    if now - session.get("at", 0) > _FRESH:
        session["at"] = now


def _keep_to_oneself(response: Response) -> Response:
    """What one person was shown is not to be found in the browser after they signed out."""
    if "person" in g and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


class _Door:
    """Where people sign in and out."""

    def __init__(self, users: Users, attempts: Attempts, audit: Audit, look: page.Look):
        self.users, self.attempts, self.audit, self.look = users, attempts, audit, look

    def register(self, server: Flask) -> None:
        server.add_url_rule(SIGN_IN, "sign_in", self.show, methods=["GET"])
        server.add_url_rule(SIGN_IN, "try_to_sign_in", self.try_to, methods=["POST"])
        server.add_url_rule(SIGN_OUT, "sign_out", self.leave, methods=["POST"])

    def show(self) -> Response:
        return self._page(200, next_page=request.args.get("next", ""))

    def try_to(self) -> BaseResponse:
        request.max_content_length = _FORM
        name, password = request.form.get("name", ""), request.form.get("password", "")
        next_page, address = request.form.get("next", ""), request.remote_addr or ""
        try:
            self.attempts.count(name, address)
            user = self.users.verify(name, password)
        except TooMany as error:
            self.audit.note("too many attempts", who=name, address=address)
            return self._page(429, next_page=next_page, name=name, trouble=str(error))
        except SluiceError as error:
            logger.error("%s", error)
            trouble = "Nobody can sign in: the server's log says why."
            return self._page(503, next_page=next_page, name=name, trouble=trouble)
        if user is None:
            self.audit.note("refused at sign-in", who=name, address=address)
            trouble = "Name and password do not match."
            return self._page(401, next_page=next_page, name=name, trouble=trouble)
        self.attempts.forget(name, address)
        session.clear()
        login_user(_Known(user))
        session.permanent = True
        session["at"] = int(time.time())
        self.audit.note("signed in", who=user.name, role=user.role.word, address=address)
        home = "/" if user.role >= Role.ANNOTATOR else "/accuracy"
        return redirect(local_path(next_page) or home, 303)

    def leave(self) -> BaseResponse:
        self.audit.note("signed out", who=g.person.name, address=request.remote_addr)
        logout_user()
        session.clear()
        return redirect(SIGN_IN, 303)

    def _page(self, status: int, *, next_page: str, name: str = "", trouble: str = "") -> Response:
        text = page.render(
            self.look, action=SIGN_IN, next_page=local_path(next_page), name=name[:64],
            trouble=trouble, readable=not (request.is_secure or requests.is_local(request.host)),
        )  # fmt: skip
        response = Response(text, status, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def local_path(address: str) -> str:
    """An address if it leads to a page of ours, else nothing.

    Examples
    --------
    >>> local_path("/log?experiment=sms-spam"), local_path("//evil.example/"), local_path("https:a")
    ('/log?experiment=sms-spam', '', '')

    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    ours = (
        address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    )
    return (
        address if ours and not parts.scheme and not parts.netloc and parts.path != SIGN_IN else ""
    )
