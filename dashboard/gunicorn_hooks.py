"""What gunicorn does around the app; named by `python -m dashboard serve`."""

from __future__ import annotations

from typing import Any

from dashboard.background import local_manager


def post_worker_init(worker: Any) -> None:
    """Get the fork server ready while nobody waits for it."""
    from dashboard.app import server_app

    local_manager(server_app()).warm_up()
