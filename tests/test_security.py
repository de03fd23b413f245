"""What is not even looked at, and what a browser is told."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.spec import make_spec
from dashboard.security.headers import ALWAYS
from dashboard.security.requests import CALLBACKS, MAX_BODY
from dashboard.settings import Settings, read_settings


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    made = create_app(settings)
    yield made
    services = made.server.config["SLUICE"]()
    services.labeling.settle()
    services.database.close()


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    client: FlaskClient = app.server.test_client()
    return client


LOOK = {
    "output": "label-reply.data",
    "outputs": {"id": "label-reply", "property": "data"},
    "inputs": [
        {"id": "label-outbox", "property": "data", "value": {"n": 1, "slug": "", "do": "look"}}
    ],
    "changedPropIds": ["label-outbox.data"],
}


def ask(client: FlaskClient, body: Any = LOOK, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(CALLBACKS, json=body, headers=named).status_code


# Headers ---------------------------------------------------------------------------------------


def directives(policy: str) -> dict[str, list[str]]:
    return {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}


def test_every_answer_has_the_headers(app, client):
    services = app.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    for path in ("/", "/accuracy", "/healthz", "/_dash-layout", "/experiments/p/labels.csv",
                 "/experiments/none/labels.csv", "/vendor/bootstrap.min.css",
                 "/no/page"):  # fmt: skip
        with client.get(path) as answer:
            assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, path
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path


def test_a_page_runs_what_is_ours_and_nothing_else(client):
    answer = client.get("/accuracy")
    rules = directives(answer.headers["Content-Security-Policy"])
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert rules["default-src"] == ["'self'"]
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert rules[name] == ["'none'"]
    everything = {source for name, found in rules.items() for source in found}
    assert not [source for source in everything if "://" in source or "*" in source]
    inline = re.findall(r"<script(?:\s[^>]*)?>(.*?)</script>", answer.text, re.S)
    written = [script for script in inline if script.strip() and not script.startswith("{")]
    assert len(written) >= 3, "the theme, the renderer, and the title of Dash's pages"
    for script in written:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules["script-src"], script


# Where requests come from ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "http://localhost"},
    ],
)
def test_pages_of_ours_and_programs_may(client, headers):
    assert ask(client, **headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8051"},
        {"Origin": "null"},
        {"Origin": "http://[evil"},
    ],
)
def test_pages_of_others_may_not(client, headers):
    assert ask(client, **headers) == 403
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    assert client.post("/uploads?name=a.csv", data=b"x", headers=named).status_code == 403
    assert client.get("/healthz", headers=named).status_code == 200


def test_a_name_that_somebody_else_gave_this_machine(client):
    answer = client.get("/", headers={"Host": "evil.example:8050"})
    assert answer.status_code == 400
    assert "open http://127.0.0.1:8050" in answer.text
    assert ask(client, Host="evil.example") == 400
    for host in ("127.0.0.1:8050", "localhost:9", "[::1]:8050", "app.localhost:8050"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    for host in ("127.0.0.1.evil.example", "localhost.evil.example", "[::1", "x@y"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 400, host


def test_a_server_for_everyone_has_any_name(tmp_path):
    told = {"SLUICE_DATA": str(tmp_path), "HOST": "0.0.0.0", "SLUICE_OPEN": "1"}
    app = create_app(read_settings(told))
    client = app.server.test_client()
    assert client.get("/_dash-layout", headers={"Host": "sluice.example"}).status_code == 200


# What they say ---------------------------------------------------------------------------------


def test_a_body_that_is_too_large(client):
    body = json.dumps(LOOK).encode()
    padded = body + b" " * (MAX_BODY - len(body))
    how = {"content_type": "application/json"}
    assert client.post(CALLBACKS, data=padded, **how).status_code == 200
    answer = client.post(CALLBACKS, data=padded + b" ", **how)
    assert answer.status_code == 413
    assert answer.text == "This is more than the server takes at once.\n"


def test_a_file_has_a_limit_of_its_own(tmp_path):
    app = create_app(read_settings({"SLUICE_DATA": str(tmp_path), "SLUICE_MAX_UPLOAD_MB": "6"}))
    client = app.server.test_client()
    assert client.post("/uploads?name=a.csv", data=bytes(MAX_BODY + 1)).status_code == 200
    assert client.post("/uploads?name=a.csv", data=bytes(7 * 2**20)).status_code in (400, 413)
    app.server.config["SLUICE"]().database.close()


def forged(**changes: Any) -> dict[str, Any]:
    return {**LOOK, **changes}


VALUE = LOOK["inputs"][0]["value"]  # type: ignore[index]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "look",
        None,
        {},
        forged(output=None),
        forged(output=["label-reply.data"]),
        forged(output="nobody.knows"),
        forged(output="frame-nav.data-path"),  # a callback of the script alone
        forged(inputs=[{"id": "label-outbox", "property": "pathname", "value": VALUE}]),
        forged(inputs=[{"id": "_pages_location", "property": "pathname", "value": "/"}]),
        forged(inputs=[]),
        forged(inputs=LOOK["inputs"] * 2),  # type: ignore[operator]
        forged(inputs="label-outbox"),
        forged(inputs=[["label-outbox", "data"]]),
        forged(inputs=[{"id": {"a": []}, "property": "data"}]),
        forged(state=[{"id": "x", "property": "y", "value": 1}]),
        forged(outputs={"id": "frame-toasts", "property": "children"}),
        forged(outputs=[]),
        forged(outputs=[{"id": "label-reply", "property": "data"}]),
        forged(changedPropIds=[["x"]]),
        forged(changedPropIds=7),
    ],
)
def test_what_no_page_of_ours_sends(client, body):
    answer = client.post(CALLBACKS, json=body)
    assert answer.status_code == 400
    assert answer.text == "The page sent something that this server does not know; reload it.\n"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[" * 100_000, "application/json"),
        (b"{", "application/json"),
        (b'{"output": "\xff"}', "application/json"),
        (b"", "application/json"),
        (json.dumps(LOOK).encode(), "text/plain"),
        (b"output=label-reply.data", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_json(client, data, kind):
    answer = client.post(CALLBACKS, data=data, content_type=kind)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
