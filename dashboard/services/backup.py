"""One file with everything in the database, and back: streams, logs, experiments.

A backup is made while people label. A restore wants the data folder alone, keeps the database it
replaces, and drops what can be made again from the log: snapshots, receipts, prepared data sets.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ulid import ULID

from dashboard.errors import BadInput, SluiceError, Unavailable
from dashboard.settings import Settings, prepare_data_folder
from dashboard.storage import backup_postgresql, backup_sqlite, folder, migrate, refusals
from dashboard.storage.database import Database

_SQLITE = "sqlite:///"


class Written(NamedTuple):
    """What a backup holds.

    Parameters
    ----------
    schema
        Version of its tables.
    experiments
        How many there are.
    size
        Of the file, in bytes.

    """

    schema: int
    experiments: int
    size: int


class Restored(NamedTuple):
    """What a restore has done.

    Parameters
    ----------
    experiments
        How many are there now.
    kept
        Where the database is that was there before; None where there was none.

    """

    experiments: int
    kept: Path | None


def back_up(settings: Settings, target: Path) -> Written:
    """Write everything to one file, which is checked before it gets its name.

    Call it from a process of its own, never from one that serves.

    Parameters
    ----------
    settings
        Where the database is; servers may go on using it.
    target
        The file; it must not be there yet.

    Raises
    ------
    BadInput
        If the target cannot be one.
    Unavailable
        If there is no database, or disk or database refuse.

    """
    target = target.expanduser().absolute()
    if target.exists():
        raise BadInput(f"{target} is there already; choose another name.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}; make it first.")
    file = _file(settings)
    if file is None:
        contents = backup_postgresql.write(settings, target)
    else:
        contents = backup_sqlite.write(file, target)
    return Written(*contents, target.stat().st_size)


def restore(settings: Settings, source: Path) -> Restored:
    """Put a backup in the place of the database, which is kept.

    Parameters
    ----------
    settings
        Where the database is; nobody may be using it.
    source
        What `back_up` wrote, with this release or an earlier one.

    Raises
    ------
    BadInput
        If the file is none of these; nothing is changed then.
    Conflict
        If a server or a command uses the database; nothing is changed then.

    """
    source = source.expanduser().absolute()
    if not source.is_file():
        raise BadInput(f"There is no file {source}.")
    file = _file(settings)
    _check_kind(source, file)
    prepare_data_folder(settings)
    with folder.alone(settings):
        if file is None:
            return _restore_postgresql(settings, source)
        return _restore_sqlite(settings, source, file)


def _file(settings: Settings) -> Path | None:
    """Where a SQLite database is; None for one on a server."""
    if not settings.database_url.startswith("sqlite"):
        return None
    path = refusals.place(settings.database_url)
    if path == ":memory:":
        raise BadInput("DATABASE_URL names a database in memory, which nobody can back up.")
    return Path(path).absolute()


def _check_kind(source: Path, file: Path | None) -> None:
    try:
        is_sqlite = backup_sqlite.is_backup(source)
        is_postgresql = backup_postgresql.is_backup(source)
    except OSError as error:
        raise BadInput(f"{source} cannot be read ({error.strerror}).") from error
    if not (is_sqlite or is_postgresql):
        raise BadInput(f"{source} is not a file that `backup` has written.")
    if is_sqlite is (file is None):
        wrote, has = ("SQLite", "PostgreSQL") if is_sqlite else ("PostgreSQL", "SQLite")
        raise BadInput(
            f"{source} is a backup of a {wrote} database, and DATABASE_URL names one of {has}; "
            "take experiments from one to the other with `export SLUG experiment`."
        )


def _restore_sqlite(settings: Settings, source: Path, file: Path) -> Restored:
    if file.exists() and source.samefile(file):
        raise BadInput(f"{source} is the database itself, not a backup of it.")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = file.with_name(f".restore-{ULID()}.db")
    try:
        if file.exists():
            backup_sqlite.fold(file)  # refused while somebody has it open
        backup_sqlite.copy(source, made)
        contents = backup_sqlite.check(made, source.name)
        _bring_forward(settings, source, made)
        kept = backup_sqlite.replace(file, made)
        _drop_caches(settings)
    except OSError as error:
        raise Unavailable(
            f"{error.filename or file.parent} cannot be written ({error.strerror}); make room, or "
            "check the rights, and restore again."
        ) from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            made.with_name(made.name + end).unlink(missing_ok=True)
    return Restored(contents.experiments, kept)


def _bring_forward(settings: Settings, source: Path, made: Path) -> None:
    """Make a copy one of this release, without the snapshots of another folder."""
    here = replace(settings, database_url=f"{_SQLITE}{made}")
    try:
        database = Database(here, forward=True, alone=True)
        with database.read() as connection:
            lacking = migrate.lacking(connection)
        database.close()
    except SluiceError as error:
        raise BadInput(str(error).replace(str(made), str(source))) from error
    if lacking:
        raise BadInput(f"{source.name} is not a backup of Sluice: it lacks {lacking}.")
    backup_sqlite.forget_snapshots(made)


def _restore_postgresql(settings: Settings, source: Path) -> Restored:
    contents = backup_postgresql.check(settings, source, source.name)
    backup_postgresql.make_sure_of_no_other(settings)
    kept = None
    if not backup_postgresql.is_empty(settings):
        kept = _free_name(settings.data)
        backup_postgresql.write(settings, kept)
    backup_postgresql.replace(settings, source)
    _drop_caches(settings)
    return Restored(contents.experiments, kept)


def _free_name(folder: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    tried = (folder / f"before-restore-{stamp}{f'-{n}' if n else ''}.dump" for n in range(1000))
    return next(path for path in tried if not path.exists())


def _drop_caches(settings: Settings) -> None:
    """Delete what belongs to the log of before; it is made again from that of now."""
    for place in (settings.snapshots, settings.jobs, settings.exports):
        shutil.rmtree(place, ignore_errors=True)
