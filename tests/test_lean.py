"""What every page carries: no more than it needs, and what was left out is checked here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash

from dashboard.app import create_app
from dashboard.settings import Settings


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    app = create_app(settings)
    app.server.config["SLUICE_ALL_IDS"] = True
    app.server.test_client().get("/_dash-layout")  # Dash asks each page for its layout then
    app.server.config["SLUICE_ALL_IDS"] = False
    yield app
    services = app.server.config["SLUICE"]()
    services.labeling.settle()
    services.database.close()


def named(app: Dash) -> set[str]:
    """Ids of all that callbacks read and write."""
    found = set()
    for callback in app.server.test_client().get("/_dash-dependencies").get_json():
        found |= {one["id"] for kind in ("inputs", "state") for one in callback[kind]}
        outputs = callback["output"].strip(".").split("...")
        found |= {one.rpartition(".")[0] for one in outputs}
    return found


def test_every_id_of_a_callback_is_on_a_page(app: Dash) -> None:
    layout: Any = app.validation_layout
    there = {layout.id} if hasattr(layout, "id") else set()
    there |= {part.id for part in layout._traverse() if getattr(part, "id", None)}
    missing = {id_ for id_ in named(app) if id_ not in there and not id_.startswith("_pages_")}
    assert missing == set()
    assert len(named(app)) > 40


def test_a_page_carries_no_other_page(app: Dash) -> None:
    page = app.server.test_client().get("/").text
    [config] = re.findall(r'<script id="_dash-config"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert "validation_layout" not in json.loads(config)
    assert len(page) < 12_000


def test_a_page_loads_no_component_that_no_page_shows(app: Dash) -> None:
    page = app.server.test_client().get("/").text
    scripts = re.findall(r'<script[^>]*src="([^"]+)"', page)
    assert len(scripts) > 5
    assert not [s for s in scripts if "dash_table" in s or "plotly" in s or "ag_grid" in s]
