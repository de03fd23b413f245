"""The append-only log: who wins a head, what is written at once or not at all, what is refused."""

from __future__ import annotations

import math
import random
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.events import Event, Kind, Source
from dashboard.core.learner import Prediction
from dashboard.core.strategies import Decision
from dashboard.errors import Conflict, SluiceError, Unavailable
from dashboard.settings import read_settings
from dashboard.storage import database as database_module
from dashboard.storage import log, schema, streams
from dashboard.storage.database import Database
from dashboard.storage.log import Append, HeadMoved, NotOpen
from dashboard.storage.streams import Sample, SampleReader


def predicted(position: int, *, asked: bool = False) -> Prediction:
    decision = Decision(0.25, 0.5, asked, "entropy" if asked else "")
    return Prediction(position, position % 2, (0.75, 0.25), decision)


def scan(seq: int, first: int, stop: int, *, ask: bool = True, **details: Any) -> Append:
    """An event that scans some samples, of which the last is asked about."""
    rows = [predicted(p, asked=ask and p == stop - 1) for p in range(first, stop)]
    details = {"kind": Kind.SCAN, "at": 1000 * seq, **details}
    event = Event(seq=seq, first=first, stop=stop, **details)
    return Append(event, rows, [None] * len(rows))


def answer(seq: int, position: int, first: int, stop: int, label: int | None = 1, **more) -> Append:
    kind = Kind.PASS if label is None else Kind.LABEL
    return scan(seq, first, stop, kind=kind, position=position, label=label, **more)


def correction(
    kind: Kind, seq: int, target: int, position: int, stop: int, label: int | None = None, **more
) -> Append:
    return Append(
        Event(seq=seq, kind=kind, first=stop, stop=stop, at=1000 * seq, position=position,
              label=label, target=target, **more)
    )  # fmt: skip


@pytest.fixture
def blank(services, make_experiment) -> int:
    """The id of an experiment that has seen nothing, over a stream of 60 texts."""
    return services.experiments.find(make_experiment(services, n=60)).id


@pytest.fixture
def database(services) -> Database:
    return services.database


def write(database: Database, experiment_id: int, *steps: Append) -> None:
    for step in steps:
        with database.write() as connection:
            log.append(connection, experiment_id, step)


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with database.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for table in schema.metadata.tables.values()
        }


def test_what_is_written_is_what_is_read(database, blank):
    event = Event(
        seq=1, kind=Kind.SCAN, first=0, stop=3, at=1_700_000_000_123, strategy_state=0.1 + 0.2
    )
    bits = (math.nextafter(0.1, 1), -0.0, 5e-324)
    made = [
        Prediction(0, 1, bits, Decision(0.1, 1 / 3, False, "")),
        Prediction(1, None, (math.nan,) * 3, Decision(0.0, 1.0, True, "cold-start")),
        Prediction(2, 0, (1.0, 0.0, 0.0), Decision(1.0, 0.02, False, "")),
    ]
    write(database, blank, Append(event, made, [0, None, 2]))
    told = Event(
        seq=2, kind=Kind.LABEL, first=3, stop=3, at=1_700_000_000_456, position=1, label=2,
        annotator="Zoë", source=Source.ORACLE, key="k" * 26, milliseconds=1234,
    )  # fmt: skip
    write(database, blank, Append(told))
    with database.read() as connection:
        rows = list(log.all_events(connection, blank))
        assert [log.event_of(row) for row in rows] == [event, told]
        stored = log.scanned_by(connection, blank, rows[0])
        assert repr([log.prediction_of(row) for row in stored]) == repr(made)
        assert stored[0]["probabilities"] == struct.pack("<3d", *bits)
        assert [row["truth"] for row in stored] == [0, None, 2]
        assert log.find_key(connection, blank, "k" * 26) == told.seq
        assert log.find_key(connection, blank, "another") is None


def test_two_writers_at_one_head_exactly_one_wins(settings, database, blank):
    """Both have decided at the same head, and both commit at once, from engines of their own."""
    others = [Database(settings) for _ in range(4)]
    write(database, blank, scan(1, 0, 1))
    for seq in range(2, 12):
        gate = threading.Barrier(len(others))

        def commit(index: int, seq: int = seq, gate: threading.Barrier = gate) -> str:
            step = answer(seq, seq - 2, seq - 1, seq, index % 2, annotator=f"writer {index}")
            gate.wait()
            try:
                write(others[index], blank, step)
            except HeadMoved as error:
                return str(error)
            return "won"

        with ThreadPoolExecutor(len(others)) as pool:
            outcomes = list(pool.map(commit, range(len(others))))
        assert sorted(outcomes) == ["Someone else answered at the same moment."] * 3 + ["won"]
        with database.read() as connection:
            written = log.get_event(connection, blank, seq)
            answers = log.answers_in_force(connection, blank)
        winner = outcomes.index("won")
        assert written["annotator"] == f"writer {winner}"
        assert answers[-1] == (seq, seq - 2, winner % 2, "label")
        assert len(answers) == seq - 1
    for other in others:
        other.close()


