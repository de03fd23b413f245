"""Files sent to the server: streamed to disk, within limits, from our own pages."""

from __future__ import annotations

import http.client
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from flask.testing import FlaskClient
from ulid import ULID

from dashboard.app import create_app
from dashboard.errors import NotFound, Unavailable
from dashboard.services.importing.uploads import KEPT_SECONDS, Uploads
from dashboard.settings import read_settings
from tests.serving import Server

BODY = b"text,label\n" + b"some words,x\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "uploads"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    environ = {"SLUICE_DATA": str(tmp_path / "data"), "SLUICE_MAX_UPLOAD_MB": "1"}
    app = create_app(read_settings(environ))
    yield app.server.test_client()
    app.server.config["SLUICE"]().database.close()


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def test_a_file_is_taken_and_deleted(client: FlaskClient, folder: Path) -> None:
    answer = client.post("/uploads?name=..%2F..%2Fmy%20comments.csv", data=BODY)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["name"] == "my comments.csv"
    assert answer.json["bytes"] == len(BODY)
    uploads = client.application.config["SLUICE"]().uploads
    upload = uploads.find(answer.json["id"])
    assert upload.path.read_bytes() == BODY
    assert (upload.name, upload.size) == ("my comments.csv", len(BODY))
    assert upload.path.parent.parent == folder
    assert folder.stat().st_mode & 0o777 == upload.path.parent.stat().st_mode & 0o777 == 0o700
    services = client.application.config["SLUICE"]()
    assert services.importer.preview(upload.path, file=upload.name).names == ("text", "label")
    assert client.delete(f"/uploads/{upload.id}").status_code == 204
    assert left(folder) == []
    assert client.delete(f"/uploads/{upload.id}").status_code == 204
    with pytest.raises(NotFound, match="choose it again"):
        uploads.find(upload.id)


def test_too_large_a_file(client: FlaskClient, folder: Path) -> None:
    answer = client.post("/uploads?name=a.csv", data=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert answer.json is not None
    assert "larger than 1 MB" in answer.json["error"]
    assert client.post("/uploads?name=a.csv", data=b"x" * 1_000_000).status_code == 200
    assert len(left(folder)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({}, 200),
    ],
)
def test_only_pages_of_our_own(
    client: FlaskClient, folder: Path, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/uploads?name=a.csv", data=BODY, headers=headers)
    assert answer.status_code == status
    assert len(left(folder)) == (status == 200)
    known = str(ULID()) if status != 200 else answer.json["id"]  # type: ignore[index]
    gone = client.delete(f"/uploads/{known}", headers=headers).status_code
    assert gone == (204 if status == 200 else 403)


@pytest.mark.parametrize(
    ("address", "data", "said"),
    [
        ("/uploads?name=a.csv", b"", "the file is empty"),
        ("/uploads", BODY, "has no name"),
        ("/uploads?name=%2F", BODY, "has no name"),
    ],
)
def test_what_is_no_file(
    client: FlaskClient, folder: Path, address: str, data: bytes, said: str
) -> None:
    answer = client.post(address, data=data)
    assert answer.status_code == 400
    assert answer.json is not None
    assert said in answer.json["error"]
    assert left(folder) == []


@pytest.mark.parametrize("made_up", ["x", "..", "%2e%2e%2fsecret_key", "0" * 26 + "/data", "é"])
def test_ids_are_ours(client: FlaskClient, folder: Path, made_up: str) -> None:
    (folder.parent / "secret_key").write_text("keep")
    answer = client.delete(f"/uploads/{made_up}")
    assert answer.status_code in (404, 405)
    assert (folder.parent / "secret_key").read_text() == "keep"
    with pytest.raises(NotFound):
        client.application.config["SLUICE"]().uploads.find("../..")


def test_old_files_go(folder: Path) -> None:
    now = [time.time()]
    uploads = Uploads(folder, max_mb=1, clock=lambda: now[0])
    first = uploads.take("a.csv", _body())
    (folder / "not ours").mkdir()
    now[0] += KEPT_SECONDS - 60
    second = uploads.take("b.csv", _body())
    assert uploads.find(first.id)
    now[0] += 120
    uploads.clear_old()
    assert sorted(p.name for p in left(folder)) == sorted([second.id, "not ours"])


def _body() -> io.BytesIO:
    return io.BytesIO(BODY)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    uploads = Uploads(tmp_path / "file", max_mb=1)
    with pytest.raises(Unavailable, match="cannot be written"):
        uploads.take("a.csv", _body())


def test_a_large_file_through_the_server_takes_no_memory(tmp_path: Path) -> None:
    """150 MB in one request, while the server stays as small as it is, and one that breaks off."""
    server = Server(tmp_path, SLUICE_MAX_UPLOAD_MB="200")
    server.start()
    try:
        # The workers alone: below them a server for background jobs is still loading its modules.
        workers = psutil.Process(server.process.pid).children()  # type: ignore[union-attr]
        send(server, b"warm", times=1)
        before = sum(p.memory_info().rss for p in workers)
        status, answer = send(server, b"x" * (1 << 20), times=150)
        assert (status, answer["bytes"]) == (200, 150 << 20)
        assert sum(p.memory_info().rss for p in workers) - before < 50 << 20
        assert len(left(tmp_path / "uploads")) == 2
        cut_off(server)
        deadline = time.monotonic() + 10
        while len(left(tmp_path / "uploads")) > 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(left(tmp_path / "uploads")) == 2
    finally:
        server.stop()


def send(server: Server, block: bytes, *, times: int) -> tuple[int, dict[str, int]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Content-Length": str(len(block) * times)}
    connection.request("POST", "/uploads?name=big.csv", (block for _ in range(times)), headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def cut_off(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/uploads?name=cut.csv")
    connection.putheader("Content-Length", "5000000")
    connection.endheaders()
    connection.send(b"x" * 2_000_000)
    time.sleep(0.3)
    connection.close()
