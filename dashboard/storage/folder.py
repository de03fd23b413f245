"""Who uses a data folder: many at once, or one alone that puts another database in its place.

Whoever opens the database, and every server process as long as it lives, holds a lock that can be
shared. The kernel gives it back when the last process that holds it is gone, however it ended.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.errors import Conflict, Unavailable
from dashboard.settings import Settings

LOCK = "in-use"


class Share:
    """One user of a data folder among others, until it is released or its process ends.

    Parameters
    ----------
    settings
        Where the folder is.

    Raises
    ------
    Conflict
        If somebody is putting another database in its place.

    """

    def __init__(self, settings: Settings):
        handle = _open(settings)
        self.release = weakref.finalize(self, os.close, handle)
        """Give it back; once, whoever calls it and how often."""
        if not _take(handle, fcntl.LOCK_SH):
            self.release()
            raise Conflict(
                f"The database of {settings.data} is being replaced by a backup; try again when "
                "`restore` has ended."
            )


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep everybody else out of a data folder.

    Raises
    ------
    Conflict
        If somebody is in it.

    """
    handle = _open(settings)
    try:
        if not _take(handle, fcntl.LOCK_EX):
            raise in_use(settings)
        yield
    finally:
        os.close(handle)


def in_use(settings: Settings) -> Conflict:
    """The sentence for somebody who wanted a folder alone."""
    return Conflict(
        f"A server, a job or another command uses the database of {settings.data}; stop it, then "
        "try again."
    )


def _open(settings: Settings) -> int:
    path = settings.data / LOCK
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(
            f"The file {path} cannot be opened ({error.strerror}); check who owns the data folder."
        ) from error


def _take(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise Unavailable(
            f"The data folder lies on a disk that knows no locks ({error.strerror}); point "
            "SLUICE_DATA at a local one."
        ) from error
    return True
