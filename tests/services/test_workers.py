"""Workers tell of themselves in a Redis that runs for real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.errors import BadInput, Unavailable
from dashboard.services.workers import Workers, code_version, redis_place, this_worker
from dashboard.settings import read_settings
from tests.redis_server import WITHOUT, RedisServer, note, program
from tests.servers import needed
from tests.serving import free_port


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    needed(program(), WITHOUT)
    made = RedisServer("--requirepass", "hush")
    made.url = made.url.replace("//", "//:hush@")
    made.start()
    yield made
    made.remove()


@pytest.fixture
def workers(server: RedisServer) -> Workers:
    found = Workers(read_settings({"REDIS_URL": server.url}))
    with found._redis() as redis:
        redis.flushall()
    return found


def test_without_redis_nothing_hinders(settings):
    assert not Workers(settings).used
    assert Workers(settings).hindrance() == ""


def test_a_worker_comes_and_goes(workers):
    assert workers.hindrance() == (
        "No worker is running, so this waits; start one: `python -m dashboard worker`."
    )
    me = this_worker(workers.settings)
    workers.announce(me)
    assert workers.found() == [me]
    assert workers._look() == ""
    workers.leave(me)
    assert workers.found() == []


def test_a_worker_that_says_nothing_more_is_forgotten(workers, monkeypatch):
    monkeypatch.setattr("dashboard.services.workers.NOTE_SECONDS", 1)
    workers.announce(this_worker(workers.settings))
    with workers._redis() as redis:
        assert 0 < redis.ttl(next(redis.scan_iter("sluice-worker:*"))) <= 1


def test_other_code_is_told_from_this(workers):
    note(workers, code="0123456789ab")
    assert workers.hindrance() == (
        "No worker of this release is running, so this waits; the one on elsewhere runs other "
        "code: bring it to the same."
    )
    note(workers, host="third")
    assert {w.host: w.code for w in workers.found()} == {
        "elsewhere": "0123456789ab", "third": code_version()
    }  # fmt: skip
    assert workers._look() == ""


def test_redis_that_does_not_answer():
    port = free_port()
    away = Workers(read_settings({"REDIS_URL": f"redis://:hush@127.0.0.1:{port}"}))
    with pytest.raises(Unavailable) as caught:
        away.found()
    assert f"Redis at 127.0.0.1:{port}/0 cannot be used" in str(caught.value)
    assert "check REDIS_URL" in str(caught.value)
    assert away.hindrance() == str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_wrong_password(server):
    url = server.url.replace("hush", "wrong")
    assert "cannot be used" in Workers(read_settings({"REDIS_URL": url})).hindrance()


@pytest.mark.parametrize(
    ("given", "dyno", "read"),
    [
        ("redis://cache", "", "redis://cache"),
        ("rediss://:p@cache:6380", "", "rediss://:p@cache:6380/0?ssl_cert_reqs=required"),
        ("rediss://:p@cache:6380", "web.1", "rediss://:p@cache:6380/0?ssl_cert_reqs=none"),
        ("rediss://cache/2?ssl_cert_reqs=optional", "1", "rediss://cache/2?ssl_cert_reqs=optional"),
    ],
)
def test_forms_of_the_address(given, dyno, read):
    environ = {"REDIS_URL": given, "DYNO": dyno, "DATABASE_URL": "postgres://u@h/d"}
    assert read_settings(environ).redis_url == read


@pytest.mark.parametrize(
    "given", ["cache:6379", "http://cache", "redis://", "redis://cache:port", "redis://cache/name"]
)
def test_what_is_no_address(given):
    with pytest.raises(BadInput) as caught:
        read_settings({"REDIS_URL": given.replace("//", "//:hush@")})
    assert str(caught.value).startswith("REDIS_URL ")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("database", ["", "sqlite:////app/data/sluice.db"])
def test_on_heroku_labels_need_a_database_that_stays(database):
    with pytest.raises(BadInput, match="the disk vanishes with every restart"):
        read_settings({"DYNO": "web.1", "DATABASE_URL": database})


def test_the_place_names_no_password(server):
    settings = read_settings({"REDIS_URL": server.url})
    assert redis_place(settings) == f"127.0.0.1:{server.port}/0"
