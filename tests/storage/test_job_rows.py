"""Rows of long work: who may claim, who is dead, on this machine and on others."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dashboard.storage import jobs, schema
from dashboard.storage.database import Database
from dashboard.storage.jobs import STALE_MS, Job
from dashboard.storage.machine import here

pytestmark = pytest.mark.both

ELSEWHERE = "elsewhere/boot/1"


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def gone() -> int:
    """The id of a process that is not there any more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def claim(database: Database, name: str, *, at: int = 1_000, kind: str = "scan") -> bool:
    with database.write() as connection:
        return jobs.claim(
            connection, job_id=name, scope="one", kind=kind, total=9, pid=os.getpid(), at=at
        )


def latest(database: Database) -> Job:
    with database.read() as connection:
        found = jobs.latest(connection, "one")
    assert found is not None
    return found


def change(database: Database, **values: object) -> Job:
    with database.write() as connection:
        connection.execute(schema.jobs.update().values(**values))
    return latest(database)


def test_a_job_is_of_this_machine(database):
    assert claim(database, "a")
    assert latest(database).host == here()
    assert not jobs.is_dead(latest(database), at=1_000)


@pytest.mark.parametrize("host", ["", here()])
def test_here_a_process_that_is_gone_is_seen(database, gone, host):
    claim(database, "a")
    assert jobs.is_dead(change(database, host=host, pid=gone), at=1_000)


def test_elsewhere_a_process_is_not_looked_for(database, gone):
    claim(database, "a")
    job = change(database, host=ELSEWHERE, pid=gone)
    assert not jobs.is_dead(job, at=1_000 + STALE_MS)
    assert jobs.is_dead(job, at=1_001 + STALE_MS)
    # An id that means a living process here says nothing about that machine either.
    assert jobs.is_dead(change(database, pid=os.getpid()), at=1_001 + STALE_MS)


def test_one_elsewhere_keeps_others_out_until_it_is_silent(database, gone):
    claim(database, "a")
    change(database, host=ELSEWHERE, pid=gone)
    assert not claim(database, "b", at=1_000 + STALE_MS)
    with database.write() as connection:
        jobs.touch(connection, "a", at=20_000)
    assert not claim(database, "c", at=1_001 + STALE_MS)
    assert claim(database, "d", at=20_001 + STALE_MS)
    with database.write() as connection:  # should it be alive after all, it hears that it is not
        assert not jobs.beat(connection, "a", done=1, total=9, message="", at=60_000)
    assert latest(database).id == "d"


def test_deaths_in_a_row(database):
    def deaths(kind: str = "scan") -> int:
        with database.read() as connection:
            return jobs.deaths(connection, "one", kind, most=3)

    assert deaths() == 0
    for number, state in enumerate(["died", "done", "died", "died"]):
        claim(database, f"job {number}", at=number)
        with database.write() as connection:
            jobs.finish(connection, f"job {number}", state=state, message="", at=number)
    assert deaths() == 2
    claim(database, "job 4", at=4)
    assert deaths() == 3
    assert deaths("oracle") == 0
    with database.write() as connection:
        jobs.finish(connection, "job 4", state="canceled", message="", at=5)
    assert deaths() == 0
