"""The app as a whole: registry, routes, settings."""

from __future__ import annotations

import gc
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from dash import Dash

from dashboard.app import create_app
from dashboard.settings import read_settings
from tests.serving import ROOT


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Dash]:
    app = create_app(read_settings({"SLUICE_DATA": str(tmp_path)}))
    yield app
    app.server.config["SLUICE"]().database.close()


def test_pages_are_named_after_their_module(app: Dash) -> None:
    assert "pages.label" in dash.page_registry
    assert all(name.startswith("pages.") for name in dash.page_registry)
    assert dash.page_registry["pages.label"]["path"] == "/"


def test_health_and_the_page(app: Dash) -> None:
    client = app.server.test_client()
    assert client.get("/healthz").json == {"status": "ok", "experiments": 0}
    page = client.get("/")
    assert page.status_code == 200
    loaded = re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]+)"', page.text)
    assert loaded
    assert all(address.startswith("/") for address in loaded)
    with client.get("/vendor/bootstrap.min.css") as style:
        assert style.status_code == 200


def test_a_file_that_is_sent_compressed_is_closed(app: Dash) -> None:
    client = app.server.test_client()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        headers = {"Accept-Encoding": "gzip"}
        with client.get("/vendor/bootstrap.min.css", headers=headers) as style:
            assert style.headers["Content-Encoding"] == "gzip"
            assert len(style.data) > 9
        del style
        gc.collect()
    assert [str(w.message) for w in seen] == []


def test_an_unknown_experiment_is_a_sentence_in_every_route(app: Dash) -> None:
    client = app.server.test_client()
    for what in ("labels.csv", "predictions.jsonl", "labels.parquet"):
        answer = client.get(f"/experiments/nope/{what}")
        assert answer.status_code == 404
        assert "no experiment 'nope'" in answer.text


def test_downloads_have_their_type(app: Dash) -> None:
    services = app.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    from dashboard.core.spec import make_spec

    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    services.runs.oracle("p", count=3)
    client = app.server.test_client()
    answer = client.get("/experiments/p/labels.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.count("\r\n") == 4
    assert client.get("/experiments/p/labels.xml").status_code == 400


@pytest.mark.parametrize(
    "wish",
    [
        None,
        {},
        {"slug": "nope", "do": "answer"},
        {"slug": "p", "do": "explode"},
        {"slug": "p", "do": "answer", "position": -1, "label": 0, "key": "12345678"},
        {"slug": "p", "do": "answer", "position": 0, "label": 99, "key": "12345678"},
        {"slug": "p", "do": "answer", "position": 0, "label": 0, "key": "<script>"},
        {"slug": "p", "do": "answer", "position": True, "label": "x", "key": None},
        {"slug": "p", "do": "undo", "target": "all"},
        {"slug": ["p"], "do": "look"},
        {"slug": "p", "do": "answer", "position": 10**30, "label": 0, "key": "12345678"},
    ],
)
def test_a_forged_wish_changes_nothing_and_is_no_500(app: Dash, wish: Any) -> None:
    services = app.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    from dashboard.core.spec import make_spec

    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    services.runs.scan("p")
    head = services.experiments.find("p").head
    body = {
        "output": "label-reply.data",
        "outputs": {"id": "label-reply", "property": "data"},
        "inputs": [{"id": "label-outbox", "property": "data", "value": wish}],
        "changedPropIds": ["label-outbox.data"],
    }
    answer = app.server.test_client().post(
        "/_dash-update-component", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in (200, 204)
    assert services.experiments.find("p").head == head


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "dashboard" / "settings.py").read_text()
    used = set(re.findall(r'env(?:\.get)?[,(]\s*"([A-Z_]+)"', source))
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.M))
    assert used <= table
    assert table - used <= {"CHROMIUM", "SLUICE_TEST_DATABASE"}  # of the tests


def test_every_command_is_in_the_readme() -> None:
    from dashboard.cli import commands

    readme = (ROOT / "README.md").read_text()
    for name in commands.commands:
        assert f"`{name}" in readme, name


def test_every_dependency_is_pinned_and_has_a_reason() -> None:
    readme = (ROOT / "README.md").read_text().lower()
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, f"{line} is not pinned"
            assert f"| `{name}` |" in readme, f"{name} has no reason in the README"
