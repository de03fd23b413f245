"""Leases: one query with one person, one person at one query, and nothing for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from dashboard.storage import leases, log, schema
from dashboard.storage.database import Database
from tests.storage.test_log import scan, write


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def open_five(services, make_experiment, database) -> int:
    """The id of an experiment with open queries at 1, 3, 5, 7 and 9."""
    found = services.experiments.find(make_experiment(services, n=60)).id
    write(database, found, *(scan(n, 2 * n - 2, 2 * n) for n in range(1, 6)))
    with database.read() as connection:
        assert log.open_positions(connection, found) == [1, 3, 5, 7, 9]
    return found


def held(database: Database) -> dict[int, tuple[str, int]]:
    with database.read() as connection:
        rows = connection.execute(sa.select(schema.leases))
        return {row.position: (row.annotator, row.until) for row in rows}


def test_each_gets_the_lowest_that_is_free(database, open_five):
    with database.write() as connection:
        for number, who in enumerate(("ann", "ben", "cem")):
            found = leases.take_next(connection, open_five, who, at=10 + number, until=100 + number)
            assert found == 2 * number + 1
            again = leases.take_next(connection, open_five, who, at=20, until=200)
            assert again == found  # and its time goes on
    assert held(database) == {1: ("ann", 100), 3: ("ben", 101), 5: ("cem", 102)}


def test_nothing_is_left_when_all_are_with_others(database, open_five):
    with database.write() as connection:
        for who in "abcde":
            assert leases.take_next(connection, open_five, who, at=0, until=100) is not None
        assert leases.take_next(connection, open_five, "f", at=0, until=100) is None
        assert leases.free(connection, open_five, "f", at=0) is None
        assert leases.free(connection, open_five, "a", at=0) == 1
        assert leases.free(connection, open_five, "a", at=0, besides=1) is None
    assert len(held(database)) == 5


@pytest.mark.parametrize(("at", "gets"), [(99, 5), (100, 1)])
def test_an_expired_lease_goes_to_whoever_comes_next(database, open_five, at, gets):
    with database.write() as connection:
        leases.take_next(connection, open_five, "ann", at=0, until=100)
        leases.take_next(connection, open_five, "ben", at=0, until=200)
        assert leases.take_next(connection, open_five, "cem", at=at, until=300) == gets
        mine = leases.own(connection, open_five, "ann", at=at)
        assert (mine is None) is (gets == 1)


def test_who_comes_back_late_goes_on_with_the_same_where_nobody_took_it(database, open_five):
    with database.write() as connection:
        leases.take_next(connection, open_five, "ann", at=0, until=100)
        leases.take_next(connection, open_five, "ben", at=0, until=100)
        assert leases.take_next(connection, open_five, "ben", at=500, until=600) == 3
        assert leases.take_next(connection, open_five, "cem", at=500, until=600) == 1


def test_what_is_with_another_is_not_taken(database, open_five):
    with database.write() as connection:
        assert leases.take(connection, open_five, 3, "ann", at=0, until=100)
        assert not leases.take(connection, open_five, 3, "ben", at=99, until=200)
        assert leases.take(connection, open_five, 3, "ann", at=50, until=150)
    assert held(database) == {3: ("ann", 150)}
    with database.write() as connection:
        assert leases.take(connection, open_five, 3, "ben", at=150, until=250)
    assert held(database) == {3: ("ben", 250)}


def test_a_person_has_one_at_a_time(database, open_five):
    with database.write() as connection:
        for position in (3, 7, 5):
            assert leases.take(connection, open_five, position, "ann", at=0, until=100)
    assert held(database) == {5: ("ann", 100)}
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(
            schema.leases.insert(),
            {"experiment_id": open_five, "position": 9, "annotator": "ann", "until": 5},
        )


def test_a_lease_on_what_is_not_open_any_more_is_none(database, open_five):
    with database.write() as connection:
        leases.take(connection, open_five, 1, "ann", at=0, until=100)
        where = schema.predictions.c.position == 1
        connection.execute(
            schema.predictions.update().where(where).values(answered=9, answer="pass")
        )
        assert leases.own(connection, open_five, "ann", at=0) is None
        assert leases.take_next(connection, open_five, "ann", at=0, until=100) == 3
    assert held(database) == {3: ("ann", 100)}


def test_an_experiment_keeps_its_leases_to_itself(services, database, open_five, make_experiment):
    other = services.experiments.find(make_experiment(services, "other", n=60)).id
    write(database, other, scan(1, 0, 2))
    with database.write() as connection:
        assert leases.take_next(connection, open_five, "ann", at=0, until=100) == 1
        assert leases.take_next(connection, other, "ben", at=0, until=100) == 1
        leases.release(connection, other, 1)
        assert leases.own(connection, open_five, "ann", at=0)["position"] == 1


def test_leases_go_with_their_experiment(services, database, open_five):
    with database.write() as connection:
        leases.take_next(connection, open_five, "ann", at=0, until=100)
    services.experiments.delete("made")
    assert held(database) == {}


def race(databases: list[Database], experiment_id: int, people: int) -> list[int | None]:
    """What each gets of those who ask at the same instant, from engines of their own."""
    gate = threading.Barrier(people)

    def ask(number: int) -> int | None:
        gate.wait()
        with databases[number % len(databases)].write() as connection:
            return leases.take_next(connection, experiment_id, f"p{number}", at=0, until=100)

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(ask, range(people)))


def test_those_who_ask_at_one_instant_get_different_ones(settings, database, open_five):
    databases = [Database(settings) for _ in range(4)]
    found = race(databases, open_five, 8)
    assert sorted(p for p in found if p is not None) == [1, 3, 5, 7, 9]
    assert found.count(None) == 3
    for each in databases:
        each.close()
