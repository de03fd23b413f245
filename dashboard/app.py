"""`create_app`: the one place that knows every room. `server` is what gunicorn serves."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask

from dashboard import routes, routes_export
from dashboard.background import LOCAL, ForkServerManager
from dashboard.security import guard, headers, page, requests, signin
from dashboard.services.container import LazyServices
from dashboard.services.users import Users
from dashboard.settings import Settings, prepare_data_folder, read_settings, secret_key
from dashboard.storage import folder
from dashboard.storage.snapshots import open_cache
from dashboard.ui import frame, lean, shell

ROOT = Path(__file__).resolve().parent.parent

logger = logging.getLogger(__name__)


def create_app(settings: Settings) -> Dash:
    """Build the app. Nothing is opened yet but the folder of the background callbacks.

    Parameters
    ----------
    settings
        Where things are and how they are served.

    """
    prepare_data_folder(settings)
    services = LazyServices(settings)
    server = Flask("sluice")
    server.secret_key = secret_key(settings)
    server.config["SLUICE"] = services
    # Files are streamed, and those come without gzip unless it is asked for here.
    server.config["COMPRESS_ALGORITHM_STREAMING"] = ["zstd", "br", "gzip"]
    local = ForkServerManager(open_cache(settings.jobs))
    server.config[LOCAL] = local
    app = Dash(
        # Not an importable name: Dash would otherwise name pages after their absolute path.
        "sluice-app",
        server=server,  # type: ignore[arg-type]  # the stub knows no Flask
        use_pages=True,
        pages_folder=str(ROOT / "pages"),
        assets_folder=str(ROOT / "assets"),
        external_stylesheets=[routes.BOOTSTRAP_CSS],
        background_callback_manager=_manager(settings, local),
        title="Sluice",
        update_title="",
        compress=True,
        index_string=shell.INDEX,
        serve_locally=True,
        on_error=frame.tell,
    )
    app.layout = shell.layout
    frame.register(app, services)
    lean.leave_out(app)
    routes.register(server, services)
    routes_export.register(server, services)
    _secure(app, settings)
    return app


def _manager(settings: Settings, local: ForkServerManager) -> Any:
    """Who does work in the background: processes of this machine, or workers behind Redis."""
    if settings.redis_url is None:
        return local
    from dashboard.queueing import QueueManager, make_celery  # half a second that few need

    return QueueManager(make_celery(settings), settings)


def _secure(app: Dash, settings: Settings) -> None:
    """Put what guards the app in front of it, in the order in which it looks at requests."""
    users = Users(settings.users) if settings.users else None
    look = page.Look(
        (routes.BOOTSTRAP_CSS, "/assets/sluice.css", "/assets/signin.css"),
        headers.inline_scripts(shell.INDEX)[0],
    )
    guard.prepare(app)
    requests.register(app, settings)
    signin.register(app, settings, users, look)
    requests.register_bodies(app)
    guard.register(app, settings)
    headers.register(app)


@lru_cache(maxsize=1)
def server_app() -> Dash:
    """The app of this process, made once from the environment."""
    settings = read_settings()
    app = create_app(settings)
    # Held as long as a process lives that came from here, also while it has no connection.
    app.server.config["SLUICE_SHARE"] = folder.Share(settings)
    # The first page under several threads may otherwise be a 500 (plotly/dash#3971).
    # Dash asks every page for its layout then, to learn the ids, whatever there is to show.
    app.server.config["SLUICE_ALL_IDS"] = True
    app.server.test_client().get("/_dash-layout")
    app.server.config["SLUICE_ALL_IDS"] = False
    # Workers and jobs are forked from here: no connection may come along.
    app.server.config["SLUICE"].forget()
    return app


def __getattr__(name: str) -> Any:
    # Made at first use, so that importing this module builds nothing.
    if name == "server":
        return server_app().server
    raise AttributeError(name)
