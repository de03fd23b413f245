"""Backups of a SQLite database: one file each, consistent, made while others write.

`VACUUM INTO` reads one state of the database in a transaction of its own. It must not run inside
the serving process: closing another handle on the file would drop SQLite's locks there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pysqlite3

from dashboard.errors import BadInput, Conflict, Unavailable
from dashboard.storage.files import flush, give_name, new_file
from dashboard.storage.schema import SCHEMA_VERSION

_MAGIC = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")
_BUSY_MS = 60_000
_SOON_MS = 500


class Contents(NamedTuple):
    """What a backup holds.

    Parameters
    ----------
    schema
        Version of its tables.
    experiments
        How many there are.

    """

    schema: int
    experiments: int


def is_backup(path: Path) -> bool:
    """Whether a file is a SQLite database, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def write(database: Path, target: Path) -> Contents:
    """Write a backup that is whole, or not there.

    Parameters
    ----------
    database
        The file that is backed up; others may write to it meanwhile.
    target
        The file to write, which is not there yet.

    Raises
    ------
    BadInput
        If it is damaged.
    Unavailable
        If there is none, or the disk refuses.

    """
    if not database.is_file():
        raise Unavailable(f"There is no database at {database}, so there is nothing to back up.")
    if not is_backup(database):
        raise BadInput(f"{database} is damaged or no database; put a backup in its place.")
    with new_file(target) as part:
        with _told(database), _opened(database, "rw") as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        return check(part, database.name)


def copy(backup: Path, target: Path) -> None:
    """Copy a database page by page, with what its log still holds, to where nothing is yet."""
    with _told(backup), _opened(backup, "ro") as source, _opened(target, "rwc") as made:
        source.backup(made)
    target.chmod(0o600)


def check(path: Path, name: str) -> Contents:
    """Make sure that a file is a sound database of Sluice.

    Parameters
    ----------
    path
        Where it is.
    name
        What to call it.

    Raises
    ------
    BadInput
        If it is damaged, of another program, or of a newer release.

    """
    with _told(path), _opened(path, "ro") as connection:
        if (damage := first_damage(connection)) != "":
            raise BadInput(f"{name} is damaged ({damage}); use another backup.")
        foreign = connection.execute(
            "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        ).fetchone()
        if foreign:
            raise BadInput(
                f"{name} holds a {foreign[0]} ({foreign[1]}), which no backup of Sluice does."
            )
        return _contents(connection, name)


def first_damage(connection: Any) -> str:
    """What SQLite finds wrong with an open database; empty where nothing is."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        return " ".join(str(found).split())
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {orphan[0]} belongs to nothing in {orphan[2]}" if orphan else ""


def _contents(connection: Any, name: str) -> Contents:
    try:
        found = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        experiments = connection.execute("SELECT count(*) FROM experiments").fetchone()[0]
    except pysqlite3.OperationalError as error:
        raise BadInput(f"{name} is not a backup of Sluice ({error}).") from error
    if found is None or not str(found[0]).isdecimal():
        raise BadInput(f"{name} is not a backup of Sluice: it does not say which schema it has.")
    if int(found[0]) > SCHEMA_VERSION:
        raise BadInput(
            f"{name} was written by a newer Sluice (schema {found[0]}, this one knows "
            f"{SCHEMA_VERSION}); update Sluice."
        )
    return Contents(int(found[0]), experiments)


def forget_snapshots(path: Path) -> None:
    """Take the snapshots out of a database whose cache is gone, and fold it into one file."""
    with _told(path), _opened(path, "rw") as connection:
        connection.execute("DELETE FROM snapshots")
        connection.execute("PRAGMA journal_mode=DELETE")
    flush(path)


def fold(database: Path) -> bool:
    """Write what a database's log still holds into it, which nobody may have open meanwhile.

    Returns
    -------
    bool
        False where the file is too damaged for that.

    Raises
    ------
    Conflict
        If another process has it open.

    """
    if not is_backup(database):
        return False  # opening it would make SQLite throw its log away
    try:
        with _opened(database, "rw", _SOON_MS) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except pysqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Conflict(
                f"Another program has the database {database} open; stop it, then try again."
            ) from error
        return False
    except pysqlite3.DatabaseError:
        return False
    return True


def replace(database: Path, made: Path) -> Path | None:
    """Put a database in the place of another, which is kept beside it.

    Parameters
    ----------
    database
        Whose place it is; there may be none yet.
    made
        A folded database in the same folder.

    Returns
    -------
    Path or None
        Where the old one is now.

    """
    kept = None
    if database.exists():
        kept = _free_name(database)
        for end in _BESIDE:  # left by a damaged one; they belong to it, and to no other
            beside = database.with_name(database.name + end)
            if beside.exists():
                beside.rename(kept.with_name(kept.name + end))
        give_name(database, kept)
    os.replace(made, database)  # so that at every moment there is one, the old or the new
    flush(database.parent)
    return kept


def _free_name(database: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name = f"{database.name}.before-restore-{stamp}"
    tried = (database.with_name(name + (f"-{n}" if n else "")) for n in range(1000))
    return next(path for path in tried if not path.exists())


@contextmanager
def _opened(path: Path, mode: str, busy_ms: int = _BUSY_MS) -> Iterator[Any]:
    """A connection to a file: `ro`, `rw` or, where it is made first, `rwc`."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = pysqlite3.connect(address, uri=True, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout={busy_ms}")
        connection.execute("PRAGMA trusted_schema=OFF")
        yield connection
    finally:
        connection.close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into a sentence."""
    try:
        yield
    except pysqlite3.DatabaseError as error:
        if isinstance(error, pysqlite3.OperationalError) and "malformed" not in str(error):
            raise Unavailable(
                f"{path}: {error}; check the disk, the folder and its rights."
            ) from error
        raise BadInput(f"{path} is damaged or no database ({error}).") from error
