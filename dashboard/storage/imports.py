"""Streams while they are being imported or appended to: written in parts, shown in one step.

A new stream is hidden (`ready` 0) until it is complete; rows that are appended lie behind the
`samples` that count. The job's row says who is at it: where that process is gone, what it left is
found by `abandoned` and taken out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count, islice, repeat
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.storage import jobs
from dashboard.storage.database import Database
from dashboard.storage.jobs import Job
from dashboard.storage.schema import samples, streams

KIND = "import"
_SCOPE = "import:"
_AT_ONCE = 5_000
_TOGETHER = 250  # samples a statement


class Abandoned(NamedTuple):
    """What a process left behind that is gone: its job, and the stream it worked on."""

    job_id: str
    stream_id: int | None


class Writer:
    """A connection of its own for many short transactions that nobody has been promised.

    They are not synced one by one, which takes longer than writing them: only their order matters,
    and the last one, which shows the stream, is an ordinary one. It syncs the log they are all in.

    Parameters
    ----------
    database
        Where it is.

    """

    def __init__(self, database: Database):
        self._database = database
        self._connection: Connection | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first moment; all or nothing."""
        with self._database.guard():
            if self._connection is None:
                self._connection = self._open()
            with self._connection.begin():
                yield self._connection

    def _open(self) -> Connection:
        connection = self._database.engine.connect().execution_options(sluice_write=True)
        connection.detach()  # what is set here is for nobody else
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA synchronous=NORMAL" if self._database.is_sqlite else _NOT_SYNCED)
        if not self._database.is_sqlite:
            driver.commit()
        return connection

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_NOT_SYNCED = "SET synchronous_commit = off"


def scope(slug: str) -> str:
    """What an import of a stream is called among the jobs: one at a time."""
    return f"{_SCOPE}{slug}"


def is_taken(connection: Connection, slug: str) -> bool:
    """Whether a stream has this slug, be it ready or not."""
    query = sa.select(streams.c.id).where(streams.c.slug == slug)
    return connection.execute(query).first() is not None


def open_new(connection: Connection, *, slug: str, title: str, kind: str, at: int) -> int:
    """A hidden stream without samples; its number."""
    values = {
        "slug": slug, "title": title, "kind": kind, "classes": "[]", "samples": 0, "truths": 0,
        "source": "", "fingerprint": "", "created_at": at, "ready": 0,
    }  # fmt: skip
    made = connection.execute(streams.insert(), values)
    stream_id: int = (made.inserted_primary_key or (0,))[0]
    return stream_id


def add(
    connection: Connection, stream_id: int, first: int, columns: Sequence[Sequence[Any]]
) -> None:
    """Write some samples.

    Parameters
    ----------
    connection
        A write transaction.
    stream_id
        The stream.
    first
        Position of the first of them.
    columns
        Ids, texts, fields and truths. What is None for all of them is not even mentioned: it is
        texts or fields, and often truths.

    """
    if not columns[0]:
        return
    told = {n: c for n, c in zip(_TOLD, columns, strict=True) if c.count(None) < len(c)}
    names = ("stream_id", "position", *told)
    lines = zip(repeat(stream_id), count(first), *told.values(), strict=False)
    if connection.dialect.name == "sqlite":
        _in_blocks(connection, names, lines)
    else:
        rows = [dict(zip(names, line, strict=True)) for line in lines]
        connection.execute(samples.insert(), rows)


def _in_blocks(
    connection: Connection, names: Sequence[str], lines: Iterator[tuple[Any, ...]]
) -> None:
    """Many lines a statement: half the time of one by one."""
    line = f"({', '.join('?' for _ in names)})"
    told = f"INSERT INTO samples ({', '.join(names)}) VALUES "
    while some := list(islice(lines, _TOGETHER)):
        values = tuple(chain.from_iterable(some))
        connection.exec_driver_sql(told + ", ".join([line] * len(some)), values)


_TOLD = ("sample_id", "text", "fields", "truth")


def publish(
    connection: Connection,
    stream_id: int,
    *,
    length: int,
    truths: int,
    fingerprint: str,
    **more: Any,
) -> None:
    """Show what was written: from now on so many samples count.

    Parameters
    ----------
    connection
        A write transaction.
    stream_id
        The stream.
    length, truths, fingerprint
        Of all its samples, those of before too.
    more
        `classes`, `columns` and `source` of a new stream.

    """
    for name in ("classes", "columns"):
        if name in more:
            more[name] = json.dumps(more[name], ensure_ascii=False)
    connection.execute(
        streams.update()
        .where(streams.c.id == stream_id)
        .values(samples=length, truths=truths, fingerprint=fingerprint, ready=1, **more)
    )


def discard_some(connection: Connection, stream_id: int) -> bool:
    """Delete a part of what nobody may see; False when nothing of it is left.

    In parts, because others wait while a transaction deletes a million rows.
    """
    stream = connection.execute(
        sa.select(streams.c.ready, streams.c.samples).where(streams.c.id == stream_id)
    ).first()
    if stream is None:
        return False
    first = stream.samples if stream.ready else 0
    hidden = sa.and_(samples.c.stream_id == stream_id, samples.c.position >= first)
    lowest = connection.execute(sa.select(sa.func.min(samples.c.position)).where(hidden)).scalar()
    if lowest is not None:
        connection.execute(samples.delete().where(hidden, samples.c.position < lowest + _AT_ONCE))
        return True
    if not stream.ready:
        connection.execute(streams.delete().where(streams.c.id == stream_id))
    return False


def abandoned(connection: Connection, *, at: int) -> list[Abandoned]:
    """Imports that say they are running and cannot be."""
    running = [job for job in jobs.running(connection, KIND) if job.scope.startswith(_SCOPE)]
    dead = [job for job in running if jobs.is_dead(job, at=at)]
    return [Abandoned(job.id, _stream_of(connection, job)) for job in dead]


def _stream_of(connection: Connection, job: Job) -> int | None:
    slug = job.scope.removeprefix(_SCOPE)
    query = sa.select(streams.c.id).where(streams.c.slug == slug)
    found: int | None = connection.execute(query).scalar()
    return found