@pytest.mark.parametrize("seq", [1, 2, 4, 99])
def test_a_step_decided_at_another_head_writes_nothing(database, blank, seq):
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6))
    before = dump(database)
    with pytest.raises(HeadMoved):
        write(database, blank, answer(seq, 5, 6, 8))
    assert dump(database) == before
    write(database, blank, answer(3, 5, 6, 8))
    assert dump(database) != before


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        (3, "That sample has been answered already."),
        (4, "That sample has been answered already."),  # skipped: closed without an answer
        (50, "That sample has not been scanned."),
    ],
)
def test_an_answer_to_what_is_not_open_writes_nothing(database, blank, position, sentence):
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6))
    before = dump(database)
    with pytest.raises(NotOpen, match=sentence):
        write(database, blank, answer(3, position, 6, 8))
    assert dump(database) == before
    assert issubclass(NotOpen, Conflict)


def test_a_key_is_written_once_per_experiment(database, services, make_experiment, blank):
    """The last line of defense, below the service's own check."""
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6, key="once"))
    before = dump(database)
    with pytest.raises(sa.exc.IntegrityError):
        write(database, blank, answer(3, 5, 6, 8, key="once"))
    assert dump(database) == before
    other = services.experiments.find(make_experiment(services, "other", n=60)).id
    write(database, other, scan(1, 0, 4), answer(2, 3, 4, 6, key="once"))
    write(database, blank, answer(3, 5, 6, 8, key=None))


def test_a_step_that_fails_on_its_way_writes_nothing(database, blank):
    write(database, blank, scan(1, 0, 4))
    before = dump(database)

    def half() -> None:
        with database.write() as connection:
            log.append(connection, blank, answer(2, 3, 4, 6))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with pytest.raises(sa.exc.IntegrityError):  # position 3 is there already
        write(database, blank, answer(2, 3, 3, 6))
    assert dump(database) == before


def test_undo_keeps_what_it_takes_back(database, blank):
    """Position, head and open query are those of before; the branch stays, marked."""
    write(
        database, blank,
        scan(1, 0, 4, strategy_state=0.5),
        answer(2, 3, 4, 6, strategy_state=0.25),
        answer(3, 5, 6, 9, strategy_state=0.125),
        scan(4, 9, 12, strategy_state=0.0625),
        correction(Kind.RELABEL, 5, 3, 5, 12, 0),
    )  # fmt: skip
    with database.read() as connection:
        last = log.last_answer(connection, blank)
        assert (last["seq"], last["position"], last["first"]) == (3, 5, 6)
        assert log.state_before(connection, blank, 3) == 0.25
        assert log.state_before(connection, blank, 1) is None
    write(database, blank, correction(Kind.UNDO, 6, 3, 5, 6, strategy_state=0.25))
    with database.read() as connection:
        row = connection.execute(
            sa.select(schema.experiments).where(schema.experiments.c.id == blank)
        ).one()
        assert (row.head, row.position, row.strategy_state) == (6, 6, 0.25)
        assert log.open_positions(connection, blank) == [5]
        assert log.open_query(connection, blank)["position"] == 5
        assert log.answers_in_force(connection, blank) == [(2, 3, 1, "label")]
        events = list(log.all_events(connection, blank))
        assert [(e["seq"], e["voided"], e["retracted_at"]) for e in events] == [
            (1, 0, None), (2, 0, None), (3, 6, 5000), (4, 6, 6000), (5, 6, 6000), (6, 0, None),
        ]  # fmt: skip
        assert [r["position"] for r in log.scanned_by(connection, blank, events[2])] == [6, 7, 8]
        assert [r["position"] for r in log.scanned_by(connection, blank, events[3])] == [9, 10, 11]
    # The same positions are scanned again, beside the voided rows.
    write(database, blank, answer(7, 5, 6, 8))
    with database.read() as connection:
        events = list(log.all_events(connection, blank))
        assert [r["voided"] for r in log.scanned_by(connection, blank, events[2])] == [6, 6, 6]
        assert [r["voided"] for r in log.scanned_by(connection, blank, events[6])] == [0, 0]


