"""What the frame does for every page: errors that a person is told about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.errors import Conflict
from dashboard.services.desk import Desk
from dashboard.settings import Settings
from dashboard.ui.ids import Frame, Label


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    app = create_app(settings)
    yield app
    app.server.config["SLUICE"]().database.close()


def ask(app: Dash) -> TestResponse:
    """Call the callback of the label page, as a browser does."""
    body = {
        "output": f"{Label.REPLY}.data",
        "outputs": {"id": Label.REPLY, "property": "data"},
        "inputs": [{"id": Label.OUTBOX, "property": "data", "value": {"do": "look"}}],
        "changedPropIds": [f"{Label.OUTBOX}.data"],
    }
    return app.server.test_client().post(
        "/_dash-update-component", data=json.dumps(body), content_type="application/json"
    )


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Desk, "handle", fail)


def test_an_error_with_a_sentence_is_told_in_a_toast(
    app: Dash, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, Conflict("Somebody was first."))
    answer = ask(app)
    assert answer.status_code == 200
    told = answer.get_json()["sideUpdate"][Frame.TROUBLE]["data"]
    assert told["sentence"] == "Somebody was first."
    again = ask(app).get_json()["sideUpdate"][Frame.TROUBLE]["data"]
    assert again["nonce"] != told["nonce"]


def test_a_bug_stays_loud(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, RuntimeError("a bug"))
    assert ask(app).status_code == 500
