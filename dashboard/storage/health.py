"""A database as a check-up finds it: read, and neither made nor brought forward."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.errors import SluiceError, Unavailable
from dashboard.settings import Settings
from dashboard.storage import backup_sqlite, imports, jobs, migrate, refusals
from dashboard.storage.jobs import Job
from dashboard.storage.schema import SCHEMA_VERSION, events, experiments, snapshots

OLDEST_SQLITE = (3, 51, 3)  # those before can damage a database (sqlite.org/wal.html#walresetbug)
SQLITE: tuple[int, ...] = pysqlite3.sqlite_version_info


@dataclass(frozen=True, kw_only=True)
class Health:
    """What was found.

    Parameters
    ----------
    where
        Where the database is, without its password.
    schema
        Version of its tables, 0 for none.
    damage
        What is wrong with it, in the database's words; empty where nothing is.
    size
        Of its file and of its log, in bytes; 0 for one on a server.
    newest
        When the last event was logged, in milliseconds since 1970, or None.
    skew
        Milliseconds by which the database's clock is ahead of this machine's.
    dead
        Jobs that say they are running, and cannot be, each with the slug it works on.
    missing
        Snapshots that stand in the database and not in the cache.
    lax
        Settings of a server under which a power cut can lose acknowledged labels.

    """

    where: str
    schema: int
    damage: str = ""
    size: tuple[int, int] = (0, 0)
    newest: int | None = None
    skew: int = 0
    dead: tuple[tuple[str, Job], ...] = ()
    missing: int = 0
    lax: tuple[str, ...] = ()


def examine(settings: Settings, *, thoroughly: bool = True) -> Health | None:
    """Look at a database; None where there is none yet.

    Parameters
    ----------
    settings
        Where it is.
    thoroughly
        Whether to read all of it, to find damage.

    Raises
    ------
    SluiceError
        If it cannot be opened, or was written by a newer release or another program.

    """
    url = settings.database_url
    is_sqlite = url.startswith("sqlite")
    file = Path(refusals.place(url))
    if is_sqlite and not file.is_file():
        return None
    if is_sqlite:
        address = f"{file.absolute().as_uri()}?mode=rw"
        engine = sa.create_engine(
            "sqlite+pysqlite://", module=pysqlite3, poolclass=sa.NullPool,
            creator=lambda: pysqlite3.connect(address, uri=True),
        )  # fmt: skip
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            found = _read(connection, settings)
            if is_sqlite:
                damage = _damage(connection) if thoroughly else ""
                return Health(**found, damage=damage, size=_size(file))
            return Health(**found, lax=_lax(connection), skew=_skew(connection))
    except sa.exc.DBAPIError as error:
        said = refusals.sentence(error, settings.database_url) or refusals.reason(error)
        raise Unavailable(said) from error


def _read(connection: Connection, settings: Settings) -> dict[str, Any]:
    schema = migrate.version(connection)
    found: dict[str, Any] = {"where": refusals.place(settings.database_url), "schema": schema}
    if schema == SCHEMA_VERSION:
        if lacking := migrate.lacking(connection):
            raise SluiceError(f"The database lacks {lacking}; put a backup in its place.")
        found["newest"] = connection.scalar(sa.select(sa.func.max(events.c.at)))
        found["dead"] = _dead(connection)
        found["missing"] = _missing(connection, settings.snapshots)
    return found


def _damage(connection: Connection) -> str:
    return backup_sqlite.first_damage(connection.connection.dbapi_connection)


def _size(file: Path) -> tuple[int, int]:
    log = file.with_name(file.name + "-wal")
    return file.stat().st_size, log.stat().st_size if log.exists() else 0


def _dead(connection: Connection) -> tuple[tuple[str, Job], ...]:
    now = int(time.time() * 1000)
    rows = connection.execute(sa.select(experiments.c.uid, experiments.c.slug))
    slugs = {row.uid: row.slug for row in rows}
    return tuple(
        (slugs.get(job.scope.partition("/")[0], job.scope.removeprefix(imports.scope(""))), job)
        for job in jobs.running(connection)
        if jobs.is_dead(job, at=now)
    )


def _missing(connection: Connection, folder: Path) -> int:
    """Counted in the cache's own index, which is opened for reading alone."""
    keys = set(connection.execute(sa.select(snapshots.c.key)).scalars())
    index = folder / "cache.db"
    if not index.exists():
        return len(keys)
    cache = pysqlite3.connect(f"{index.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return len(keys - {row[0] for row in cache.execute("SELECT key FROM Cache")})
    except pysqlite3.DatabaseError:
        return len(keys)
    finally:
        cache.close()


def cache_damage(folder: Path) -> str:
    """What is wrong with a cache's index, in SQLite's words; empty where nothing is."""
    try:
        cache = pysqlite3.connect(f"{(folder / 'cache.db').absolute().as_uri()}?mode=rw", uri=True)
        try:
            found = str(cache.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            cache.close()
    except pysqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found


def _lax(connection: Connection) -> tuple[str, ...]:
    wanted = ("fsync", "full_page_writes")
    return tuple(name for name in wanted if connection.scalar(sa.text(f"SHOW {name}")) != "on")


def _skew(connection: Connection) -> int:
    there = connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())"))
    return int((float(there or 0) - time.time()) * 1000)
