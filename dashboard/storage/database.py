"""One engine per process, its pragmas, and two kinds of transaction: read and write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pysqlite3
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from dashboard.errors import SluiceError, Unavailable
from dashboard.settings import Settings, prepare_data_folder
from dashboard.storage import schema

# Debian's SQLite can corrupt a WAL database when two connections checkpoint at the same instant
# (sqlite.org/wal.html#walresetbug); the wheel brings a newer one.
_PRAGMAS = (
    "busy_timeout=60000",  # first: the others may have to wait
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged labels when the power fails
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "mmap_size=0",
)


class Database:
    """The only door to SQL.

    Parameters
    ----------
    settings
        Where the database is. The folder is made and the tables are created where missing.

    """

    def __init__(self, settings: Settings):
        prepare_data_folder(settings)
        self.settings = settings
        self.is_sqlite = settings.database_url.startswith("sqlite")
        self.engine = _engine(settings.database_url, sqlite=self.is_sqlite)
        with self.guard():
            _create(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and writes nothing."""
        with self.guard(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first moment; all or nothing."""
        with self.guard(), self.engine.connect() as plain:
            connection = plain.execution_options(sluice_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Turn what the disk or the file refuse into a sentence."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            if sentence := self._sentence(str(error.orig)):
                raise Unavailable(sentence) from error
            raise

    def _sentence(self, reason: str) -> str | None:
        where = self.settings.database_url if self.is_sqlite else "the database"
        where = where.removeprefix("sqlite:///")
        known = {
            "disk is full": f"The disk that holds {where} is full; nothing was changed. Make room "
            "and try again.",
            "disk I/O error": f"The disk that holds {where} reports an error; the last step may "
            "or may not be stored. Check the disk, then repeat it: nothing is learned twice.",
            "readonly database": f"The database {where} cannot be written; check its owner and "
            "its permissions.",
            "unable to open": f"The database {where} cannot be opened; check that the folder "
            "exists and can be written.",
            "not a database": f"The file {where} is not a Sluice database, or it is damaged; move "
            "it away, or put a backup in its place.",
            "malformed": f"The database {where} is damaged; put a backup in its place.",
            "database is locked": f"The database {where} has been locked by another process for a "
            "minute; try again.",
        }
        return next((said for sign, said in known.items() if sign in reason), None)

    def close(self) -> None:
        """Give back all connections, as before a fork."""
        self.engine.dispose()


def _engine(url: str, *, sqlite: bool) -> Engine:
    if not sqlite:
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(
        url.replace("sqlite:", "sqlite+pysqlite:", 1), module=pysqlite3, pool_size=16
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction deadlocks when it turns from reading to writing.
        writes = connection.get_execution_options().get("sluice_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _create(engine: Engine) -> None:
    with engine.connect() as connection:
        if sa.inspect(connection).has_table("meta"):
            _check_version(connection)
            return
    with engine.connect() as plain:
        connection = plain.execution_options(sluice_write=True)
        with connection.begin():
            # Checked again under the lock: four processes may start at once.
            schema.metadata.create_all(connection)
            if connection.scalar(sa.select(schema.meta.c.value)) is None:
                connection.execute(
                    schema.meta.insert(), {"key": "schema", "value": str(schema.SCHEMA_VERSION)}
                )


def _check_version(connection: Connection) -> None:
    found = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema"))
    if found is not None and int(found) > schema.SCHEMA_VERSION:
        raise SluiceError(
            f"The database was written by a newer Sluice (schema {found}, this one knows "
            f"{schema.SCHEMA_VERSION}); update Sluice."
        )
