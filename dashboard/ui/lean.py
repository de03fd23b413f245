"""What Dash puts on every page, and no page of ours needs."""

from __future__ import annotations

from typing import Any

from dash import Dash, dash_table


def leave_out(app: Dash) -> None:
    """Leave out of the first load the table component of old, and the layouts of all other pages.

    Dash sends those so that the browser can tell whether a callback names an id that is on no
    page. They are as large as all our own code, they hold what the last used experiment showed
    when the server started, and a test tells the same.
    """
    files: list[dict[str, Any]] = dash_table._js_dist  # type: ignore[attr-defined]
    for file in files:
        if file["relative_package_path"] == "dash_table/bundle.js":
            file["dynamic"] = True
    whole = app._config

    def config() -> dict[str, Any]:
        sent: dict[str, Any] = whole()
        sent.pop("validation_layout", None)
        sent["suppress_callback_exceptions"] = True
        return sent

    app._config = config  # type: ignore[method-assign]
