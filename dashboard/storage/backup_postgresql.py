"""Backups of a PostgreSQL database, by its own programs: `pg_dump` and `pg_restore`.

`psql` plays no part: a file that somebody made to harm could have it run programs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.errors import BadInput, Conflict, Unavailable
from dashboard.settings import Settings
from dashboard.storage import refusals
from dashboard.storage.backup_sqlite import Contents
from dashboard.storage.database import Database
from dashboard.storage.files import new_file
from dashboard.storage.schema import SCHEMA_VERSION, experiments, meta, metadata, snapshots

_MAGIC = b"PGDMP"
_KEPT_OUT = ("--no-owner", "--no-privileges")


def is_backup(path: Path) -> bool:
    """Whether a file is one of `pg_dump`, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def write(settings: Settings, target: Path) -> Contents:
    """Write a backup that is whole, or not there.

    Parameters
    ----------
    settings
        Say where the database is; others may write to it meanwhile.
    target
        The file to write, which is not there yet.

    Raises
    ------
    Unavailable
        If `pg_dump` is not there, or refuses.

    """
    with new_file(target) as part:
        _run(settings, "pg_dump", "--format=custom", *_KEPT_OUT, "--file", str(part),
             "--dbname", _address(settings))  # fmt: skip
        return check(settings, part, target.name)


def check(settings: Settings, path: Path, name: str) -> Contents:
    """Make sure that a file is a backup of Sluice that this release can read.

    Parameters
    ----------
    settings
        Say where the database is.
    path
        Where the file is.
    name
        What to call it.

    Raises
    ------
    BadInput
        If it is damaged, of another program, or of a newer release.

    """
    lines = {}
    for table in (meta.name, experiments.name):
        said = _run(settings, "pg_restore", "--data-only", "--table", table, "--file", "-",
                    str(path), refused=BadInput)  # fmt: skip
        found = re.search(r"^COPY [^\n]* FROM stdin;\n(.*?)^\\\.$", said, re.M | re.S)
        if found is None:
            raise BadInput(f"{name} is not a backup of Sluice: it has no table {table}.")
        lines[table] = found[1].splitlines()
    schema = dict(line.split("\t", 1) for line in lines[meta.name]).get("schema", "")
    if not schema.isdecimal():
        raise BadInput(f"{name} is not a backup of Sluice: it does not say which schema.")
    if int(schema) > SCHEMA_VERSION:
        raise BadInput(
            f"{name} was written by a newer Sluice (schema {schema}, this one knows "
            f"{SCHEMA_VERSION}); update Sluice."
        )
    return Contents(int(schema), len(lines[experiments.name]))


def make_sure_of_no_other(settings: Settings) -> None:
    """Refuse to go on while others are connected to the database.

    Raises
    ------
    Conflict
        If somebody is.

    """
    with _connected(settings) as connection:
        count = connection.scalar(_OTHERS) or 0
    if count:
        raise Conflict(
            f"The database {refusals.place(settings.database_url)} has {count} other "
            f"connection{'s' if count > 1 else ''}; stop the servers that use it, then try again."
        )


_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def is_empty(settings: Settings) -> bool:
    """Whether nothing of Sluice is in the database."""
    with _connected(settings) as connection:
        return not sa.inspect(connection).has_table(meta.name)


def replace(settings: Settings, path: Path) -> None:
    """Put the contents of a backup in the place of those of the database: all or nothing.

    Its snapshots are taken out, and it is brought forward to the schema of this release.
    """
    said = _run(settings, "pg_restore", "--list", str(path), refused=BadInput)
    listed = set(_TABLE.findall(said))
    with _connected(settings) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in listed:  # of a later release; the rest is dropped by pg_restore
                connection.execute(sa.schema.DropTable(table, if_exists=True))
    _run(settings, "pg_restore", *_KEPT_OUT, "--clean", "--if-exists", "--single-transaction",
         "--dbname", _address(settings), str(path))  # fmt: skip
    database = Database(settings, forward=True, alone=True)
    with database.write() as connection:
        connection.execute(snapshots.delete())
    database.close()


_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+)", re.M)


@contextmanager
def _connected(settings: Settings) -> Iterator[Connection]:
    """A connection of its own, in a transaction."""
    url = settings.database_url
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise Unavailable(refusals.sentence(error, url) or refusals.reason(error)) from error


def _address(settings: Settings) -> str:
    """Where the database is, without the password: others can read a program's arguments."""
    url = sa.engine.make_url(settings.database_url)
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(
    settings: Settings,
    program: str,
    *words: str,
    refused: type[BadInput | Unavailable] = Unavailable,
) -> str:
    """What one of PostgreSQL's programs says."""
    found = shutil.which(program)
    if found is None:
        raise Unavailable(
            f"{program} is not installed, and a PostgreSQL database is backed up and restored "
            "with it; install PostgreSQL's client programs (`apt-get install postgresql-client`)."
        )
    password = sa.engine.make_url(settings.database_url).password
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        said = " ".join(done.stderr.split())[:300] or f"exit {done.returncode}"
        raise refused(f"{program} refuses: {said}")
    return done.stdout
