"""Backups: whole and consistent while others label; back in place only alone, checked, undoable."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pysqlite3
import pytest

from dashboard import cli
from dashboard.app import server_app
from dashboard.errors import BadInput, Conflict, SluiceError, Unavailable
from dashboard.services import backup
from dashboard.services.container import Services
from dashboard.settings import Settings, read_settings
from dashboard.storage import folder, migrate
from dashboard.storage.database import Database
from dashboard.storage.schema import SCHEMA_VERSION
from tests.postgres import WITHOUT, PostgresServer, programs
from tests.servers import needed
from tests.serving import ROOT

DUMP = ROOT / "tests" / "data" / "version-1.sql"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return read_settings({"SLUICE_DATA": str(tmp_path / "elsewhere")})


def close(services: Services) -> None:
    services.labeling.settle()
    services.labeling.snapshots.cache.close()
    services.database.close()


def answers(services: Services, slug: str) -> list[tuple[str, str]]:
    """The answers in force, in order, by sample."""
    header, *lines = (
        b"".join(services.downloads.stream(slug, "labels", "csv")).decode().split("\r\n")
    )
    at = header.split(",").index("label")
    return [(line.split(",")[1], line.split(",")[at]) for line in lines if line]


def test_what_was_there_comes_back(
    services, settings, make_experiment, file, open_more, next_query
):
    slug = make_experiment(services, "kept", warm_start=20)
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=10)
    before, query = services.verification.verify(slug), next_query(services, slug)
    given = answers(services, slug)
    written = backup.back_up(settings, file)
    assert written == (SCHEMA_VERSION, 1, file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    services.runs.oracle(slug, count=5)
    make_experiment(services, "made later")
    close(services)
    (settings.exports).mkdir()
    (settings.exports / "stale.parquet").write_text("of the log that is gone")
    restored = backup.restore(settings, file)
    assert restored.experiments == 1
    assert not settings.exports.exists()
    assert not list(settings.data.glob(".restore-*"))
    after = open_more()
    assert [e.slug for e in after.experiments.every()] == ["kept"]
    assert after.verification.verify("kept") == before
    assert answers(after, "kept") == given
    assert next_query(after, "kept") == query
    assert not list(settings.snapshots.glob("*/*")), "snapshots of the log that is gone"
    after.runs.oracle("kept")
    after.labeling.settle()
    assert after.verification.verify("kept").difference == ""


def test_the_database_of_before_is_kept(services, settings, make_experiment, file, open_more):
    backup.back_up(settings, file)
    make_experiment(services, "made later")
    close(services)
    kept = backup.restore(settings, file).kept
    assert kept is not None
    assert kept.parent == settings.data
    again = backup.restore(settings, kept)
    assert again.experiments == 1
    assert [e.slug for e in open_more().experiments.every()] == ["made-later"]


def test_taken_while_another_process_labels(
    services, settings, make_experiment, tmp_path, open_more
):
    """Each is a prefix of the log, replays, and can be labeled on."""
    slug = make_experiment(services, "busy", n=900)
    services.labeling.settle()
    environ = {**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONHASHSEED": "0"}
    labeling = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "label", slug, "--oracle", "--count", "150"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    taken: list[Path] = []
    due = 1
    while labeling.poll() is None and len(taken) < 4:
        if services.experiments.find(slug).head >= due:
            taken.append(tmp_path / f"{len(taken)}.db")
            backup.back_up(settings, taken[-1])
            due = services.experiments.find(slug).head + 25
        time.sleep(0.01)
    assert "labels" in labeling.communicate(timeout=120)[0]
    whole = answers(services, slug)
    seen = set()
    for path in taken:
        other = read_settings({"SLUICE_DATA": str(path.with_suffix(""))})
        assert backup.restore(other, path).kept is None
        copied = open_more(other)
        given = answers(copied, slug)
        assert given == whole[: len(given)]
        assert copied.verification.verify(slug).difference == ""
        seen.add(len(given))
    assert len(seen - {0, len(whole)}) > 1, "none was taken while somebody labeled"
    assert copied.runs.oracle(slug, count=3) == min(3, len(whole) - len(given))


def test_an_older_release_is_backed_up_as_it_is_and_brought_forward(
    settings, elsewhere, file, open_more
):
    settings.data.mkdir()
    old = settings.data / "sluice.db"
    connection = pysqlite3.connect(old)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(DUMP.read_text(encoding="utf-8"))
    assert backup.back_up(settings, file).schema == 1
    connection.close()
    backup.restore(elsewhere, file)
    services = open_more(elsewhere)
    assert services.database.found == SCHEMA_VERSION
    assert services.verification.verify("under-way").difference == ""


# Refused ---------------------------------------------------------------------------------------


def test_not_while_somebody_uses_the_folder(services, settings, make_experiment, file, open_more):
    make_experiment(services, "in use")
    backup.back_up(settings, file)
    with pytest.raises(Conflict, match="stop it, then try again"):
        backup.restore(settings, file)
    close(services)
    backup.restore(settings, file)


def test_not_while_a_server_runs_that_nobody_has_visited(settings, file, monkeypatch):
    Database(settings).close()
    backup.back_up(settings, file)
    monkeypatch.setenv("SLUICE_DATA", str(settings.data))
    made = server_app.__wrapped__()
    with pytest.raises(Conflict, match="A server"):
        backup.restore(settings, file)
    made.server.config["SLUICE_SHARE"].release()
    backup.restore(settings, file)


def test_not_while_another_program_reads_the_database(settings, file):
    Database(settings).close()
    backup.back_up(settings, file)
    other = pysqlite3.connect(settings.data / "sluice.db")
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("SELECT * FROM experiments").fetchall()
    with pytest.raises(Conflict, match="Another program has the database"):
        backup.restore(settings, file)
    other.close()
    backup.restore(settings, file)


def test_nobody_comes_in_meanwhile(settings):
    Database(settings).close()
    with folder.alone(settings), pytest.raises(Conflict, match="being replaced"):
        Database(settings)
    Database(settings).close()


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _scramble(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096 * 3)
        opened.write(bytes(range(256)) * 64)


def _newer(file: Path) -> None:
    _change(file, "UPDATE meta SET value = '99' WHERE key = 'schema'")


def _without_a_column(file: Path) -> None:
    _change(file, "ALTER TABLE events DROP COLUMN payload")


def _with_a_trigger(file: Path) -> None:
    _change(file, "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END")


def _with_an_orphan(file: Path) -> None:
    _change(file, "UPDATE experiments SET stream_id = 99")


def _of_another_program(file: Path) -> None:
    file.unlink()
    _change(file, "CREATE TABLE notes (text TEXT)")


def _change(file: Path, statement: str) -> None:
    connection = pysqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "damaged"),
        (_scramble, "damaged"),
        (_newer, "newer Sluice"),
        (_without_a_column, "lacks the column payload of the table events"),
        (_with_a_trigger, "holds a trigger"),
        (_with_an_orphan, "belongs to nothing in streams"),
        (_of_another_program, "not a backup of Sluice"),
        (lambda file: file.write_bytes(b"PGDMP" + bytes(40)), "backup of a PostgreSQL database"),
        (lambda file: file.write_text("name,label\n"), "not a file that `backup` has written"),
        (lambda file: file.unlink(), "There is no file"),
    ],
)
def test_a_file_that_is_no_backup_changes_nothing(
    services, settings, make_experiment, file, open_more, spoil: Callable[[Path], object], said
):
    make_experiment(services, "safe")
    backup.back_up(settings, file)
    close(services)
    before = sorted(p.name for p in settings.data.iterdir())
    spoil(file)
    with pytest.raises(BadInput) as caught:
        backup.restore(settings, file)
    assert said in str(caught.value)
    assert file.name in str(caught.value)
    assert ".restore-" not in str(caught.value)
    assert sorted(p.name for p in settings.data.iterdir()) == before
    assert [e.slug for e in open_more().experiments.every()] == ["safe"]


def test_a_damaged_database_makes_room_for_a_backup(settings, file, open_more):
    Database(settings).close()
    backup.back_up(settings, file)
    damaged = settings.data / "sluice.db"
    damaged.write_bytes(b"no database" * 1000)
    (settings.data / "sluice.db-wal").write_bytes(b"what was left of its log")
    with pytest.raises(BadInput, match="damaged"):
        backup.back_up(settings, file.with_name("another"))
    kept = backup.restore(settings, file).kept
    assert kept is not None
    assert kept.read_bytes().startswith(b"no database")
    assert kept.with_name(kept.name + "-wal").exists()
    open_more()


def test_a_backup_never_takes_the_place_of_a_file(settings, file):
    Database(settings).close()
    file.write_text("mine")
    with pytest.raises(BadInput, match="is there already"):
        backup.back_up(settings, file)
    assert file.read_text() == "mine"


def test_no_database_no_backup(settings, file):
    with pytest.raises(Unavailable, match="nothing to back up"):
        backup.back_up(settings, file)
    assert not settings.data.exists()
    assert not list(file.parent.glob(".*"))


def test_the_database_is_no_backup_of_itself(settings):
    Database(settings).close()
    with pytest.raises(BadInput, match="is the database itself"):
        backup.restore(settings, settings.data / "sluice.db")


# The commands ----------------------------------------------------------------------------------


def test_the_commands(settings, monkeypatch, capfd, file):
    Database(settings).close()
    monkeypatch.setenv("SLUICE_DATA", str(settings.data))
    assert cli.run(["backup", str(file)]) == 0
    size = file.stat().st_size
    assert capfd.readouterr().out == (
        f"{file}: 0 experiments, schema {SCHEMA_VERSION}, {size:,} bytes\n"
    )
    assert cli.run(["restore", str(file)]) == 0
    out, err = capfd.readouterr()
    assert out == "0 experiments restored\n"
    assert err.startswith("The database of before is ")
    assert cli.run(["restore", str(file.with_name("none"))]) == 2
    assert capfd.readouterr().err.startswith("There is no file ")


# PostgreSQL ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    needed(programs(), WITHOUT)
    made = PostgresServer()
    made.start()
    yield made
    made.remove()


def test_postgresql_by_its_own_programs(
    postgres, tmp_path, open_more, make_experiment, monkeypatch
):
    url = postgres.new_database("kept")
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "pg"), "DATABASE_URL": url})
    Database(settings, forward=True).close()
    services = open_more(settings)
    slug = make_experiment(services, "kept")
    services.runs.oracle(slug, count=12)
    before = services.verification.verify(slug)
    file = tmp_path / "backup.dump"
    assert backup.back_up(settings, file)[:2] == (SCHEMA_VERSION, 1)
    services.runs.oracle(slug, count=5)
    make_experiment(services, "made later")
    with pytest.raises(Conflict, match="stop it, then try again"):
        backup.restore(settings, file)
    close(services)
    with services.database.engine.connect(), pytest.raises(Conflict, match="other connection"):
        backup.restore(settings, file)
    services.database.engine.dispose()
    restored = backup.restore(settings, file)
    assert restored.experiments == 1
    after = open_more(settings)
    assert after.verification.verify(slug) == before
    assert [e.slug for e in after.experiments.every()] == [slug]
    close(after)
    assert restored.kept is not None
    assert backup.restore(settings, restored.kept).experiments == 2
    broken = tmp_path / "broken.dump"
    broken.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(SluiceError):
        backup.restore(settings, broken)
    assert len(open_more(settings).experiments.every()) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="pg_dump is not installed"):
        backup.back_up(settings, tmp_path / "more.dump")


def test_postgresql_of_a_newer_release_is_refused(postgres, tmp_path):
    url = postgres.new_database("newer")
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "pg"), "DATABASE_URL": url})
    database = Database(settings, forward=True)
    file = tmp_path / "newer.dump"
    with database.write() as connection:
        migrate.number(connection, 99)
    database.close()
    with pytest.raises(BadInput, match="newer Sluice"):
        backup.back_up(settings, file)
    assert not file.exists()
