"""Files that are whole or not there: written beside their place, on the disk, then named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dashboard.errors import Conflict, Unavailable


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """An empty file for this user alone, which gets its name when all went well.

    Parameters
    ----------
    target
        Its name, which no file has yet.

    Raises
    ------
    Conflict
        If a file of that name is there by then.
    Unavailable
        If the disk refuses.

    """
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        flush(part)
        give_name(part, target)
        flush(target.parent)
    except FileExistsError as error:
        raise Conflict(f"{target} is there already; choose another name.") from error
    except OSError as error:
        raise Unavailable(f"{target} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def give_name(path: Path, name: Path) -> None:
    """Give a file another name, too, unless a file has it already.

    Raises
    ------
    FileExistsError
        If one has.

    """
    try:
        os.link(path, name)  # unlike a renaming, it never takes the place of another file
    except FileExistsError:
        raise
    except OSError:  # a disk without links, as memory sticks are
        if name.exists():
            raise FileExistsError(f"{name} is there already") from None
        path.rename(name)


def flush(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
