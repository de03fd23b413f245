"""Databases of every earlier release open, verify and are labeled on; all or nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from dashboard import cli
from dashboard.core.events import SCANNING
from dashboard.errors import SluiceError, Unavailable
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.settings import Settings, read_settings
from dashboard.storage import log, migrate, rollups, schema
from dashboard.storage.database import Database
from dashboard.storage.schema import SCHEMA_VERSION
from tests.serving import ROOT

pytestmark = pytest.mark.sqlite  # test_postgres has the same for PostgreSQL
DUMPS = ROOT / "tests" / "data"

# What `verify` of the release that made the dump said of it. The models of rows are made of classes
# with other names by now, which a fingerprint tells: those are compared by what they predict.
FINGERPRINTS = {
    "finished": "19eb492f7320db2376eb3d21d742fe63e490b025dd393f133bf9dd0577a7cbf1",
    "under-way": "8d19dc0fddb3489c2ed0f87a8d9fc9c56c0ab2822d27466da7568e56c286a437",
}
SECOND = "7db059cce6045655e9dde65790143acdc8bd59c74e4f5b3ae57629becebf18af"
THIRD = "076ab081781c7417a2e16a65ad0283c4af80f5eab51e7721bd1c48c01d334f85"
ROWS = ("segments", "segments-archived-20260921-141556")
COLUMNS = """
    experiment_id seq kind position label target first stop strategy_state annotator source key
    milliseconds at retracted_at voided
"""
OPEN = {"finished": None, "under-way": 27}


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file that the first dump makes, as a release of that time left it."""
    return database_of(1, tmp_path_factory.mktemp("dump"))


