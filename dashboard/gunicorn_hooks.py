"""What gunicorn does around the app; named by `python -m dashboard serve`."""

from __future__ import annotations

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Get the fork server ready while nobody waits for it."""
    from dashboard.app import server_app

    manager: Any = server_app()._background_manager
    manager.warm_up()