def test_corrections_change_the_label_and_leave_the_rows(database, blank):
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6, 1), answer(3, 5, 6, 9, None))
    write(database, blank, correction(Kind.RELABEL, 4, 2, 3, 9, 0))
    write(database, blank, correction(Kind.RELABEL, 5, 3, 5, 9, 1))
    with database.read() as connection:
        assert log.answers_in_force(connection, blank) == [(2, 3, 0, "label"), (3, 5, 1, "label")]
        assert log.labels_since(connection, blank, 0) == [(3, 0), (5, 1)]
        assert log.labels_since(connection, blank, 2) == [(5, 1)]
    write(database, blank, correction(Kind.RETRACT, 6, 2, 3, 9))
    write(database, blank, correction(Kind.RELABEL, 7, 3, 5, 9, 0))
    with database.read() as connection:
        assert log.answers_in_force(connection, blank) == [
            (2, 3, None, "retracted"), (3, 5, 0, "label"),
        ]  # fmt: skip
        assert log.labels_since(connection, blank, 0) == [(5, 0)]
        assert log.open_positions(connection, blank) == [8]
        # Of each label only the one in force is not marked as retracted.
        marks = [(e["seq"], e["retracted_at"]) for e in log.all_events(connection, blank)]
        assert marks == [
            (1, None), (2, 4000), (3, 5000), (4, 6000), (5, 7000), (6, None), (7, None),
        ]  # fmt: skip
        assert log.last_answer(connection, blank)["seq"] == 3
        assert log.answered_by(connection, blank, 3) == 2
        assert log.answered_by(connection, blank, 8) is None
        assert log.answered_by(connection, blank, 55) is None


def test_a_retracted_answer_is_not_the_last(database, blank):
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6), answer(3, 5, 6, 9))
    write(database, blank, correction(Kind.RETRACT, 4, 3, 5, 9))
    with database.read() as connection:
        assert log.last_answer(connection, blank)["seq"] == 2


def test_corrected_since(database, blank):
    """A model holds a label corrected since iff the correction came after it, the label before."""
    write(
        database, blank,
        scan(1, 0, 4),
        answer(2, 3, 4, 6),
        answer(3, 5, 6, 9),
        answer(4, 8, 9, 12),
        correction(Kind.RELABEL, 5, 3, 5, 12, 0),
        answer(6, 11, 12, 15),
        correction(Kind.UNDO, 7, 6, 11, 12),
    )  # fmt: skip
    with database.read() as connection:
        assert [log.corrected_since(connection, blank, head) for head in range(8)] == [
            False, False, False,  # made before the relabeled answer
            True, True,  # hold it as it was
            False,  # made after the relabel, before the undone answer
            True,  # holds the undone answer
            False,
        ]  # fmt: skip


def test_asked_before_and_recent_answers(database, blank):
    write(database, blank, scan(1, 0, 4), answer(2, 3, 4, 6), answer(3, 5, 6, 9, None))
    with database.read() as connection:
        assert [log.asked_before(connection, blank, p) for p in (0, 3, 4, 6, 9)] == [
            None, None, 3, 5, 8,
        ]  # fmt: skip
        recent = log.recent_answers(connection, blank, 5)
        assert [(r["seq"], r["position"], r["answer"], r["label"]) for r in recent] == [
            (3, 5, "pass", None), (2, 3, "label", 1),
        ]  # fmt: skip
        assert len(log.recent_answers(connection, blank, 1)) == 1


# Samples ------------------------------------------------------------------------------------


def count_reads(database: Database) -> list[str]:
    said: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def _note(_c, _cursor, statement, *_rest):
        if "FROM samples" in statement:
            said.append(statement)

    return said


def test_samples_are_read_in_chunks_the_last_one_too(services, make_stream):
    stream = make_stream(services, n=1100)
    reader = SampleReader(services.database)
    reads = count_reads(services.database)
    order = list(range(1100)) * 2
    random.Random(1).shuffle(order)
    names = {p: reader.get(stream.id, p).sample_id for p in order}
    assert names == {p: f"s{p}" for p in range(1100)}
    assert len(reads) == 3


def test_a_stream_that_grew_is_read_again(services, make_stream):
    stream = make_stream(services, n=10)
    reader = SampleReader(services.database)
    assert reader.get(stream.id, 9).sample_id == "s9"
    with pytest.raises(IndexError):
        reader.get(stream.id, 10)
    with services.database.write() as connection:
        row = streams._row(stream.id, 10, Sample("s10", {"text": "late"}, None))
        connection.execute(schema.samples.insert(), row)
    with pytest.raises(IndexError):  # an append that is not done yet
        reader.get(stream.id, 10)
    with services.database.write() as connection:
        connection.execute(schema.streams.update().values(samples=11))
    assert reader.get(stream.id, 10) == Sample("s10", {"text": "late"}, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "  two  spaces,\ta tab,\nand a line break "},
        {"text": ""},
        {"text": "<b>&amp;</b> *no* markup 😀"},
        {"size": 0.1, "count": 3, "color": "rot", "flag": True, "none": None},
        {"text": "a text", "beside": 1},
    ],
)
def test_samples_come_back_as_they_were(services, fields):
    stream = services.experiments.add_stream(
        slug="one", title="One", kind="text", classes=["a", "b"],
        items=iter([Sample("x", fields, None)]), source="",
    )  # fmt: skip
    assert SampleReader(services.database).get(stream.id, 0) == Sample("x", fields, None)
    assert (stream.samples, stream.truths) == (1, 0)


