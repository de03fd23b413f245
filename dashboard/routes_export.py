"""Downloads of what a person takes along: the labeled data set, the model, the whole experiment."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, request

from dashboard.errors import BadInput
from dashboard.services import completion, downloads, model_export, transfer, zips
from dashboard.services.container import LazyServices


def register(server: Flask, services: LazyServices) -> None:
    """Add the routes to a server."""

    @server.get("/experiments/<slug>/dataset.<fmt>")
    def dataset(slug: str, fmt: str) -> Response:
        raw = request.args.get("raw", "") in ("1", "true")
        chunks = services().completion.stream(slug, fmt, raw=raw, head=_head())
        kind = downloads.content_type(fmt)
        return _attachment(chunks, completion.filename(slug, fmt), kind)

    @server.get("/experiments/<slug>/model.zip")
    def model(slug: str) -> Response:
        chunks = services().model_export.stream(slug)
        return _attachment(chunks, model_export.filename(slug), zips.CONTENT_TYPE)

    @server.get("/experiments/<slug>/experiment.zip")
    def experiment(slug: str) -> Response:
        chunks = services().transfer.stream(slug)
        return _attachment(chunks, transfer.filename(slug), zips.CONTENT_TYPE)


def _head() -> int | None:
    """The head that an address asks for, or None for that of now."""
    text = request.args.get("head", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadInput(f"The head has to be a whole number, not {text[:40]!r}.")
    return int(text) if text else None


def _attachment(chunks: Iterator[bytes], name: str, content_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(chunks, content_type=content_type, headers=headers)
