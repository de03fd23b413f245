"""Headers that tell a browser what a page of ours may do: nothing but what comes from here.

The policy is the one Dash works under: scripts from this server and the inline ones known by their
hash, no `eval`; inline styles, which Dash, Plotly and AG Grid set.
"""

from __future__ import annotations

import base64
import hashlib
import re

from dash import Dash
from flask import Response

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # what `frame-ancestors` says, for older browsers
    # An address names an experiment: nobody else is to know. Less would make `Origin` null.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
_INLINE = re.compile(r"<script>(.*?)</script>", re.S)


def register(app: Dash) -> None:
    """Set the headers on everything that an app answers.

    Parameters
    ----------
    app
        The app; its inline scripts are known when the first page is asked for.

    """
    own = [_hash(script) for script in inline_scripts(app.index_string)]

    def set_headers(response: Response) -> Response:
        response.headers.update(ALWAYS)
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = policy([*app.csp_hashes(), *own])
        else:
            response.headers["Content-Security-Policy"] = NO_PAGE
        return response

    app.server.after_request(set_headers)


def policy(hashes: list[str]) -> str:
    """The Content-Security-Policy of a page.

    Parameters
    ----------
    hashes
        Of its inline scripts, in quotes.

    Examples
    --------
    >>> policy(["'sha256-abc='"]).split("; ")[1]
    "script-src 'self' 'sha256-abc='"

    """
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",  # sparklines, icons, a chart saved as a picture
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def inline_scripts(page: str) -> list[str]:
    """The scripts that stand in a page.

    Examples
    --------
    >>> inline_scripts("<head><script>start()</script></head>")
    ['start()']

    """
    return _INLINE.findall(page)


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
