"""Schema versions: an empty database gets the newest one, an older one is brought forward.

The number of a database is in `meta`; Alembic's table follows it. All is done under the database's
write lock and in one transaction, so several processes may start at once, and whatever goes wrong
leaves the database as it was. Alembic is imported only where there is something to bring forward.
"""

from __future__ import annotations

import threading

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from dashboard.errors import SluiceError, Unavailable
from dashboard.storage import schema
from dashboard.storage.schema import SCHEMA_VERSION, alembic_version, meta

COMMAND = "python -m dashboard migrate"
EMPTY = 0  # the version of a database without tables

_PROCESS = threading.Lock()  # Alembic keeps what it works on in a global variable
_IS_SCHEMA = meta.c.key == "schema"


def settle(engine: Engine, *, forward: bool) -> int:
    """Make sure that a database has the schema of this release.

    Parameters
    ----------
    engine
        Where it is. A transaction with the option `sluice_write` holds its write lock.
    forward
        Whether to bring it forward where it is older or empty, or to refuse it.

    Returns
    -------
    int
        The version that was found, 0 for an empty database.

    Raises
    ------
    SluiceError
        If a newer release wrote it, or another program.
    Unavailable
        If it is older or empty, and should not be brought forward here.

    """
    with engine.connect() as connection:
        found = version(connection)
    if found == SCHEMA_VERSION:
        return found
    if not forward:
        is_what = "is empty" if found == EMPTY else f"has schema {found}"
        raise Unavailable(
            f"The database {is_what}, and this Sluice needs schema {SCHEMA_VERSION}; run "
            f"`{COMMAND}` once, then start again."
        )
    with _PROCESS, engine.connect() as plain:
        connection = plain.execution_options(sluice_write=True)
        with connection.begin():
            return _bring_forward(connection)


def version(connection: Connection) -> int:
    """The schema version of a database, 0 where it is empty.

    Raises
    ------
    SluiceError
        If a newer release wrote it, or another program.

    """
    if not sa.inspect(connection).has_table(meta.name):
        return EMPTY
    found = connection.scalar(sa.select(meta.c.value).where(_IS_SCHEMA))
    if found is None or not found.isdecimal():
        raise SluiceError(
            "The database belongs to another program: its table `meta` says nothing about a "
            "schema; give Sluice a database of its own."
        )
    if int(found) > SCHEMA_VERSION:
        raise SluiceError(
            f"The database was written by a newer Sluice (schema {found}, this one knows "
            f"{SCHEMA_VERSION}); update Sluice."
        )
    return int(found)


def lacking(connection: Connection) -> str:
    """The first table or column of this release that a database does not have; empty if none."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    for table in schema.metadata.sorted_tables:
        if table.name not in there:
            return f"the table {table.name}"
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        if missing := [c.name for c in table.columns if c.name not in columns]:
            return f"the column {missing[0]} of the table {table.name}"
    return ""


def number(connection: Connection, found: int) -> None:
    """Write the version of a database where releases look for it that know no Alembic."""
    connection.execute(meta.delete().where(_IS_SCHEMA))
    connection.execute(meta.insert(), {"key": "schema", "value": str(found)})


def _bring_forward(connection: Connection) -> int:
    found = version(connection)  # again, under the lock: someone else may have been first
    if found == EMPTY:
        # A table that is there already is another program's: better no database than half of one.
        schema.metadata.create_all(connection, checkfirst=False)
        number(connection, SCHEMA_VERSION)
        _stamp(connection, SCHEMA_VERSION)
    elif found < SCHEMA_VERSION:
        alembic_version.create(connection, checkfirst=True)
        _stamp(connection, found)
        upgrade(connection, SCHEMA_VERSION)
    return found


def upgrade(connection: Connection, target: int) -> None:
    """Run Alembic up to a version, in the transaction at hand."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, _revision(target))


def _stamp(connection: Connection, found: int) -> None:
    connection.execute(alembic_version.delete())
    connection.execute(alembic_version.insert(), {"version_num": _revision(found)})


def _revision(found: int) -> str:
    return f"{found:04d}"