def database_of(version: int, folder: Path) -> bytes:
    """The file that the dump of a schema version makes."""
    file = folder / "sluice.db"
    connection = pysqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript((DUMPS / f"version-{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    return file.read_bytes()


@pytest.fixture
def old(settings: Settings, dump: bytes) -> Settings:
    """Settings of a data folder that holds a database of schema version 1."""
    settings.data.mkdir()
    file_of(settings).write_bytes(dump)
    return settings


@pytest.fixture
def second(settings: Settings) -> Settings:
    """Settings of a data folder that holds a database of schema version 2."""
    settings.data.mkdir()
    database_of(2, settings.data)
    return settings


@pytest.fixture
def third(settings: Settings) -> Settings:
    """Settings of a data folder that holds a database of schema version 3."""
    settings.data.mkdir()
    database_of(3, settings.data)
    return settings


def file_of(settings: Settings) -> Path:
    return settings.data / "sluice.db"


def shape(connection: Any) -> dict[str, Any]:
    """Everything that SQLite knows about the tables but the order of their columns."""

    def pragma(name: str, of: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(f"PRAGMA {name}('{of}')")]

    found: dict[str, Any] = {}
    for row in connection.execute("PRAGMA table_list"):
        _, table, _, _, without_rowid, strict = row
        if table.startswith("sqlite_"):
            continue
        indexes = sorted(
            (name if origin == "c" else "", unique, origin, partial,
             [(column, descending) for _, _, column, descending, _, key
              in pragma("index_xinfo", name) if key])
            for _, name, unique, origin, partial in pragma("index_list", table)
        )  # fmt: skip
        found[table] = {
            "columns": sorted(row[1:] for row in pragma("table_xinfo", table)),
            "keys": sorted(row[2:] for row in pragma("foreign_key_list", table)),
            "indexes": indexes,
            "options": (without_rowid, strict),
        }
    for name, text in connection.execute("SELECT name, sql FROM sqlite_master WHERE type='index'"):
        if text:
            found[f"index {name}"] = " ".join(text.replace('"', "").split())
    return found


def shape_of(file: Path) -> dict[str, Any]:
    connection = pysqlite3.connect(file)
    try:
        return shape(connection)
    finally:
        connection.close()


def contents(file: Path) -> dict[str, list[Any]]:
    """Every row of every table, as names and values."""
    connection = pysqlite3.connect(file)
    connection.row_factory = pysqlite3.Row
    try:
        tables = [r[1] for r in connection.execute("PRAGMA table_list") if r[1][:7] != "sqlite_"]
        return {
            table: in_order(dict(row) for row in connection.execute(f"SELECT * FROM {table}"))
            for table in tables
        }
    finally:
        connection.close()


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows in an order that does not rely on that of their columns."""
    return sorted(rows, key=lambda row: repr(sorted(row.items())))


def from_nothing(settings: Settings, target: int) -> dict[str, Any]:
    """The shape that the migrations up to a version make of an empty file."""
    settings.data.mkdir(exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{settings.data / f'{target}.db'}", module=pysqlite3)
    with engine.begin() as connection:
        migrate.upgrade(connection, target)
        assert migrate.version(connection) == target
        made = shape(connection.connection.dbapi_connection)
    engine.dispose()
    return made


# The versions themselves -----------------------------------------------------------------------


def test_the_versions_are_counted_without_a_gap():
    config = Config()
    config.set_main_option("script_location", "dashboard.storage:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [f"{SCHEMA_VERSION:04d}"]
    found = [script.revision for script in scripts.walk_revisions()]
    assert found == [f"{n:04d}" for n in range(SCHEMA_VERSION, 0, -1)]


def test_migrating_from_nothing_makes_what_a_new_database_has(settings):
    Database(settings).close()
    made = shape_of(file_of(settings))
    assert from_nothing(settings, SCHEMA_VERSION) == made
    assert set(schema.metadata.tables) == {name for name in made if not name.startswith("index ")}


def test_the_first_version_is_what_the_first_release_made(old):
    made = from_nothing(old, 1)
    del made["alembic_version"]  # that release knew no Alembic
    assert made == shape_of(file_of(old))


def test_the_second_version_is_what_releases_of_it_made(second):
    assert from_nothing(second, 2) == shape_of(file_of(second))


def test_the_third_version_is_what_releases_of_it_made(third):
    assert from_nothing(third, 3) == shape_of(file_of(third))


def test_an_old_database_becomes_what_a_new_one_is(old, tmp_path):
    Database(old).close()
    new = read_settings({"SLUICE_DATA": str(tmp_path / "new")})
    Database(new).close()
    assert shape_of(file_of(old)) == shape_of(file_of(new))


# An old database -------------------------------------------------------------------------------


def test_nothing_in_it_changes_but_what_was_added(old):
    before = contents(file_of(old))
    database = Database(old)
    assert database.found == 1
    database.close()
    after = contents(file_of(old))
    assert after.pop("alembic_version") == [{"version_num": f"{SCHEMA_VERSION:04d}"}]
    assert after.pop("meta") == [{"key": "schema", "value": str(SCHEMA_VERSION)}]
    del before["meta"]
    del before["rollups"]
    assert after.pop("rollups") == []  # they hold more now, and are counted anew from the log
    added = {"streams": {"ready": 1, "columns": "{}"},
             "experiments": {"strategy_memory": None, "guidelines": "", "target": None},
             "events": {"strategy_memory": None, "payload": None},
             "predictions": {"checked": None, "turn": None},
             "jobs": {"host": ""}}  # fmt: skip
    for table, rows in before.items():
        assert after[table] == in_order(row | added.get(table, {}) for row in rows), table


@pytest.mark.parametrize("version", [1, 2])
def test_its_rollups_are_those_of_this_release_before_anybody_writes(settings, open_more, version):
    settings.data.mkdir()
    database_of(version, settings.data)
    services = open_more()
    assert services.database.found == version
    slugs = [summary.slug for summary in services.overviews.glance().summaries]
    for slug in slugs:
        experiment = services.experiments.find(slug)
        with services.database.read() as connection:
            stored = rollups.stored(connection, experiment.id)
            assert stored == rollups.recount(connection, experiment.id)
            totals = rollups.totals(connection, experiment.id)
            assert rollups.series(connection, experiment.id, "confidence")
        assert totals["judged"] == totals["labels"] > 0
        assert sum(totals[f"as:{c}"] for c in (*range(9), "none")) == totals["n"]
        assert services.verification.verify(slug).difference == ""
    assert len(slugs) == (4 if version == 1 else 1)


def test_the_second_version_is_labeled_on(second, open_more):
    services = open_more()
    assert services.verification.verify("floor-raised").samples == 58
    assert services.verification.verify("floor-raised").fingerprint == SECOND
    assert services.runs.oracle("floor-raised", annotator="new release") > 10
    services.labeling.settle()
    assert services.verification.verify("floor-raised").difference == ""


def test_the_third_version_keeps_everything_and_is_labeled_on_by_several(third, open_more):
    before = contents(file_of(third))
    services = open_more()
    after = contents(file_of(third))
    assert after.pop("leases") == []
    added: dict[str, Any] = {
        "experiments": {"target": None},
        "predictions": {"checked": None, "turn": None},
        "jobs": {"host": ""},
    }
    for table in set(before) - {"meta", "alembic_version"}:
        assert after[table] == in_order(row | added.get(table, {}) for row in before[table])
    verdict = services.verification.verify("two-people")
    assert (verdict.fingerprint, verdict.samples, verdict.difference) == (THIRD, 25, "")
    shown = [Desk(services, annotator=who).open("two-people") for who in ("lea", "max")]
    assert shown[0]["query"]["position"] == 23
    assert (shown[1]["query"], shown[1]["start"]) == (None, "scan")
    services.runs.scan("two-people", annotator="max")
    second = Desk(services, annotator="max").open("two-people")["query"]["position"]
    assert second > 23
    told = services.labeling.answer("two-people", position=second, label=0, annotator="max")
    assert told.done
    assert services.verification.verify("two-people").difference == ""


def fingerprint(services: Services, slug: str) -> str:
    """Of log and model, as the release that made the dump counted it."""
    experiment, learner = services.labeling.learner(slug)
    told = hashlib.sha256()
    with services.database.read() as connection:
        for event in list(log.all_events(connection, experiment.id)):
            if event["kind"] in SCANNING:
                for row in log.scanned_by(connection, experiment.id, event):
                    told.update(row["probabilities"])
            told.update(repr(tuple(event[name] for name in COLUMNS.split())).encode())
    return hashlib.sha256(told.digest() + learner.fingerprint().encode()).hexdigest()


@pytest.mark.parametrize("slug", [*FINGERPRINTS, *ROWS])
def test_it_verifies_bit_for_bit(old, open_more, slug):
    services = open_more(old)
    verdict = services.verification.verify(slug)
    assert verdict.difference == ""
    assert verdict.samples >= 28
    if slug in FINGERPRINTS:
        assert fingerprint(services, slug) == FINGERPRINTS[slug]


def test_it_is_labeled_on(old, open_more, next_query):
    services = open_more(old)
    assert {slug: next_query(services, slug) for slug in OPEN} == OPEN
    before = contents(file_of(old))["predictions"]
    given = services.runs.oracle("under-way", annotator="new release")
    assert given > 10
    last = services.experiments.find("under-way")
    assert last.position == 260
    assert services.labeling.undo("under-way", annotator="new release").done
    services.labeling.settle()
    assert services.verification.verify("under-way").difference == ""
    # What the old release had predicted is still there, bit for bit, but for the open query.
    after = contents(file_of(old))["predictions"]
    assert [row for row in before if row not in after] == [
        row for row in before if (row["experiment_id"], row["position"]) == (2, OPEN["under-way"])
    ]
    # Another process, and no copy in memory: it opens without anything to migrate.
    again = open_more(old)
    assert again.database.found == SCHEMA_VERSION
    assert again.verification.verify("under-way").difference == ""


def test_it_may_be_older_than_what_four_processes_expect(old):
    gate = threading.Barrier(4)

    def start(_: int) -> int:
        gate.wait()
        database = Database(old)
        with database.read() as connection:
            assert connection.execute(sa.select(schema.meta.c.value)).scalars().all() == [
                str(SCHEMA_VERSION)
            ]
            connection.execute(sa.select(schema.events.c.payload)).all()
        database.close()
        return database.found

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(start, range(4)))
    assert found[0] == 1
    assert set(found) <= {1, SCHEMA_VERSION}


OPEN_IT = """
import sys
from dashboard.settings import read_settings
from dashboard.storage.database import Database
database = Database(read_settings())
print(database.found, "alembic" in sys.modules)
"""

KILLED = """
import os, signal, sys
import sqlalchemy as sa
from sqlalchemy.engine import Engine
changes = 0
@sa.event.listens_for(Engine, "after_cursor_execute")
def _(connection, cursor, statement, *_):
    global changes
    changes += statement.split()[0] in ("ALTER", "CREATE", "INSERT", "UPDATE", "DELETE")
    if changes == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def in_a_process(code: str, settings: Settings, *words: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONHASHSEED": "0"}
    environ["DATABASE_URL"] = settings.database_url
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def outcome(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def test_four_processes_bring_it_forward_once(old):
    started = [in_a_process(OPEN_IT, old) for _ in range(4)]
    said = sorted(outcome(process) for process in started)
    assert said[0] == "1 True"
    assert {line.split()[0] for line in said} <= {"1", str(SCHEMA_VERSION)}
    assert contents(file_of(old))["meta"] == [{"key": "schema", "value": str(SCHEMA_VERSION)}]


def test_alembic_is_imported_only_to_bring_something_forward(settings):
    assert outcome(in_a_process(OPEN_IT, settings)) == "0 False"
    assert outcome(in_a_process(OPEN_IT, settings)) == f"{SCHEMA_VERSION} False"


def test_opening_an_up_to_date_database_asks_two_questions(settings):
    Database(settings).close()
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        Database(settings).close()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    words = [s.split()[0] for s in asked if s.split()[0] not in ("BEGIN", "COMMIT")]
    assert words == ["PRAGMA", "SELECT"]


@pytest.mark.parametrize("change", [1, 4, 7, 11])
def test_killed_on_the_way_it_is_what_it_was(old, change):
    before, rows = shape_of(file_of(old)), contents(file_of(old))
    process = in_a_process(KILLED + OPEN_IT, old, str(change))
    process.communicate(timeout=120)
    assert process.returncode == -9, "there are fewer changes than that"
    assert (shape_of(file_of(old)), contents(file_of(old))) == (before, rows)
    database = Database(old)
    assert database.found == 1
    database.close()


def test_what_fails_on_the_way_leaves_it_as_it_was(old):
    connection = pysqlite3.connect(file_of(old))
    connection.execute("ALTER TABLE events ADD COLUMN payload TEXT")  # somebody's own
    connection.close()
    before, rows = shape_of(file_of(old)), contents(file_of(old))
    with pytest.raises(Unavailable) as caught:
        Database(old)
    assert str(caught.value) == (
        f"The database {file_of(old)} could not be brought to the schema of this release "
        "(duplicate column name: payload); it is as it was."
    )
    assert (shape_of(file_of(old)), contents(file_of(old))) == (before, rows)


def test_a_reader_is_not_in_the_way_and_keeps_what_it_sees(old):
    reader = pysqlite3.connect(file_of(old), isolation_level=None)
    reader.execute("PRAGMA journal_mode=WAL")
    reader.execute("BEGIN")
    columns = {row[1] for row in reader.execute("PRAGMA table_info(events)")}
    count = reader.execute("SELECT count(*) FROM events").fetchone()
    Database(old).close()
    assert reader.execute("SELECT count(*) FROM events").fetchone() == count
    assert {row[1] for row in reader.execute("PRAGMA table_info(events)")} == columns
    reader.execute("COMMIT")
    assert "payload" in {row[1] for row in reader.execute("PRAGMA table_info(events)")}
    reader.close()


# Databases of others ---------------------------------------------------------------------------


def test_tables_of_another_program_are_left_alone(settings):
    settings.data.mkdir()
    connection = pysqlite3.connect(file_of(settings))
    connection.execute("CREATE TABLE events (what TEXT)")
    connection.execute("INSERT INTO events VALUES ('theirs')")
    connection.commit()
    connection.close()
    with pytest.raises(Unavailable) as caught:
        Database(settings)
    assert str(caught.value) == (
        f"The database {file_of(settings)} could not be brought to the schema of this release "
        "(table events already exists); it is as it was."
    )
    assert contents(file_of(settings)) == {"events": [{"what": "theirs"}]}


def test_a_meta_table_of_another_program(settings):
    settings.data.mkdir()
    connection = pysqlite3.connect(file_of(settings))
    connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    connection.close()
    with pytest.raises(SluiceError, match="belongs to another program"):
        Database(settings)


# The command -----------------------------------------------------------------------------------


@pytest.fixture
def command(monkeypatch, capfd) -> Callable[[Settings], tuple[int, str, str]]:
    """`python -m dashboard migrate` in this process: exit code, output, errors."""

    def run(settings: Settings) -> tuple[int, str, str]:
        monkeypatch.setenv("SLUICE_DATA", str(settings.data))
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        return (cli.run(["migrate"]), *capfd.readouterr())

    return run


def test_the_command_makes_a_database(settings, command):
    assert command(settings) == (0, f"schema {SCHEMA_VERSION} (was empty)\n", "")
    assert command(settings) == (0, f"schema {SCHEMA_VERSION} (had it already)\n", "")


def test_the_command_brings_an_old_one_forward(old, command):
    assert command(old) == (0, f"schema {SCHEMA_VERSION} (was 1)\n", "")


def test_the_command_refuses_a_newer_one(settings, command):
    database = Database(settings)
    with database.write() as connection:
        migrate.number(connection, 99)
    database.close()
    code, out, err = command(settings)
    assert (code, out) == (2, "")
    assert err == (
        f"The database was written by a newer Sluice (schema 99, this one knows {SCHEMA_VERSION}); "
        "update Sluice.\n"
    )
