"""What gunicorn does around the app; named by `python -m dashboard serve`."""

from __future__ import annotations

from typing import Any


def post_worker_init(worker: Any) -> None:  # noqa: ARG001
    """Get the fork server ready while nobody waits for it."""
    from dashboard.app import server_app

    server_app()._background_manager.warm_up()
