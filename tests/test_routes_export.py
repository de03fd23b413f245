"""The downloads of a person who leaves: over HTTP, streamed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash import Dash
from pyarrow import parquet

from dashboard.app import create_app
from dashboard.core.spec import make_spec
from dashboard.settings import read_settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Dash]:
    app = create_app(read_settings({"SLUICE_DATA": str(tmp_path)}))
    services = app.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    services.runs.oracle("p", count=3)
    yield app
    services.labeling.settle()
    services.database.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dataset.csv", "text/csv; charset=utf-8"),
        ("dataset.jsonl", "application/x-ndjson"),
        ("dataset.parquet", "application/vnd.apache.parquet"),
        ("model.zip", "application/zip"),
        ("experiment.zip", "application/zip"),
    ],
)
def test_each_comes_as_a_file(app: Dash, name: str, kind: str) -> None:
    answer = app.server.test_client().get(f"/experiments/p/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'attachment; filename="p-{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    missing = app.server.test_client().get(f"/experiments/nope/{name}")
    assert missing.status_code == 404
    assert "no experiment 'nope'" in missing.text


def test_what_is_in_them(app: Dash) -> None:
    client = app.server.test_client()
    lines = [json.loads(x) for x in client.get("/experiments/p/dataset.jsonl").data.splitlines()]
    assert len(lines) == 1250
    assert sum(line["labeled_by"] == "oracle" for line in lines) == 3
    table = parquet.read_table(io.BytesIO(client.get("/experiments/p/dataset.parquet").data))
    assert table.to_pylist() == lines
    for name in ("model", "experiment"):
        packed = zipfile.ZipFile(io.BytesIO(client.get(f"/experiments/p/{name}.zip").data))
        assert packed.testzip() is None


def test_one_that_was_prepared_is_asked_for_by_its_head(app: Dash) -> None:
    services, client = app.server.config["SLUICE"](), app.server.test_client()
    then = client.get("/experiments/p/dataset.csv").data
    head = services.completion.prepare("p")
    services.runs.oracle("p", count=2)
    assert client.get(f"/experiments/p/dataset.csv?head={head}").data == then
    assert client.get("/experiments/p/dataset.csv").data != then
    gone = client.get("/experiments/p/dataset.csv?head=1")
    assert (gone.status_code, "not kept any more" in gone.text) == (409, True)
    for odd in ("x", "-1", "1e9", "9" * 40, "²"):
        assert client.get(f"/experiments/p/dataset.csv?head={odd}").status_code == 400


def test_formats_that_are_none(app: Dash) -> None:
    client = app.server.test_client()
    assert client.get("/experiments/p/dataset.xlsx").status_code == 400
    assert client.get("/experiments/p/model.pkl").status_code == 400
    assert client.get("/experiments/p/experiment.csv").status_code == 400
