"""Rows that tell what long work is under way, so that progress survives every page and process."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import psutil
import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from dashboard.storage.machine import here
from dashboard.storage.schema import jobs

STALE_MS = 30_000


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of long work, as of one moment."""

    id: str
    scope: str
    kind: str
    state: str
    done: int
    total: int
    message: str
    cancel: int
    pid: int
    pid_started: float
    host: str
    started_at: int
    heartbeat_at: int
    finished_at: int | None


def _job(row: RowMapping) -> Job:
    return Job(**{name: row[name] for name in Job.__dataclass_fields__})


def claim(
    connection: Connection, *, job_id: str, scope: str, kind: str, total: int, pid: int, at: int
) -> bool:
    """Register a job as running, unless another one already works on the same scope."""
    current = reap(connection, scope, at=at)
    if current is not None and current.state == "running":
        return False
    connection.execute(
        jobs.insert(),
        {
            "id": job_id,
            "scope": scope,
            "kind": kind,
            "state": "running",
            "done": 0,
            "total": total,
            "message": "",
            "cancel": 0,
            "pid": pid,
            "pid_started": psutil.Process(pid).create_time(),
            "host": here(),
            "started_at": at,
            "heartbeat_at": at,
        },
    )
    return True


def reap(connection: Connection, scope: str, *, at: int) -> Job | None:
    """The newest job of a scope; one whose process is gone is marked as died first."""
    job = latest(connection, scope)
    if job is None or not is_dead(job, at=at):
        return job
    finish(connection, job.id, state="died", message=job.message, at=at)
    return latest(connection, scope)


def latest(connection: Connection, scope: str) -> Job | None:
    """The newest job of a scope."""
    row = connection.execute(_LATEST, {"b_scope": scope}).mappings().first()
    return None if row is None else _job(row)


_LATEST = (
    sa.select(jobs)
    .where(jobs.c.scope == sa.bindparam("b_scope"))
    .order_by(jobs.c.started_at.desc(), jobs.c.id.desc())
    .limit(1)
)


def running(connection: Connection, kind: str = "") -> list[Job]:
    """All jobs, or those of a kind, that say they are running."""
    query = sa.select(jobs).where(jobs.c.state == "running")
    rows = connection.execute(query.where(jobs.c.kind == kind) if kind else query)
    return [_job(row) for row in rows.mappings()]


def is_dead(job: Job, *, at: int) -> bool:
    """Whether a job that says it is running cannot be: its process is gone, or silent."""
    if job.state != "running":
        return False
    return is_gone(job) or is_silent(job, at=at)


def is_gone(job: Job) -> bool:
    """Whether a job's process is seen to be gone; of one on another machine nothing is seen."""
    if job.host not in ("", here()):  # empty: of a release that knew one machine
        return False
    try:
        process = psutil.Process(job.pid)
        started: float = process.create_time()
        return process.status() == psutil.STATUS_ZOMBIE or abs(started - job.pid_started) > 1
    except psutil.NoSuchProcess:
        return True


def is_silent(job: Job, *, at: int) -> bool:
    """Whether nothing was heard of a job for so long that it cannot be at work."""
    return at - job.heartbeat_at > STALE_MS


_JOB = jobs.c.id == sa.bindparam("job")
_BEAT = jobs.update().where(_JOB, jobs.c.state == "running")  # made once: making it takes longest
_WANTED = sa.select(jobs.c.cancel, jobs.c.state).where(_JOB)


def beat(
    connection: Connection, job_id: str, *, done: int, total: int, message: str, at: int
) -> bool:
    """Report progress; False when the job has been asked to stop, or was given up."""
    told = {"job": job_id, "done": done, "total": total, "message": message, "heartbeat_at": at}
    connection.execute(_BEAT, told)
    row = connection.execute(_WANTED, {"job": job_id}).first()
    return row is not None and row.state == "running" and not row.cancel


def touch(connection: Connection, job_id: str, *, at: int) -> None:
    """Say that a job is alive, while it has nothing to tell."""
    connection.execute(
        jobs.update().where(jobs.c.id == job_id, jobs.c.state == "running").values(heartbeat_at=at)
    )


def deaths(connection: Connection, scope: str, kind: str, *, most: int) -> int:
    """How many of the newest jobs of a scope and kind died one after the other, at most so many."""
    states = connection.execute(
        sa.select(jobs.c.state)
        .where(jobs.c.scope == scope, jobs.c.kind == kind)
        .order_by(jobs.c.started_at.desc(), jobs.c.id.desc())
        .limit(most)
    ).scalars()
    return sum(1 for _ in itertools.takewhile(lambda state: state in ("died", "running"), states))


def finish(connection: Connection, job_id: str, *, state: str, message: str, at: int) -> None:
    """Close a job that is running."""
    connection.execute(
        jobs.update()
        .where(jobs.c.id == job_id, jobs.c.state == "running")
        .values(state=state, message=message, finished_at=at)
    )


def ask_to_stop(connection: Connection, scope: str) -> bool:
    """Ask the running job of a scope to stop; False when there is none."""
    found = connection.execute(
        jobs.update().where(jobs.c.scope == scope, jobs.c.state == "running").values(cancel=1)
    )
    return bool(found.rowcount)
