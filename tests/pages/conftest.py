"""The app with its pages, and the services under it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dash import Dash

from dashboard.app import create_app
from dashboard.services.container import Services
from dashboard.settings import Settings


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    app = create_app(settings)
    with app.server.app_context():
        yield app
    services = app.server.config["SLUICE"]()
    services.lines.settle()
    services.labeling.settle()
    services.database.close()


@pytest.fixture
def live(app: Dash) -> Services:
    services: Services = app.server.config["SLUICE"]()
    return services
