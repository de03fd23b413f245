"""The first load over a network: packed small, and not fetched a second time."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.spec import make_spec
from dashboard.routes import A_YEAR
from dashboard.settings import Settings
from tests.serving import ROOT

# Flask-Compress puts its own stream in place of the file, which is closed with the last reference.
unclosed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    app = create_app(settings)
    yield app
    services = app.server.config["SLUICE"]()
    services.labeling.settle()
    services.database.close()


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    client: FlaskClient = app.server.test_client()
    return client


def first_load(client: FlaskClient) -> list[str]:
    """Addresses of all scripts and styles that the page names."""
    page = client.get("/").text
    return re.findall(r'<(?:link rel="stylesheet"|script)[^>]*(?:href|src)="([^"]+)"', page)


@unclosed
@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_everything_comes_packed(client: FlaskClient, packing: str) -> None:
    addresses = first_load(client)
    assert len(addresses) > 8
    for address in ["/", *addresses, "/_dash-layout", "/_dash-dependencies"]:
        with client.get(address, headers={"Accept-Encoding": packing}) as answer:
            assert answer.headers.get("Content-Encoding") == packing, address
            assert answer.headers["Vary"] == "Accept-Encoding"


@unclosed
def test_what_is_packed_is_the_file(client: FlaskClient) -> None:
    address = next(a for a in first_load(client) if "base.js" in a)
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(answer.data) == (ROOT / "assets" / "base.js").read_bytes()


def test_everything_is_kept_for_a_year_under_an_address_with_its_version(
    client: FlaskClient,
) -> None:
    for address in first_load(client):
        assert re.search(r"\?[vm]=\d|\.v\d+_\d+_\d+m\d+\.", address), address
        with client.get(address) as answer:
            assert answer.cache_control.max_age == A_YEAR, address
            assert not answer.cache_control.no_cache


def test_an_address_without_a_version_is_asked_for_again(client: FlaskClient) -> None:
    with client.get("/assets/base.js") as answer:
        assert answer.cache_control.no_cache
        tag = answer.headers["ETag"]
    with client.get("/assets/base.js", headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304


def test_a_missing_file_is_not_kept(client: FlaskClient) -> None:
    assert "Cache-Control" not in client.get("/assets/none.js?m=1").headers


def test_the_mark_is_the_projects_own(client: FlaskClient) -> None:
    page = client.get("/").text
    icons = re.findall(r'<link rel="icon"[^>]*href="([^"]+)"', page)
    assert icons == ["/assets/favicon.svg"]
    assert "favicon.ico" not in page
    with client.get(icons[0]) as answer:
        assert answer.mimetype == "image/svg+xml"


def test_a_download_flows_past_the_packing(app: Dash, client: FlaskClient) -> None:
    services = app.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    services.runs.oracle("p", count=3)
    for file in ("labels.csv", "predictions.jsonl", "labels.parquet"):
        answer = client.get(f"/experiments/p/{file}", headers={"Accept-Encoding": "gzip, br"})
        assert answer.is_streamed
        assert "Content-Encoding" not in answer.headers
        assert answer.cache_control.no_store
        answer.close()
