"""The same on PostgreSQL: a server of the tests' own, started and stopped here."""

from __future__ import annotations

import csv
import io
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pysqlite3
import pytest
import sqlalchemy as sa

from dashboard import cli
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Unavailable
from dashboard.settings import Settings, read_settings
from dashboard.storage import checks, export, log, migrate, schema
from dashboard.storage.database import Database
from dashboard.storage.schema import SCHEMA_VERSION
from dashboard.storage.streams import Sample
from tests.postgres import WITHOUT, PostgresServer, programs
from tests.servers import needed
from tests.services.test_leases import annotate
from tests.serving import ROOT
from tests.storage.test_lease_rows import race
from tests.storage.test_log import scan, write
from tests.storage.test_migrations import DUMPS, FINGERPRINTS, KILLED, OPEN, ROWS, fingerprint

pytestmark = pytest.mark.slow

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    needed(programs(), WITHOUT)
    made = PostgresServer()
    made.start()
    yield made
    made.remove()


@pytest.fixture
def empty(server, tmp_path) -> Settings:
    """Settings with an empty database, given in the form that Heroku gives it."""
    url = server.new_database(f"sluice{next(_numbers)}")
    return read_settings({"SLUICE_DATA": str(tmp_path / "data"), "DATABASE_URL": url})


@pytest.fixture
def made(empty) -> Settings:
    """Settings with a database at the schema of this release."""
    Database(empty, forward=True).close()
    return empty


@pytest.fixture
def old(empty) -> Settings:
    """Settings with a database of schema version 1 that holds what the dump holds."""
    source = pysqlite3.connect(":memory:")
    source.executescript((DUMPS / "version-1.sql").read_text(encoding="utf-8"))
    engine = sa.create_engine(empty.database_url)
    with engine.begin() as connection:
        migrate.upgrade(connection, 1)
        connection.execute(sa.text("DROP TABLE alembic_version"))
        found = sa.MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name == "meta":
                continue
            cursor = source.execute(f"SELECT * FROM {table.name}")
            names = [column[0] for column in cursor.description]
            connection.execute(
                table.insert(), [dict(zip(names, row, strict=True)) for row in cursor]
            )
        for name in ("streams", "experiments"):
            connection.execute(sa.text(
                f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"
            ))  # fmt: skip
    engine.dispose()
    source.close()
    return empty


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