# The database -------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_pragmas(database):
    with database.read() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema",
                         "busy_timeout")
        }  # fmt: skip
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    assert said == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0,
        "busy_timeout": 60000,
    }  # fmt: skip
    # Older ones can corrupt a WAL database (sqlite.org/wal.html#walresetbug).
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_four_that_start_at_once_make_one_database(settings):
    gate = threading.Barrier(4)

    def start(_: int) -> Database:
        gate.wait()
        return Database(settings)

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(start, range(4)))
    for database in opened:
        with database.read() as connection:
            assert connection.execute(sa.select(schema.meta)).all() == [
                ("schema", str(schema.SCHEMA_VERSION))
            ]
        database.close()


def test_read_sees_one_state(database, blank):
    write(database, blank, scan(1, 0, 4))
    with database.read() as connection:
        first = log.open_positions(connection, blank)
        write(database, blank, answer(2, 3, 4, 6))
        assert log.open_positions(connection, blank) == first == [3]
    with database.read() as connection:
        assert log.open_positions(connection, blank) == [5]


def refusal(settings) -> str:
    with pytest.raises(Unavailable) as caught:
        Database(settings)
    return str(caught.value)


@pytest.mark.sqlite
def test_a_text_file_in_place_of_the_database(settings):
    settings.data.mkdir()
    file = settings.data / "sluice.db"
    file.write_text("Dear diary, this is not a database. " * 200)
    assert refusal(settings) == (
        f"The file {file} is not a Sluice database, or it is damaged; move it away, or put a "
        "backup in its place."
    )
    assert file.read_text().startswith("Dear diary")


@pytest.mark.sqlite
def test_a_damaged_database(settings, services, make_experiment):
    make_experiment(services, n=400)
    services.database.close()
    file = settings.data / "sluice.db"
    with file.open("r+b") as pages:  # everything but the first page
        pages.seek(4096)
        pages.write(random.Random(0).randbytes(file.stat().st_size - 4096))
    with pytest.raises(Unavailable) as caught, Database(settings).read() as connection:
        connection.execute(sa.select(schema.samples)).all()
    assert str(caught.value) == f"The database {file} is damaged; put a backup in its place."


def test_a_data_folder_that_is_a_file(tmp_path):
    (tmp_path / "taken").write_text("")
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "taken" / "data")})
    assert refusal(settings) == (
        f"The data folder {settings.data} cannot be written (Not a directory); point SLUICE_DATA "
        "at a folder that can."
    )
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "taken")})
    assert refusal(settings) == (
        f"The data folder {settings.data} cannot be written (File exists); point SLUICE_DATA at a "
        "folder that can."
    )


def test_a_database_in_a_folder_that_is_not_there(tmp_path):
    url = f"sqlite:///{tmp_path / 'nowhere' / 'sluice.db'}"
    settings = read_settings({"SLUICE_DATA": str(tmp_path / "data"), "DATABASE_URL": url})
    assert refusal(settings) == (
        f"The database {tmp_path / 'nowhere' / 'sluice.db'} cannot be opened; check that the "
        "folder exists and can be written."
    )


def test_a_database_of_a_newer_sluice(settings, database):
    with database.write() as connection:
        connection.execute(schema.meta.update().values(value="99"))
    with pytest.raises(SluiceError) as caught:
        Database(settings)
    assert str(caught.value) == (
        "The database was written by a newer Sluice (schema 99, this one knows "
        f"{schema.SCHEMA_VERSION}); update Sluice."
    )


@pytest.mark.sqlite
def test_a_database_locked_for_too_long(settings, services, monkeypatch):
    monkeypatch.setattr(database_module, "_PRAGMAS", ("busy_timeout=1", "journal_mode=WAL"))
    hasty = Database(settings)
    with services.database.write(), pytest.raises(Unavailable) as caught, hasty.write():
        pass
    assert str(caught.value) == (
        f"The database {settings.data / 'sluice.db'} has been locked by another process for a "
        "minute; try again."
    )
    with hasty.write():
        pass
    hasty.close()


@pytest.mark.sqlite
def test_every_other_error_stays_loud(database):
    with pytest.raises(sa.exc.OperationalError, match="no such table"), database.read() as c:
        c.exec_driver_sql("SELECT * FROM absent")
