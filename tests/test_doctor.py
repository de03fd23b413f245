"""The check-up finds what was broken here on purpose, says how to mend it, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pysqlite3
import pytest
from argon2 import PasswordHasher

from dashboard import cli
from dashboard.services import doctor, doctor_machine
from dashboard.services.doctor import Finding
from dashboard.services.people import Role
from dashboard.services.users import Users
from dashboard.services.workers import Workers
from dashboard.settings import read_settings
from dashboard.storage import health, jobs, migrate
from dashboard.storage.database import Database
from dashboard.storage.schema import SCHEMA_VERSION
from tests import redis_server
from tests.postgres import WITHOUT, PostgresServer, programs
from tests.servers import needed

Look = Callable[..., list[Finding]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """`look(HOST=..., ...)`: what the check-up says about this test's own data folder."""

    def examine(*, thoroughly: bool = True, **environ: str) -> list[Finding]:
        told = {"SLUICE_DATA": str(tmp_path / "data"), "RIVER_DATA": str(tmp_path), **environ}
        return doctor.examine(told, thoroughly=thoroughly)

    return examine


def wrong(found: list[Finding]) -> list[Finding]:
    return [f for f in found if f.state == "bad"]


def only(found: list[Finding], check: str) -> Finding:
    """The one thing that is wrong."""
    bad = wrong(found)
    assert [f.check for f in bad] == [check], bad
    assert bad[0].mend
    return bad[0]


def test_before_the_first_start_all_is_well_and_nothing_is_made(look, tmp_path):
    found = look()
    assert wrong(found) == []
    assert not (tmp_path / "data").exists()
    notes = [f.sentence for f in found if f.state == "note"]
    assert any("no database yet" in sentence for sentence in notes)


def test_an_installation_in_use_is_well(look, services, make_experiment):
    slug = make_experiment(services, "busy")
    services.runs.oracle(slug, count=30)
    services.labeling.settle()
    found = look()
    assert wrong(found) == []
    assert {f.check for f in found} == {
        "python", "packages", "settings", "sign-in", "data folder", "disk", "database", "jobs",
        "cache", "clock", "RIVER_DATA",
    }  # fmt: skip
    assert all(f.sentence.endswith(".") for f in found)
    left_out = {f.sentence for f in found} - {f.sentence for f in look(thoroughly=False)}
    assert any("sluice.db is sound" in sentence for sentence in left_out)


def test_settings(look):
    assert "PORT has to be" in only(look(PORT="no"), "settings").sentence
    assert "can be guessed" in only(look(SECRET_KEY="secret"), "settings").sentence
    assert "nobody has to sign in" in only(look(HOST="0.0.0.0"), "settings").sentence
    notes = [f.sentence for f in look(HOST="0.0.0.0", SLUICE_OPEN="1") if f.check == "settings"]
    assert notes == ["Everyone who can reach 0.0.0.0:8050 may label: SLUICE_OPEN is 1."]


