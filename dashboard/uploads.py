"""The route that takes files: a plain POST whose body is the file, streamed to disk.

A page of another origin may send such a request, too, so it has to say where it comes from.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response, jsonify, request

from dashboard.errors import SluiceError
from dashboard.services.container import LazyServices


def register(server: Flask, services: LazyServices) -> None:
    """Add the routes to a server."""

    @server.post("/uploads")
    def upload() -> Response | tuple[Response, int]:
        if not same_origin(request):
            return _refused("This request does not come from a page of Sluice.", 403)
        try:
            taken = services().uploads.take(
                request.args.get("name", ""), request.stream, size=request.content_length
            )
        except SluiceError as error:
            return _refused(str(error), error.status)
        return jsonify(id=taken.id, name=taken.name, bytes=taken.size)

    @server.delete("/uploads/<upload_id>")
    def forget(upload_id: str) -> tuple[Response, int] | tuple[str, int]:
        if not same_origin(request):
            return _refused("This request does not come from a page of Sluice.", 403)
        try:
            services().uploads.delete(upload_id)
        except SluiceError as error:
            return _refused(str(error), error.status)
        return "", 204


def _refused(sentence: str, status: int) -> tuple[Response, int]:
    answer = jsonify(error=sentence)
    # The rest of the file may still be on its way, and is no next request.
    answer.headers["Connection"] = "close"
    return answer, status


def same_origin(asking: Request) -> bool:
    """Whether a request comes from a page of our own, or from no page at all.

    Parameters
    ----------
    asking
        The request. Browsers of today say `Sec-Fetch-Site`, older ones `Origin`; programs neither.

    """
    site = asking.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = asking.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == asking.host
