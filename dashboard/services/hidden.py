"""Rows that nobody sees while an experiment is brought in, and what clears them away."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ulid import ULID

from dashboard.errors import SluiceError
from dashboard.storage import arrivals, jobs
from dashboard.storage.arrivals import Hidden
from dashboard.storage.database import Database
from dashboard.storage.jobs import Job
from dashboard.storage.machine import here

logger = logging.getLogger(__name__)

KIND = "import-experiment"
PAUSE_SECONDS = 0.005  # writers in a row would let nobody else write


def sweep(database: Database, *, at: int) -> None:
    """Delete what processes left behind that died while they brought something in."""
    with database.read() as connection:
        found = [
            (h, jobs.latest(connection, _scope(h.token))) for h in arrivals.leftovers(connection)
        ]
    for hidden, job in found:
        if job is None or (jobs.is_silent(job, at=at) and not _at_work(job)):
            _discard(database, hidden)


def _at_work(job: Job) -> bool:
    """Whether the process is still there, as far as can be seen from this machine."""
    return job.state == "running" and job.host in ("", here()) and not jobs.is_gone(job)


def _scope(token: str) -> str:
    return f"{KIND}/{token}"


@contextmanager
def hidden_rows(database: Database, clock: Callable[[], int]) -> Iterator[tuple[Hidden, str]]:
    """Room for what comes in; whatever is not shown at the end of the block is deleted."""
    token, job_id, at = str(ULID()), str(ULID()), clock()
    with database.write() as connection:
        hidden = arrivals.hide(connection, token, at=at)
        jobs.claim(
            connection, job_id=job_id, scope=_scope(token), kind=KIND, total=0, pid=os.getpid(),
            at=at,
        )  # fmt: skip
    state = "failed"
    try:
        yield hidden, job_id
        state = "done"
    finally:
        try:
            _discard(database, hidden)
            with database.write() as connection:
                jobs.finish(connection, job_id, state=state, message="", at=clock())
        except SluiceError as error:  # the next one that is brought in sweeps it up
            logger.warning("Something half brought in could not be deleted: %s", error)


def _discard(database: Database, hidden: Hidden) -> None:
    while True:
        with database.write() as connection:
            if not arrivals.discard_some(connection, hidden):
                return
        time.sleep(PAUSE_SECONDS)