def test_those_who_may_sign_in(look, tmp_path):
    users = Users(tmp_path / "users", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    named = {"SLUICE_USERS": str(users.path)}
    assert "is not there" in only(look(**named), "sign-in").sentence
    users.add("ann", Role.ANNOTATOR, "correct horse")
    assert "is a lead" in only(look(**named), "sign-in").sentence
    users.add("lea", Role.LEAD, "correct horse")
    found = look(HOST="0.0.0.0", **named)
    assert wrong(found) == []
    assert [f.sentence for f in found if f.check == "sign-in"] == [
        f"Those in {users.path} may sign in: 1 annotator, 1 lead."
    ]
    users.path.chmod(0o644)
    assert only(look(**named), "sign-in").mend == f"chmod 600 {users.path}"
    users.path.write_text("lea:boss:x\n")
    assert "line 1" in only(look(**named), "sign-in").sentence


def test_packages(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text("# pinned\nriver==0.1\npsycopg[binary]==0.2\nno-such-package==3.0\n")
    said = [f.sentence for f in doctor_machine.programs(pins) if f.state == "bad"]
    assert [sentence.split(" is ")[0] for sentence in said] == [
        "river", "psycopg", "no-such-package"
    ]  # fmt: skip
    assert "no-such-package is not installed" in said[2]
    assert "tested with 0.1" in said[0]


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(doctor_machine, "OLDEST_PYTHON", (99, 0))
    assert [f.check for f in doctor_machine.programs() if f.state == "bad"] == ["python"]


def test_an_old_sqlite(monkeypatch):
    monkeypatch.setattr(health, "OLDEST_SQLITE", (99, 0, 0))
    assert [f.check for f in doctor_machine.programs() if f.state == "bad"] == ["packages"]


def test_a_folder_that_others_can_read(look, settings):
    Database(settings).close()
    settings.data.chmod(0o755)
    found = only(look(), "data folder")
    assert "mode 0755" in found.sentence
    assert found.mend == f"chmod 700 {settings.data}"


def test_a_secret_that_others_can_read(look, settings):
    settings.data.mkdir(mode=0o700)
    (settings.data / "secret_key").write_text("x")
    (settings.data / "secret_key").chmod(0o644)
    assert "Others can read" in only(look(), "data folder").sentence


def test_a_file_in_place_of_the_folder(look, settings):
    settings.data.write_text("")
    assert "cannot be written" in wrong(look())[0].sentence


def test_what_a_restore_left(look, settings):
    Database(settings).close()
    left = settings.data / ".restore-01.db"
    left.write_bytes(b"")
    assert only(look(), "data folder").mend == f"Delete {left}."


def test_little_room(look, settings, monkeypatch):
    usage = shutil.disk_usage(settings.data.parent)
    monkeypatch.setattr(doctor_machine, "LITTLE", usage.free + 2**40)
    assert {f.check for f in wrong(look())} == {"disk"}


def test_a_damaged_database(look, services, settings, make_experiment):
    slug = make_experiment(services, "hurt", n=400)
    services.runs.oracle(slug)
    services.labeling.settle()
    services.database.close()
    with (settings.data / "sluice.db").open("r+b") as file:
        file.seek(-4096 * 6, os.SEEK_END)
        file.write(bytes(range(256)) * 48)
    found = only(look(), "database")
    assert "damaged" in found.sentence
    assert "restore FILE" in found.mend


def test_no_database_at_all(look, settings):
    settings.data.mkdir(mode=0o700)
    (settings.data / "sluice.db").write_bytes(b"no database" * 1000)
    assert "not a Sluice database" in only(look(), "database").sentence


def test_an_older_schema_is_brought_forward_and_a_newer_one_refused(look, settings):
    database = Database(settings)
    with database.write() as connection:
        migrate.number(connection, 1)
    database.close()
    found = look()
    assert wrong(found) == []
    assert any("the next start brings it forward" in f.sentence for f in found)
    connection = pysqlite3.connect(settings.data / "sluice.db")
    connection.execute("UPDATE meta SET value = '99'")
    connection.commit()
    connection.close()
    assert "newer Sluice" in only(look(), "database").sentence


def test_a_column_that_is_gone(look, settings):
    Database(settings).close()
    connection = pysqlite3.connect(settings.data / "sluice.db")
    connection.execute("ALTER TABLE events DROP COLUMN payload")
    connection.close()
    assert "lacks the column payload of the table events" in only(look(), "database").sentence


def claim(services: Any, scope: str, kind: str, pid: int) -> None:
    with services.database.write() as connection:
        jobs.claim(
            connection, job_id=kind, scope=scope, kind=kind, total=90, pid=pid,
            at=int(time.time() * 1000),
        )  # fmt: skip


def test_a_dead_job(look, services, make_experiment):
    slug = make_experiment(services, "dead")
    claim(services, services.experiments.find(slug).uid, "scan", psutil.Process().pid)
    assert wrong(look()) == []
    with services.database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET pid_started = 1")
    found = only(look(), "jobs")
    assert "worked on dead (scan, 0 of 90)" in found.sentence
    assert "Continue" in found.mend
    with services.database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET scope = 'import:mine', kind = 'import'")
    found = only(look(), "jobs")
    assert "worked on mine (import" in found.sentence
    assert "import again" in found.mend


def test_a_clock_that_is_behind_the_log(look, services, make_experiment):
    slug = make_experiment(services, "future")
    services.runs.oracle(slug, count=3)
    with services.database.write() as connection:
        connection.exec_driver_sql("UPDATE events SET at = at + 3600000")
    assert "The newest event was logged at" in only(look(), "clock").sentence


def test_a_clock_that_is_behind_the_release(look, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    assert "1970-01-12" in only(look(), "clock").sentence


def test_a_damaged_cache(look, services, settings, make_experiment):
    slug = make_experiment(services, "cached")
    services.runs.oracle(slug, count=30)
    services.labeling.settle()
    services.labeling.snapshots.cache.close()
    for end in ("-wal", "-shm"):
        (settings.snapshots / f"cache.db{end}").unlink(missing_ok=True)
    (settings.snapshots / "cache.db").write_bytes(b"no cache" * 1000)
    found = only(look(), "cache")
    assert str(settings.snapshots) in found.sentence
    assert "delete the folder" in found.mend


def test_river_data(look, tmp_path):
    assert "no such folder" in only(look(RIVER_DATA="/no/such/folder"), "RIVER_DATA").sentence
    (tmp_path / "SMSSpam").mkdir()
    file = tmp_path / "SMSSpam" / "SMSSpamCollection"
    file.write_bytes(b"ham")
    found = only(look(), "RIVER_DATA")
    assert "3 bytes instead of 477,907" in found.sentence
    assert found.mend == f"Delete {file}."
    file.write_bytes(bytes(477_907))
    assert wrong(look()) == []


def test_the_command(settings, monkeypatch, capfd):
    monkeypatch.setenv("SLUICE_DATA", str(settings.data))
    monkeypatch.delenv("RIVER_DATA", raising=False)
    assert cli.run(["doctor"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "note"}
    Database(settings).close()
    settings.data.chmod(0o750)
    with pytest.raises(SystemExit) as ended:
        cli.run(["doctor", "--quick", "--json"])
    assert ended.value.code == 1
    told = json.loads(capfd.readouterr().out)
    assert told["ok"] is False
    assert [f["mend"] for f in told["findings"] if f["state"] == "bad"] == [
        f"chmod 700 {settings.data}"
    ]


# PostgreSQL ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    needed(programs(), WITHOUT)
    made = PostgresServer()  # with fsync off, which no other server should be
    made.start()
    yield made
    made.remove()


def test_postgresql(look, postgres, tmp_path):
    url = postgres.new_database("doctor")
    said = [f.sentence for f in wrong(look(DATABASE_URL=url))]
    assert any(f"needs schema {SCHEMA_VERSION}" in sentence for sentence in said)
    assert any("fsync off" in sentence for sentence in said)
    nowhere = url.replace(f":{postgres.port}/", ":1/")
    assert "cannot be reached" in only(look(DATABASE_URL=nowhere), "database").sentence


# Workers ---------------------------------------------------------------------------------------


def test_redis_and_the_workers_behind_it(look):
    needed(redis_server.program(), redis_server.WITHOUT)
    server = redis_server.RedisServer()
    told = {"REDIS_URL": server.url, "SECRET_KEY": "k" * 32}
    settings = read_settings(told)
    try:
        found = only(look(**told), "workers")
        assert f"Redis at 127.0.0.1:{server.port}/0 cannot be used" in found.sentence
        server.start()
        found = only(look(**told), "workers")
        assert "No worker of this release answers" in found.sentence
        assert found.mend == "Start one: `python -m dashboard worker`."
        workers = Workers(settings)
        redis_server.note(workers, database="db.example/sluice")
        found = [f for f in look(**told) if f.check == "workers"]
        assert [f.state for f in found] == ["ok", "note"]
        assert "1 of this release work: elsewhere" in found[0].sentence
        assert "works on the database db.example/sluice" in found[1].sentence
        redis_server.note(workers, host="third", code="0123456789ab")
        assert "on third (process 1) runs other code" in only(look(**told), "workers").sentence
        del told["SECRET_KEY"]
        assert "SECRET_KEY is not set" in next(
            f.sentence for f in look(**told) if f.check == "workers"
        )
    finally:
        server.remove()
