"""Plain routes beside the pages: health, downloads, and the files that Bootstrap ships."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import flask_bootstrap
from flask import Flask, Response, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from dashboard import uploads
from dashboard.errors import BadInput, SluiceError
from dashboard.services import downloads, tables
from dashboard.services.container import LazyServices

_VENDOR = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
_BOOTSTRAP = "/vendor/bootstrap.min.css"
BOOTSTRAP_CSS = f"{_BOOTSTRAP}?v={version('bootstrap-flask')}"
A_YEAR = 365 * 24 * 3600


def register(server: Flask, services: LazyServices) -> None:
    """Add the routes to a server."""

    @server.get("/healthz")
    def healthz() -> dict[str, object]:
        found: dict[str, object] = {"experiments": len(services().experiments.every())}
        if services().workers.used:  # without them people label on, but for what takes long
            found["background"] = services().workers.hindrance() or "ok"
        # Where people sign in, whoever has not is told no more than that it works.
        return {"status": "ok", **({} if services.settings.users else found)}

    @server.get(_BOOTSTRAP)
    def bootstrap() -> Response:
        return send_from_directory(_VENDOR / "css", "bootstrap.min.css")

    server.after_request(_keep)
    server.after_request(_close)
    uploads.register(server, services)

    @server.get("/experiments/<slug>/<what>.<fmt>")
    def download(slug: str, what: str, fmt: str) -> Response:
        chunks = services().downloads.stream(
            slug, what, fmt, raw=_flag("raw"), history=_flag("history"), params=_filter()
        )
        name = downloads.filename(slug, what, fmt)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
        return Response(chunks, content_type=downloads.content_type(fmt), headers=headers)

    @server.get("/experiments/<slug>/charts/<chart>.csv")
    def chart_data(slug: str, chart: str) -> Response:
        chunks = tables.chart_csv(services().reports, slug, chart=chart, params=request.args)
        headers = {
            "Content-Disposition": f'attachment; filename="{slug}-{chart}.csv"',
            "Cache-Control": "no-store",
        }
        return Response(chunks, content_type=downloads.content_type("csv"), headers=headers)

    @server.errorhandler(SluiceError)
    def sentence(error: SluiceError) -> BaseResponse:
        return Response(f"{error}\n", status=error.status, mimetype="text/plain")


def _keep(response: Response) -> Response:
    """Let a browser keep a file whose address names its version; others are asked for again."""
    versioned = "v" in request.args or "m" in request.args  # Dash's name for the time of a file
    there = response.status_code < 400
    if versioned and there and request.path.startswith(("/assets/", "/vendor/")):
        response.cache_control.no_cache = None
        response.cache_control.max_age = A_YEAR
    return response


def _filter() -> dict[str, str]:
    """What of a log is asked for; a field given twice would be a wish for both."""
    chosen = {k: v for k, v in request.args.lists() if k not in ("raw", "history")}
    for name, values in chosen.items():
        if len(values) > 1:
            raise BadInput(f"There is more than one {name} in this address; leave one.")
    return {name: values[0] for name, values in chosen.items()}


def _close(response: Response) -> Response:
    """Have the file of a reply closed with it: compression takes its place and forgets it."""
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)
    return response


def _flag(name: str) -> bool:
    return request.args.get(name, "") in ("1", "true")
