"""One engine per process, its pragmas, and two kinds of transaction: read and write."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pysqlite3
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Connection, Engine

from dashboard.errors import BadInput, Unavailable
from dashboard.settings import Settings, prepare_data_folder
from dashboard.storage import folder, migrate, refusals

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

# Without an adapter the driver asks each None and each bytes for one, in vain, and a microsecond.
pysqlite3.register_adapter(bytes, bytearray)
pysqlite3.register_adapter(type(None), lambda nothing: nothing)

# PostgreSQL's counterparts. Two keep its planner from joins that compare each row with each: it
# guesses how many rows belong to an experiment, and may be wrong by orders of magnitude. What is
# forbidden it takes to be so costly that it would compile each such query, for a tenth of a second.
_SESSION = """
    SET lock_timeout = '60s';
    SET synchronous_commit = on;
    SET cursor_tuple_fraction = 1;
    SET enable_material = off;
    SET jit = off
"""
_WRITE_LOCK = 0x51_0CE  # any number, the same in every process


class Database:
    """The only door to SQL.

    Parameters
    ----------
    settings
        Where the database is. The folder is made where missing.
    forward
        Whether to bring an older or empty database to the schema of this release: on SQLite
        unless told otherwise, elsewhere only where told so.
    alone
        Whether the caller has the data folder alone, and keeps it.

    Raises
    ------
    SluiceError
        If it cannot be opened, was written by a newer release, or has to be brought forward first.

    """

    def __init__(self, settings: Settings, *, forward: bool | None = None, alone: bool = False):
        prepare_data_folder(settings)
        self._share = None if alone else folder.Share(settings)
        self.settings = settings
        self.is_sqlite = settings.database_url.startswith("sqlite")
        self.engine = _sqlite(settings.database_url) if self.is_sqlite else _postgresql(settings)
        self._reading = self.engine
        if not self.is_sqlite:  # where a transaction sees one state anyway
            self._reading = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        # Whoever forgets to close it, a command for instance, leaves the server no open connection.
        weakref.finalize(self, self.engine.dispose)
        otherwise = (
            "The database {where} could not be brought to the schema of this release ({reason}); "
            "it is as it was."
        )
        with self.guard(otherwise):
            self.found = migrate.settle(
                self.engine, forward=self.is_sqlite if forward is None else forward
            )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and writes nothing."""
        with self.guard(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first moment; all or nothing."""
        with self.guard(), self.engine.connect() as plain:
            connection = plain.execution_options(sluice_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def guard(self, otherwise: str = "") -> Iterator[None]:
        """Turn what the disk, the file or the server refuse into a sentence.

        Parameters
        ----------
        otherwise
            The sentence for what is none of these, with places for `where` and `reason`; without
            one it stays loud.

        """
        try:
            yield
        except sa.exc.DBAPIError as error:
            url = self.settings.database_url
            said = refusals.sentence(error, url) or otherwise.format(
                where=refusals.place(url), reason=refusals.reason(error)
            )
            if said:
                raise Unavailable(said) from error
            if isinstance(error, sa.exc.DataError):
                raise BadInput(
                    f"The database cannot hold a value ({refusals.reason(error)}); nothing was "
                    "changed. Correct it and try again."
                ) from error
            raise
        except UnicodeEncodeError as error:  # no database stores half a character
            raise BadInput(
                "A text holds half a character, which nothing can be called; type it again."
            ) from error

    def close(self) -> None:
        """Give back all connections, as before a fork."""
        self.engine.dispose()
        if self._share is not None:
            self._share.release()


class _HintingCompiler(SQLiteCompiler):
    """Writes the hints of `schema.by_index`, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def _sqlite(url: str) -> Engine:
    engine = sa.create_engine(
        url.replace("sqlite:", "sqlite+pysqlite:", 1), module=pysqlite3, pool_size=16
    )
    engine.dialect.statement_compiler = _HintingCompiler

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


def _postgresql(settings: Settings) -> Engine:
    engine = sa.create_engine(settings.database_url, pool_pre_ping=True, pool_size=16)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute(_SESSION)
        connection.commit()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # One writer at a time, as on SQLite: what a transaction has looked up stays true until
        # it ends. Whoever waits sees all that was committed before.
        if connection.get_execution_options().get("sluice_write"):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITE_LOCK)))

    return engine
