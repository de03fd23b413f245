"""Imported by the fork server, so that its children start with everything in place."""

from __future__ import annotations

from dashboard.app import server_app

server_app()