def shape(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Everything about the tables but the order of their columns."""
    queries = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default, "
        "character_maximum_length FROM information_schema.columns",
        "indexes": "SELECT tablename, indexdef, '', '', '', 0 FROM pg_indexes",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', "
        "'', 0 FROM pg_constraint",
        "statistics": "SELECT attrelid::regclass::text, attname, attstattarget::text, '', '', 0 "
        "FROM pg_attribute WHERE attnum > 0",
    }
    tables = {name for (name,) in ask(settings, "SELECT tablename FROM pg_tables "
                                      "WHERE schemaname = 'public'")}  # fmt: skip
    return {
        what: sorted((row for row in ask(settings, query) if row[0] in tables), key=repr)
        for what, query in queries.items()
    }


def in_a_process(settings: Settings, *words: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONHASHSEED": "0"}
    # As it may be given: the settings are read once more.
    environ["DATABASE_URL"] = settings.database_url.replace("postgresql+psycopg", "postgres")
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def outcome(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out.strip()


# Migrations ------------------------------------------------------------------------------------


def test_an_empty_database_is_refused_with_the_command_that_helps(empty):
    with pytest.raises(Unavailable) as caught:
        Database(empty)
    assert str(caught.value) == (
        f"The database is empty, and this Sluice needs schema {SCHEMA_VERSION}; run "
        "`python -m dashboard migrate` once, then start again."
    )
    assert shape(empty)["columns"] == []


def test_four_releases_at_once_make_one_database(empty):
    code = (
        "from dashboard.settings import read_settings\n"
        "from dashboard.storage.database import Database\n"
        "print(Database(read_settings(), forward=True).found)"
    )
    started = [in_a_process(empty, "-c", code) for _ in range(4)]
    said = sorted(outcome(process) for process in started)
    assert said == [str(migrate.EMPTY), *[str(SCHEMA_VERSION)] * 3]
    Database(empty).close()


def test_migrating_from_nothing_makes_what_a_new_database_has(server, made, tmp_path):
    url = server.new_database("by_versions")
    other = read_settings({"SLUICE_DATA": str(tmp_path), "DATABASE_URL": url})
    engine = sa.create_engine(other.database_url)
    with engine.begin() as connection:
        migrate.upgrade(connection, SCHEMA_VERSION)
    engine.dispose()
    assert shape(other) == shape(made)
    assert ask(other, "SELECT * FROM alembic_version") == ask(made, "SELECT * FROM alembic_version")


def test_an_old_database_waits_for_the_command(old):
    before = shape(old)
    with pytest.raises(Unavailable, match="has schema 1, and this Sluice needs"):
        Database(old)
    assert shape(old) == before
    database = Database(old, forward=True)
    assert database.found == 1
    database.close()
    assert ask(old, "SELECT value FROM meta") == [(str(SCHEMA_VERSION),)]


def test_an_old_database_verifies_and_is_labeled_on(old, open_more, next_query):
    Database(old, forward=True).close()
    services = open_more(old)
    for slug in (*FINGERPRINTS, *ROWS):
        assert services.verification.verify(slug).difference == ""
    assert {slug: fingerprint(services, slug) for slug in FINGERPRINTS} == FINGERPRINTS
    assert {slug: next_query(services, slug) for slug in OPEN} == OPEN
    assert services.runs.oracle("under-way", annotator="another server") > 10
    assert services.labeling.undo("under-way", annotator="another server").done
    assert services.verification.verify("under-way").difference == ""


@pytest.mark.parametrize("change", [1, 5, 9])
def test_killed_on_the_way_it_is_what_it_was(old, change):
    before = shape(old)
    process = in_a_process(
        old, "-c", KILLED + "from dashboard.cli import run\nsys.exit(run(['migrate']))", str(change)
    )
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, "there are fewer changes than that"
    assert shape(old) == before
    database = Database(old, forward=True)
    assert database.found == 1
    database.close()


# Labels and logs -------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch, capfd) -> Callable[..., str]:
    """A command in this process; its output."""

    def call(settings: Settings, *words: str) -> str:
        monkeypatch.setenv("SLUICE_DATA", str(settings.data))
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        code = cli.run(list(words))
        out, err = capfd.readouterr()
        assert code == 0, err
        return str(out)

    return call


def test_the_commands_say_what_they_say_on_sqlite(made, settings, quick):
    logs = []
    for where in (made, settings):
        create = "experiments create Made --stream sample-messages --preset recommended"
        assert quick(where, *create.split(), "--warm-start", "200") == "made\n"
        assert quick(where, "label", "made", "--oracle", "--count", "30") == "30 labels\n"
        assert quick(where, "verify", "made")
        found = {}
        for what in ("labels", "predictions"):
            rows = list(csv.DictReader(io.StringIO(quick(where, "export", "made", what))))
            found[what] = [{k: v for k, v in r.items() if k not in ("at", "labeled_at")}
                           for r in rows]  # fmt: skip
        listed = quick(where, "experiments", "list")
        logs.append((found, listed))
    assert logs[0] == logs[1]
    assert len(logs[0][0]["labels"]) > 30


def test_several_processes_answer_each_query_once(made, quick):
    create = "experiments create Made --stream sample-messages --preset blog"
    quick(made, *create.split())
    label = ["-m", "dashboard", "label", "made", "--oracle", "--count", "25"]
    started = [in_a_process(made, *label) for _ in range(3)]
    assert [outcome(process) for process in started] == ["25 labels"] * 3
    assert len(quick(made, "export", "made", "labels").splitlines()) == 76
    assert quick(made, "verify", "made")


def test_those_who_ask_at_one_instant_get_different_queries(made, open_more, make_experiment):
    workers = [open_more(made) for _ in range(3)]
    services = workers[0]
    experiment = services.experiments.find(make_experiment(services, n=60))
    write(services.database, experiment.id, *(scan(n, 2 * n - 2, 2 * n) for n in range(1, 6)))
    found = race([worker.database for worker in workers], experiment.id, 9)
    assert sorted(p for p in found if p is not None) == [1, 3, 5, 7, 9]
    held = ask(made, "SELECT position, annotator FROM leases ORDER BY position")
    assert held == [(p, f"p{found.index(p)}") for p in (1, 3, 5, 7, 9)]


def test_several_people_label_at_once_and_an_expired_lease_moves_on(
    made, open_more, make_experiment
):
    workers = [open_more(made), open_more(made)]
    slug = make_experiment(workers[0], preset="recommended", n=500)
    now = [1_800_000_000_000]
    for worker in workers:
        worker.labeling.clock = worker.views.clock = lambda: now[0]
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(annotate, workers[n % 2], slug, f"p{n}", 5) for n in range(4)]
    told = [position for job in jobs for position in job.result()]
    assert len(told) == len(set(told)) == 20
    left = {who: position for position, who in ask(made, "SELECT position, annotator FROM leases")}
    assert len(set(left.values())) == len(left)
    now[0] += 600_000
    assert workers[0].labeling.turns.take(slug, "late")
    assert ask(made, "SELECT position FROM leases WHERE annotator = 'late'") == [
        (min(left.values()),)
    ]
    assert workers[1].labeling.undo(slug, annotator="p1").done
    assert workers[1].verification.verify(slug).difference == ""


def test_read_sees_one_state_and_changes_nothing(made, open_more, make_experiment):
    services = open_more(made)
    make_experiment(services, "one")
    with services.database.read() as connection:
        count = sa.select(sa.func.count()).select_from(schema.experiments)
        assert connection.scalar(count) == 1
        make_experiment(services, "two")
        assert connection.scalar(count) == 1
    with (
        pytest.raises(Unavailable, match="takes no changes at the moment"),
        services.database.read() as connection,
    ):
        connection.execute(schema.meta.delete())


def test_spot_checks_are_drawn_answered_and_verified(made, open_more, make_experiment, patient):
    services = open_more(made)
    slug = make_experiment(services, n=200, preset="recommended")
    services.runs.oracle(slug, count=20)
    head = services.experiments.find(slug).head
    services.checks.queue(slug, 6, predicted="win")
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        first, *drawn = [q["position"] for q in log.open_queries(connection, experiment.id, 9)]
        assert drawn == checks.waiting(connection, experiment.id)
    assert len(drawn) == 6
    for position in (first, *drawn[:3]):  # the sampler's own question first, then by turns
        assert services.views.view(slug)["query"]["position"] == position
        assert services.labeling.answer(slug, position=position, label=0).done
    assert services.labeling.undo(slug).done
    assert services.checks.take_back(slug).done
    assert services.reports.skipped(slug).checks.answered == 2
    assert services.experiments.find(slug).head == head + 7
    assert services.verification.verify(slug).difference == ""


def test_one_writer_at_a_time(made):
    database = Database(made)
    impatient = Database(made)

    @sa.event.listens_for(impatient.engine, "checkout")
    def _hurry(connection: Any, *_: Any) -> None:
        connection.execute("SET lock_timeout = '50ms'")
        connection.commit()

    with database.write(), pytest.raises(Unavailable) as caught, impatient.write():
        pass
    assert "has been locked by another process for a minute; try again." in str(caught.value)
    with impatient.write() as connection:
        connection.execute(sa.select(1))
    impatient.close()
    database.close()


@pytest.mark.parametrize("known", [0, 1, 2_000])
def test_a_download_of_what_came_after_the_last_analyze(made, open_more, known):
    services = open_more(made)
    many = 20_000
    if known:
        fill(services, "old", known)
        with services.database.write() as connection:
            connection.execute(sa.text("ANALYZE"))
    fill(services, "new", many)
    with services.database.read() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = '10s'"))
        experiment = services.experiments.find("new")
        stream = services.experiments.stream_of(experiment)
        for table in (
            export.label_table(connection, experiment, stream, history=True),
            export.prediction_table(connection, experiment, stream),
        ):
            assert sum(1 for _ in table.rows) == many


@pytest.mark.parametrize("known", [0, 1, 5_000])
def test_a_press_reads_a_handful_of_rows(made, open_more, known):
    services = open_more(made)
    many = 5_000
    if known:
        fill(services, "old", known)
        with services.database.write() as connection:
            connection.execute(sa.text("ANALYZE"))
    fill(services, "new", many)
    number = services.experiments.find("new").id
    for ask, *given in (
        (log.recent_answers, 25),
        (log.last_answer,),
        (log.last_labels, 25),
        (log.others_since, many - 20, "somebody"),
        (log.state_before, many - 20),
        (log.labels_since, many - 20),
        (log.asked_before, many - 20),
    ):
        with services.database.read() as connection:
            before = connection.scalar(ROWS_READ)
            ask(connection, number, *given)
            read = connection.scalar(ROWS_READ) - before
        assert 0 < read < 200, f"{ask.__name__} read {read} rows"


ROWS_READ = sa.text(
    "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
)


def fill(services: Any, name: str, n: int) -> None:
    """An experiment with n answered queries."""
    stream = services.experiments.add_stream(
        slug=name, title=name, kind="text", classes=["ham", "spam"], source="",
        items=(Sample(f"s{i}", {"text": "a text"}, None) for i in range(n)),
    )  # fmt: skip
    made = services.experiments.create(
        name, stream=stream, spec=make_spec("blog", text=True, classes=2)
    )
    mine = {"experiment_id": made.id, "voided": 0, "label": 1}
    with services.database.write() as connection:
        connection.execute(
            schema.experiments.update()
            .where(schema.experiments.c.id == made.id)
            .values(position=n, head=n + 1)
        )
        connection.execute(schema.events.insert(), [
            {**mine, "seq": p + 2, "kind": "label", "position": p, "first": 0, "stop": 0,
             "annotator": "", "source": "person", "at": p}
            for p in range(n)
        ])  # fmt: skip
        connection.execute(schema.predictions.insert(), [
            {**mine, "position": p, "seq": p + 1, "predicted": 1, "entropy": 0.5, "at": p,
             "probabilities": log.pack((0.25, 0.75)), "query_probability": 0.5,
             "reason": "entropy", "answered": p + 2, "answer": "label"}
            for p in range(n)
        ])  # fmt: skip


@pytest.mark.parametrize("value", [{"slug": "a\0b"}, {"samples": 2**40}])
def test_what_it_cannot_hold_is_refused_in_a_sentence(made, open_more, value):
    database = open_more(made).database
    row = {"slug": "s", "title": "", "kind": "text", "classes": "[]", "samples": 0, "truths": 0,
           "source": "", "fingerprint": "", "created_at": 0, **value}  # fmt: skip
    with pytest.raises(BadInput, match="cannot hold a value"), database.write() as connection:
        connection.execute(schema.streams.insert(), row)


# A server that is not there --------------------------------------------------------------------


def test_a_server_that_stops_and_comes_back(tmp_path):
    needed(programs(), WITHOUT)
    server = PostgresServer(durable=True)
    try:
        server.start()
        url = server.new_database("sluice")
        settings = read_settings({"SLUICE_DATA": str(tmp_path), "DATABASE_URL": url})
        database = Database(settings, forward=True)
        with pytest.raises(Unavailable) as caught:
            change_while(database, lambda: server.stop(signal.SIGKILL))
        # A process of the server may still have time to say that it is going.
        assert f"the database sluice at 127.0.0.1:{server.port}" in str(caught.value).lower()
        assert "the last step may or may not be stored" in str(caught.value)
        with pytest.raises(Unavailable, match="cannot be reached") as caught:
            Database(settings)
        assert "\n" not in str(caught.value)
        server.start()
        with database.read() as connection:
            assert migrate.version(connection) == SCHEMA_VERSION
        database.close()
    finally:
        server.remove()


def change_while(database: Database, happening: Callable[[], None]) -> None:
    with database.write() as connection:
        happening()
        connection.execute(schema.meta.delete())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://postgres@127.0.0.1:{port}/absent", 'database "absent" does not exist'),
        ("postgres://nobody@127.0.0.1:{port}/postgres", 'role "nobody" does not exist'),
        ("postgres://postgres:hush@no.such.host.invalid/x", "no.such.host.invalid"),
    ],
)
def test_an_address_that_leads_nowhere(server, tmp_path, url, words):
    given = {"SLUICE_DATA": str(tmp_path), "DATABASE_URL": url.format(port=server.port)}
    with pytest.raises(Unavailable) as caught:
        Database(read_settings(given))
    assert words in str(caught.value)
    assert "check DATABASE_URL" in str(caught.value)
    assert "hush" not in str(caught.value)
